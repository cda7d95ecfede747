//! Inputs and invariants for the property tests below and the fuzz targets in `fuzz/`, which share them. With the
//! feature `fuzzing` only, and no part of the interface.

mod mutation;

use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;

use self::mutation::{mutated, mutations};
use crate::{Bundle, BundleError, SourceMap};

const BUNDLES: [&str; 2] = [
    include_str!("../../tests/fixtures/plain-bundle.js"),
    include_str!("../../tests/fixtures/minified-bundle.js"),
];
const FILE_NAME: &str = "/srv/app/bundle.js";

/// Real bundles after a few changes.
pub fn mutated_bundle() -> impl Strategy<Value = Vec<u8>> {
    (0..BUNDLES.len(), mutations())
        .prop_map(|(which, mutations)| mutated(BUNDLES[which].as_bytes(), &mutations))
}

/// Source maps as JSON: a real one after a few changes, or one with mappings of any letters. Long mappings have several
/// checkpoints.
pub fn source_map() -> impl Strategy<Value = Vec<u8>> {
    let letters = ("[A-Za-z0-9+/,;]{0,200}", 1..20usize);
    let valid = (prop::collection::vec("[ACDE]{4},?;?", 0..40), 1..20usize);
    prop_oneof![
        mutations().prop_map(|mutations| mutated(&real_map(), &mutations)),
        letters.prop_map(|(mappings, times)| with_mappings(&mappings.repeat(times))),
        valid.prop_map(|(segments, times)| with_mappings(&segments.join(",").repeat(times))),
    ]
}

fn with_mappings(mappings: &str) -> Vec<u8> {
    format!(r#"{{"version":3,"sources":["a.ts"],"names":["b"],"mappings":"{mappings}"}}"#)
        .into_bytes()
}

/// The first bundle up to the payload of its map.
fn before_map() -> &'static str {
    let mark = "base64,";
    let start = BUNDLES[0].rfind(mark).expect("the fixture has a map") + mark.len();
    &BUNDLES[0][..start]
}

fn real_map() -> Vec<u8> {
    let payload = &BUNDLES[0][before_map().len()..];
    STANDARD
        .decode(payload.trim_end())
        .expect("the fixture's map is base64")
}

/// Any text is a bundle, whose every part can be used, or a refusal that names the file.
pub fn check_bundle(bytes: &[u8]) {
    // What is no UTF-8 never comes here; what is left of it tells more.
    let text = String::from_utf8_lossy(bytes).into_owned();
    match Bundle::from_source(FILE_NAME, text) {
        Ok(bundle) => use_all(&bundle),
        Err(error) => assert!(error.to_string().contains(FILE_NAME), "{error}"),
    }
}

/// Any source map in a bundle that is otherwise whole is read, or is what is wrong with it.
pub fn check_source_map(json: &[u8]) {
    let text = format!("{}{}", before_map(), STANDARD.encode(json));
    match Bundle::from_source(FILE_NAME, text) {
        Ok(bundle) => use_all(&bundle),
        Err(BundleError::DamagedSourceMap { .. }) => {}
        Err(other) => panic!("{other}"),
    }
}

fn use_all(bundle: &Bundle) {
    let map = bundle.source_map();
    for line in (0..300).chain([u32::MAX]) {
        for column in [0, 1, 17, 400, u32::MAX] {
            if let Some(found) = map.lookup(line, column) {
                assert!(found.line >= 1);
            }
        }
    }
    check_lookups(map);
    assert!(map.held_bytes() > 0);
    let _ = map.source_file("/srv/app/src/workflows.ts");
    assert!(!bundle.code().is_empty());
    assert_eq!(bundle.sha256_hex().len(), 64);
}

/// The checkpoints change nothing. Looking at every segment takes long, so a few places have to do.
fn check_lookups(map: &SourceMap) {
    for line in [1, 2, 3, 40, 155] {
        for column in [0, 5, 17, 130, 4_000] {
            assert_eq!(
                map.lookup(line, column),
                map.lookup_in_all(line, column),
                "{line}:{column}"
            );
        }
    }
}

#[cfg(test)]
mod tests;
