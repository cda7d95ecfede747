//! Loading a bundle: read, recognize, split.

use std::{
    fs::File,
    io::{self, Read},
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use sha2::{Digest, Sha256};

use crate::{
    error::{BundleError, MissingMap},
    inline_map::{self, InlineMap},
    recognize,
    sdk_version::SdkVersion,
    source_map::{Contents, SourceMap},
};

/// V8's longest string is 2^29 - 24 UTF-16 units (`String::kMaxLength`); no script can be longer.
const FILE_BYTES_MAX: u64 = (1 << 29) - 24;

/// A workflow bundle that passed all checks that can be made without running it.
#[derive(Debug, Clone)]
pub struct Bundle {
    file_name: String,
    code: Arc<str>,
    sha256_hex: String,
    sdk: SdkVersion,
    source_map: Arc<SourceMap>,
}

impl Bundle {
    /// Reads the bundle at `path`.
    pub fn load(path: &Path) -> Result<Self, BundleError> {
        let path = absolute(path).map_err(|cause| BundleError::Unreadable {
            path: path.into(),
            cause,
        })?;
        let text = read_text(&path)?;
        let file_name = path.to_string_lossy().into_owned();
        Self::build(file_name, text, Some(path))
    }

    /// Takes the text of a bundle that is already in memory. `file_name` is what messages and stack
    /// traces call it.
    pub fn from_source(file_name: impl Into<String>, text: String) -> Result<Self, BundleError> {
        Self::build(file_name.into(), text, None)
    }

    fn build(file: String, text: String, path: Option<PathBuf>) -> Result<Self, BundleError> {
        let (sdk, found) = match check(&text) {
            Ok(parts) => parts,
            Err(refusal) => return Err(refusal.of_file(file)),
        };
        let sha256 = sha256(&text);
        let url = &text[found.url];
        let contents = match path {
            Some(path) => Contents::File { path, sha256 },
            None => Contents::DataUrl(url.into()),
        };
        let source_map =
            match inline_map::decode(url).and_then(|json| SourceMap::from_json(&json, contents)) {
                Ok(map) => Arc::new(map),
                Err(defect) => return Err(BundleError::DamagedSourceMap { file, defect }),
            };
        let code = inline_map::strip(text, found.comment);
        Ok(Self {
            file_name: file,
            code: code.into(),
            sha256_hex: hex(&sha256),
            sdk,
            source_map,
        })
    }

    /// The name of the script for V8: the absolute path of the file, without `.` and `..`, as
    /// Node's worker names it.
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// The script to run, without the source map comment. Line numbers are those of the file.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The same as [`code`](Self::code), to share it.
    pub fn shared_code(&self) -> Arc<str> {
        Arc::clone(&self.code)
    }

    /// SHA-256 of the whole text of the file, map included, in lower-case hexadecimal. Node's
    /// worker hashes the same text for its default build id if it was given the file by its
    /// absolute path. (Given a relative path, it first rewrites the map's `file`, and the hash
    /// depends on the working directory.)
    pub fn sha256_hex(&self) -> &str {
        &self.sha256_hex
    }

    /// The release of the Temporal TypeScript SDK that the bundle carries.
    pub fn sdk(&self) -> &SdkVersion {
        &self.sdk
    }

    /// The source map of the script.
    pub fn source_map(&self) -> &Arc<SourceMap> {
        &self.source_map
    }
}

/// A [`BundleError`] about the text of a file, before the file's name is put in.
enum Refusal {
    Empty,
    NotABundle(crate::Lookalike),
    UnsupportedSdk(SdkVersion),
    NoModuleCache(SdkVersion),
    NoSourceMap(MissingMap),
}

impl Refusal {
    fn of_file(self, file: String) -> BundleError {
        match self {
            Self::Empty => BundleError::Empty { file },
            Self::NotABundle(lookalike) => BundleError::NotABundle { file, lookalike },
            Self::UnsupportedSdk(found) => BundleError::UnsupportedSdk { file, found },
            Self::NoModuleCache(sdk) => BundleError::NoModuleCache { file, sdk },
            Self::NoSourceMap(found) => BundleError::NoSourceMap { file, found },
        }
    }
}

/// The checks of the text, in the order in which their remedies make sense.
fn check(text: &str) -> Result<(SdkVersion, InlineMap), Refusal> {
    if text.trim_start_matches('\u{feff}').trim_start().is_empty() {
        return Err(Refusal::Empty);
    }
    let found = inline_map::find(text);
    // The map is base64 without any mark, and the larger part of the file.
    let code = found
        .as_ref()
        .map_or(text, |found| &text[..found.comment.start]);
    recognize::require_bundle(code).map_err(Refusal::NotABundle)?;
    // A file that was cut off lacks its map; what else it lacks says nothing.
    let found = found.map_err(Refusal::NoSourceMap)?;
    let sdk = SdkVersion::detect(code);
    if !sdk.is_supported() {
        return Err(Refusal::UnsupportedSdk(sdk));
    }
    if !recognize::uses_global_module_cache(code) {
        return Err(Refusal::NoModuleCache(sdk));
    }
    Ok((sdk, found))
}

/// Reads a file of at most [`FILE_BYTES_MAX`] as UTF-8.
pub(crate) fn read_text(path: &Path) -> Result<String, BundleError> {
    let bytes = read_bytes(path, FILE_BYTES_MAX)?;
    String::from_utf8(bytes).map_err(|error| BundleError::NotUtf8 {
        file: path.to_string_lossy().into_owned(),
        offset: error.utf8_error().valid_up_to(),
    })
}

fn read_bytes(path: &Path, limit_bytes: u64) -> Result<Vec<u8>, BundleError> {
    let unreadable = |cause: io::Error| match cause.kind() {
        io::ErrorKind::NotFound => BundleError::Missing { path: path.into() },
        io::ErrorKind::IsADirectory => BundleError::Directory { path: path.into() },
        _ => BundleError::Unreadable {
            path: path.into(),
            cause,
        },
    };
    let file = File::open(path).map_err(unreadable)?;
    let expected_bytes = file.metadata().map_err(unreadable)?.len().min(limit_bytes);
    let mut bytes = Vec::with_capacity(expected_bytes as usize + 1);
    // Read one byte more than allowed to see a file that is too long, also one that grows or has no
    // length.
    file.take(limit_bytes + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > limit_bytes {
        return Err(BundleError::TooLarge {
            file: path.to_string_lossy().into_owned(),
            limit_bytes,
        });
    }
    Ok(bytes)
}

/// `path.resolve()` of Node: absolute, `.` and `..` removed by their text, symbolic links kept.
fn absolute(path: &Path) -> io::Result<PathBuf> {
    // `std::path::absolute` refuses the empty path, for which opening gives the clearer "not
    // found".
    let absolute = if path.as_os_str().is_empty() {
        path.into()
    } else {
        std::path::absolute(path)?
    };
    let mut clean = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::ParentDir => {
                clean.pop();
            }
            Component::CurDir => {}
            other => clean.push(other),
        }
    }
    Ok(clean)
}

pub(crate) fn sha256(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_resolved_by_their_text() {
        assert_eq!(
            absolute(Path::new("/a/./b/../c.js")).unwrap(),
            Path::new("/a/c.js")
        );
        assert_eq!(absolute(Path::new("/../c.js")).unwrap(), Path::new("/c.js"));
        let relative = absolute(Path::new("d/../c.js")).unwrap();
        assert_eq!(relative, std::env::current_dir().unwrap().join("c.js"));
    }

    #[test]
    fn the_hash_is_sha256() {
        // NIST's example for the one-block message "abc".
        assert_eq!(
            hex(&sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_file_above_the_limit_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"12345").unwrap();
        assert!(matches!(
            read_bytes(file.path(), 4),
            Err(BundleError::TooLarge { limit_bytes: 4, .. })
        ));
        assert_eq!(read_bytes(file.path(), 5).unwrap(), b"12345");
    }
}
