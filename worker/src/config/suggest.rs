//! The nearest known name for an unknown one.

/// Names that users of the Node worker know, and their names here.
const NODE_WORKER_NAMES: [(&str, &str); 15] = [
    ("workflow-bundle", "bundle"),
    ("workflows-path", "bundle"),
    ("max-concurrent-workflow-task-executions", "workflow-slots"),
    ("max-concurrent-activity-task-executions", "activity-slots"),
    (
        "max-concurrent-local-activity-executions",
        "local-activity-slots",
    ),
    ("max-concurrent-workflow-task-polls", "workflow-pollers"),
    ("max-concurrent-activity-task-polls", "activity-pollers"),
    ("workflow-thread-pool-size", "isolates"),
    ("isolate-execution-timeout", "workflow-timeout"),
    ("max-concurrent-workflow-tasks", "workflow-slots"),
    ("tuner", "workflow-slot-supplier"),
    ("workflow-task-poller-behavior", "workflow-poller-behavior"),
    ("activity-task-poller-behavior", "activity-poller-behavior"),
    ("worker-deployment-options", "deployment-name"),
    ("sinks", "log-sinks"),
];

/// Below this likeness (0 to 1) a suggestion would confuse more than help.
const LIKENESS_MIN: f64 = 0.6;

/// The candidate that the user probably meant. Case, underscores and camelCase do not count.
pub(super) fn closest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let name = kebab_case(name);
    let meant = NODE_WORKER_NAMES
        .iter()
        .find(|(node, _)| *node == name)
        .map(|(_, ours)| *ours);
    let wanted = meant.unwrap_or(&name);
    candidates
        .into_iter()
        .map(|candidate| (likeness(wanted, &kebab_case(candidate)), candidate))
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

/// `did you mean` with the nearest name, or what else to do.
pub(super) fn remedy<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    otherwise: &str,
) -> String {
    closest(name, candidates).map_or_else(
        || otherwise.to_owned(),
        |candidate| format!("did you mean `{candidate}`?"),
    )
}

fn likeness(left: &str, right: &str) -> f64 {
    strsim::normalized_damerau_levenshtein(left, right)
}

fn kebab_case(name: &str) -> String {
    let mut kebab = String::with_capacity(name.len() + 4);
    let mut previous_is_lower = false;
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && previous_is_lower {
            kebab.push('-');
        }
        previous_is_lower = letter.is_ascii_lowercase() || letter.is_ascii_digit();
        kebab.push(match letter {
            '_' | ' ' => '-',
            other => other.to_ascii_lowercase(),
        });
    }
    kebab
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = [
        "max-cached-workflows",
        "workflow-slots",
        "isolates",
        "bundle",
    ];

    #[test]
    fn a_slip_of_the_pen_finds_its_name() {
        assert_eq!(
            closest("max-cached-workflow", NAMES),
            Some("max-cached-workflows")
        );
        assert_eq!(closest("isolate", NAMES), Some("isolates"));
    }

    #[test]
    fn other_spellings_find_their_name() {
        for name in [
            "max_cached_workflows",
            "maxCachedWorkflows",
            "MAX_CACHED_WORKFLOWS",
        ] {
            assert_eq!(closest(name, NAMES), Some("max-cached-workflows"));
        }
    }

    #[test]
    fn names_of_the_node_worker_find_ours() {
        assert_eq!(
            closest("maxConcurrentWorkflowTaskExecutions", NAMES),
            Some("workflow-slots")
        );
    }

    #[test]
    fn nothing_near_is_no_suggestion() {
        assert_eq!(closest("colour", NAMES), None);
        assert_eq!(remedy("colour", NAMES, "delete it"), "delete it");
    }
}
