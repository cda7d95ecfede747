//! The settings of the client. Their variables are those of Temporal's own configuration.

use std::path::PathBuf;

use super::path::parse_path;
use crate::config::client::{Address, ApiKey};
use crate::config::key::{Element, Key, Problem, Shape};
use crate::config::units::{name, quoted, yes_or_no};

/// As in every Temporal SDK.
pub const NAMESPACE_DEFAULT: &str = "default";

/// Where the server is.
pub struct ServerAddress;

impl Element for ServerAddress {
    type Value = Address;

    const KEY: Key = Key::client("address", Shape::Text, "TEMPORAL_ADDRESS")
        .takes("HOST:PORT")
        .means("The Temporal server; `https://HOST` switches TLS on")
        .defaults_to("localhost:7233");

    fn parse(text: &str) -> Result<Address, Problem> {
        Address::parse(text)
    }
}

/// The namespace that the worker works for.
pub struct Namespace;

impl Element for Namespace {
    type Value = String;

    const KEY: Key = Key::client("namespace", Shape::Text, "TEMPORAL_NAMESPACE")
        .takes("NAME")
        .means("The namespace")
        .defaults_to("default");

    fn parse(text: &str) -> Result<String, Problem> {
        name(text, NAMESPACE_DEFAULT)
    }
}

/// The API key that the server knows the worker by. Switches TLS on.
pub struct ServerApiKey;

impl Element for ServerApiKey {
    type Value = ApiKey;

    const KEY: Key = Key::client("api-key", Shape::Text, "TEMPORAL_API_KEY")
        .secret()
        .takes("KEY")
        .means("The API key; other users of the machine can see flags, so prefer TEMPORAL_API_KEY");

    fn parse(text: &str) -> Result<ApiKey, Problem> {
        ApiKey::parse(text)
    }
}

/// Whether the connection is encrypted.
pub struct Tls;

impl Element for Tls {
    type Value = bool;

    const KEY: Key = Key::client("tls", Shape::Boolean, "TEMPORAL_TLS")
        .takes("true|false")
        .means("Whether the connection is encrypted")
        .defaults_to("on with an API key, TLS settings or an https address");

    fn parse(text: &str) -> Result<bool, Problem> {
        // Temporal's loader knows these four in any case and silently passes over the rest.
        yes_or_no(text)
    }
}

/// The name that the server's certificate must carry, where it is not the address's host.
pub struct TlsServerName;

impl Element for TlsServerName {
    type Value = String;

    const KEY: Key = Key::client("tls-server-name", Shape::Text, "TEMPORAL_TLS_SERVER_NAME")
        .takes("NAME")
        .means("The name in the server's certificate")
        .defaults_to("the host of --address");

    fn parse(text: &str) -> Result<String, Problem> {
        let is_host = !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
        if is_host {
            return Ok(text.to_owned());
        }
        Err(Problem::new(
            format!("{} is no host name", quoted(text)),
            "give the name in the server's certificate, for example temporal.example.com",
        ))
    }
}

macro_rules! certificate_path {
    ($element:ident, $name:literal, $variable:literal, $example:literal, $meaning:literal $(, $default:literal)?) => {
        #[doc = $meaning]
        pub struct $element;

        impl Element for $element {
            type Value = PathBuf;

            const KEY: Key = Key::client($name, Shape::Text, $variable)
                .takes("FILE")
                .means($meaning)
                $(.defaults_to($default))?;

            fn parse(text: &str) -> Result<PathBuf, Problem> {
                parse_path(text, $example)
            }
        }
    };
}

certificate_path!(
    TlsCaPath,
    "tls-ca-path",
    "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
    "ca.pem",
    "The authority that signed the server's certificate (PEM)",
    "the system's"
);
certificate_path!(
    TlsCertPath,
    "tls-cert-path",
    "TEMPORAL_TLS_CLIENT_CERT_PATH",
    "client.pem",
    "The client's certificate for mutual TLS (PEM)"
);
certificate_path!(
    TlsKeyPath,
    "tls-key-path",
    "TEMPORAL_TLS_CLIENT_KEY_PATH",
    "client.key",
    "The client's private key for mutual TLS (PEM)"
);
certificate_path!(
    TemporalConfig,
    "temporal-config",
    "TEMPORAL_CONFIG_FILE",
    "temporal.toml",
    "The temporal.toml to read",
    "temporalio/temporal.toml in the user's configuration folder"
);

/// The profile in `temporal.toml`.
pub struct Profile;

impl Element for Profile {
    type Value = String;

    const KEY: Key = Key::client("profile", Shape::Text, "TEMPORAL_PROFILE")
        .takes("NAME")
        .means("The profile in temporal.toml")
        .defaults_to("default");

    fn parse(text: &str) -> Result<String, Problem> {
        name(text, "default")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_is_one_of_four_words() {
        for (text, on) in [("true", true), ("1", true), ("FALSE", false), ("0", false)] {
            assert_eq!(Tls::parse(text), Ok(on));
        }
        for text in ["yes", "on", "", "2"] {
            assert!(Tls::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_server_name_is_a_host_name() {
        assert!(TlsServerName::parse("temporal.example.com").is_ok());
        for text in ["", "https://x", "a b", "x:7233"] {
            assert!(TlsServerName::parse(text).is_err(), "{text}");
        }
    }
}
