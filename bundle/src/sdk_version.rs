//! Finds out which release of `@temporalio/workflow` a bundle carries, without running it.
//!
//! Two sources, in this order:
//! 1. `@temporalio/workflow` imports its own `package.json`, so webpack puts
//!    `"name":"@temporalio/workflow","version":..` into every bundle. Verified in bundles of 18
//!    releases from 1.11.0 to 1.24.0, in webpack's development and production modes. This gives the
//!    exact version.
//! 2. Where a loader dropped that text: names of properties and strings that a release introduced
//!    ([`MARKS`]). They were found by comparing the words of such bundles: each mark is in all of
//!    them from its release on, in both modes, and in none before. This gives a range of releases.
//!
//! A range that begins at the newest known release is open: newer releases have no marks here.

use std::fmt;

use memchr::memmem;

use crate::recognize::contains;

/// The oldest supported release, `(major, minor)`.
pub const SUPPORTED_FIRST: (u32, u32) = (1, 12);
/// The newest supported release, `(major, minor)`.
pub const SUPPORTED_LAST: (u32, u32) = (1, 24);

/// One mark per minor release, in order: the release that introduced it and the text.
const MARKS: [((u32, u32), &str); 13] = [
    ((1, 12), "versioningBehavior"),
    ((1, 13), "nexusOperationExecutionFailureInfo"),
    ((1, 14), "OpenTelemetryInterceptorsInstrumentsAllMethods"),
    ((1, 15), "stackTracesEnabled"),
    ((1, 16), "preloadModules"),
    ((1, 17), "USE_RAMPING_VERSION"),
    ((1, 18), "failureExceptionTypeNames"),
    ((1, 19), "createUnsafeRandomSource"),
    ((1, 20), "__temporal_langsmith"),
    ((1, 21), "patchActivationCallback"),
    ((1, 22), "toPayloadWithTypeInfo"),
    ((1, 23), "originalExecutionRunId"),
    ((1, 24), "rawValueTypeInfo"),
];

/// A property of every completion since 1.11. Where it kept its name, missing marks mean an older
/// release and not a bundle whose properties were renamed.
const NAMES_INTACT: &str = "usedInternalFlags";

/// The release of the Temporal TypeScript SDK in a bundle, as `(major, minor)` bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SdkVersion {
    /// The oldest release it can be; `None` if nothing is known.
    pub at_least: Option<(u32, u32)>,
    /// The first release that it is not any more; `None` if it can be any newer one.
    pub below: Option<(u32, u32)>,
    /// The full version, such as `1.24.0`, if the bundle names exactly one.
    pub exact: Option<String>,
}

impl SdkVersion {
    const UNKNOWN: Self = Self {
        at_least: None,
        below: None,
        exact: None,
    };

    /// Looks for the version in the script text of a bundle.
    pub fn detect(code: &str) -> Self {
        let named = named_versions(code);
        if named.is_empty() {
            from_marks(|mark| contains(code, mark))
        } else {
            from_names(&named)
        }
    }

    /// The version to report to the server, which hands it to later workers of a workflow: the exact one, or the first
    /// that it can be, or the newest supported one when nothing is known.
    pub fn reported(&self) -> String {
        let (major, minor) = self.at_least.unwrap_or(SUPPORTED_LAST);
        self.exact
            .clone()
            .unwrap_or_else(|| format!("{major}.{minor}.0"))
    }

    /// Whether all releases that it can be are in the supported range. An open range and an unknown
    /// version are let through: the host detects features as it goes.
    pub fn is_supported(&self) -> bool {
        match (self.at_least, self.below) {
            (None, below) => below.is_none(),
            (Some(first), None) => first >= SUPPORTED_FIRST,
            (Some(first), Some(below)) => {
                first >= SUPPORTED_FIRST && below <= next_minor(SUPPORTED_LAST)
            }
        }
    }
}

