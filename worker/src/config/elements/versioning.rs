//! `deployment-name`, `use-worker-versioning`, `default-versioning-behavior`, `use-versioning`: which workflows the
//! server gives to this version of the worker.

use std::fmt;

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::{name, quoted, yes_or_no};

/// What becomes of a running workflow when a newer version is deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersioningBehavior {
    /// It stays on the version that it began on.
    Pinned,
    /// It goes on with the newest version.
    AutoUpgrade,
}

impl fmt::Display for VersioningBehavior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pinned => "pinned",
            Self::AutoUpgrade => "auto-upgrade",
        })
    }
}

/// The deployment that this worker is a version of.
pub struct DeploymentName;

impl Element for DeploymentName {
    type Value = String;

    const KEY: Key = Key::worker("deployment-name", Group::Workflows, Shape::Text)
        .takes("NAME")
        .means("The deployment that this worker is a version of")
        .defaults_to("none");

    fn parse(text: &str) -> Result<String, Problem> {
        let deployment = name(text, "conversations")?;
        // The server writes a version as `NAME.BUILD-ID` or `NAME:BUILD-ID`, by its age.
        if deployment.contains(['.', ':']) {
            return Err(Problem::new(
                format!(
                    "{} holds a `.` or a `:`, which separate the name from the build id",
                    quoted(&deployment)
                ),
                "choose a name without them",
            ));
        }
        Ok(deployment)
    }
}

/// Whether the server gives this worker only workflows of its version.
pub struct UseWorkerVersioning;

impl Element for UseWorkerVersioning {
    type Value = bool;

    const KEY: Key = Key::worker("use-worker-versioning", Group::Workflows, Shape::Boolean)
        .takes("true|false")
        .means("Whether the server gives this worker only workflows of its version")
        .defaults_to("false");

    fn parse(text: &str) -> Result<bool, Problem> {
        yes_or_no(text)
    }
}

/// The behaviour of workflows that name none by `setWorkflowOptions` or `defineWorkflowWithOptions`.
pub struct DefaultVersioningBehavior;

impl Element for DefaultVersioningBehavior {
    type Value = VersioningBehavior;

    const KEY: Key = Key::worker("default-versioning-behavior", Group::Workflows, Shape::Text)
        .takes("BEHAVIOR")
        .means("pinned or auto-upgrade, for workflows that name none")
        .required("with --use-worker-versioning");

    fn parse(text: &str) -> Result<VersioningBehavior, Problem> {
        match text.trim() {
            "pinned" | "PINNED" => Ok(VersioningBehavior::Pinned),
            "auto-upgrade" | "AUTO_UPGRADE" => Ok(VersioningBehavior::AutoUpgrade),
            other => Err(Problem::new(
                format!("{} is no versioning behaviour", quoted(other)),
                "give pinned or auto-upgrade",
            )),
        }
    }
}

/// Temporal's older versioning by build id alone, which servers have given up for deployments.
pub struct UseVersioning;

impl Element for UseVersioning {
    type Value = bool;

    const KEY: Key = Key::worker("use-versioning", Group::Workflows, Shape::Boolean)
        .takes("true|false")
        .means("The older versioning by --build-id alone, which servers have given up")
        .defaults_to("false");

    fn parse(text: &str) -> Result<bool, Problem> {
        yes_or_no(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behaviours_are_read_as_they_are_printed_and_as_node_names_them() {
        for behavior in [VersioningBehavior::Pinned, VersioningBehavior::AutoUpgrade] {
            let text = behavior.to_string();
            assert_eq!(DefaultVersioningBehavior::parse(&text), Ok(behavior));
            let node = text.to_uppercase().replace('-', "_");
            assert_eq!(DefaultVersioningBehavior::parse(&node), Ok(behavior));
        }
        assert!(DefaultVersioningBehavior::parse("none").is_err());
    }

    #[test]
    fn a_deployment_name_keeps_clear_of_the_separators() {
        assert_eq!(DeploymentName::parse("chat-bots").unwrap(), "chat-bots");
        for text in ["a.b", "a:b", ""] {
            assert!(DeploymentName::parse(text).is_err(), "{text}");
        }
    }
}
