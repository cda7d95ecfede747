//! The resolved configuration of `burdock dev`: a worker and the server that it starts.

use std::path::PathBuf;

use super::WorkerConfig;
use super::settings::{self, Purpose};
use crate::config::cli::DevFlags;
use crate::config::elements::{KEYS, client};
use crate::config::environment::{Environment, Surroundings};
use crate::config::error::{ConfigError, ConfigErrors};
use crate::config::key::Element;
use crate::config::source::{Setting, Source};
use crate::config::units::whole_number;

/// The variable that names the Temporal CLI.
pub const TEMPORAL_CLI_VARIABLE: &str = "BURDOCK_TEMPORAL_CLI";

/// The settings of `burdock dev`.
#[derive(Clone, Debug)]
pub struct DevConfig {
    /// The worker. Its `client` gets the server's address when the server runs.
    pub worker: WorkerConfig,
    /// The server.
    pub server: DevServerConfig,
}

/// The dev server. Its namespace is the worker's.
#[derive(Clone, Debug, PartialEq)]
pub struct DevServerConfig {
    /// The port of its API; nothing: a free one.
    pub port: Setting<Option<u16>>,
    /// The port of its Web UI; nothing: a free one.
    pub ui_port: Setting<Option<u16>>,
    /// The SQLite file that keeps its workflows; nothing: they go with the server.
    pub db_file: Setting<Option<PathBuf>>,
    /// The Temporal CLI; nothing: search the project's folder and `PATH`.
    pub temporal_cli: Setting<Option<PathBuf>>,
}

/// Resolves the configuration of `burdock dev`.
///
/// # Errors
/// Every mistake in flags, variables and files, together.
pub fn resolve_dev(
    flags: &DevFlags,
    surroundings: &Surroundings,
) -> Result<DevConfig, ConfigErrors> {
    let mut errors = connection_flags(flags);
    let server = DevServerConfig {
        port: port("port", flags.port.as_deref(), &mut errors),
        ui_port: port("ui-port", flags.ui_port.as_deref(), &mut errors),
        db_file: path("db-file", flags.db_file.as_deref()),
        temporal_cli: temporal_cli(flags, &surroundings.environment),
    };
    if let (Some(port), Some(ui_port)) = (*server.port, *server.ui_port)
        && port == ui_port
    {
        errors.push(ConfigError::Contradiction {
            problem: format!("--port and --ui-port are both {port}"),
            remedy: "give --port and --ui-port different ports, or leave one out".to_owned(),
        });
    }
    match settings::resolve(&flags.worker, surroundings, Purpose::Dev) {
        Ok(worker) if errors.is_empty() => Ok(DevConfig { worker, server }),
        Ok(_) => Err(ConfigErrors::new(errors)),
        Err(more) => {
            errors.extend_from_slice(more.errors());
            Err(ConfigErrors::new(errors))
        }
    }
}

/// The flags that say where the server is contradict a server of one's own. Variables and files
/// that say so are passed over: they may be there for other commands.
fn connection_flags(flags: &DevFlags) -> Vec<ConfigError> {
    // The namespace is the only setting of the client that says nothing about a server.
    let keys = KEYS.iter().filter(|key| key.temporal_variable.is_some());
    keys.map(|key| key.name)
        .filter(|name| *name != client::Namespace::KEY.name)
        .filter(|name| flags.worker.text(name).is_some())
        .map(|name| ConfigError::Contradiction {
            problem: format!("--{name} does not fit `burdock dev`, which starts its own server"),
            remedy: format!("leave --{name} out, or use `burdock worker`"),
        })
        .collect()
}

fn port(
    name: &'static str,
    text: Option<&str>,
    errors: &mut Vec<ConfigError>,
) -> Setting<Option<u16>> {
    let unset = Setting::derived(None, "a free one");
    let Some(text) = text else {
        return unset;
    };
    let parsed = whole_number(text, 1..=usize::from(u16::MAX));
    match parsed.map(|number| u16::try_from(number).ok()) {
        Ok(port) => Setting {
            value: port,
            source: Source::Flag(name),
        },
        Err(problem) => {
            errors.push(ConfigError::Value {
                place: format!("--{name}"),
                problem: problem.what,
                remedy: problem.remedy,
            });
            unset
        }
    }
}