impl fmt::Display for SdkVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.exact, self.at_least, self.below) {
            (Some(exact), _, _) => f.write_str(exact),
            (None, None, None) => f.write_str("unknown"),
            (None, None, Some((major, minor))) => write!(f, "older than {major}.{minor}"),
            (None, Some((major, minor)), None) => write!(f, "{major}.{minor} or newer"),
            (None, Some(first), Some(below)) => {
                write!(f, "{}.{}", first.0, first.1)?;
                match last_minor(below) {
                    Some(last) if last != first => write!(f, " to {}.{}", last.0, last.1),
                    _ => Ok(()),
                }
            }
        }
    }
}

fn next_minor((major, minor): (u32, u32)) -> (u32, u32) {
    (major, minor.saturating_add(1))
}

fn last_minor((major, minor): (u32, u32)) -> Option<(u32, u32)> {
    Some((major, minor.checked_sub(1)?))
}

/// A mark counts only while all older ones are there too, so that a word of user code cannot make a
/// bundle newer.
fn from_marks(has: impl Fn(&str) -> bool) -> SdkVersion {
    let known = MARKS.iter().take_while(|(_, mark)| has(mark)).count();
    let below = MARKS.get(known).map(|(release, _)| *release);
    match known.checked_sub(1).and_then(|last| MARKS.get(last)) {
        Some((release, _)) => SdkVersion {
            at_least: Some(*release),
            below,
            exact: None,
        },
        None if has(NAMES_INTACT) => SdkVersion {
            at_least: None,
            below,
            exact: None,
        },
        None => SdkVersion::UNKNOWN,
    }
}

/// Several different versions mean several copies of the SDK; then the range that spans them is all
/// that can be said.
fn from_names(named: &[(&str, (u32, u32))]) -> SdkVersion {
    let mut releases: Vec<_> = named.iter().map(|(_, release)| *release).collect();
    releases.sort_unstable();
    let one = named.iter().all(|(version, _)| *version == named[0].0);
    SdkVersion {
        at_least: releases.first().copied(),
        below: releases.last().copied().map(next_minor),
        exact: one.then(|| named[0].0.to_owned()),
    }
}

/// The versions from copies of the package's `package.json` in `code`.
fn named_versions(code: &str) -> Vec<(&str, (u32, u32))> {
    const NAME: &str = "@temporalio/workflow";
    memmem::find_iter(code.as_bytes(), NAME)
        .filter_map(|at| version_after_name(code.get(at + NAME.len()..)?))
        .filter_map(|version| Some((version, parse_release(version)?)))
        .collect()
}

/// `text` begins after the name: `","version":"1.24.0"`, with single or escaped quotes, or unquoted
/// keys after a minifier.
fn version_after_name(text: &str) -> Option<&str> {
    let text = skip_quote(text)?
        .trim_start()
        .strip_prefix(',')?
        .trim_start();
    let text = skip_quote(text).unwrap_or(text).strip_prefix("version")?;
    let text = skip_quote(text)
        .unwrap_or(text)
        .trim_start()
        .strip_prefix(':')?
        .trim_start();
    let text = skip_quote(text)?;
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || ".-+".contains(c)))?;
    Some(&text[..end])
}

fn skip_quote(text: &str) -> Option<&str> {
    text.strip_prefix('\\')
        .unwrap_or(text)
        .strip_prefix(['"', '\''])
}

