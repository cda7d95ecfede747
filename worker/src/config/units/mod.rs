//! Values with a unit, and how they are read and printed.

mod byte_size;
mod decimal;
mod duration;
mod number;
mod percent;
mod text;

pub use byte_size::ByteSize;
pub(super) use duration::{duration_between, duration_text};
pub(super) use number::{positive_rate, ratio, share, whole_number};
pub(super) use percent::{memory_share, percent};
pub(super) use text::{name, quoted, yes_or_no};
