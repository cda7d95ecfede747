//! Values with a unit, and how they are read and printed.

mod boolean;
mod byte_size;
mod decimal;
mod duration;
mod number;
mod text;

pub(super) use boolean::boolean;
pub use byte_size::ByteSize;
pub(super) use duration::{duration_between, duration_text};
pub(super) use number::{positive_rate, ratio, whole_number};
pub(super) use text::{name, quoted};
