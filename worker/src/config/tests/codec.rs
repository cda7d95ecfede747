//! The settings of payload codecs.

use super::*;
use crate::config::{render, to_json};

const KEY: &str = "k:aHVzaC1odXNoLWh1c2gtMQ==";

#[test]
fn a_codec_is_off_unless_it_is_asked_for() {
    let config = resolved(&[], []);
    assert!(config.codec.endpoint.is_none() && config.codec.aes_gcm_keys.is_none());
    assert_eq!(config.codec.timeout.as_secs(), 5);
}

#[test]
fn keys_and_authorization_are_shown_nowhere() {
    let encrypting = resolved(&[], [("BURDOCK_CODEC_AES_GCM_KEY", KEY)]);
    assert!(encrypting.codec.aes_gcm_keys.is_some());
    let remote = resolved(
        &["--codec-endpoint=https://c.example/{namespace}"],
        [("BURDOCK_CODEC_AUTH", "Bearer hush")],
    );
    for config in [encrypting, remote] {
        let shown = format!("{config:?}\n{}\n{}", render(&config), to_json(&config));
        assert!(
            !shown.contains("aHVz") && !shown.contains("hush"),
            "{shown}"
        );
        assert!(shown.contains("[redacted]"));
    }
}

#[test]
fn a_wrong_key_is_refused_without_being_shown() {
    let mistakes = mistakes(&[], [("BURDOCK_CODEC_AES_GCM_KEY", "k:aHVzaA==")]);
    assert!(
        mistakes[0].starts_with("BURDOCK_CODEC_AES_GCM_KEY: key 1 (\"k\") has 4 bytes"),
        "{mistakes:?}"
    );
    assert!(!mistakes[0].contains("aHVz"), "{mistakes:?}");
}

#[test]
fn two_codecs_contradict_each_other_and_an_idle_authorization_is_mentioned() {
    let both = mistakes(
        &["--codec-endpoint=http://c.example"],
        [("BURDOCK_CODEC_AES_GCM_KEY", KEY)],
    );
    assert!(both[0].contains("`codec-endpoint`"), "{both:?}");
    let idle = resolved(&[], [("BURDOCK_CODEC_AUTH", "x")]);
    assert!(idle.warnings[0].0.contains("`codec-auth`"));
}