fn path(name: &'static str, text: Option<&str>) -> Setting<Option<PathBuf>> {
    match text {
        None => Setting::default_of(None),
        Some(text) => Setting {
            value: Some(PathBuf::from(text)),
            source: Source::Flag(name),
        },
    }
}

fn temporal_cli(flags: &DevFlags, environment: &Environment) -> Setting<Option<PathBuf>> {
    let flag = path("temporal-cli", flags.temporal_cli.as_deref());
    if flag.is_some() {
        return flag;
    }
    match environment.get_non_empty(TEMPORAL_CLI_VARIABLE) {
        None => flag,
        Some(text) => Setting {
            value: Some(PathBuf::from(text)),
            source: Source::Env(TEMPORAL_CLI_VARIABLE.to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::elements::{Bundle, Isolates};
    use crate::config::given::WorkerFlags;

    fn surroundings<const N: usize>(pairs: [(&str, &str); N]) -> Surroundings {
        Surroundings {
            environment: Environment::from(pairs),
            process_id: 7,
            host_name: "h".to_owned(),
        }
    }

    #[test]
    fn nothing_needs_to_be_said() {
        let config = resolve_dev(&DevFlags::default(), &surroundings([])).unwrap();
        assert_eq!(*config.worker.task_queue, "burdock-dev");
        assert!(!config.worker.hosts_workflows());
        assert!(config.worker.hosts_activities());
        assert_eq!(*config.server.port, None);
        assert!(config.worker.warnings.is_empty());
    }

    #[test]
    fn a_bundle_switches_workflows_on() {
        let flags = DevFlags {
            worker: WorkerFlags::of([(Bundle::KEY, Some("b.js".to_owned()))]),
            ..DevFlags::default()
        };
        let config = resolve_dev(&flags, &surroundings([])).unwrap();
        assert_eq!(*config.worker.workflow_slots, 40);
    }

    #[test]
    fn settings_of_another_server_are_passed_over() {
        let surroundings = surroundings([
            ("TEMPORAL_ADDRESS", "prod:7233"),
            ("TEMPORAL_API_KEY", "hush"),
            ("TEMPORAL_CONFIG_FILE", "no/such.toml"),
            ("TEMPORAL_NAMESPACE", "mine"),
        ]);
        let config = resolve_dev(&DevFlags::default(), &surroundings).unwrap();
        assert_eq!(config.worker.client.namespace, "mine");
        assert_eq!(config.worker.client.api_key, None);
        assert_eq!(config.worker.client.target.host_str(), Some("localhost"));
    }

    #[test]
    fn all_mistakes_come_together() {
        let flags = DevFlags {
            port: Some("0".to_owned()),
            worker: WorkerFlags::of([
                (client::ServerAddress::KEY, Some("h:1".to_owned())),
                (Isolates::KEY, Some("0".to_owned())),
            ]),
            ..DevFlags::default()
        };
        let errors = resolve_dev(&flags, &surroundings([])).unwrap_err();
        assert_eq!(errors.errors().len(), 3, "{errors}");
    }

    #[test]
    fn the_two_ports_differ() {
        let flags = DevFlags {
            port: Some("7233".to_owned()),
            ui_port: Some("7233".to_owned()),
            ..DevFlags::default()
        };
        let errors = resolve_dev(&flags, &surroundings([])).unwrap_err();
        assert!(errors.to_string().contains("--ui-port"), "{errors}");
    }

    #[test]
    fn the_cli_is_named_by_flag_or_variable() {
        let surroundings = surroundings([("BURDOCK_TEMPORAL_CLI", "/v/temporal")]);
        let config = resolve_dev(&DevFlags::default(), &surroundings).unwrap();
        let cli = config.server.temporal_cli;
        assert_eq!(cli.value, Some("/v/temporal".into()));
        assert_eq!(cli.source, Source::Env("BURDOCK_TEMPORAL_CLI".to_owned()));
        let flags = DevFlags {
            temporal_cli: Some("/f/temporal".to_owned()),
            ..DevFlags::default()
        };
        let config = resolve_dev(&flags, &surroundings).unwrap();
        assert_eq!(config.server.temporal_cli.value, Some("/f/temporal".into()));
    }
}
