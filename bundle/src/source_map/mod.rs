//! Positions in the script of a bundle to positions in the sources that it was built from.

mod contents;
mod mappings;
mod vlq;

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

pub(crate) use self::contents::Contents;
use self::mappings::{Mappings, Original};
use crate::error::MapDefect;

/// The source map of a bundle. Made to be shared between threads behind an `Arc`: look-ups only
/// read.
#[derive(Debug)]
pub struct SourceMap {
    mappings: Mappings,
    sources: Box<[Option<Box<str>>]>,
    names: Box<[Box<str>]>,
    contents: Contents,
}

/// Where a piece of a bundle comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OriginalPosition<'a> {
    /// The source as the map names it: with the bundler's defaults an absolute path on the machine
    /// that bundled, or a name such as `webpack/bootstrap` for webpack's own code.
    pub source: &'a str,
    /// The line, from 1.
    pub line: u32,
    /// The column in UTF-16 units, from 0.
    pub column: u32,
    /// The identifier in the source, if the map gives one for this place.
    pub name: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MapJson<'a> {
    #[serde(default)]
    version: Value,
    sections: Option<serde::de::IgnoredAny>,
    source_root: Option<String>,
    #[serde(default)]
    sources: Vec<Option<Box<str>>>,
    #[serde(default)]
    names: Vec<Box<str>>,
    #[serde(default, borrow)]
    mappings: Cow<'a, str>,
}

impl SourceMap {
    /// Reads the JSON text of a source map. `contents` says where the source texts can be read
    /// again.
    pub(crate) fn from_json(json: &[u8], contents: Contents) -> Result<Self, MapDefect> {
        let map: MapJson<'_> = parse_json(json)?;
        if map.version != 3 {
            return Err(MapDefect::Version {
                found: map.version.to_string(),
            });
        }
        if map.sections.is_some() {
            return Err(MapDefect::Sections);
        }
        let root = map.source_root.unwrap_or_default();
        let sources = map
            .sources
            .into_iter()
            .map(|source| source.map(|source| join_root(&root, source)));
        Ok(Self {
            sources: sources.collect(),
            names: map.names.into_boxed_slice(),
            mappings: Mappings::new(map.mappings.into_owned())?,
            contents,
        })
    }

    /// The original position of a place in the script, or `None` if the map says nothing about it.
    ///
    /// `line` and `column` are V8's `getLineNumber()` and `getColumnNumber()`, from 1. The column
    /// is used as it is, and the answer's column counts from 0: the Node worker hands V8's numbers
    /// to `originalPositionFor` of npm `source-map` (bias `GREATEST_LOWER_BOUND`) and prints what
    /// comes back, and stack traces here read the same. One difference: that package
    /// percent-encodes characters such as spaces in `source`, this does not.
    pub fn lookup(&self, line: u32, column: u32) -> Option<OriginalPosition<'_>> {
        self.position(self.mappings.lookup(line.checked_sub(1)?, column)?)
    }

    /// What [`lookup`](Self::lookup) must answer, found without its checkpoints.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn lookup_in_all(&self, line: u32, column: u32) -> Option<OriginalPosition<'_>> {
        self.position(self.mappings.lookup_in_all(line.checked_sub(1)?, column)?)
    }

    fn position(&self, original: Original) -> Option<OriginalPosition<'_>> {
        Some(OriginalPosition {
            source: self.sources.get(original.source as usize)?.as_deref()?,
            line: original.line.saturating_add(1),
            column: original.column,
            name: original
                .name
                .and_then(|name| self.names.get(name as usize))
                .map(|name| &**name),
        })
    }

    /// The text of a source, by the name that [`lookup`](Self::lookup) gives it.
    ///
    /// The texts are not kept in memory: they are read again from the bundle's file, so this takes
    /// tens of milliseconds. `None` if the map has no such source or no text for it, or if the file
    /// is no longer the one that was loaded.
    pub fn source_file(&self, name: &str) -> Option<String> {
        let index = self
            .sources
            .iter()
            .position(|source| source.as_deref() == Some(name))?;
        self.contents.read(index)
    }

    /// Bytes that this map holds, without the allocator's overhead.
    pub fn held_bytes(&self) -> usize {
        let sources: usize = self
            .sources
            .iter()
            .map(|s| s.as_deref().map_or(0, str::len))
            .sum();
        let names: usize = self.names.iter().map(|name| name.len()).sum();
        let lists = size_of_val(&*self.sources) + size_of_val(&*self.names);
        size_of::<Self>()
            + self.mappings.held_bytes()
            + sources
            + names
            + lists
            + self.contents.held_bytes()
    }
}

fn parse_json<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, MapDefect> {
    serde_json::from_slice(json).map_err(|error| MapDefect::Json(error.to_string()))
}

/// The root is put before each source with a slash between; webpack leaves it empty.
fn join_root(root: &str, source: Box<str>) -> Box<str> {
    if root.is_empty() {
        return source;
    }
    format!(
        "{}/{}",
        root.trim_end_matches('/'),
        source.trim_start_matches('/')
    )
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(json: &str) -> Result<SourceMap, MapDefect> {
        SourceMap::from_json(json.as_bytes(), Contents::None)
    }

    #[test]
    fn a_position_names_its_source() {
        let map =
            map(r#"{"version":3,"sources":["/app/a.ts"],"names":["go"],"mappings":"AAAAA;AACA"}"#)
                .unwrap();
        let first = OriginalPosition {
            source: "/app/a.ts",
            line: 1,
            column: 0,
            name: Some("go"),
        };
        assert_eq!(map.lookup(1, 7), Some(first));
        assert_eq!(
            map.lookup(2, 1),
            Some(OriginalPosition {
                line: 2,
                name: None,
                ..first
            })
        );
        assert_eq!(map.lookup(0, 0), None);
    }

    #[test]
    fn a_root_is_put_before_the_sources() {
        for root in ["/app", "/app/"] {
            let json = format!(
                r#"{{"version":3,"sourceRoot":"{root}","sources":["/a.ts"],"mappings":"AAAA"}}"#
            );
            assert_eq!(
                map(&json).unwrap().lookup(1, 1).unwrap().source,
                "/app/a.ts"
            );
        }
    }

    #[test]
    fn indices_beyond_the_lists_are_unknown_positions() {
        let map = map(r#"{"version":3,"sources":[null],"mappings":"AAAA,CCAA"}"#).unwrap();
        assert_eq!((map.lookup(1, 0), map.lookup(1, 1)), (None, None));
    }

    #[test]
    fn other_json_is_a_defect() {
        assert!(matches!(map("{").unwrap_err(), MapDefect::Json(_)));
        assert!(matches!(map("[1]").unwrap_err(), MapDefect::Json(_)));
        assert_eq!(
            map("{}").unwrap_err(),
            MapDefect::Version {
                found: "null".into()
            }
        );
        assert_eq!(
            map(r#"{"version":2}"#).unwrap_err(),
            MapDefect::Version { found: "2".into() }
        );
        assert_eq!(
            map(r#"{"version":3,"sections":[]}"#).unwrap_err(),
            MapDefect::Sections
        );
    }
}
