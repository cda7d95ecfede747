//! Whether the connection is encrypted, and what contradicts that.

use super::Scheme;
use crate::config::source::Setting;

/// What bears on the question.
#[derive(Clone, Debug, Default)]
pub(super) struct TlsFacts {
    /// The setting `tls`, if somebody gave it.
    pub(super) said: Option<Setting<bool>>,
    /// The scheme of the address, if one was written.
    pub(super) scheme: Option<Scheme>,
    /// Whether certificates, a key or a server name were given.
    pub(super) has_material: bool,
    /// Whether there is an API key.
    pub(super) has_api_key: bool,
}

/// A contradiction (what, remedy) or a hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TlsFinding {
    Contradiction(String, &'static str),
    Hint(String),
}

impl TlsFacts {
    /// What was said, else what the other settings need. As Temporal's own loader decides, which
    /// passes over the scheme.
    pub(super) fn decide(&self) -> Setting<bool> {
        if let Some(said) = &self.said {
            return said.clone();
        }
        if self.has_material {
            return Setting::derived(true, "TLS settings are given");
        }
        match self.scheme {
            Some(Scheme::Https) => Setting::derived(true, "the address starts with https://"),
            _ if self.has_api_key => Setting::derived(true, "an API key is given"),
            _ => Setting::derived(false, "nothing asks for it"),
        }
    }

    /// What does not fit together. The client would dial the scheme of its target and pass over
    /// the TLS settings without a word.
    pub(super) fn findings(&self) -> Vec<TlsFinding> {
        let is_on = *self.decide();
        let mut findings = Vec::new();
        match (self.scheme, is_on) {
            (Some(Scheme::Http), true) => findings.push(TlsFinding::Contradiction(
                format!("`address` starts with http://, but {}", self.why_on()),
                "write `address` without http://, or set `tls` to false",
            )),
            (Some(Scheme::Https), false) => findings.push(TlsFinding::Contradiction(
                format!(
                    "`address` starts with https://, but `tls` is false ({})",
                    self.decide().source
                ),
                "write `address` without https://, or leave `tls` out",
            )),
            _ => {}
        }
        if !is_on && self.has_api_key {
            findings.push(TlsFinding::Hint(
                "the API key travels unencrypted, because `tls` is false".to_owned(),
            ));
        }
        if !is_on && self.has_material {
            findings.push(TlsFinding::Hint(
                "the other TLS settings are not used, because `tls` is false".to_owned(),
            ));
        }
        findings
    }

    fn why_on(&self) -> String {
        let decision = self.decide();
        if decision.source.is_given() {
            return format!("`tls` is true ({})", decision.source);
        }
        if self.has_material {
            return "TLS settings are given".to_owned();
        }
        "an API key is given, which must not travel unencrypted".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::source::Source;

    fn said(on: bool) -> Option<Setting<bool>> {
        Some(Setting {
            value: on,
            source: Source::Flag("tls"),
        })
    }

    fn contradicts(facts: &TlsFacts) -> bool {
        let is_contradiction =
            |finding: &TlsFinding| matches!(finding, TlsFinding::Contradiction(..));
        facts.findings().iter().any(is_contradiction)
    }

    #[test]
    fn what_was_said_decides() {
        for on in [true, false] {
            let facts = TlsFacts {
                said: said(on),
                has_material: true,
                has_api_key: true,
                ..TlsFacts::default()
            };
            assert_eq!(*facts.decide(), on);
        }
    }

    #[test]
    fn an_api_key_material_or_https_switch_tls_on() {
        let key = TlsFacts {
            has_api_key: true,
            ..TlsFacts::default()
        };
        let material = TlsFacts {
            has_material: true,
            ..TlsFacts::default()
        };
        let https = TlsFacts {
            scheme: Some(Scheme::Https),
            ..TlsFacts::default()
        };
        for facts in [key, material, https] {
            assert!(*facts.decide());
            assert_eq!(facts.findings(), []);
        }
        assert!(!*TlsFacts::default().decide());
    }

    #[test]
    fn http_contradicts_tls_material_and_api_key() {
        let http = TlsFacts {
            scheme: Some(Scheme::Http),
            ..TlsFacts::default()
        };
        assert!(!contradicts(&http));
        let with_said = TlsFacts {
            said: said(true),
            ..http.clone()
        };
        let with_material = TlsFacts {
            has_material: true,
            ..http.clone()
        };
        let with_key = TlsFacts {
            has_api_key: true,
            ..http
        };
        for facts in [with_said, with_material, with_key] {
            assert!(contradicts(&facts), "{facts:?}");
        }
    }

    #[test]
    fn https_contradicts_no_tls() {
        assert!(contradicts(&TlsFacts {
            said: said(false),
            scheme: Some(Scheme::Https),
            ..TlsFacts::default()
        }));
    }

    #[test]
    fn no_tls_with_a_key_or_material_is_a_hint() {
        let facts = TlsFacts {
            said: said(false),
            has_material: true,
            has_api_key: true,
            ..TlsFacts::default()
        };
        assert!(!contradicts(&facts));
        assert_eq!(facts.findings().len(), 2);
    }
}
