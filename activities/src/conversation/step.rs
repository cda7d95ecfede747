//! The step of a campaign that a message belongs to.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

/// A step, by number or by name. `3` and `"3"` are the same step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step(String);

impl Step {
    /// The step as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Step {
    fn from(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StepVisitor)
    }
}

struct StepVisitor;

impl Visitor<'_> for StepVisitor {
    type Value = Step;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the number or the name of a step")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Step, E> {
        Ok(Step(number.to_string()))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Step, E> {
        Ok(Step(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, json};

    #[test]
    fn a_step_is_a_number_or_a_name() {
        assert_eq!(from_value::<Step>(json!(3)).unwrap(), Step::from("3"));
        assert_eq!(
            from_value::<Step>(json!("intro")).unwrap().as_str(),
            "intro"
        );
    }

    #[test]
    fn anything_else_is_refused_with_what_was_expected() {
        for wrong in [json!(-1), json!(1.5), json!(null), json!({})] {
            let error = from_value::<Step>(wrong).unwrap_err().to_string();
            assert!(
                error.contains("the number or the name of a step"),
                "{error}"
            );
        }
    }
}
