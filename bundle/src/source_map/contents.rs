//! The texts of the sources (`sourcesContent`), read again when they are asked for.
//!
//! They are a third of a bundle and needed only by the enhanced stack trace query, so they are not
//! kept.

use std::path::PathBuf;

use serde::Deserialize;

use crate::{bundle, inline_map};

/// Where the source texts can be read.
#[derive(Debug)]
pub(crate) enum Contents {
    /// In the file of the bundle, as long as its text still has this hash.
    File { path: PathBuf, sha256: [u8; 32] },
    /// In this data URL, for a bundle that came without a file.
    DataUrl(Box<str>),
    #[cfg(test)]
    None,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContentsJson {
    #[serde(default)]
    sources_content: Vec<Option<String>>,
}

impl Contents {
    /// The text of the source with this index.
    pub fn read(&self, index: usize) -> Option<String> {
        match self {
            Self::File { path, sha256 } => {
                let text = bundle::read_text(path).ok()?;
                if bundle::sha256(&text) != *sha256 {
                    return None;
                }
                let found = inline_map::find(&text).ok()?;
                text_of_source(&text[found.url], index)
            }
            Self::DataUrl(url) => text_of_source(url, index),
            #[cfg(test)]
            Self::None => None,
        }
    }

    pub fn held_bytes(&self) -> usize {
        match self {
            Self::File { path, .. } => path.as_os_str().len(),
            Self::DataUrl(url) => url.len(),
            #[cfg(test)]
            Self::None => 0,
        }
    }
}

fn text_of_source(url: &str, index: usize) -> Option<String> {
    let json = inline_map::decode(url).ok()?;
    let mut map: ContentsJson = serde_json::from_slice(&json).ok()?;
    map.sources_content.get_mut(index)?.take()
}
