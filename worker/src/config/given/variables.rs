//! The environment: `BURDOCK_*` for the worker, `TEMPORAL_*` for its client.

use super::{CONFIG_VARIABLE, Entry, Layer};
use crate::config::elements::{KEYS, key};
use crate::config::environment::Environment;
use crate::config::error::ConfigError;
use crate::config::key::{Key, burdock_variable};
use crate::config::source::Source;
use crate::config::suggest;

const PREFIX: &str = "BURDOCK_";

/// Variables with our prefix that are no settings of the worker: its file, the Temporal CLI of
/// `burdock dev`, and what `make` and the scripts hand to programs that start the worker.
const OTHER_VARIABLES: [&str; 4] = [
    CONFIG_VARIABLE,
    crate::config::resolved::TEMPORAL_CLI_VARIABLE,
    "BURDOCK_BIN",
    "BURDOCK_OS_RELEASE",
];

/// Prefixes of whole families of such variables: the set-up of V8, and the tests.
const OTHER_FAMILIES: [&str; 2] = ["BURDOCK_V8_", "BURDOCK_TEST_"];

/// Variables that Temporal's loader takes as unset when they are empty.
const EMPTY_IS_UNSET: [&str; 2] = ["TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE"];

/// Reads the variable of every key and refuses unknown `BURDOCK_*` names.
pub(super) fn read(environment: &Environment, errors: &mut Vec<ConfigError>) -> Layer {
    errors.extend(unreadable(environment));
    errors.extend(unknown(environment));
    let mut layer = Layer::new();
    for key in KEYS {
        let variable = key.variable();
        let Some(text) = environment.get(&variable) else {
            continue;
        };
        if !text.is_empty() {
            let entry = Entry {
                text: text.to_owned(),
                source: Source::Env(variable),
            };
            layer.insert(key.name, entry);
        } else if !EMPTY_IS_UNSET.contains(&variable.as_str()) {
            errors.push(ConfigError::Value {
                place: variable,
                problem: "the variable is set and empty".to_owned(),
                remedy: "give it a value or unset it".to_owned(),
            });
        }
    }
    layer
}

fn unreadable(environment: &Environment) -> impl Iterator<Item = ConfigError> + '_ {
    environment
        .unreadable()
        .iter()
        .filter(|name| name.starts_with(PREFIX) || name.starts_with("TEMPORAL_"))
        .map(|name| ConfigError::Value {
            place: name.clone(),
            problem: "the value is no UTF-8 text".to_owned(),
            remedy: "give it as UTF-8 or unset it".to_owned(),
        })
}

fn unknown(environment: &Environment) -> impl Iterator<Item = ConfigError> + '_ {
    environment
        .with_prefix(PREFIX)
        .map(|(name, _)| name)
        .filter(|name| !is_known(name) && !is_injected_by_kubernetes(environment, name))
        .map(|name| ConfigError::Unknown {
            place: "environment".to_owned(),
            name: name.to_owned(),
            remedy: remedy(name),
        })
}

fn is_known(name: &str) -> bool {
    OTHER_VARIABLES.contains(&name)
        || OTHER_FAMILIES.iter().any(|family| name.starts_with(family))
        || KEYS
            .iter()
            .any(|key| key.temporal_variable.is_none() && key.variable() == name)
}

fn remedy(name: &str) -> String {
    let of_client = KEYS
        .iter()
        .filter(|key| burdock_variable(key.name) == name)
        .find_map(|key| key.temporal_variable);
    if let Some(variable) = of_client {
        return format!("set Temporal's own {variable}");
    }
    // Without the prefix, or any two variables would be alike.
    let bare = name.strip_prefix(PREFIX).unwrap_or(name);
    let candidates = KEYS.iter().map(|key| key.name).chain(["config"]);
    match suggest::closest(bare, candidates) {
        Some("config") => format!("did you mean `{CONFIG_VARIABLE}`?"),
        Some(name) => {
            let variable = key(name).map_or_else(|| burdock_variable(name), Key::variable);
            format!("did you mean `{variable}`?")
        }
        None => "unset it; `burdock worker --help` lists the settings".to_owned(),
    }
}

