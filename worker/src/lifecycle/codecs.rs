//! The payload codecs of a worker: those of the program, then that of the settings.

use std::sync::Arc;

use burdock_codecs::{AesGcmCodec, CodecChain, PayloadCodec, RemoteCodec};

use super::error::RunError;
use super::extensions::WorkerExtensions;
use crate::config::{CodecConfig, WorkerConfig};

/// The codecs in the order of encoding.
pub(super) fn codec_chain(
    config: &WorkerConfig,
    extensions: &WorkerExtensions,
) -> Result<CodecChain, RunError> {
    let mut codecs = extensions.payload_codecs.clone();
    codecs.extend(configured_codec(&config.codec, &config.client.namespace)?);
    if !codecs.is_empty() {
        let names: Vec<_> = codecs.iter().map(|codec| codec.name()).collect();
        tracing::info!(codecs = names.join(", "), "payload codecs");
    }
    Ok(CodecChain::new(codecs, *config.codec.timeout))
}

/// The codec of the settings alone, for commands that are no worker.
pub(crate) fn configured_chain(
    config: &CodecConfig,
    namespace: &str,
) -> Result<CodecChain, RunError> {
    let codec = configured_codec(config, namespace)?;
    Ok(CodecChain::new(codec, *config.timeout))
}

/// The configuration has at most one of them.
fn configured_codec(
    codec: &CodecConfig,
    namespace: &str,
) -> Result<Option<Arc<dyn PayloadCodec>>, RunError> {
    if let Some(keys) = codec.aes_gcm_keys.as_ref() {
        return Ok(Some(Arc::new(AesGcmCodec::new(keys.clone()))));
    }
    let Some(endpoint) = codec.endpoint.as_ref() else {
        return Ok(None);
    };
    let authorization = codec.authorization.as_ref();
    RemoteCodec::new(endpoint, namespace, authorization)
        .map(|remote| Some(Arc::new(remote) as Arc<dyn PayloadCodec>))
        .map_err(|problem| RunError::Codec(problem.to_string()))
}
