//! Certificates, key and server name for TLS.

use std::path::PathBuf;

use temporalio_common::envconfig::DataSource;

use super::pem::{self, PemKind};
use super::reader::Reader;
use super::{ClientCertificate, TlsConfig};
use crate::config::elements::client::{TlsCaPath, TlsCertPath, TlsKeyPath, TlsServerName};
use crate::config::error::ConfigError;
use crate::config::findings::Findings;
use crate::config::key::Element;
use crate::config::render::Row;
use crate::config::resolved::beside_its_file;
use crate::config::source::{Setting, Source};

/// A PEM text and where it came from.
pub(super) struct Pem {
    text: Vec<u8>,
    /// Nothing where the text stands in a variable or in `temporal.toml` itself.
    path: Option<PathBuf>,
    source: Source,
}

/// What was said about one PEM text.
pub(super) enum GivenPem {
    Absent,
    /// It is reported already.
    Invalid,
    Valid(Pem),
}

/// Everything for TLS besides yes or no.
pub(super) struct TlsMaterial {
    ca: GivenPem,
    cert: GivenPem,
    key: GivenPem,
    server_name: Option<Setting<String>>,
}

impl TlsMaterial {
    /// Whether anything of it was given.
    pub(super) const fn is_any(&self) -> bool {
        !matches!(
            (&self.ca, &self.cert, &self.key, &self.server_name),
            (GivenPem::Absent, GivenPem::Absent, GivenPem::Absent, None)
        )
    }

    /// Reports a certificate without its key and a key without its certificate.
    fn check_pair(&self, findings: &mut Findings) {
        let (one, other) = match (&self.cert, &self.key) {
            (GivenPem::Valid(_), GivenPem::Absent) => ("tls-cert-path", "tls-key-path"),
            (GivenPem::Absent, GivenPem::Valid(_)) => ("tls-key-path", "tls-cert-path"),
            _ => return,
        };
        findings.contradiction(
            format!("`{one}` is given without `{other}`, and mutual TLS needs both"),
            format!("give `{other}` as well, or remove `{one}`"),
        );
    }

    /// The rows of `burdock config`.
    pub(super) fn rows(&self) -> Vec<Row> {
        let server_name = match &self.server_name {
            Some(name) => Row::of("tls-server-name", name),
            None => Row::unset("tls-server-name"),
        };
        vec![
            server_name,
            self.ca.row("tls-ca-path"),
            self.cert.row("tls-cert-path"),
            self.key.row("tls-key-path"),
        ]
    }

    pub(super) fn into_config(self) -> TlsConfig {
        let client = match (self.cert, self.key) {
            (GivenPem::Valid(cert), GivenPem::Valid(key)) => Some(ClientCertificate {
                cert_pem: cert.text,
                key_pem: key.text,
            }),
            _ => None,
        };
        TlsConfig {
            server_ca_pem: match self.ca {
                GivenPem::Valid(ca) => Some(ca.text),
                GivenPem::Absent | GivenPem::Invalid => None,
            },
            client,
            server_name: self.server_name.map(|name| name.value),
        }
    }
}

impl GivenPem {
    fn row(&self, name: &'static str) -> Row {
        match self {
            Self::Absent | Self::Invalid => Row::unset(name),
            Self::Valid(pem) => match &pem.path {
                Some(path) => Row::of(
                    name,
                    &Setting {
                        value: path.clone(),
                        source: pem.source.clone(),
                    },
                ),
                None => Row::redacted(name, true, &pem.source),
            },
        }
    }

    fn reported(place: String, problem: String, findings: &mut Findings) -> Self {
        findings.errors.push(ConfigError::File {
            place,
            problem,
            remedy: "name a readable PEM file".to_owned(),
        });
        Self::Invalid
    }
}

impl Reader<'_> {
    /// Reads everything for TLS besides yes or no.
    pub(super) fn material(&self, findings: &mut Findings) -> TlsMaterial {
        let tls = self.profile.and_then(|profile| profile.values.tls.as_ref());
        let ca = tls.and_then(|tls| tls.server_ca_cert.as_ref());
        let cert = tls.and_then(|tls| tls.client_cert.as_ref());
        let key = tls.and_then(|tls| tls.client_key.as_ref());
        let name = tls.and_then(|tls| tls.server_name.as_deref());
        let material = TlsMaterial {
            ca: self.pem::<TlsCaPath>("server_ca_cert", ca, PemKind::Certificate, findings),
            cert: self.pem::<TlsCertPath>("client_cert", cert, PemKind::Certificate, findings),
            key: self.pem::<TlsKeyPath>("client_key", key, PemKind::PrivateKey, findings),
            server_name: self
                .take::<TlsServerName>("tls.server_name", name, findings)
                .given(),
        };
        material.check_pair(findings);
        material
    }

    /// A certificate or key; a missing or wrong file is reported with the key and the path.
    fn pem<E: Element<Value = PathBuf>>(
        &self,
        stem: &str,
        loaded: Option<&DataSource>,
        kind: PemKind,
        findings: &mut Findings,
    ) -> GivenPem {
        let path_key = format!("tls.{stem}_path");
        let loaded_path = match loaded {
            Some(DataSource::Path(path)) => Some(path.as_str()),
            _ => None,
        };
        let taken = self.take::<E>(&path_key, loaded_path, findings);
        if taken.is_invalid() {
            return GivenPem::Invalid;
        }
        let variable = format!("TEMPORAL_TLS_{}_DATA", stem.to_uppercase());
        let has_variable = self.environment.get(&variable).is_some();
        // The text in a variable wins over a path in a file, as every variable does.
        let path = taken
            .given()
            .filter(|path| !(has_variable && matches!(path.source, Source::File { .. })));
        if let Some(path) = path {
            let path = beside_its_file(path);
            return match pem::read(&path, kind) {
                Ok(text) => GivenPem::Valid(Pem {
                    text,
                    path: Some(path.value),
                    source: path.source,
                }),
                Err(problem) => GivenPem::reported(E::KEY.at(&path.source), problem, findings),
            };
        }
        let Some(DataSource::Data(text)) = loaded else {
            return GivenPem::Absent;
        };
        let source = if has_variable {
            Source::Env(variable)
        } else {
            self.profile
                .and_then(|profile| profile.source(&format!("tls.{stem}_data")))
                .unwrap_or(Source::Default(None))
        };
        match pem::check(text, kind) {
            Ok(()) => GivenPem::Valid(Pem {
                text: text.clone(),
                path: None,
                source,
            }),
            Err(problem) => GivenPem::reported(source.to_string(), problem, findings),
        }
    }
}
