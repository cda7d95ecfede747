//! One file for each setting or family of settings: type, parser, default with its reason, tests.

pub mod activity_limits;
mod activity_store;
mod build_id;
mod bundle;
pub mod client;
pub mod codec;
pub mod identity;
pub mod isolates;
pub mod log;
pub mod max_cached_workflows;
mod memory;
mod path;
pub mod pollers;
pub mod slots;
pub mod status_addr;
pub mod task_queue;
pub mod timeouts;

pub use activity_store::ActivityStore;
pub use build_id::BuildId;
pub use bundle::Bundle;
pub use identity::Identity;
pub use isolates::Isolates;
pub use log::{LogFilter, LogFormat};
pub use max_cached_workflows::MaxCachedWorkflows;
pub use memory::{MaxHeapPerIsolate, MemoryLimit};
pub use status_addr::StatusAddr;
pub use task_queue::TaskQueue;

use super::key::{Element, Key};

/// Every setting, in the order of `burdock config`.
pub const KEYS: [Key; 41] = [
    Bundle::KEY,
    BuildId::KEY,
    timeouts::WorkflowTimeout::KEY,
    slots::WorkflowSlots::KEY,
    MaxCachedWorkflows::KEY,
    Isolates::KEY,
    pollers::WorkflowPollers::KEY,
    pollers::NonstickyToStickyPollRatio::KEY,
    timeouts::StickyQueueScheduleToStartTimeout::KEY,
    MemoryLimit::KEY,
    MaxHeapPerIsolate::KEY,
    slots::ActivitySlots::KEY,
    slots::LocalActivitySlots::KEY,
    pollers::ActivityPollers::KEY,
    activity_limits::MaxActivitiesPerSecond::KEY,
    activity_limits::MaxTaskQueueActivitiesPerSecond::KEY,
    activity_limits::MaxEagerActivityReservations::KEY,
    activity_limits::DefaultHeartbeatThrottleInterval::KEY,
    activity_limits::MaxHeartbeatThrottleInterval::KEY,
    ActivityStore::KEY,
    codec::CodecServerEndpoint::KEY,
    codec::CodecAuth::KEY,
    codec::CodecAesGcmKey::KEY,
    codec::CodecTimeout::KEY,
    TaskQueue::KEY,
    Identity::KEY,
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
    fn settings_of_a_group_stand_together() {
        let mut groups = KEYS.map(|key| key.group).to_vec();
        groups.dedup();
        assert!(groups.is_sorted(), "{groups:?}");
    }
}
