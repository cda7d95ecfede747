//! What the worker goes by: every value typed, with its source.

mod codec;
mod dev;
mod heap;
mod hosting;
mod memory;
mod replay;
mod settings;
mod sizing;
mod tuning;
mod versioning;
mod worker;

use std::path::PathBuf;

pub use codec::CodecConfig;
pub use dev::{DevConfig, DevServerConfig, TEMPORAL_CLI_VARIABLE, resolve_dev};
pub use heap::{HeapConfig, resolve_heap};
pub use hosting::{HostingConfig, resolve_hosting};
pub use memory::MemoryConfig;
pub use replay::{Histories, ReplayConfig, Selection, resolve_replay};
pub use tuning::{PollerScale, ResourceTargets, SlotSupply};
pub use versioning::VersioningConfig;
pub use worker::{WorkerConfig, resolve_worker};

use super::source::{Setting, Source};

/// A relative path in `burdock.toml` counts from that file's folder, so that the worker may start
/// anywhere; any other counts from the working folder, as a shell completes it.
pub(super) fn beside_its_file(path: Setting<PathBuf>) -> Setting<PathBuf> {
    let folder = match &path.source {
        Source::File { path, .. } => path.parent().map(PathBuf::from),
        _ => None,
    };
    path.map(|path| match folder {
        Some(folder) => folder.join(path),
        None => path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_in_the_file_count_from_its_folder() {
        let file = Source::File {
            path: "/etc/burdock.toml".into(),
            line: 1,
        };
        let resolve = |path: &str, source: &Source| {
            beside_its_file(Setting {
                value: path.into(),
                source: source.clone(),
            })
            .value
        };
        assert_eq!(resolve("b.js", &file), PathBuf::from("/etc/b.js"));
        assert_eq!(resolve("/b.js", &file), PathBuf::from("/b.js"));
        let flag = Source::Flag("bundle");
        assert_eq!(resolve("b.js", &flag), PathBuf::from("b.js"));
    }
}
