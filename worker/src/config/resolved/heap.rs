//! The resolved configuration of `burdock heap`.

use std::net::SocketAddr;

use crate::config::elements::{StatusAddr, status_addr};
use crate::config::environment::Surroundings;
use crate::config::error::{ConfigError, ConfigErrors};
use crate::config::findings::Findings;
use crate::config::given::{Given, HeapFlags};
use crate::config::units::quoted;

/// Whom to ask for a heap snapshot of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeapConfig {
    /// Where the worker's status server listens.
    pub status_addr: SocketAddr,
    /// Nothing: the isolate with the largest heap.
    pub isolate: Option<usize>,
}

/// Resolves the configuration of `burdock heap`.
///
/// # Errors
/// Every mistake in flags, variables and files, together.
pub fn resolve_heap(
    flags: &HeapFlags,
    surroundings: &Surroundings,
) -> Result<HeapConfig, ConfigErrors> {
    let mut given = Given::gather(&flags.as_worker_flags(), &surroundings.environment);
    let mut findings = Findings {
        errors: std::mem::take(&mut given.errors),
        ..Findings::default()
    };
    let listens = findings.take::<StatusAddr>(&given);
    let listens = listens.or(status_addr::DEFAULT);
    let status_addr = match listens.value {
        StatusAddr::Listen(address) if address.port() != 0 => Some(address),
        StatusAddr::Listen(_) | StatusAddr::Off => {
            let problem = format!(
                "`status-addr` ({}) is {}, which nobody can ask",
                listens.source, listens.value
            );
            findings.contradiction(
                problem,
                "name the address of a running worker's status server by --status-addr",
            );
            None
        }
    };
    let isolate = flags.isolate.as_deref().map(str::parse);
    if let (Some(Err(_)), Some(text)) = (&isolate, &flags.isolate) {
        findings.errors.push(ConfigError::Value {
            place: "--isolate".to_owned(),
            problem: format!("{} is no number of an isolate", quoted(text)),
            remedy: "give a whole number from 0".to_owned(),
        });
    }
    match status_addr {
        Some(status_addr) if findings.errors.is_empty() => Ok(HeapConfig {
            status_addr,
            isolate: isolate.and_then(Result::ok),
        }),
        _ => Err(ConfigErrors::new(findings.errors)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::environment::Environment;

    fn resolve<const N: usize>(
        isolate: Option<&str>,
        address: Option<&str>,
        pairs: [(&str, &str); N],
    ) -> Result<HeapConfig, ConfigErrors> {
        let surroundings = Surroundings {
            environment: Environment::from(pairs),
            process_id: 7,
            host_name: "h".to_owned(),
        };
        let flags = HeapFlags {
            isolate: isolate.map(str::to_owned),
            status_addr: address.map(str::to_owned),
            ..HeapFlags::default()
        };
        resolve_heap(&flags, &surroundings)
    }

    #[test]
    fn the_worker_on_this_machine_is_asked_unless_another_is_named() {
        let config = resolve(None, None, []).unwrap();
        assert_eq!(config.status_addr.to_string(), "127.0.0.1:8077");
        assert_eq!(config.isolate, None);
        let variable = [("BURDOCK_STATUS_ADDR", "127.0.0.1:1")];
        let config = resolve(Some("2"), None, variable).unwrap();
        assert_eq!(config.status_addr.to_string(), "127.0.0.1:1");
        assert_eq!(config.isolate, Some(2));
        let config = resolve(None, Some("[::1]:2"), variable).unwrap();
        assert_eq!(config.status_addr.to_string(), "[::1]:2");
    }

    #[test]
    fn an_address_that_nobody_can_ask_is_refused() {
        for address in ["off", "127.0.0.1:0"] {
            let errors = resolve(None, Some(address), []).unwrap_err();
            assert!(errors.to_string().contains("--status-addr"), "{errors}");
        }
    }

    #[test]
    fn all_mistakes_come_together() {
        let errors = resolve(Some("-1"), Some("here"), []).unwrap_err();
        assert_eq!(errors.errors().len(), 2, "{errors}");
    }
}
