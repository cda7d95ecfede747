//! What the fuzz targets in `fuzz/` share with the property tests. With the feature `fuzzing` only, and no part of the
//! interface.

pub use crate::bridge::fuzzing::{check_frames, frames};
pub use crate::config::fuzzing::{check_settings, settings};
pub use crate::engine::transcode::fuzzing::{check_wire, messages};
pub use crate::replay::fuzzing::{check_history, histories};
