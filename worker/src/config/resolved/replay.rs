//! The resolved configuration of `burdock replay`.

use std::num::NonZero;
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Duration;

use super::hosting::{HostingConfig, resolve_hosting, resolve_hosting_with_client};
use crate::config::client::ClientConfig;
use crate::config::environment::Surroundings;
use crate::config::error::ConfigErrors;
use crate::config::given::ReplayFlags;

/// The settings of `burdock replay`.
#[derive(Clone, Debug)]
pub struct ReplayConfig {
    /// What hosts the workflows.
    pub hosting: HostingConfig,
    /// What is replayed.
    pub histories: Histories,
}

/// Where the histories are.
#[derive(Clone, Debug)]
pub enum Histories {
    /// In files and folders.
    Paths(Vec<PathBuf>),
    /// On a server.
    Server {
        /// How to reach it.
        client: Box<ClientConfig>,
        /// How long to try to reach it.
        connect_timeout: Duration,
        /// Which ones.
        selection: Selection,
    },
}

/// Which histories of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Those of one workflow id, and of one run; nothing: the latest one.
    Execution {
        /// Workflow id.
        workflow_id: String,
        /// Run id.
        run_id: Option<String>,
    },
    /// Those that a visibility query finds.
    Query(String),
}

/// Resolves the configuration of `burdock replay`. Settings of a server are read only if one is asked.
///
/// # Errors
/// Every mistake in flags, variables and files, together.
pub fn resolve_replay(
    flags: &ReplayFlags,
    surroundings: &Surroundings,
) -> Result<ReplayConfig, ConfigErrors> {
    // Each isolate keeps one core busy.
    let isolates_default = available_parallelism().map_or(1, NonZero::get);
    let Some(selection) = selection(flags) else {
        return Ok(ReplayConfig {
            hosting: resolve_hosting(&flags.hosting, surroundings, isolates_default)?,
            histories: Histories::Paths(flags.histories.clone()),
        });
    };
    let (hosting, client, connect_timeout) = resolve_hosting_with_client(
        &flags.hosting,
        &flags.as_worker_flags(),
        surroundings,
        isolates_default,
    )?;
    Ok(ReplayConfig {
        hosting,
        histories: Histories::Server {
            client: Box::new(client),
            connect_timeout,
            selection,
        },
    })
}

fn selection(flags: &ReplayFlags) -> Option<Selection> {
    let execution = flags
        .workflow_id
        .clone()
        .map(|workflow_id| Selection::Execution {
            workflow_id,
            run_id: flags.run_id.clone(),
        });
    execution.or_else(|| flags.query.clone().map(Selection::Query))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::environment::Environment;
    use crate::config::{Command, parse_cli};

    fn resolved(line: &str) -> ReplayConfig {
        let Command::Replay(flags) = parse_cli(line.split(' ')).unwrap().command else {
            panic!("{line}");
        };
        let surroundings = Surroundings {
            environment: Environment::from([("TEMPORAL_NAMESPACE", "ns")]),
            process_id: 7,
            host_name: "h".to_owned(),
        };
        resolve_replay(&flags, &surroundings).unwrap_or_else(|errors| panic!("{errors}"))
    }

    #[test]
    fn files_need_no_server() {
        let config = resolved("burdock replay --bundle b.js a.json folder");
        let Histories::Paths(paths) = config.histories else {
            panic!("{config:?}");
        };
        assert_eq!(paths, [PathBuf::from("a.json"), PathBuf::from("folder")]);
        assert_eq!(*config.hosting.namespace, "ns");
    }

    #[test]
    fn a_query_goes_to_the_server_of_the_settings() {
        let config =
            resolved("burdock replay --bundle b.js --query X --address h:1 --connect-timeout 3s");
        let Histories::Server {
            client,
            connect_timeout,
            selection,
        } = config.histories
        else {
            panic!("{config:?}");
        };
        assert_eq!(
            (client.target.as_str(), client.namespace.as_str()),
            ("http://h:1/", "ns")
        );
        assert_eq!(connect_timeout, Duration::from_secs(3));
        assert_eq!(selection, Selection::Query("X".to_owned()));
    }

    #[test]
    fn histories_come_from_one_place() {
        for line in [
            "burdock replay --bundle b.js",
            "burdock replay --bundle b.js a.json --query X",
            "burdock replay --bundle b.js --workflow-id w --query X",
            "burdock replay --bundle b.js a.json --run-id r",
        ] {
            assert!(parse_cli(line.split(' ')).is_err(), "{line}");
        }
    }
}
