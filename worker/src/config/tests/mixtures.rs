//! Any mixture of values from any mixture of places.
//!
//! A failing case prints the seed that proptest repeats it by.

use std::ffi::OsString;

use proptest::prelude::*;

use super::*;
use crate::config::ConfigError;
use crate::config::elements::KEYS;
use crate::config::fuzzing::{any_text, check_errors, check_settings, settings};

/// Settings that no other setting bears on, with values that they take, written as in TOML.
const INDEPENDENT: [(&str, [&str; 3]); 14] = [
    ("workflow-timeout", ["\"6s\"", "\"700ms\"", "\"5m\""]),
    ("shutdown-grace-time", ["\"0s\"", "\"1s\"", "\"3m\""]),
    ("connect-timeout", ["\"1s\"", "\"2s\"", "\"3s\""]),
    (
        "sticky-queue-schedule-to-start-timeout",
        ["\"1s\"", "\"2s\"", "\"3s\""],
    ),
    ("identity", ["\"a\"", "\"b\"", "\"c d\""]),
    ("build-id", ["\"1\"", "\"2\"", "\"3\""]),
    ("task-queue", ["\"q1\"", "\"q2\"", "\"q3\""]),
    ("namespace", ["\"n1\"", "\"n2\"", "\"n3\""]),
    ("address", ["\"a:1\"", "\"b:2\"", "\"c:3\""]),
    ("status-addr", ["\"off\"", "\"127.0.0.1:1\"", "\"[::1]:2\""]),
    ("log-format", ["\"auto\"", "\"text\"", "\"json\""]),
    ("memory-limit", ["1073741824", "\"2GiB\"", "\"3GiB\""]),
    ("max-activities-per-second", ["1", "2.5", "1000"]),
    ("nonsticky-to-sticky-poll-ratio", ["0.5", "1", "0"]),
];

/// For each setting the index of a value, or nothing, for flag, variable and file.
type Choice = [Option<usize>; 3];

fn choice() -> impl Strategy<Value = Choice> {
    prop::array::uniform3(prop::option::of(0..3_usize))
}

fn bare(toml: &str) -> String {
    toml.trim_matches('"').to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn precedence_holds(choices in prop::array::uniform14(choice())) {
        let folder = Folder::new();
        let mut toml = String::from("bundle = \"b.js\"\n");
        let mut line = Vec::new();
        let mut variables = Vec::new();
        for ((name, values), [flag, variable, file]) in INDEPENDENT.iter().zip(&choices) {
            let key = crate::config::elements::key(name).unwrap();
            if let Some(index) = flag {
                line.push(format!("--{name}={}", bare(values[*index])));
            }
            if let Some(index) = variable {
                let value = OsString::from(bare(values[*index]));
                variables.push((OsString::from(key.variable()), value));
            }
            if let Some(index) = file {
                toml.push_str(&format!("{name} = {}\n", values[*index]));
            }
        }
        line.push(format!("--config={}", folder.file("burdock.toml", &toml)));
        let line: Vec<&str> = line.iter().map(String::as_str).collect();
        let surroundings = Surroundings {
            environment: variables.into_iter().collect(),
            ..surroundings([])
        };
        let resolved = resolve_worker(&flags(&line), &surroundings);
        let task_queue_is_given = choices[6].iter().any(Option::is_some);
        let Ok(config) = resolved else {
            prop_assert!(!task_queue_is_given, "{:?}", resolved);
            return Ok(());
        };
        prop_assert!(task_queue_is_given);
        let rows = config.rows();
        for ((name, values), [flag, variable, file]) in INDEPENDENT.iter().zip(&choices) {
            let row = rows.iter().find(|row| row.name == *name).unwrap();
            let (kind, index) = match (flag, variable, file) {
                (Some(index), ..) => ("flag", index),
                (None, Some(index), _) => ("env", index),
                (None, None, Some(index)) => ("file", index),
                (None, None, None) => {
                    prop_assert!(!row.source.is_given(), "{}", name);
                    continue;
                }
            };
            let source = row.source.to_json();
            prop_assert_eq!(source["kind"].as_str(), Some(kind), "{}", name);
            let expected = match (*name, values[*index]) {
                ("memory-limit", "1073741824") => "1GiB".to_owned(),
                (_, value) => bare(value),
            };
            prop_assert_eq!(row.text.as_deref(), Some(expected.as_str()), "{}", name);
        }
    }

    #[test]
    fn valid_sizes_resolve_or_contradict_each_other(sizes in prop::array::uniform6(
        prop::option::of(0..50_usize)
    )) {
        let names = [
            "workflow-slots",
            "max-cached-workflows",
            "local-activity-slots",
            "activity-slots",
            "workflow-pollers",
            "activity-pollers",
        ];
        let line: Vec<String> = names
            .iter()
            .zip(sizes)
            .filter_map(|(name, size)| Some((name, size?)))
            .filter(|(name, size)| *size > 0 || !name.ends_with("pollers"))
            .map(|(name, size)| format!("--{name}={size}"))
            .chain(["--task-queue=q".to_owned(), "--bundle=b.js".to_owned()])
            .collect();
        let line: Vec<&str> = line.iter().map(String::as_str).collect();
        if let Err(errors) = resolve_worker(&flags(&line), &surroundings([])) {
            for error in errors.errors() {
                let is_contradiction = matches!(error, ConfigError::Contradiction { .. });
                prop_assert!(is_contradiction, "{}", error);
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(
        texts in prop::collection::vec((0..KEYS.len(), "\\PC{0,20}"), 0..6),
        file in any_text(),
    ) {
        let folder = Folder::new();
        let path = folder.file("burdock.toml", &file);
        let temporal = folder.file("temporal.toml", &file);
        let mut variables: Vec<(OsString, OsString)> = texts
            .into_iter()
            .map(|(index, text)| (KEYS[index].variable().into(), text.into()))
            .collect();
        variables.push(("TEMPORAL_CONFIG_FILE".into(), temporal.into()));
        let surroundings = Surroundings {
            environment: variables.into_iter().collect(),
            ..surroundings([])
        };
        if let Err(errors) = resolve_worker(&flags(&[&format!("--config={path}")]), &surroundings) {
            check_errors(&errors);
        }
    }

    #[test]
    fn any_file_is_a_configuration_or_mistakes(bytes in settings()) {
        let folder = Folder::new();
        check_settings(&bytes, &folder.path().join("burdock.toml"));
    }
}
