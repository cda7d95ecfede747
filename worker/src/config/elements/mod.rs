//! One file for each setting or family of settings: type, parser, default with its reason, tests.

pub mod activity_limits;
mod activity_store;
mod build_id;
mod bundle;
mod cache_memory;
pub mod client;
pub mod codec;
mod context;
mod encode_common_attributes;
mod failure_error_types;
mod heap_snapshot_dir;
pub mod identity;
mod inactive_patches;
pub mod isolates;
pub mod log;
mod log_sinks;
mod max_cached_workflows;
mod memory;
mod memory_overflow_dir;
pub mod memory_shares;
mod path;
mod payload_error_limit;
pub mod poller_behavior;
pub mod pollers;
pub mod pressure;
mod share_modules;
pub mod slot_suppliers;
pub mod slots;
mod stack_traces;
pub mod status_addr;
pub mod task_queue;
pub mod timeouts;
pub mod versioning;
pub mod worker_heartbeat;
pub mod workflow_memory_budget;

pub use activity_store::ActivityStore;
pub use build_id::BuildId;
pub use bundle::Bundle;
pub use cache_memory::CacheMemory;
pub use context::Context;
pub use encode_common_attributes::EncodeCommonAttributes;
pub use failure_error_types::FailureErrorTypes;
pub use heap_snapshot_dir::HeapSnapshotDir;
pub use identity::Identity;
pub use inactive_patches::InactivePatches;
pub use isolates::Isolates;
pub use log::{LogFilter, LogFormat};
pub use log_sinks::{LogSinks, RESERVED_SINK_PREFIX};
pub use max_cached_workflows::MaxCachedWorkflows;
pub use memory::{MaxHeapPerIsolate, MemoryLimit};
pub use memory_overflow_dir::MemoryOverflowDir;
pub use payload_error_limit::DisablePayloadErrorLimit;
pub use share_modules::ShareModules;
pub use stack_traces::{ShowStackTraceSources, StackTraces};
pub use status_addr::StatusAddr;
pub use task_queue::TaskQueue;
pub use worker_heartbeat::WorkerHeartbeatInterval;

use super::key::{Element, Key};

/// Every setting, in the order of `burdock config`.
pub const KEYS: [Key; 86] = [
    Bundle::KEY,
    BuildId::KEY,
    versioning::DeploymentName::KEY,
    versioning::UseWorkerVersioning::KEY,
    versioning::DefaultVersioningBehavior::KEY,
    versioning::UseVersioning::KEY,
    timeouts::WorkflowTimeout::KEY,
    Context::KEY,
    ShareModules::KEY,
    FailureErrorTypes::KEY,
    InactivePatches::KEY,
    StackTraces::KEY,
    ShowStackTraceSources::KEY,
    slots::WorkflowSlots::KEY,
    slot_suppliers::WorkflowSlotSupplier::KEY,
    slot_suppliers::MinWorkflowSlots::KEY,
    slot_suppliers::WorkflowSlotRampThrottle::KEY,
    slot_suppliers::TargetMemoryUsage::KEY,
    slot_suppliers::TargetCpuUsage::KEY,
    MaxCachedWorkflows::KEY,
    Isolates::KEY,
    pollers::WorkflowPollers::KEY,
    poller_behavior::WorkflowPollerBehavior::KEY,
    poller_behavior::MinWorkflowPollers::KEY,
    poller_behavior::InitialWorkflowPollers::KEY,
    pollers::NonstickyToStickyPollRatio::KEY,
    timeouts::StickyQueueScheduleToStartTimeout::KEY,
    MemoryLimit::KEY,
    memory_shares::MemoryBase::KEY,
    memory_shares::MemoryCore::KEY,
    memory_shares::MemoryHeaps::KEY,
    memory_shares::MemorySlack::KEY,
    memory_shares::MemoryReserve::KEY,
    MaxHeapPerIsolate::KEY,
    CacheMemory::KEY,
    workflow_memory_budget::WorkflowMemoryBudget::KEY,
    workflow_memory_budget::WorkflowMemoryBudgetPolicy::KEY,
    workflow_memory_budget::WorkflowMemoryBudgetTries::KEY,
    pressure::PressureElevated::KEY,
    pressure::PressureHigh::KEY,
    pressure::PressureCritical::KEY,
    MemoryOverflowDir::KEY,
    slots::ActivitySlots::KEY,
    slot_suppliers::ActivitySlotSupplier::KEY,
    slot_suppliers::MinActivitySlots::KEY,
    slot_suppliers::ActivitySlotRampThrottle::KEY,
    slots::LocalActivitySlots::KEY,
    slot_suppliers::LocalActivitySlotSupplier::KEY,
    slot_suppliers::MinLocalActivitySlots::KEY,
    slot_suppliers::LocalActivitySlotRampThrottle::KEY,
    pollers::ActivityPollers::KEY,
    poller_behavior::ActivityPollerBehavior::KEY,
    poller_behavior::MinActivityPollers::KEY,
    poller_behavior::InitialActivityPollers::KEY,
    activity_limits::MaxActivitiesPerSecond::KEY,
    activity_limits::MaxTaskQueueActivitiesPerSecond::KEY,
    activity_limits::MaxEagerActivityReservations::KEY,
    activity_limits::DefaultHeartbeatThrottleInterval::KEY,
    activity_limits::MaxHeartbeatThrottleInterval::KEY,
    EncodeCommonAttributes::KEY,
    ActivityStore::KEY,
    codec::CodecServerEndpoint::KEY,
    codec::CodecAuth::KEY,
    codec::CodecAesGcmKey::KEY,
    codec::CodecTimeout::KEY,
    TaskQueue::KEY,
    Identity::KEY,
    WorkerHeartbeatInterval::KEY,
    DisablePayloadErrorLimit::KEY,
    client::ServerAddress::KEY,
    client::Namespace::KEY,
    client::ServerApiKey::KEY,
    client::Tls::KEY,
    client::TlsServerName::KEY,
    client::TlsCaPath::KEY,
    client::TlsCertPath::KEY,
    client::TlsKeyPath::KEY,
    client::Profile::KEY,
    client::TemporalConfig::KEY,
    timeouts::ConnectTimeout::KEY,
    StatusAddr::KEY,
    LogFormat::KEY,
    LogFilter::KEY,
    LogSinks::KEY,
    HeapSnapshotDir::KEY,
    timeouts::ShutdownGraceTime::KEY,
];

/// The setting of this name.
#[must_use]
pub fn key(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_variables_are_unique() {
        let mut names = KEYS.map(|key| key.name).to_vec();
        let mut variables = KEYS.map(|key| key.variable()).to_vec();
        names.sort_unstable();
        names.dedup();
        variables.sort_unstable();
        variables.dedup();
        assert_eq!((names.len(), variables.len()), (KEYS.len(), KEYS.len()));
    }

    #[test]
    fn names_are_kebab_case() {
        for key in KEYS {
            assert!(
                key.name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b == b'-')
            );
            assert_eq!(super::key(key.name), Some(&key));
        }
    }

    #[test]
    fn every_setting_is_described() {
        for key in KEYS {
            assert!(
                !key.value_name.is_empty() && !key.meaning.is_empty(),
                "{key:?}"
            );
        }
    }

    #[test]
    fn settings_of_a_group_stand_together() {
        let mut groups = KEYS.map(|key| key.group).to_vec();
        groups.dedup();
        assert!(groups.is_sorted(), "{groups:?}");
    }
}
