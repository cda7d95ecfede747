//! Payload codecs: what changes payloads between workflow code and the server, such as encryption.
//!
//! - [`PayloadCodec`] is a codec. [`AesGcmCodec`] encrypts as Temporal's encryption samples do, and [`RemoteCodec`]
//!   asks a server that speaks Temporal's remote codec protocol, so that a codec may be written in any language.
//! - [`CodecChain`] runs several in order, each call with a time limit.
//! - [`WorkflowCodecs`] applies a chain to workflow activations and their completions, [`ActivityCodecs`] to activity
//!   tasks, their results and their heartbeats.
//!
//! Which payloads are encoded, and in which order codecs run, is as in the Node worker
//! (`workflow-codec-runner.ts` and `activity.ts` of npm `@temporalio/worker`): headers and search attributes are left
//! alone, because the server and interceptors read them; codecs encode from first to last and decode from last to first.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod activity;
mod aes_gcm;
mod chain;
mod codec;
mod context;
mod fault;
mod fields;
mod remote;
mod run_contexts;
mod workflow;

#[cfg(test)]
mod testing;

pub use activity::{ActivityCodecs, ActivityOwner};
pub use aes_gcm::{AesGcmCodec, AesGcmKeys, KeyProblem};
pub use chain::CodecChain;
pub use codec::{CodecFuture, PayloadCodec};
pub use context::SerializationContext;
pub use fault::{CodecError, CodecFault, Direction};
pub use remote::{CodecAuthorization, CodecEndpoint, EndpointProblem, RemoteCodec};
pub use run_contexts::RunContexts;
pub use workflow::{WorkflowCodecs, decode_activation, encode_completion};

/// The wire form of one value.
pub use temporalio_common::protos::temporal::api::common::v1::Payload;
