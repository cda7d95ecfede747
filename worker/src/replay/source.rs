//! Where histories come from: files and folders, or a server.

use std::path::{Path, PathBuf};

use super::file::EXTENSIONS;
use super::server::Server;

/// Folders within folders that are searched; deeper ones are a loop of mounts.
const DEPTH_MAX: usize = 64;

/// What is to be replayed.
pub enum Source {
    /// Files, and folders with all below them.
    Paths(Vec<PathBuf>),
    /// One execution; of several runs the latest unless one is named.
    Execution {
        /// Where.
        server: Server,
        /// Workflow id.
        workflow_id: String,
        /// Run id.
        run_id: Option<String>,
    },
    /// Every execution that a visibility query finds.
    Query {
        /// Where.
        server: Server,
        /// In the server's query language.
        query: String,
    },
}

/// One history that is to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Candidate {
    File(PathBuf),
    Execution {
        workflow_id: String,
        run_id: String,
    },
    /// Something that was named and cannot be looked into.
    Missing {
        name: String,
        message: String,
    },
}

impl Candidate {
    /// What reports call it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Execution {
                workflow_id,
                run_id,
            } if run_id.is_empty() => workflow_id.clone(),
            Self::Execution {
                workflow_id,
                run_id,
            } => format!("{workflow_id}/{run_id}"),
            Self::Missing { name, .. } => name.clone(),
        }
    }
}

/// Every file that is named, and every history file in the folders that are, in the order of their names.
pub(super) fn find_files(paths: &[PathBuf]) -> Vec<Candidate> {
    let mut found = Vec::new();
    for path in paths {
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => search(path, DEPTH_MAX, &mut found),
            Ok(_) => found.push(Candidate::File(path.clone())),
            Err(error) => found.push(missing(path, &error)),
        }
    }
    found
}

fn search(folder: &Path, depth_left: usize, found: &mut Vec<Candidate>) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return found.push(missing(folder, &error)),
    };
    let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        // A link to a folder may lead back up.
        let is_folder = std::fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_dir());
        if is_folder && depth_left > 0 {
            search(&path, depth_left - 1, found);
        } else if !is_folder && has_history_extension(&path) {
            found.push(Candidate::File(path));
        }
    }
}

fn has_history_extension(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| EXTENSIONS.contains(&extension.to_ascii_lowercase().as_str()))
}

fn missing(path: &Path, error: &std::io::Error) -> Candidate {
    Candidate::Missing {
        name: path.display().to_string(),
        message: format!("cannot be read: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_searched_for_histories_and_files_are_taken_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        for name in ["z.json", "a/b/x.bin", "a/y.BINPB", "a/readme.md", "plain"] {
            std::fs::write(root.join(name), "").unwrap();
        }
        std::os::unix::fs::symlink(root, root.join("a/loop")).unwrap();
        let names = |paths: &[PathBuf]| -> Vec<String> {
            let prefix = format!("{}/", root.display());
            let found = find_files(paths);
            found
                .iter()
                .map(|candidate| candidate.name().replace(&prefix, ""))
                .collect()
        };
        assert_eq!(
            names(&[root.to_owned()]),
            ["a/b/x.bin", "a/y.BINPB", "z.json"]
        );
        assert_eq!(
            names(&[root.join("plain"), root.join("z.json")]),
            ["plain", "z.json"]
        );
    }

    #[test]
    fn what_is_not_there_is_reported_by_its_name() {
        let found = find_files(&["no/such/folder".into()]);
        assert!(
            matches!(&found[..], [Candidate::Missing { name, message }]
                if name == "no/such/folder" && message.starts_with("cannot be read")),
            "{found:?}"
        );
    }
}
