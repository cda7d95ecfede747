//! The resolved settings of payload codecs.

use std::time::Duration;

use burdock_codecs::{AesGcmKeys, CodecAuthorization, CodecEndpoint};

use crate::config::elements::codec::{
    CODEC_TIMEOUT_DEFAULT, CodecAesGcmKey, CodecAuth, CodecServerEndpoint, CodecTimeout,
};
use crate::config::findings::Findings;
use crate::config::given::Given;
use crate::config::render::Row;
use crate::config::source::Setting;

/// What changes payloads on their way to the server. At most one of `endpoint` and `aes_gcm_keys` is there.
#[derive(Clone, Debug)]
pub struct CodecConfig {
    /// Nothing: no codec server.
    pub endpoint: Setting<Option<CodecEndpoint>>,
    /// Nothing: no `Authorization` header.
    pub authorization: Setting<Option<CodecAuthorization>>,
    /// Nothing: no built-in encryption.
    pub aes_gcm_keys: Setting<Option<AesGcmKeys>>,
    /// How long one call of any codec may take.
    pub timeout: Setting<Duration>,
}

impl CodecConfig {
    pub(super) fn resolve(given: &Given, findings: &mut Findings) -> Self {
        let config = Self {
            endpoint: findings.take::<CodecServerEndpoint>(given).optional(None),
            authorization: findings.take::<CodecAuth>(given).optional(None),
            aes_gcm_keys: findings.take::<CodecAesGcmKey>(given).optional(None),
            timeout: findings
                .take::<CodecTimeout>(given)
                .or(CODEC_TIMEOUT_DEFAULT),
        };
        config.check(findings);
        config
    }

    fn check(&self, findings: &mut Findings) {
        if self.endpoint.is_some() && self.aes_gcm_keys.is_some() {
            findings.contradiction(
                format!(
                    "`codec-endpoint` ({}) and `codec-aes-gcm-key` ({}) are both given",
                    self.endpoint.source, self.aes_gcm_keys.source
                ),
                "give one of them; several codecs in order are for programs that use Burdock as a library",
            );
        }
        if self.authorization.is_some() && self.endpoint.is_none() {
            findings.warn(format!(
                "`codec-auth` is given ({}), which has no effect without `codec-endpoint`",
                self.authorization.source
            ));
        }
    }

    /// The rows of `burdock config`.
    pub(super) fn rows(&self) -> [Row; 4] {
        let endpoint = self.endpoint.clone();
        let endpoint = endpoint.map(|endpoint| endpoint.map(|endpoint| endpoint.to_string()));
        let secret = |name, is_given, source| Row::redacted(name, is_given, source);
        [
            Row::of("codec-endpoint", &endpoint),
            secret(
                "codec-auth",
                self.authorization.is_some(),
                &self.authorization.source,
            ),
            secret(
                "codec-aes-gcm-key",
                self.aes_gcm_keys.is_some(),
                &self.aes_gcm_keys.source,
            ),
            Row::of("codec-timeout", &self.timeout),
        ]
    }
}
