//! Worker versioning: which of its settings go together. The rules are those of the Node worker's
//! `workerDeploymentOptions`, `buildId` and `useVersioning` (`worker-options.ts`).

use super::settings::Resolver;
use crate::config::elements::BuildId;
use crate::config::elements::versioning::{
    DefaultVersioningBehavior, DeploymentName, UseVersioning, UseWorkerVersioning,
    VersioningBehavior,
};
use crate::config::key::Element;
use crate::config::source::Setting;

/// The settings of worker versioning.
#[derive(Clone, Debug, PartialEq)]
pub struct VersioningConfig {
    /// Nothing: derive it from the bundle. There whenever one of the two switches is on.
    pub build_id: Setting<Option<String>>,
    /// There whenever `use_worker_versioning` is on.
    pub deployment_name: Setting<Option<String>>,
    /// Whether the server routes by deployment version.
    pub use_worker_versioning: Setting<bool>,
    /// There if and only if `use_worker_versioning` is on.
    pub default_versioning_behavior: Setting<Option<VersioningBehavior>>,
    /// Whether the server routes by build id alone; never together with a deployment.
    pub use_versioning: Setting<bool>,
}

impl Resolver<'_> {
    pub(super) fn versioning(&mut self) -> VersioningConfig {
        let build_id = self.take::<BuildId>();
        let deployment_name = self.take::<DeploymentName>();
        let behavior = self.take::<DefaultVersioningBehavior>();
        let use_worker_versioning = self.take::<UseWorkerVersioning>().or(false);
        let use_versioning = self.take::<UseVersioning>().or(false);
        // What is there and wrong is reported already; it is not missing.
        let is_absent = [
            build_id.is_absent(),
            deployment_name.is_absent(),
            behavior.is_absent(),
        ];
        let versioning = VersioningConfig {
            build_id: build_id.optional(Some("derived from the bundle")),
            deployment_name: deployment_name.optional(None),
            use_worker_versioning,
            default_versioning_behavior: behavior.optional(None),
            use_versioning,
        };
        self.check_versioning(&versioning, is_absent);
        versioning
    }

    fn check_versioning(
        &mut self,
        versioning: &VersioningConfig,
        [no_build_id, no_deployment, no_behavior]: [bool; 3],
    ) {
        if *versioning.use_worker_versioning {
            let because = " while `use-worker-versioning` is on";
            if no_build_id {
                self.missing::<BuildId>(because, "2026-07-31.4");
            }
            if no_deployment {
                self.missing::<DeploymentName>(because, "conversations");
            }
            if no_behavior {
                self.missing::<DefaultVersioningBehavior>(because, "pinned");
            }
        } else if versioning.default_versioning_behavior.is_some() {
            self.findings.contradiction(
                format!(
                    "`default-versioning-behavior` is given ({}), but `use-worker-versioning` is off",
                    versioning.default_versioning_behavior.source
                ),
                "set `use-worker-versioning` to true, or leave `default-versioning-behavior` out",
            );
        }
        if !*versioning.use_versioning {
            return;
        }
        if no_build_id {
            self.missing::<BuildId>(" while `use-versioning` is on", "2026-07-31.4");
        }
        if *versioning.use_worker_versioning || versioning.deployment_name.is_some() {
            self.findings.contradiction(
                format!(
                    "`use-versioning` is on ({}), which knows no deployments, but `deployment-name` or \
                     `use-worker-versioning` is given",
                    versioning.use_versioning.source
                ),
                "leave `use-versioning` out: servers have given it up for deployments",
            );
        }
    }

    fn missing<E: Element>(&mut self, because: &'static str, example: &'static str) {
        if !self.file_is_broken() {
            self.findings.missing(&E::KEY, because, example);
        }
    }
}
