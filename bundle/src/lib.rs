//! Reads the workflow bundles that `bundleWorkflowCode` of npm `@temporalio/worker` writes.
//!
//! A bundle is one classic script that defines the global `__TEMPORAL__` and ends with its own
//! source map as a base64 comment. [`Bundle::load`] checks a file for everything that a host needs
//! of it, splits the map (two thirds of the file) from the script, and finds out which release of
//! the SDK the bundle carries. Nothing is executed here.
//!
//! - [`Bundle`]: the script, its name, its hash, its SDK version.
//! - [`SourceMap`]: positions in the script to positions in the `.ts` files, shared between
//!   isolates.
//! - [`SdkVersion`]: the release of `@temporalio/workflow` in the bundle, and which ones are
//!   supported.
//! - [`BundleError`]: one variant per remedy.
//! - [`render_excerpt`]: one source line with a caret, for syntax errors.

#![forbid(unsafe_code)]

mod bundle;
mod error;
mod excerpt;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod inline_map;
mod recognize;
mod sdk_version;
mod source_map;

pub use bundle::Bundle;
pub use error::{BundleError, Lookalike, MapDefect, MissingMap};
pub use excerpt::render_excerpt;
pub use sdk_version::{SUPPORTED_FIRST, SUPPORTED_LAST, SdkVersion};
pub use source_map::{OriginalPosition, SourceMap};