fn parse_release(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks_to(release: (u32, u32)) -> String {
        let own = MARKS
            .iter()
            .filter(|(since, _)| *since <= release)
            .map(|(_, mark)| *mark);
        [NAMES_INTACT]
            .into_iter()
            .chain(own)
            .map(|mark| format!("a.{mark}=b;\n"))
            .collect()
    }

    fn shown(code: &str) -> (String, bool) {
        let version = SdkVersion::detect(code);
        (version.to_string(), version.is_supported())
    }

    #[test]
    fn marks_are_ordered_and_span_the_supported_releases() {
        assert!(
            MARKS
                .windows(2)
                .all(|pair| next_minor(pair[0].0) == pair[1].0)
        );
        assert_eq!(
            (MARKS[0].0, MARKS[MARKS.len() - 1].0),
            (SUPPORTED_FIRST, SUPPORTED_LAST)
        );
    }

    #[test]
    fn the_package_json_in_a_bundle_names_the_exact_version() {
        // Copied forms: webpack development, webpack production, a minifier that turns the JSON
        // into an object.
        for (code, exact) in [
            (
                r#"module.exports = /*#__PURE__*/JSON.parse('{"name":"@temporalio/workflow","version":"1.24.0","de"#,
                "1.24.0",
            ),
            (
                r#"5154(e){"use strict";e.exports=JSON.parse('{"name":"@temporalio/workflow","version":"1.12.3","de"#,
                "1.12.3",
            ),
            (
                r#"e.exports={name:"@temporalio/workflow",version:"1.16.3",main:"#,
                "1.16.3",
            ),
            (
                r#"JSON.parse("{\"name\":\"@temporalio/workflow\",\"version\":\"1.20.0-rc.1\",\"d"#,
                "1.20.0-rc.1",
            ),
            (
                "e.exports={name: '@temporalio/workflow', version: '1.13.0', main:",
                "1.13.0",
            ),
        ] {
            assert_eq!(shown(code), (exact.to_owned(), true), "{code}");
        }
    }

    #[test]
    fn dependencies_and_paths_are_no_versions() {
        for code in [
            r#"{"dependencies":{"@temporalio/workflow":"1.24.0","version":"1.20.0"}}"#,
            r#""./node_modules/@temporalio/workflow/lib/pkg.js","version":"1.20.0""#,
            r#"{"name":"@temporalio/workflow-extras","version":"1.20.0"}"#,
            r#"{"name":"@temporalio/workflow","version":"next"}"#,
            r#"{"name":"@temporalio/workflow","version":"1.20.0"#,
        ] {
            assert_eq!(SdkVersion::detect(code), SdkVersion::UNKNOWN, "{code}");
        }
    }

    #[test]
    fn each_release_is_told_by_its_marks_alone() {
        for (release, _) in &MARKS[..MARKS.len() - 1] {
            let expected = format!("{}.{}", release.0, release.1);
            assert_eq!(shown(&marks_to(*release)), (expected, true));
        }
        assert_eq!(
            shown(&marks_to(SUPPORTED_LAST)),
            ("1.24 or newer".to_owned(), true)
        );
        assert_eq!(
            shown(&marks_to((1, 11))),
            ("older than 1.12".to_owned(), false)
        );
    }

    #[test]
    fn without_any_mark_it_is_unknown_and_let_through() {
        assert_eq!(
            shown("a.initRuntime;a.concludeActivation"),
            ("unknown".to_owned(), true)
        );
    }

    #[test]
    fn a_word_of_user_code_does_not_make_a_bundle_newer() {
        let code = marks_to((1, 13)) + "const rawValueTypeInfo = { preloadModules: true };";
        assert_eq!(shown(&code), ("1.13".to_owned(), true));
    }

    #[test]
    fn releases_outside_the_range_are_refused() {
        let named = |version: &str| {
            format!(r#"{{"name":"@temporalio/workflow","version":"{version}","x":1}}"#)
        };
        for (version, supported) in [
            ("1.11.8", false),
            ("1.12.0", true),
            ("1.24.9", true),
            ("1.25.0", false),
            ("2.0.0", false),
        ] {
            assert_eq!(shown(&named(version)), (version.to_owned(), supported));
        }
    }

    #[test]
    fn several_copies_give_the_range_that_spans_them() {
        let copy = |version: &str| {
            format!(r#"{{"name":"@temporalio/workflow","version":"{version}","x":1}}"#)
        };
        assert_eq!(
            shown(&(copy("1.17.2") + &copy("1.16.0"))),
            ("1.16 to 1.17".to_owned(), true)
        );
        assert_eq!(
            shown(&(copy("1.16.0") + &copy("1.16.0"))),
            ("1.16.0".to_owned(), true)
        );
        assert_eq!(
            shown(&(copy("1.16.0") + &copy("1.11.8"))),
            ("1.11 to 1.16".to_owned(), false)
        );
        assert_eq!(
            shown(&(copy("1.16.0") + &copy("1.25.0"))),
            ("1.16 to 1.25".to_owned(), false)
        );
    }
}
