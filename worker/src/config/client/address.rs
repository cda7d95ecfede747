//! The address of the server.

use std::fmt;

use url::Url;

use crate::config::key::Problem;
use crate::config::units::quoted;

/// What is dialled when nobody says anything; as in every Temporal SDK.
const DEFAULT: &str = "localhost:7233";

/// The port that `https://HOST` means.
const HTTPS_PORT: u16 = 443;

/// How the address says that it is to be dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Unencrypted.
    Http,
    /// Encrypted.
    Https,
}

/// `HOST:PORT`, `http://HOST:PORT`, `https://HOST:PORT` or `https://HOST`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The scheme, if one was written.
    pub scheme: Option<Scheme>,
    /// The host, an IPv6 address in brackets.
    host: String,
    port: u16,
}

impl Address {
    /// The default of every Temporal SDK.
    pub(in crate::config) fn default_address() -> Self {
        Self {
            scheme: None,
            host: "localhost".to_owned(),
            port: 7233,
        }
    }

    /// Reads an address.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub(in crate::config) fn parse(text: &str) -> Result<Self, Problem> {
        let refuse = |why: &str| {
            Err(Problem::new(
                format!("{} {why}", quoted(text)),
                format!("give HOST:PORT, for example {DEFAULT}, or https://HOST"),
            ))
        };
        let (scheme, rest) = match text.split_once("://") {
            None => (None, text),
            Some(("http", rest)) => (Some(Scheme::Http), rest),
            Some(("https", rest)) => (Some(Scheme::Https), rest),
            Some(_) => return refuse("has an unknown scheme"),
        };
        let rest = match scheme {
            Some(_) => rest.strip_suffix('/').unwrap_or(rest),
            None => rest,
        };
        let (host, port) = match split_port(rest) {
            Ok((host, Some(port))) => (host, port),
            Ok((host, None)) if scheme == Some(Scheme::Https) => (host, HTTPS_PORT),
            Ok((_, None)) => return refuse("has no port"),
            Err(()) => return refuse("has a wrong port"),
        };
        if !is_host(host) {
            return refuse("has no valid host");
        }
        Ok(Self {
            scheme,
            host: host.to_owned(),
            port,
        })
    }

    /// The URL to dial. A scheme that was written gives way to `tls`; that the two agree is
    /// checked elsewhere.
    pub(in crate::config) fn target(&self, tls: bool) -> Option<Url> {
        let scheme = if tls { "https" } else { "http" };
        Url::parse(&format!("{scheme}://{}:{}", self.host, self.port)).ok()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.scheme {
            None => "",
            Some(Scheme::Http) => "http://",
            Some(Scheme::Https) => "https://",
        })?;
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// The host and the port, if there is one. A port is 1 to 65535.
fn split_port(authority: &str) -> Result<(&str, Option<u16>), ()> {
    if authority.ends_with(']') {
        return Ok((authority, None));
    }
    let Some((host, port)) = authority.rsplit_once(':') else {
        return Ok((authority, None));
    };
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse() {
        Ok(port) if is_number && port > 0 => Ok((host, Some(port))),
        _ => Err(()),
    }
}

/// Whether this is a host alone: no user, no path, no second port.
fn is_host(host: &str) -> bool {
    let is_plain = !host.is_empty()
        && host
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"/?#@\\%".contains(&byte));
    let is_one_part = !host.contains(':') || (host.starts_with('[') && host.ends_with(']'));
    let url = Url::parse(&format!("http://{host}:1"));
    is_plain && is_one_part && url.is_ok_and(|url| url.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_forms_that_are_documented_are_read() {
        let cases = [
            ("localhost:7233", "http://localhost:7233/"),
            ("http://h:7233", "http://h:7233/"),
            ("http://h:7233/", "http://h:7233/"),
            ("10.0.0.1:7233", "http://10.0.0.1:7233/"),
            ("[::1]:7233", "http://[::1]:7233/"),
        ];
        for (text, url) in cases {
            let address = Address::parse(text).unwrap();
            assert_eq!(address.target(false).unwrap().as_str(), url);
        }
    }

    #[test]
    fn https_needs_no_port() {
        let address = Address::parse("https://ns.tmprl.cloud").unwrap();
        assert_eq!(address.scheme, Some(Scheme::Https));
        let target = address.target(true).unwrap();
        assert_eq!(target.port_or_known_default(), Some(443));
        let address = Address::parse("https://h:7233").unwrap();
        assert_eq!(address.target(true).unwrap().as_str(), "https://h:7233/");
    }

    #[test]
    fn the_default_is_a_valid_address() {
        let default = Address::default_address();
        assert_eq!(Address::parse(DEFAULT), Ok(default.clone()));
        assert_eq!(default.to_string(), DEFAULT);
    }

    #[test]
    fn other_texts_are_refused_with_an_example() {
        for text in [
            "",
            "localhost",
            "http://h",
            "h:",
            ":7233",
            "h:0",
            "h:99999",
            "h:+1",
            "grpc://h:1",
            "http://",
            "http://u@h:1",
            "http://h:1/path",
            "h:1?x",
            "a b:1",
            "h:1:2",
            "::1:7233",
            "h:1/",
            "[::1]",
        ] {
            let problem = Address::parse(text).unwrap_err();
            assert!(problem.remedy.contains(DEFAULT), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_accepted_address_has_a_target(text in "(https?://)?[a-z\\[\\]:.0-9%@/-]{0,20}") {
            if let Ok(address) = Address::parse(&text) {
                prop_assert!(address.target(true).is_some());
                prop_assert!(address.target(false).is_some());
                prop_assert_eq!(Address::parse(&address.to_string()), Ok(address));
            }
        }
    }
}
