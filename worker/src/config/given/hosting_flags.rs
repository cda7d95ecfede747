//! The flags of the commands that host workflows without being a worker: `burdock activate`, `burdock replay`.

use clap::Args;

use super::WorkerFlags;
use crate::config::elements::client::Namespace;
use crate::config::elements::timeouts::WorkflowTimeout;
use crate::config::elements::{
    Bundle, Context, FailureErrorTypes, Isolates, LogFilter, MaxHeapPerIsolate, ShareModules,
    TaskQueue,
};
use crate::config::key::Element;

/// What the isolates are made from. A subset of the worker's flags; every setting may stand in burdock.toml or in the
/// environment here as there.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(allow_negative_numbers = true)]
pub struct HostingFlags {
    /// A TOML file with settings of the worker [env: BURDOCK_CONFIG]
    #[arg(long, value_name = "FILE")]
    pub config: Option<String>,

    /// The workflow bundle that `bundleWorkflowCode` of npm `@temporalio/worker` wrote [required]
    #[arg(long, value_name = "FILE", help_heading = "Workflows")]
    pub bundle: Option<String>,

    /// Stops an entry into workflow code that runs longer; its workflow task fails [default: 5s]
    #[arg(long, value_name = "DURATION", help_heading = "Workflows")]
    pub workflow_timeout: Option<String>,

    /// Which runs share a V8 context: `shared` for all of an isolate, `per-workflow` for none [default: shared]
    #[arg(long, value_name = "MODE", help_heading = "Workflows")]
    pub context: Option<String>,

    /// Whether runs in a shared context share the modules of the bundle: `off`, `on`, or `audit` to check after each
    /// run that it left no trace [default: off]
    #[arg(long, value_name = "WHEN", help_heading = "Workflows")]
    pub share_modules: Option<String>,

    /// Errors that fail a workflow instead of its task: class names, or `WORKFLOW_TYPE:ERROR`, separated by commas
    #[arg(long, value_name = "ERRORS", help_heading = "Workflows")]
    pub workflow_failure_error_types: Option<String>,

    /// An activity that a worker of these workflows runs, once for each; local activities must be among them
    #[arg(long, value_name = "NAME", help_heading = "Workflows")]
    pub activity: Vec<String>,

    /// V8 isolates, each on its own thread, from 1 to 64
    /// [default: `burdock replay` one for each core, `burdock activate` 1]
    #[arg(long, value_name = "N", help_heading = "Workflows")]
    pub isolates: Option<String>,

    /// Heap that one isolate may take, for example 1GiB [default: V8's own]
    #[arg(long, value_name = "SIZE", help_heading = "Workflows")]
    pub max_heap_per_isolate: Option<String>,

    /// The namespace, for workflowInfo() and for the server [default: default]
    #[arg(long, value_name = "NAME", help_heading = "Workflows")]
    pub namespace: Option<String>,

    /// The task queue, for workflowInfo() [default: burdock-replay]
    #[arg(long, value_name = "NAME", help_heading = "Workflows")]
    pub task_queue: Option<String>,

    /// Levels of the log by module, for example warn,burdock_worker=debug [default: error]
    #[arg(long, value_name = "FILTER", help_heading = "Observability")]
    pub log_filter: Option<String>,
}

impl HostingFlags {
    /// The same flags as the worker has them; all others are not given.
    pub(in crate::config) fn as_worker_flags(&self) -> WorkerFlags {
        let flags = WorkerFlags::of([
            (Bundle::KEY, self.bundle.clone()),
            (WorkflowTimeout::KEY, self.workflow_timeout.clone()),
            (Context::KEY, self.context.clone()),
            (ShareModules::KEY, self.share_modules.clone()),
            (
                FailureErrorTypes::KEY,
                self.workflow_failure_error_types.clone(),
            ),
            (Isolates::KEY, self.isolates.clone()),
            (MaxHeapPerIsolate::KEY, self.max_heap_per_isolate.clone()),
            (Namespace::KEY, self.namespace.clone()),
            (TaskQueue::KEY, self.task_queue.clone()),
            (LogFilter::KEY, self.log_filter.clone()),
        ]);
        flags.with_config(self.config.clone())
    }
}
