//! Look-ups against the answers of npm `source-map` (see `fixtures/README.md`).

mod support;

use burdock_bundle::Bundle;
use support::check_positions;

const PLAIN: &str = include_str!("fixtures/plain-bundle.js");
const MINIFIED: &str = include_str!("fixtures/minified-bundle.js");

fn bundle(text: &str) -> Bundle {
    Bundle::from_source("/srv/app/bundle.js", text.to_owned()).expect("the fixture is a bundle")
}

fn check(text: &str, recorded: &str) {
    assert!(
        recorded.lines().count() > 300,
        "too few positions to mean anything"
    );
    check_positions(bundle(text).source_map(), recorded);
}

#[test]
fn a_development_bundle_answers_like_npm_source_map() {
    check(PLAIN, include_str!("fixtures/plain-positions.txt"));
}

#[test]
fn a_minified_bundle_answers_like_npm_source_map() {
    check(MINIFIED, include_str!("fixtures/minified-positions.txt"));
}

#[test]
fn a_throw_is_found_in_its_ts_file() {
    let bundle = bundle(PLAIN);
    let (line, text) = bundle
        .code()
        .lines()
        .enumerate()
        .find(|(_, text)| text.contains("throw new"))
        .expect("the workflow throws");
    let column = text.find("new").expect("checked above") + 1;
    let found = bundle
        .source_map()
        .lookup(line as u32 + 1, column as u32)
        .expect("mapped");
    assert_eq!(
        (found.source, found.line),
        ("/srv/app/src/workflows.ts", 11)
    );
}

#[test]
fn the_source_text_is_there_for_a_bundle_in_memory() {
    let bundle = bundle(MINIFIED);
    let text = bundle
        .source_map()
        .source_file("/srv/app/src/greeting.ts")
        .expect("in the map");
    assert!(
        text.contains("Good morning, ${name}") && text.contains('👋'),
        "{text}"
    );
    assert_eq!(
        bundle.source_map().source_file("/srv/app/src/none.ts"),
        None
    );
}
