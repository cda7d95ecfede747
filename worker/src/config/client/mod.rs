//! The client's part of the configuration: where the server is and how to speak to it.
//!
//! Values come from flags, `TEMPORAL_*`, `burdock.toml` and `temporal.toml`, in this order.
//! Temporal's own loader merges the second and the last; it lets several mistakes pass in silence
//! (a file that is not there, unknown keys, a `TEMPORAL_TLS` that is neither yes nor no), which
//! are refused here.

mod address;
mod api_key;
mod connection;
mod material;
mod metadata;
mod pem;
mod profile;
mod reader;
mod resolve;
mod temporal_file;
mod temporal_variables;
mod tls;

use std::collections::BTreeMap;
use std::fmt;

use url::Url;

pub use address::{Address, Scheme};
pub use api_key::ApiKey;
pub(super) use resolve::{ResolvedClient, resolve, resolve_for_dev};

/// How to reach the Temporal server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientConfig {
    /// `http://HOST:PORT`, or `https://HOST:PORT` exactly when [`Self::tls`] is set.
    pub target: Url,
    /// The namespace that the worker works for.
    pub namespace: String,
    /// Sent with every call.
    pub api_key: Option<ApiKey>,
    /// How the connection is encrypted, if it is.
    pub tls: Option<TlsConfig>,
    /// Headers of every call, with lower-case names. Values may be secrets.
    pub grpc_metadata: BTreeMap<String, SecretValue>,
}

/// How a connection is encrypted.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TlsConfig {
    /// The authorities that may have signed the server's certificate; the system's if left out.
    pub server_ca_pem: Option<Vec<u8>>,
    /// The client's certificate and private key, for mutual TLS.
    pub client: Option<ClientCertificate>,
    /// The name in the server's certificate, where it is not the target's host.
    pub server_name: Option<String>,
}

/// What the client shows to the server. Both parts are PEM text.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The certificate.
    pub cert_pem: Vec<u8>,
    /// Its private key.
    pub key_pem: Vec<u8>,
}

/// A header's value, which `Debug` does not show.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretValue(String);

impl SecretValue {
    /// The value itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl fmt::Debug for TlsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ca_bytes = self.server_ca_pem.as_ref().map(Vec::len);
        f.debug_struct("TlsConfig")
            .field("server_ca_bytes", &ca_bytes)
            .field("client", &self.client)
            .field("server_name", &self.server_name)
            .finish()
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCertificate")
            .field("cert_bytes", &self.cert_pem.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let config = ClientConfig {
            target: Url::parse("https://h:1").unwrap(),
            namespace: "n".into(),
            api_key: ApiKey::parse("hush").ok(),
            tls: Some(TlsConfig {
                client: Some(ClientCertificate {
                    cert_pem: b"cert".to_vec(),
                    key_pem: b"hush".to_vec(),
                }),
                ..TlsConfig::default()
            }),
            grpc_metadata: [("x".to_owned(), SecretValue("hush".into()))].into(),
        };
        let shown = format!("{config:?}");
        assert!(!shown.contains("hush"));
        assert!(!shown.contains(&format!("{:?}", b"hush")), "{shown}");
    }
}
