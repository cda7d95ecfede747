//! The resolved configuration of the commands that host workflows without being a worker.

use std::path::PathBuf;
use std::time::Duration;

use super::{CodecConfig, beside_its_file};
use crate::config::client::{self, ClientConfig};
use crate::config::elements::client::{NAMESPACE_DEFAULT, Namespace};
use crate::config::elements::timeouts::{
    CONNECT_TIMEOUT_DEFAULT, ConnectTimeout, WORKFLOW_TIMEOUT_DEFAULT, WorkflowTimeout,
};
use crate::config::elements::{
    Bundle, Context, FailureErrorTypes, Isolates, LogFilter, MaxHeapPerIsolate, ShareModules,
    TaskQueue,
};
use crate::config::environment::Surroundings;
use crate::config::error::{ConfigErrors, Warning};
use crate::config::findings::{Findings, Taken};
use crate::config::given::{Given, HostingFlags, WorkerFlags};
use crate::config::key::Element as _;
use crate::config::source::Setting;
use crate::config::units::ByteSize;
use crate::engine::{ContextMode, ModuleSharing};

/// The task queue of workflows that no worker polls. Histories say on which queue their workflow ran; this one is for
/// the worker's own part of `workflowInfo()`.
const TASK_QUEUE_DEFAULT: &str = "burdock-replay";

/// What these commands report belongs to histories and activations; sdk-core and the worker stay quiet.
const LOG_FILTER_DEFAULT: &str = "error";

/// What the isolates are made from.
#[derive(Clone, Debug)]
pub struct HostingConfig {
    /// The bundle file.
    pub bundle: Setting<PathBuf>,
    /// The longest entry into workflow code.
    pub workflow_timeout: Setting<Duration>,
    /// Names of the activities that count as registered.
    pub activity_names: Vec<String>,
    /// Isolate threads.
    pub isolates: Setting<usize>,
    /// Nothing: V8's own default.
    pub max_heap_per_isolate: Setting<Option<ByteSize>>,
    /// Which runs share a V8 context.
    pub context: Setting<ContextMode>,
    /// Whether runs share the modules of the bundle.
    pub share_modules: Setting<ModuleSharing>,
    /// Errors that fail a workflow and not its task.
    pub workflow_failure_error_types: Setting<Option<FailureErrorTypes>>,
    /// What changed payloads on their way to the server.
    pub codec: CodecConfig,
    /// The namespace.
    pub namespace: Setting<String>,
    /// The task queue.
    pub task_queue: Setting<String>,
    /// A filter that `tracing_subscriber::EnvFilter` reads.
    pub log_filter: Setting<String>,
    /// What works but looks unintended; to be logged.
    pub warnings: Vec<Warning>,
}

/// Resolves what the isolates of `burdock activate` are made from; `isolates_default` is their number unless said.
///
/// # Errors
/// Every mistake in flags, variables and files, together.
pub fn resolve_hosting(
    flags: &HostingFlags,
    surroundings: &Surroundings,
    isolates_default: usize,
) -> Result<HostingConfig, ConfigErrors> {
    let given = Given::gather(&flags.as_worker_flags(), &surroundings.environment);
    resolve(flags, given, isolates_default, |_, _| Some(())).map(|(config, ())| config)
}

/// The same with the settings of a client, whose flags are in `worker_flags`, and how long to try to reach the server.
pub(super) fn resolve_hosting_with_client(
    flags: &HostingFlags,
    worker_flags: &WorkerFlags,
    surroundings: &Surroundings,
    isolates_default: usize,
) -> Result<(HostingConfig, ClientConfig, Duration), ConfigErrors> {
    let environment = &surroundings.environment;
    let given = Given::gather(worker_flags, environment);
    let (config, (client, timeout)) =
        resolve(flags, given, isolates_default, |given, findings| {
            let timeout = findings
                .take::<ConnectTimeout>(given)
                .or(CONNECT_TIMEOUT_DEFAULT);
            let client = client::resolve(given, environment, findings)?.config;
            Some((client, timeout.value))
        })?;
    Ok((config, client, timeout))
}

