//! Activations from an input, completions to an output, in order.

use std::io::{ErrorKind, Read, Write};

use super::activation_answer::Bridge;
use super::error::BridgeError;
use super::frames::{FrameReader, write_frame};

const ACTIVATION: &str = "coresdk.workflow_activation.WorkflowActivation";

/// Answers activations until the input ends or nobody reads the output any more. Each completion is flushed before the
/// next activation is read, so that the other side may wait for it.
///
/// # Errors
/// When the input is no sequence of activations, the output cannot be written, or an isolate has ended.
pub fn serve(
    runtime: &tokio::runtime::Runtime,
    bridge: &mut Bridge,
    input: impl Read,
    output: &mut impl Write,
) -> Result<(), BridgeError> {
    let mut reader = FrameReader::new(input);
    while let Some(activation) = reader.next(ACTIVATION)? {
        let completion = runtime.block_on(bridge.answer(activation))?;
        match write_frame(output, &completion) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            Err(error) => return Err(BridgeError::Output(error)),
        }
    }
    Ok(())
}
