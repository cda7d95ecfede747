//! The payload codecs of a worker: those of the program, then that of the settings.

use std::sync::Arc;

use burdock_codecs::{AesGcmCodec, CodecChain, PayloadCodec, RemoteCodec};

use super::error::RunError;
use super::extensions::WorkerExtensions;
use crate::config::WorkerConfig;

/// The codecs in the order of encoding.
pub(super) fn codec_chain(
    config: &WorkerConfig,
    extensions: &WorkerExtensions,
) -> Result<CodecChain, RunError> {
    let mut codecs = extensions.payload_codecs.clone();
    codecs.extend(configured_codec(config)?);
    if !codecs.is_empty() {
        let names: Vec<_> = codecs.iter().map(|codec| codec.name()).collect();
        tracing::info!(codecs = names.join(", "), "payload codecs");
    }
    Ok(CodecChain::new(codecs, *config.codec.timeout))
}

/// The configuration has at most one of them.
fn configured_codec(config: &WorkerConfig) -> Result<Option<Arc<dyn PayloadCodec>>, RunError> {
    let codec = &config.codec;
    if let Some(keys) = codec.aes_gcm_keys.as_ref() {
        return Ok(Some(Arc::new(AesGcmCodec::new(keys.clone()))));
    }
    let Some(endpoint) = codec.endpoint.as_ref() else {
        return Ok(None);
    };
    let authorization = codec.authorization.as_ref();
    RemoteCodec::new(endpoint, &config.client.namespace, authorization)
        .map(|remote| Some(Arc::new(remote) as Arc<dyn PayloadCodec>))
        .map_err(|problem| RunError::Codec(problem.to_string()))
}
