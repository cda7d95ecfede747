//! The place in workflow code that a source-mapped stack trace leads to.

use std::fmt;

use serde::Serialize;

/// A line of a source file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// As the bundle's source map names it.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// The innermost frame of the user's own code; if there is none, of a library other than the SDK.
pub(super) fn place_in(stack: &str) -> Option<Place> {
    let places: Vec<Place> = stack.lines().filter_map(parse_frame).collect();
    let is_library = |place: &Place| place.file.contains("node_modules/");
    let is_sdk = |place: &Place| place.file.contains("node_modules/@temporalio/");
    let own = places.iter().find(|place| !is_library(place));
    own.or_else(|| places.iter().find(|place| !is_sdk(place)))
        .cloned()
}

/// `    at NAME (FILE:LINE:COLUMN)` or `    at FILE:LINE:COLUMN`.
fn parse_frame(line: &str) -> Option<Place> {
    let frame = line.trim_start().strip_prefix("at ")?;
    let place = match frame
        .strip_suffix(')')
        .and_then(|frame| frame.rsplit_once(" ("))
    {
        Some((_, place)) => place,
        None => frame.trim_start_matches("async "),
    };
    let mut parts = place.rsplitn(3, ':');
    let column = parts.next()?.parse().ok()?;
    let line = parts.next()?.parse().ok()?;
    let file = parts.next()?;
    // Scripts of the host.
    if file.starts_with("burdock:") || file.is_empty() {
        return None;
    }
    Some(Place {
        file: file.to_owned(),
        line,
        column,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STACK: &str = "Error\n    at value (burdock:host/command_sources:22:46)\n    \
        at timerNextHandler (webpack-internal:///node_modules/@temporalio/workflow/src/workflow.ts:165:15)\n    \
        at helper (/app/node_modules/helper/index.js:1:2)\n    at async greet (/app/src/flows.ts:7:9)\n    at /app/src/x.ts:1:1";

    #[test]
    fn the_users_own_code_comes_first() {
        let place = place_in(STACK).unwrap();
        assert_eq!(place.to_string(), "/app/src/flows.ts:7:9");
    }

    #[test]
    fn without_it_a_library_is_named_and_never_the_sdk() {
        let without: Vec<&str> = STACK
            .lines()
            .filter(|line| !line.contains("/src/flows") && !line.contains("x.ts"))
            .collect();
        assert_eq!(
            place_in(&without.join("\n")).unwrap().file,
            "/app/node_modules/helper/index.js"
        );
        assert_eq!(place_in(&without[..3].join("\n")), None);
        assert_eq!(place_in(""), None);
    }

    #[test]
    fn a_frame_without_a_function_is_a_place() {
        for frame in [
            "    at a.ts:3:4",
            "    at async a.ts:3:4",
            "    at f (a.ts:3:4)",
        ] {
            let place = parse_frame(frame).unwrap();
            assert_eq!(
                (place.file.as_str(), place.line, place.column),
                ("a.ts", 3, 4)
            );
        }
        assert_eq!(parse_frame("    at native"), None);
    }
}
