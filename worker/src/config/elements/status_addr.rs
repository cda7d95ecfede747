//! `status-addr`: where the worker answers `/status`, `/live`, `/ready` and `/metrics`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::quoted;

/// Loopback alone, because the status tells what runs here; the port is one of no known service.
pub const DEFAULT: StatusAddr =
    StatusAddr::Listen(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8077));

/// Where the status server listens, if it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusAddr {
    /// On this address. Port 0 lets the system choose; the log says which.
    Listen(SocketAddr),
    /// There is none.
    Off,
}

impl fmt::Display for StatusAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(address) => write!(f, "{address}"),
            Self::Off => f.write_str("off"),
        }
    }
}

impl Element for StatusAddr {
    type Value = Self;

    const KEY: Key = Key::worker("status-addr", Group::Observability, Shape::Text)
        .takes("IP:PORT|off")
        .means("Where /status, /live, /ready and /metrics are served")
        .defaults_to("127.0.0.1:8077");

    fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        if text == "off" {
            return Ok(Self::Off);
        }
        // No name is resolved here: which of its addresses would be meant?
        text.parse().map(Self::Listen).map_err(|_| {
            Problem::new(
                format!("{} is no IP address with a port", quoted(text)),
                "give one like 127.0.0.1:8077 or [::1]:8077, or `off`",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_off_are_read_as_they_are_printed() {
        for text in ["127.0.0.1:8077", "[::1]:0", "off"] {
            assert_eq!(StatusAddr::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(DEFAULT.to_string(), "127.0.0.1:8077");
    }

    #[test]
    fn what_is_no_socket_address_is_refused_with_an_example() {
        for text in [
            "8077",
            ":8077",
            "localhost:8077",
            "127.0.0.1",
            "127.0.0.1:70000",
            "",
        ] {
            let problem = StatusAddr::parse(text).unwrap_err();
            assert!(problem.remedy.contains("127.0.0.1:8077"), "{text}");
        }
    }
}
