//! Damaged bundles give an error or a bundle, and never a panic.
//!
//! A failing case prints its smallest input, and a line that begins with `cc`: that line in
//! `tests/mutations.proptest-regressions` runs the case again.

use burdock_bundle::{Bundle, SdkVersion, render_excerpt};
use proptest::prelude::*;

const BUNDLES: [&str; 2] = [
    include_str!("fixtures/plain-bundle.js"),
    include_str!("fixtures/minified-bundle.js"),
];

/// One change to a bundle; positions are fractions of its length in millionths.
#[derive(Debug, Clone)]
enum Mutation {
    Truncate(u32),
    Flip { at: u32, mask: u8 },
    Cut { at: u32, bytes: usize },
    Insert { at: u32, text: Vec<u8> },
    Repeat { at: u32, bytes: usize },
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = 0..1_000_000u32;
    prop_oneof![
        at.clone().prop_map(Mutation::Truncate),
        (at.clone(), 1..=255u8).prop_map(|(at, mask)| Mutation::Flip { at, mask }),
        (at.clone(), 1..300usize).prop_map(|(at, bytes)| Mutation::Cut { at, bytes }),
        (at.clone(), prop::collection::vec(any::<u8>(), 1..40))
            .prop_map(|(at, text)| Mutation::Insert { at, text }),
        (at, 1..300usize).prop_map(|(at, bytes)| Mutation::Repeat { at, bytes }),
    ]
}

fn apply(bytes: &mut Vec<u8>, mutation: &Mutation) {
    let place = |at: u32| (bytes.len() as u64 * u64::from(at) / 1_000_000) as usize;
    match mutation {
        Mutation::Truncate(at) => bytes.truncate(place(*at)),
        Mutation::Flip { at, mask } => {
            let at = place(*at);
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= mask;
            }
        }
        Mutation::Cut { at, bytes: length } => {
            let at = place(*at);
            bytes.drain(at..(at + length).min(bytes.len()));
        }
        Mutation::Insert { at, text } => {
            let at = place(*at);
            bytes.splice(at..at, text.iter().copied());
        }
        Mutation::Repeat { at, bytes: length } => {
            let at = place(*at);
            let again = bytes[at..(at + length).min(bytes.len())].to_vec();
            bytes.splice(at..at, again);
        }
    }
}

/// Uses everything that a bundle offers.
fn exercise(bundle: &Bundle) {
    let map = bundle.source_map();
    for line in (0..300).chain([u32::MAX]) {
        for column in [0, 1, 17, 400, u32::MAX] {
            if let Some(found) = map.lookup(line, column) {
                assert!(found.line >= 1);
            }
        }
    }
    assert!(map.held_bytes() > 0);
    let _ = map.source_file("/srv/app/src/workflows.ts");
    assert!(!bundle.code().is_empty());
    assert_eq!(bundle.sha256_hex().len(), 64);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_mutated_bundle_gives_an_error_or_a_bundle(
        which in 0..BUNDLES.len(),
        mutations in prop::collection::vec(mutation(), 1..4),
    ) {
        let mut bytes = BUNDLES[which].as_bytes().to_vec();
        for mutation in &mutations {
            apply(&mut bytes, mutation);
        }
        // Half of the mutations break UTF-8; those are also tried as the text that is left of them.
        let text = String::from_utf8_lossy(&bytes).into_owned();
        match Bundle::from_source("/srv/app/bundle.js", text) {
            Ok(bundle) => exercise(&bundle),
            Err(error) => {
                prop_assert!(error.to_string().contains("/srv/app/bundle.js"), "{}", error);
            }
        }
    }

    #[test]
    fn a_mutated_map_gives_an_error_or_a_bundle(
        mutations in prop::collection::vec(mutation(), 1..4),
    ) {
        use base64::{Engine, engine::general_purpose::STANDARD};
        let start = BUNDLES[0].rfind("base64,").expect("the fixture has a map") + "base64,".len();
        let mut json = STANDARD.decode(&BUNDLES[0][start..]).expect("the fixture's map is base64");
        for mutation in &mutations {
            apply(&mut json, mutation);
        }
        let text = format!("{}{}", &BUNDLES[0][..start], STANDARD.encode(&json));
        if let Ok(bundle) = Bundle::from_source("/srv/app/bundle.js", text) {
            exercise(&bundle);
        }
    }

    #[test]
    fn mappings_of_any_letters_give_an_error_or_a_map(mappings in "[A-Za-z0-9+/,;]{0,200}") {
        use base64::{Engine, engine::general_purpose::STANDARD};
        let start = BUNDLES[0].rfind("base64,").expect("the fixture has a map") + "base64,".len();
        let json = format!(
            r#"{{"version":3,"sources":["a.ts"],"names":["b"],"mappings":"{mappings}"}}"#
        );
        let text = format!("{}{}", &BUNDLES[0][..start], STANDARD.encode(json));
        if let Ok(bundle) = Bundle::from_source("/srv/app/bundle.js", text) {
            exercise(&bundle);
        }
    }

    #[test]
    fn an_excerpt_of_any_text_is_two_lines_or_nothing(
        code in r"[a-z\t\n\r\u{2028}é𝒳]{0,400}", line in 0..40u32, column in any::<u32>(),
    ) {
        let rendered = render_excerpt(&code, line, column);
        prop_assert!(rendered.is_empty() || rendered.lines().count() == 2, "{rendered}");
        prop_assert!(rendered.is_empty() || rendered.ends_with('^'), "{rendered}");
    }

    #[test]
    fn a_version_of_any_text_can_be_shown(tail in r#"[\\"',:a-z0-9.é ]{0,60}"#) {
        let version = SdkVersion::detect(&format!("@temporalio/workflow{tail}"));
        prop_assert!(!version.to_string().is_empty());
    }
}