fn resolve<C>(
    flags: &HostingFlags,
    mut given: Given,
    isolates_default: usize,
    client: impl FnOnce(&Given, &mut Findings) -> Option<C>,
) -> Result<(HostingConfig, C), ConfigErrors> {
    let mut findings = Findings {
        errors: std::mem::take(&mut given.errors),
        ..Findings::default()
    };
    let config = hosting(flags, &given, isolates_default, &mut findings);
    let client = client(&given, &mut findings);
    match (config, client) {
        (Some(mut config), Some(client)) if findings.errors.is_empty() => {
            config.warnings = findings.warnings;
            Ok((config, client))
        }
        // Nothing comes back only where something was reported.
        _ => Err(ConfigErrors::new(findings.errors)),
    }
}

fn hosting(
    flags: &HostingFlags,
    given: &Given,
    isolates_default: usize,
    findings: &mut Findings,
) -> Option<HostingConfig> {
    let bundle = findings.take::<Bundle>(given);
    if matches!(bundle, Taken::Absent) && !given.file_is_broken {
        findings.missing(&Bundle::KEY, "", "dist/workflow-bundle.js");
    }
    Some(HostingConfig {
        workflow_timeout: findings
            .take::<WorkflowTimeout>(given)
            .or(WORKFLOW_TIMEOUT_DEFAULT),
        activity_names: flags.activity.clone(),
        isolates: findings.take::<Isolates>(given).or(isolates_default),
        max_heap_per_isolate: findings
            .take::<MaxHeapPerIsolate>(given)
            .optional(Some("V8's own")),
        context: findings.take::<Context>(given).or(ContextMode::default()),
        share_modules: findings
            .take::<ShareModules>(given)
            .or(ModuleSharing::default()),
        workflow_failure_error_types: findings
            .take::<FailureErrorTypes>(given)
            .optional(Some("failures of the SDK alone")),
        codec: CodecConfig::resolve(given, findings),
        namespace: findings
            .take::<Namespace>(given)
            .or(NAMESPACE_DEFAULT.to_owned()),
        task_queue: findings
            .take::<TaskQueue>(given)
            .or(TASK_QUEUE_DEFAULT.to_owned()),
        log_filter: findings
            .take::<LogFilter>(given)
            .or(LOG_FILTER_DEFAULT.to_owned()),
        warnings: Vec::new(),
        // Stands last: an early end before the other settings would hide mistakes.
        bundle: beside_its_file(bundle.given()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::environment::Environment;
    use crate::config::source::Source;

    fn resolve_with<const N: usize>(
        flags: &HostingFlags,
        pairs: [(&str, &str); N],
    ) -> Result<HostingConfig, ConfigErrors> {
        let surroundings = Surroundings {
            environment: Environment::from(pairs),
            process_id: 7,
            host_name: "h".to_owned(),
        };
        resolve_hosting(flags, &surroundings, 3)
    }

    #[test]
    fn only_the_bundle_must_be_said() {
        let errors = resolve_with(&HostingFlags::default(), []).unwrap_err();
        assert!(errors.to_string().contains("`bundle`"), "{errors}");
        let config = resolve_with(&HostingFlags::default(), [("BURDOCK_BUNDLE", "b.js")]).unwrap();
        assert_eq!(*config.bundle, PathBuf::from("b.js"));
        assert_eq!(*config.isolates, 3);
        assert_eq!(*config.namespace, "default");
    }

    #[test]
    fn a_flag_wins_over_a_variable() {
        let flags = HostingFlags {
            bundle: Some("a.js".to_owned()),
            isolates: Some("2".to_owned()),
            ..HostingFlags::default()
        };
        let config = resolve_with(&flags, [("BURDOCK_ISOLATES", "4")]).unwrap();
        assert_eq!(*config.isolates, 2);
        assert_eq!(config.isolates.source, Source::Flag("isolates"));
    }

    #[test]
    fn all_mistakes_come_together() {
        let flags = HostingFlags {
            isolates: Some("0".to_owned()),
            workflow_timeout: Some("soon".to_owned()),
            ..HostingFlags::default()
        };
        let errors = resolve_with(&flags, []).unwrap_err();
        assert_eq!(errors.errors().len(), 3, "{errors}");
    }

    #[test]
    fn settings_of_a_server_are_passed_over_where_none_is_asked() {
        let flags = HostingFlags {
            bundle: Some("a.js".to_owned()),
            ..HostingFlags::default()
        };
        let config = resolve_with(&flags, [("TEMPORAL_CONFIG_FILE", "no/such.toml")]);
        assert!(config.is_ok());
    }
}
