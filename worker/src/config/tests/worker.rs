//! Settings of the worker.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::config::elements::{ActivityStore, KEYS, LogSinks, StatusAddr};
use crate::config::source::Source;
use crate::config::{render, to_json};

#[test]
fn a_flag_wins_over_a_variable_over_the_file_over_the_default() {
    let folder = Folder::new();
    let file = folder.file("burdock.toml", "# one line\nworkflow-timeout = \"7s\"\n");
    let config = format!("--config={file}");
    let variables = [("BURDOCK_WORKFLOW_TIMEOUT", "8s")];
    let timeout = |config: WorkerConfig| config.workflow_timeout;

    let by_flag = timeout(resolved(&[&config, "--workflow-timeout=9s"], variables));
    assert_eq!(*by_flag, Duration::from_secs(9));
    assert_eq!(by_flag.source, Source::Flag("workflow-timeout"));
    let by_variable = timeout(resolved(&[&config], variables));
    assert_eq!(*by_variable, Duration::from_secs(8));
    let by_file = timeout(resolved(&[&config], []));
    assert_eq!(*by_file, Duration::from_secs(7));
    assert!(matches!(by_file.source, Source::File { line: 2, .. }));
    let by_default = timeout(resolved(&[], []));
    assert_eq!(*by_default, Duration::from_secs(5));
    assert_eq!(by_default.source, Source::Default(None));
}

#[test]
fn the_defaults_are_those_of_the_help() {
    let config = resolved(&[], []);
    assert_eq!(*config.identity, "7@host");
    assert_eq!(*config.shutdown_grace_time, Duration::from_secs(10));
    assert_eq!(*config.connect_timeout, Duration::from_secs(60));
    assert_eq!(config.status_addr.to_string(), "127.0.0.1:8077");
    assert_eq!(*config.activity_store, ActivityStore::Memory);
    assert_eq!(*config.max_eager_activity_reservations_per_workflow_task, 3);
    assert_eq!(config.client.target.as_str(), "http://localhost:7233/");
    assert_eq!(config.client.namespace, "default");
    assert!(config.warnings.is_empty());
}

#[test]
fn the_file_alone_is_enough_and_its_paths_count_from_its_folder() {
    let folder = Folder::new();
    let file = folder.file(
        "burdock.toml",
        "task-queue = \"q\"\nbundle = \"b.js\"\nactivity-store = \"s.db\"\nstatus-addr = \"off\"\n\
         memory-limit = \"2GiB\"\nnonsticky-to-sticky-poll-ratio = 0.5\n",
    );
    let surroundings = surroundings([("BURDOCK_CONFIG", file.as_str())]);
    let config = resolve_worker(&WorkerFlags::default(), &surroundings).unwrap();
    assert_eq!(config.bundle.value, Some(folder.path().join("b.js")));
    let store = ActivityStore::File(folder.path().join("s.db"));
    assert_eq!(*config.activity_store, store);
    assert_eq!(*config.status_addr, StatusAddr::Off);
}

#[test]
fn sinks_to_log_are_an_array_in_the_file_and_a_list_elsewhere() {
    let folder = Folder::new();
    let file = folder.file("burdock.toml", "log-sinks = [\"audit\", \"alerts\"]\n");
    let by_file = resolved(&[&format!("--config={file}")], []).log_sinks;
    let by_flag = resolved(&["--log-sinks=alerts,audit"], []).log_sinks;
    assert_eq!(*by_file, *by_flag);
    assert_eq!(*resolved(&[], []).log_sinks, LogSinks::None);
    let mistakes = mistakes(&["--log-sinks=__temporal_logger"], []);
    assert!(mistakes[0].contains("keeps for its own"), "{mistakes:?}");
}

#[test]
fn the_worker_heartbeats_once_a_minute_unless_told_otherwise() {
    let interval = |line: &[&str]| *resolved(line, []).worker_heartbeat_interval;
    assert_eq!(interval(&[]), Some(Duration::from_secs(60)));
    assert_eq!(interval(&["--worker-heartbeat-interval=off"]), None);
    let mistakes = mistakes(&["--worker-heartbeat-interval=2m"], []);
    assert!(
        mistakes[0].contains("from 1s to 60s, or off"),
        "{mistakes:?}"
    );
}

