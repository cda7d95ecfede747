//! `codec-endpoint`, `codec-auth`, `codec-aes-gcm-key`, `codec-timeout`: what changes payloads on their way to the
//! server. The first two have the names of the Temporal CLI's flags.

use std::time::Duration;

use burdock_codecs::{AesGcmKeys, CodecAuthorization, CodecEndpoint};

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::duration_between;

/// Half of the 10 s that a workflow task may take by default, so that a codec that hangs makes a failed task with a
/// reason in the history rather than a task that timed out.
pub const CODEC_TIMEOUT_DEFAULT: Duration = Duration::from_secs(5);

const TIMEOUT_MAX: Duration = Duration::from_secs(600);

/// Where the remote codec server is.
pub struct CodecServerEndpoint;

impl Element for CodecServerEndpoint {
    type Value = CodecEndpoint;

    const KEY: Key = Key::worker("codec-endpoint", Group::Codecs, Shape::Text)
        .takes("URL")
        .means(
            "A server that encodes and decodes payloads by Temporal's remote codec protocol; \
             {namespace} in it is filled in",
        );

    fn parse(text: &str) -> Result<CodecEndpoint, Problem> {
        CodecEndpoint::parse(text).map_err(|problem| Problem::new(problem.what, problem.remedy))
    }
}

/// What the remote codec server expects in the `Authorization` header.
pub struct CodecAuth;

impl Element for CodecAuth {
    type Value = CodecAuthorization;

    const KEY: Key = Key::worker("codec-auth", Group::Codecs, Shape::Text)
        .secret()
        .takes("TEXT")
        .means(
            "Authorization header for the codec server; other users of the machine can see \
             flags, so prefer BURDOCK_CODEC_AUTH",
        );

    fn parse(text: &str) -> Result<CodecAuthorization, Problem> {
        CodecAuthorization::parse(text)
            .map_err(|problem| Problem::new(problem.what, problem.remedy))
    }
}

/// The keys of the built-in encryption.
pub struct CodecAesGcmKey;

impl Element for CodecAesGcmKey {
    type Value = AesGcmKeys;

    const KEY: Key = Key::worker("codec-aes-gcm-key", Group::Codecs, Shape::Text)
        .secret()
        .takes("NAME:KEY,..")
        .means(
            "Keys that payloads are encrypted with, as Temporal's samples do; the first key \
             encrypts, the others decrypt old payloads; a key is base64 or hex; prefer \
             BURDOCK_CODEC_AES_GCM_KEY",
        );

    fn parse(text: &str) -> Result<AesGcmKeys, Problem> {
        AesGcmKeys::parse(text).map_err(|problem| Problem::new(problem.what, problem.remedy))
    }
}

/// How long one call of a codec may take, all its attempts together.
pub struct CodecTimeout;

impl Element for CodecTimeout {
    type Value = Duration;

    const KEY: Key = Key::worker("codec-timeout", Group::Codecs, Shape::Text)
        .takes("DURATION")
        .means("How long one call of a payload codec may take")
        .defaults_to("5s");

    fn parse(text: &str) -> Result<Duration, Problem> {
        duration_between(text, Duration::from_millis(1), TIMEOUT_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_values_have_a_remedy_and_show_no_secret() {
        let problems = [
            CodecServerEndpoint::parse("https://u:hush@c.example").unwrap_err(),
            CodecAuth::parse("hush\n").unwrap_err(),
            CodecAesGcmKey::parse("a:hush").unwrap_err(),
        ];
        for problem in problems {
            assert!(!problem.what.contains("hush"), "{problem:?}");
            assert!(!problem.remedy.is_empty());
        }
    }

    #[test]
    fn a_codec_has_from_a_millisecond_to_ten_minutes() {
        assert!(CodecTimeout::parse("1ms").is_ok() && CodecTimeout::parse("10m").is_ok());
        assert!(CodecTimeout::parse("0s").is_err() && CodecTimeout::parse("11m").is_err());
    }
}
