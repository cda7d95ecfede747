//! sdk-core's versioning strategy from our settings.

use temporalio_common::worker::{
    VersioningBehavior as CoreBehavior, WorkerDeploymentOptions, WorkerDeploymentVersion,
};
use temporalio_sdk_core::WorkerVersioningStrategy;

use crate::config::VersioningConfig;
use crate::config::elements::versioning::VersioningBehavior;

/// How the server routes by `build_id`, which is the one that is set or one that was derived.
pub(super) fn versioning_strategy(
    versioning: &VersioningConfig,
    build_id: String,
) -> WorkerVersioningStrategy {
    if *versioning.use_versioning {
        return WorkerVersioningStrategy::LegacyBuildIdBased { build_id };
    }
    let Some(deployment_name) = versioning.deployment_name.as_ref() else {
        return WorkerVersioningStrategy::None { build_id };
    };
    let version = WorkerDeploymentVersion::builder()
        .deployment_name(deployment_name.clone())
        .build_id(build_id)
        .build();
    let behavior = match *versioning.default_versioning_behavior {
        None => None,
        Some(VersioningBehavior::Pinned) => Some(CoreBehavior::Pinned),
        Some(VersioningBehavior::AutoUpgrade) => Some(CoreBehavior::AutoUpgrade),
    };
    WorkerVersioningStrategy::WorkerDeploymentBased(
        WorkerDeploymentOptions::new(version)
            .use_worker_versioning(*versioning.use_worker_versioning)
            .maybe_default_versioning_behavior(behavior)
            .build(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::test_config::config;

    fn strategy(line: &[&str]) -> WorkerVersioningStrategy {
        versioning_strategy(&config(line).versioning, "derived".to_owned())
    }

    #[test]
    fn without_versioning_the_build_id_only_names_the_worker() {
        let WorkerVersioningStrategy::None { build_id } = strategy(&[]) else {
            panic!("versioned");
        };
        assert_eq!(build_id, "derived");
    }

    #[test]
    fn a_deployment_alone_is_reported_and_not_routed_by() {
        let WorkerVersioningStrategy::WorkerDeploymentBased(options) =
            strategy(&["--deployment-name=chat"])
        else {
            panic!("no deployment");
        };
        assert_eq!(options.version.deployment_name, "chat");
        assert!(!options.use_worker_versioning);
        assert_eq!(options.default_versioning_behavior, None);
    }

    #[test]
    fn a_versioned_worker_has_a_behaviour() {
        for (text, behavior) in [
            ("pinned", CoreBehavior::Pinned),
            ("auto-upgrade", CoreBehavior::AutoUpgrade),
        ] {
            let behavior_flag = format!("--default-versioning-behavior={text}");
            let strategy = strategy(&[
                "--deployment-name=chat",
                "--build-id=1",
                "--use-worker-versioning",
                &behavior_flag,
            ]);
            let WorkerVersioningStrategy::WorkerDeploymentBased(options) = strategy else {
                panic!("no deployment");
            };
            assert_eq!(options.default_versioning_behavior, Some(behavior));
            assert!(options.use_worker_versioning);
        }
    }

    #[test]
    fn the_older_versioning_goes_by_build_id_alone() {
        let strategy = strategy(&["--use-versioning", "--build-id=1"]);
        assert!(strategy.uses_build_id_based());
    }
}