#[test]
fn all_mistakes_come_together() {
    let folder = Folder::new();
    let file = folder.file("burdock.toml", "isolate = 2\nlog-format = \"xml\"\n");
    let flags = flags(&[&format!("--config={file}"), "--workflow-timeout=5"]);
    let surroundings = surroundings([
        ("BURDOCK_STATUS_ADDR", "8077"),
        ("BURDOCK_SLOTS", "1"),
        ("TEMPORAL_TLS", "yes"),
        ("TEMPORAL_CONFIG_FILE", "no/such.toml"),
    ]);
    let errors = resolve_worker(&flags, &surroundings).unwrap_err();
    let text = errors.to_string();
    for part in [
        "burdock.toml:1: `isolate`",
        "did you mean `isolates`?",
        "burdock.toml:2: log-format: \"xml\"",
        "--workflow-timeout: \"5\"",
        "BURDOCK_STATUS_ADDR: \"8077\"",
        "`BURDOCK_SLOTS`",
        "TEMPORAL_TLS: \"yes\"",
        "TEMPORAL_CONFIG_FILE: cannot read no/such.toml",
        "`task-queue` is required",
        "`bundle` is required",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert_eq!(errors.errors().len(), 9, "{text}");
    assert_eq!(errors.exit_code().as_u8(), 64);
}

#[test]
fn what_may_stand_in_a_broken_file_is_not_called_missing() {
    let folder = Folder::new();
    let file = folder.file("burdock.toml", "task-queue = q\n");
    let flags = flags(&[&format!("--config={file}")]);
    let errors = resolve_worker(&flags, &surroundings([])).unwrap_err();
    assert_eq!(errors.errors().len(), 1, "{errors}");
}

#[test]
fn without_workflows_no_bundle_is_needed() {
    let flags = flags(&["--task-queue=q", "--workflow-slots=0"]);
    let config = resolve_worker(&flags, &surroundings([])).unwrap();
    assert!(!config.hosts_workflows());
    assert!(config.hosts_activities());
    assert!(!config.hosts_local_activities());
}

#[test]
fn a_bundle_without_workflow_slots_is_mentioned() {
    let config = resolved(&["--workflow-slots=0"], []);
    assert!(config.warnings[0].0.contains("`bundle`"));
}

#[test]
fn a_wrong_size_makes_up_no_contradiction() {
    let mistakes = mistakes(&["--max-cached-workflows=many", "--isolates=64"], []);
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
}

#[test]
fn heartbeat_intervals_do_not_contradict_each_other() {
    let longer = [
        "--default-heartbeat-throttle-interval=20s",
        "--max-heartbeat-throttle-interval=10s",
    ];
    let mistakes = mistakes(&longer, []);
    assert!(mistakes[0].contains("`max-heartbeat-throttle-interval`"));
    let config = resolved(&["--max-heartbeat-throttle-interval=10s"], []);
    let default = config.default_heartbeat_throttle_interval;
    assert_eq!(*default, Duration::from_secs(10));
}

#[test]
fn every_setting_has_its_row_in_the_order_of_the_keys() {
    let rows = resolved(&[], []).rows();
    let names: Vec<_> = rows.iter().map(|row| row.name).collect();
    assert_eq!(names, KEYS.map(|key| key.name));
}

#[test]
fn the_table_shows_value_and_source() {
    let table = render(&resolved(
        &["--max-cached-workflows=500"],
        [("BURDOCK_ISOLATES", "4")],
    ));
    let line = |name: &str| {
        let line = table
            .lines()
            .find(|line| line.trim_start().starts_with(name));
        line.unwrap_or_else(|| panic!("{name} is not in\n{table}"))
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        line("max-cached-workflows"),
        "max-cached-workflows 500 --max-cached-workflows"
    );
    assert_eq!(line("isolates"), "isolates 4 BURDOCK_ISOLATES");
    assert_eq!(line("connect-timeout"), "connect-timeout 60s default");
    assert_eq!(line("address"), "address localhost:7233 default");
    assert_eq!(line("api-key"), "api-key - default");
    assert!(table.starts_with("Workflows\n"), "{table}");
}

#[test]
fn the_json_form_is_stable() {
    let json = to_json(&resolved(
        &["--memory-limit=1GiB"],
        [("BURDOCK_ISOLATES", "4")],
    ));
    assert_eq!(json["version"], 1);
    assert_eq!(json["warnings"], json!([]));
    let settings = &json["settings"];
    assert_eq!(settings.as_object().unwrap().len(), KEYS.len());
    assert_eq!(
        settings["memory-limit"],
        json!({
            "value": 1_073_741_824,
            "unit": "bytes",
            "source": {"kind": "flag", "name": "--memory-limit"},
        })
    );
    assert_eq!(
        settings["isolates"],
        json!({"value": 4, "source": {"kind": "env", "name": "BURDOCK_ISOLATES"}})
    );
    assert_eq!(
        settings["workflow-timeout"],
        json!({"value": 5000, "unit": "ms", "source": {"kind": "default"}})
    );
    assert_eq!(settings["tls"]["value"], json!(false));
}
