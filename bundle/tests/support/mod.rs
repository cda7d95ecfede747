//! The format of the recorded positions (see `fixtures/README.md`).

use burdock_bundle::SourceMap;

/// Asks `map` for the position at the start of each recorded line and compares the whole line.
pub fn check_positions(map: &SourceMap, recorded: &str) {
    for expected in recorded.lines() {
        let query = expected.split(' ').next().expect("a query");
        assert_eq!(answer(map, query), expected);
    }
}

fn answer(map: &SourceMap, query: &str) -> String {
    let (line, column) = query.split_once(':').expect("line:column");
    let number = |text: &str| text.parse().expect("a number");
    let Some(found) = map.lookup(number(line), number(column)) else {
        return query.to_owned();
    };
    let name = found
        .name
        .map(|name| format!(" {name}"))
        .unwrap_or_default();
    format!(
        "{query} {}:{}:{}{name}",
        found.source, found.line, found.column
    )
}
