//! The configuration in the terms of `temporalio-client`.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use temporalio_client::{ClientOptions, ClientTlsOptions, ConnectionOptions, TlsOptions};
use url::Url;

use super::{ClientConfig, TlsConfig};

impl ClientConfig {
    /// An unencrypted connection to a server on this machine, for `burdock dev` and tests.
    #[must_use]
    pub fn local(server: SocketAddr, namespace: impl Into<String>) -> Option<Self> {
        Some(Self {
            target: Url::parse(&format!("http://{server}")).ok()?,
            namespace: namespace.into(),
            api_key: None,
            tls: None,
            grpc_metadata: std::collections::BTreeMap::new(),
        })
    }

    /// The options to connect with. `attempt_timeout` bounds one attempt, not all of them. `sdk` is the name and the
    /// version of the SDK that the server is told; without it sdk-core's own.
    #[must_use]
    pub fn connection_options(
        &self,
        identity: impl Into<String>,
        attempt_timeout: Duration,
        sdk: Option<(&str, String)>,
    ) -> ConnectionOptions {
        let headers: HashMap<String, String> = self
            .grpc_metadata
            .iter()
            .map(|(name, value)| (name.clone(), value.expose().to_owned()))
            .collect();
        let api_key = self.api_key.as_ref().map(|key| key.expose().to_owned());
        let (name, version) = match sdk {
            Some((name, version)) => (Some(name.to_owned()), Some(version)),
            None => (None, None),
        };
        ConnectionOptions::new(self.target.clone())
            .identity(identity)
            .maybe_client_name(name)
            .maybe_client_version(version)
            .connect_timeout(attempt_timeout)
            .maybe_api_key(api_key)
            .maybe_tls_options(self.tls.as_ref().map(tls_options))
            .maybe_headers((!headers.is_empty()).then_some(headers))
            .build()
    }

    /// The options of a client on such a connection.
    #[must_use]
    pub fn client_options(&self) -> ClientOptions {
        ClientOptions::new(self.namespace.clone()).build()
    }
}

fn tls_options(tls: &TlsConfig) -> TlsOptions {
    let client = tls.client.as_ref().map(|client| {
        ClientTlsOptions::builder()
            .client_cert(client.cert_pem.clone())
            .client_private_key(client.key_pem.clone())
            .build()
    });
    TlsOptions::builder()
        .maybe_server_root_ca_cert(tls.server_ca_pem.clone())
        .maybe_domain(tls.server_name.clone())
        .maybe_client_tls_options(client)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::client::{ApiKey, ClientCertificate, SecretValue};

    #[test]
    fn everything_reaches_the_connection() {
        let config = ClientConfig {
            target: Url::parse("https://h:7233").unwrap(),
            namespace: "n".to_owned(),
            api_key: ApiKey::parse("hush").ok(),
            tls: Some(TlsConfig {
                server_ca_pem: Some(b"ca".to_vec()),
                client: Some(ClientCertificate {
                    cert_pem: b"cert".to_vec(),
                    key_pem: b"key".to_vec(),
                }),
                server_name: Some("s".to_owned()),
            }),
            grpc_metadata: [("x".to_owned(), SecretValue("v".to_owned()))].into(),
        };
        let options = config.connection_options("me", Duration::from_secs(3), None);
        assert_eq!(options.target.as_str(), "https://h:7233/");
        assert_eq!(options.identity, "me");
        assert_eq!(options.connect_timeout, Some(Duration::from_secs(3)));
        assert_eq!(options.api_key.as_deref(), Some("hush"));
        assert_eq!(options.headers.unwrap()["x"], "v");
        let tls = options.tls_options.unwrap();
        assert_eq!(tls.server_root_ca_cert.as_deref(), Some(&b"ca"[..]));
        assert_eq!(tls.domain.as_deref(), Some("s"));
        let client = tls.client_tls_options.unwrap();
        assert_eq!(client.client_cert, b"cert");
        assert_eq!(client.client_private_key, b"key");
        assert_eq!(config.client_options().namespace, "n");
    }

    #[test]
    fn a_local_connection_is_plain() {
        let server = SocketAddr::from(([127, 0, 0, 1], 7233));
        let config = ClientConfig::local(server, "default").unwrap();
        let options = config.connection_options("me", Duration::from_secs(3), None);
        assert_eq!(options.target.as_str(), "http://127.0.0.1:7233/");
        assert!(options.tls_options.is_none());
        assert!(options.headers.is_none());
    }
}
