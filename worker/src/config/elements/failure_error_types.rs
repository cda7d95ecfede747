//! `workflow-failure-error-types`: errors that fail a workflow and not its task.

use std::collections::BTreeMap;
use std::fmt;

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::quoted;

/// Errors with these names mean nondeterminism to the SDK, and `Error` means every error (Node's
/// `workflowFailureErrorTypes`).
const NONDETERMINISM: [&str; 3] = ["NondeterminismError", "DeterminismViolationError", "Error"];

/// Names of error classes, for all workflows and for single workflow types.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailureErrorTypes {
    /// For every workflow type.
    pub everywhere: Vec<String>,
    /// For one workflow type more.
    pub by_workflow_type: BTreeMap<String, Vec<String>>,
}

impl FailureErrorTypes {
    /// Whether these names include nondeterminism, which sdk-core finds and not workflow code.
    #[must_use]
    pub fn include_nondeterminism(names: &[String]) -> bool {
        names
            .iter()
            .any(|name| NONDETERMINISM.contains(&name.as_str()))
    }
}

impl fmt::Display for FailureErrorTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_types = self.by_workflow_type.iter().flat_map(|(workflow, names)| {
            names.iter().map(move |name| format!("{workflow}:{name}"))
        });
        let all: Vec<String> = self.everywhere.iter().cloned().chain(of_types).collect();
        f.write_str(&all.join(","))
    }
}

impl Element for FailureErrorTypes {
    type Value = Self;

    const KEY: Key = Key::worker(
        "workflow-failure-error-types",
        Group::Workflows,
        Shape::Text,
    )
    .takes("ERRORS")
    .means(
        "Errors that fail a workflow instead of its task: class names, or \
         `WORKFLOW_TYPE:ERROR`, separated by commas",
    );

    /// `ERROR` or `WORKFLOW_TYPE:ERROR`, separated by commas.
    fn parse(text: &str) -> Result<Self, Problem> {
        let mut types = Self::default();
        for item in text.split(',').map(str::trim) {
            let (workflow, error) = match item.rsplit_once(':') {
                Some((workflow, error)) => (Some(workflow.trim()), error.trim()),
                None => (None, item),
            };
            if error.is_empty() || workflow == Some("") {
                return Err(Problem::new(
                    format!("{} names no error class", quoted(item)),
                    "give names such as TypeError,NondeterminismError or order:TypeError, separated by commas",
                ));
            }
            match workflow {
                None | Some("*") => types.everywhere.push(error.to_owned()),
                Some(workflow) => {
                    let names = types.by_workflow_type.entry(workflow.to_owned());
                    names.or_default().push(error.to_owned());
                }
            }
        }
        Ok(types)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_alone_or_behind_a_workflow_type() {
        let types = FailureErrorTypes::parse("TypeError, order:Error, *:RangeError").unwrap();
        assert_eq!(types.everywhere, ["TypeError", "RangeError"]);
        assert_eq!(types.by_workflow_type["order"], ["Error"]);
        assert_eq!(types.to_string(), "TypeError,RangeError,order:Error");
    }

    #[test]
    fn empty_names_are_refused() {
        for text in ["", "TypeError,", "order:", ":Error"] {
            assert!(FailureErrorTypes::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn nondeterminism_is_meant_by_its_names_and_by_every_error() {
        let named = |name: &str| FailureErrorTypes::include_nondeterminism(&[name.to_owned()]);
        assert!(
            named("NondeterminismError") && named("DeterminismViolationError") && named("Error")
        );
        assert!(!named("TypeError"));
    }
}
