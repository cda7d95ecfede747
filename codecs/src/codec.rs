//! What a codec is.

use std::future::Future;
use std::pin::Pin;

use crate::Payload;
use crate::context::SerializationContext;
use crate::fault::CodecFault;

/// What a codec's methods return: `Box::pin(async move { ... })`.
pub type CodecFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Vec<Payload>, CodecFault>> + Send + 'a>>;

/// Changes payloads on their way to the server, and back.
///
/// `decode` must undo `encode`, and pass payloads through that `encode` did not make: histories hold payloads from
/// before the codec. A list may come back longer or shorter, as in the TypeScript SDK; a single value (a result, a memo
/// field) must come back as exactly one payload. Neither method may block its thread: the time limit of the
/// [chain](crate::CodecChain) works at awaits alone.
pub trait PayloadCodec: Send + Sync + 'static {
    /// Names the codec in error messages.
    fn name(&self) -> &str;

    /// Changes payloads for the server. `context` says whose they are, where that is known.
    fn encode<'a>(
        &'a self,
        payloads: Vec<Payload>,
        context: Option<&'a SerializationContext>,
    ) -> CodecFuture<'a>;

    /// Changes payloads back.
    fn decode<'a>(
        &'a self,
        payloads: Vec<Payload>,
        context: Option<&'a SerializationContext>,
    ) -> CodecFuture<'a>;
}
