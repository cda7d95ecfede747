//! Worker versioning: what goes together and what does not, by the rules of the Node worker.

use super::*;

const VERSIONED: [&str; 4] = [
    "--use-worker-versioning",
    "--build-id=1",
    "--deployment-name=chat",
    "--default-versioning-behavior=pinned",
];

fn assert_mistakes(line: &[&str], parts: &[&str]) {
    let mistakes = mistakes(line, []);
    assert_eq!(mistakes.len(), parts.len(), "{mistakes:?}");
    for (mistake, part) in mistakes.iter().zip(parts) {
        assert!(mistake.contains(part), "{part} is not in {mistakes:?}");
    }
}

#[test]
fn a_versioned_worker_names_its_version_and_its_behaviour() {
    assert!(*resolved(&VERSIONED, []).versioning.use_worker_versioning);
    let required = [
        "`build-id` is required while `use-worker-versioning` is on",
        "`deployment-name` is required",
        "`default-versioning-behavior` is required",
    ];
    assert_mistakes(&VERSIONED[..1], &required);
}

#[test]
fn a_behaviour_is_for_versioned_workers_alone() {
    let line = [
        "--deployment-name=chat",
        "--default-versioning-behavior=pinned",
    ];
    assert_mistakes(&line, &["`use-worker-versioning` is off"]);
}

#[test]
fn the_older_versioning_needs_a_build_id_and_excludes_deployments() {
    assert_mistakes(
        &["--use-versioning"],
        &["`build-id` is required while `use-versioning`"],
    );
    let line = ["--use-versioning", "--build-id=1", "--deployment-name=chat"];
    assert_mistakes(&line, &["knows no deployments"]);
    let both = [&VERSIONED[..], &["--use-versioning"]].concat();
    assert_mistakes(&both, &["knows no deployments"]);
}

#[test]
fn what_is_there_and_wrong_is_not_called_missing() {
    let mut line = VERSIONED;
    line[2] = "--deployment-name=a.b";
    assert_mistakes(&line, &["separate the name from the build id"]);
}
