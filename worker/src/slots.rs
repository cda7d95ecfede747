//! Slots: how many tasks of a kind the worker takes at a time, decided by code of the program's own.
//!
//! A supplier is asked for a slot before each poll, hears when the slot is used, and gets it back. The traits are
//! sdk-core's. [`WorkerExtensions`](crate::lifecycle::WorkerExtensions) takes suppliers by kind; the settings
//! `workflow-slot-supplier` and its like choose between the two that sdk-core brings along.
#![forbid(unsafe_code)]

use std::sync::Arc;

pub use async_trait::async_trait;
pub use temporalio_sdk_core::{
    ActivitySlotKind, FixedSizeSlotSupplier, LocalActivitySlotKind, SlotInfo, SlotInfoTrait,
    SlotKind, SlotMarkUsedContext, SlotReleaseContext, SlotReservationContext, SlotSupplier,
    SlotSupplierPermit, WorkflowSlotKind,
};

/// A supplier that the worker keeps for its life.
pub type SharedSlotSupplier<K> = Arc<dyn SlotSupplier<SlotKind = K> + Send + Sync>;
