//! Whose payloads a codec is given.

/// The workflow or activity that payloads belong to: the one that will read or has written them, not the one that sends
/// them. The arguments of a child workflow belong to the child. As `SerializationContext` of the TypeScript SDK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SerializationContext {
    /// Payloads of a workflow.
    Workflow {
        /// Its namespace.
        namespace: String,
        /// Its workflow id.
        workflow_id: String,
    },
    /// Payloads of an activity.
    Activity {
        /// Its namespace.
        namespace: String,
        /// The workflow that scheduled it, if it was one.
        workflow_id: Option<String>,
        /// Its activity id.
        activity_id: Option<String>,
        /// Whether it is a local activity.
        is_local: bool,
    },
}
