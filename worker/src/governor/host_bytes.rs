//! What a cached run costs outside of its isolate: sdk-core's state machines, and the worker's own books.
//!
//! Nobody counts these blocks one by one. The constants are slopes of the memory that `malloc` gave out on the number of
//! cached runs and of their timers, by `npm --prefix workflows run memory -- host-bytes`: 25,176 ± 1,123
//! bytes a run, 4,283 more for a timer that is pending, 9,984 for one that has fired.

use prost::Message as _;
use temporalio_common::protos::coresdk::workflow_commands::workflow_command::Variant;
use temporalio_common::protos::coresdk::workflow_completion::workflow_activation_completion::Status;

use crate::engine::ActivationOutcome;

/// A run that has done nothing yet.
pub(super) const RUN_BYTES: u64 = 24 << 10;
/// What each command adds until the run leaves: its state machine, which sdk-core keeps when it is done, too.
const COMMAND_BYTES: u64 = 4 << 10;
/// What each thing that happens to a run adds: the events that told it, and the task that brought them.
pub(super) const JOB_BYTES: u64 = 6 << 10;

/// What an activation adds: a state machine for each command, with the arguments of activities.
pub(super) fn added_by(outcome: &ActivationOutcome) -> u64 {
    let Some(Status::Successful(success)) = &outcome.completion.status else {
        return 0;
    };
    let commands = success.commands.iter().map(|command| {
        let kept = match &command.variant {
            // Answers to what happened, which is counted already.
            Some(Variant::UpdateResponse(_) | Variant::RespondToQuery(_)) => return 0,
            Some(Variant::ScheduleActivity(activity)) => activity.encoded_len(),
            Some(Variant::ScheduleLocalActivity(activity)) => activity.encoded_len(),
            _ => 0,
        };
        COMMAND_BYTES + kept as u64
    });
    commands.sum()
}
