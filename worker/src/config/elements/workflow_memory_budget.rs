//! `workflow-memory-budget`, `workflow-memory-budget-policy`, `workflow-memory-budget-tries`: how much one run may hold,
//! and what becomes of one that holds more.

use super::memory::MAX;
use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::{ByteSize, quoted, whole_number};
use crate::memory::BudgetPolicy;

/// A thousand times what a conversation of usual size holds; on small heaps the memory plan lowers it.
pub const BUDGET_DEFAULT: ByteSize = ByteSize::mib(64);

/// One failure may come of bad luck with a neighbour, a third in a row does not.
pub const TRIES_DEFAULT: usize = 3;

/// A run with nothing in it comes near this.
const BUDGET_MIN: ByteSize = ByteSize(64 << 10);

const TRIES_MAX: usize = 1_000;

/// What one run may hold on its heap and in array buffers. Nothing: everything.
pub struct WorkflowMemoryBudget;

impl Element for WorkflowMemoryBudget {
    type Value = Option<ByteSize>;

    const KEY: Key = Key::worker("workflow-memory-budget", Group::SlotsAndCache, Shape::Bytes)
        .takes("SIZE|off")
        .means("Live bytes that one run may hold, or off")
        .defaults_to("64MiB, at most half of an isolate's heap");

    fn parse(text: &str) -> Result<Option<ByteSize>, Problem> {
        if text.trim() == "off" {
            return Ok(None);
        }
        ByteSize::between(text, BUDGET_MIN, MAX)
            .map(Some)
            .map_err(|problem| Problem::new(problem.what, format!("{}, or off", problem.remedy)))
    }
}

/// What becomes of a run over its budget.
pub struct WorkflowMemoryBudgetPolicy;

impl Element for WorkflowMemoryBudgetPolicy {
    type Value = BudgetPolicy;

    const KEY: Key = Key::worker(
        "workflow-memory-budget-policy",
        Group::SlotsAndCache,
        Shape::Text,
    )
    .takes("POLICY")
    .means("What becomes of a run over its budget: warn, evict or fail-task")
    .defaults_to("evict");

    fn parse(text: &str) -> Result<BudgetPolicy, Problem> {
        BudgetPolicy::ALL
            .into_iter()
            .find(|policy| policy.as_str() == text.trim())
            .ok_or_else(|| {
                Problem::new(
                    format!("{} is no policy for a run over its budget", quoted(text)),
                    "give warn, evict or fail-task",
                )
            })
    }
}

/// How often a run may pass its budget before its tasks are no longer tried.
pub struct WorkflowMemoryBudgetTries;

impl Element for WorkflowMemoryBudgetTries {
    type Value = usize;

    const KEY: Key = Key::worker(
        "workflow-memory-budget-tries",
        Group::SlotsAndCache,
        Shape::Integer,
    )
    .takes("N")
    .means("How often a run may pass its budget before its tasks are no longer tried")
    .defaults_to("3");

    fn parse(text: &str) -> Result<usize, Problem> {
        whole_number(text, 1..=TRIES_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_a_size_or_off() {
        assert_eq!(WorkflowMemoryBudget::parse("off"), Ok(None));
        assert_eq!(
            WorkflowMemoryBudget::parse("64MiB"),
            Ok(Some(BUDGET_DEFAULT))
        );
        for text in ["0", "1KiB", "17TiB", "on"] {
            let problem = WorkflowMemoryBudget::parse(text).unwrap_err();
            assert!(problem.remedy.ends_with("or off"), "{text}");
        }
    }

    #[test]
    fn policies_are_read_as_they_are_printed() {
        for policy in BudgetPolicy::ALL {
            let parsed = WorkflowMemoryBudgetPolicy::parse(&policy.to_string());
            assert_eq!(parsed, Ok(policy));
        }
        assert!(WorkflowMemoryBudgetPolicy::parse("fail").is_err());
    }

    #[test]
    fn there_is_at_least_one_try() {
        assert!(WorkflowMemoryBudgetTries::parse("0").is_err());
        assert_eq!(WorkflowMemoryBudgetTries::parse("1"), Ok(1));
    }
}