/// Kubernetes sets `X_SERVICE_HOST`, `X_SERVICE_PORT...` and `X_PORT...` in every pod for a
/// service named `x`; a service `burdock` or `burdock-worker` must not keep the worker from
/// starting.
fn is_injected_by_kubernetes(environment: &Environment, name: &str) -> bool {
    ["_SERVICE_HOST", "_SERVICE_PORT", "_PORT"]
        .into_iter()
        .filter_map(|infix| name.find(infix))
        .any(|end| {
            environment
                .get(&format!("{}_SERVICE_HOST", &name[..end]))
                .is_some()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all<const N: usize>(pairs: [(&str, &str); N]) -> (Layer, Vec<String>) {
        let mut errors = Vec::new();
        let layer = read(&Environment::from(pairs), &mut errors);
        (layer, errors.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn variables_become_entries() {
        let (layer, errors) = read_all([
            ("BURDOCK_MAX_CACHED_WORKFLOWS", "7"),
            ("TEMPORAL_ADDRESS", "a:1"),
            ("PATH", "/bin"),
        ]);
        assert_eq!(layer["max-cached-workflows"].text, "7");
        assert_eq!(layer["address"].text, "a:1");
        assert_eq!((layer.len(), errors.len()), (2, 0));
    }

    #[test]
    fn an_unknown_variable_is_refused_with_a_suggestion() {
        let (_, errors) = read_all([("BURDOCK_MAX_CACHED_WORKFLOW", "7")]);
        assert!(errors[0].contains("`BURDOCK_MAX_CACHED_WORKFLOW`"));
        assert!(errors[0].contains("did you mean `BURDOCK_MAX_CACHED_WORKFLOWS`?"));
    }

    #[test]
    fn a_variable_that_is_like_none_gets_no_suggestion() {
        let (_, errors) = read_all([("BURDOCK_COLOUR", "7"), ("BURDOCK_CONFIGS", "x")]);
        assert!(errors[0].contains("unset it"), "{errors:?}");
        assert!(
            errors[1].contains("did you mean `BURDOCK_CONFIG`?"),
            "{errors:?}"
        );
    }

    #[test]
    fn a_client_setting_with_our_prefix_points_at_temporals_variable() {
        let (layer, errors) = read_all([("BURDOCK_API_KEY", "hush")]);
        assert!(errors[0].ends_with("set Temporal's own TEMPORAL_API_KEY"));
        assert!(!errors[0].contains("hush"));
        assert!(layer.is_empty());
    }

    #[test]
    fn other_known_variables_pass() {
        let (layer, errors) = read_all([
            ("BURDOCK_CONFIG", "x"),
            ("BURDOCK_TEMPORAL_CLI", "x"),
            ("BURDOCK_V8_ARCHIVE_DIR", "x"),
            ("BURDOCK_BIN", "x"),
            ("BURDOCK_TEST_ADDRESS", "x"),
        ]);
        assert_eq!((layer.len(), errors.len()), (0, 0));
    }

    #[test]
    fn an_empty_variable_is_refused() {
        let (_, errors) = read_all([("BURDOCK_ISOLATES", ""), ("TEMPORAL_ADDRESS", "")]);
        assert_eq!(errors.len(), 2);
    }

    #[test]
    fn an_empty_profile_is_an_unset_one() {
        let (layer, errors) = read_all([("TEMPORAL_PROFILE", ""), ("TEMPORAL_CONFIG_FILE", "")]);
        assert_eq!((layer.len(), errors.len()), (0, 0));
    }

    #[test]
    fn the_variables_of_a_kubernetes_service_pass() {
        let (_, errors) = read_all([
            ("BURDOCK_WORKER_SERVICE_HOST", "10.0.0.1"),
            ("BURDOCK_WORKER_SERVICE_PORT", "80"),
            ("BURDOCK_WORKER_SERVICE_PORT_HTTP", "80"),
            ("BURDOCK_WORKER_PORT", "tcp://10.0.0.1:80"),
            ("BURDOCK_WORKER_PORT_80_TCP_ADDR", "10.0.0.1"),
        ]);
        assert_eq!(errors, Vec::<String>::new());
    }

    #[test]
    fn a_port_without_its_service_is_unknown() {
        let (_, errors) = read_all([("BURDOCK_PORT", "80")]);
        assert_eq!(errors.len(), 1);
    }
}
