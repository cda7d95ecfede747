//! Tells a workflow bundle from other files by the marks in its text.

use memchr::memmem;
use serde::de::IgnoredAny;

use crate::error::Lookalike;

/// The global that the script defines and two functions of its `api`. Property names survive
/// minification.
const BUNDLE_MARKS: [&str; 3] = ["__TEMPORAL__", "initRuntime", "concludeActivation"];

/// The name under which a bundle finds its module cache, as the bundler of `@temporalio/worker`
/// checks it itself.
const MODULE_CACHE: &str = "globalThis.__webpack_module_cache__";

pub(crate) fn contains(text: &str, mark: &str) -> bool {
    memmem::find(text.as_bytes(), mark.as_bytes()).is_some()
}

/// `Err` with what the file seems to be, if it is no workflow bundle.
pub(crate) fn require_bundle(text: &str) -> Result<(), Lookalike> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with(['{', '[']) && is_json(start) {
        return Err(if contains(text, "\"mappings\"") {
            Lookalike::SourceMapFile
        } else {
            Lookalike::Json
        });
    }
    if start.starts_with('<') {
        return Err(Lookalike::Html);
    }
    if BUNDLE_MARKS.iter().all(|mark| contains(text, mark)) {
        return Ok(());
    }
    Err(other_script(start))
}

pub(crate) fn uses_global_module_cache(text: &str) -> bool {
    contains(text, MODULE_CACHE)
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

fn other_script(text: &str) -> Lookalike {
    if contains(text, "__webpack_require__") || contains(text, "webpackBootstrap") {
        Lookalike::OtherWebpackBundle
    } else if text.lines().any(is_module_statement) {
        Lookalike::Module
    } else {
        Lookalike::OtherScript
    }
}

fn is_module_statement(line: &str) -> bool {
    ["import ", "import{", "export ", "export{"]
        .iter()
        .any(|keyword| line.starts_with(keyword))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookalike(text: &str) -> Lookalike {
        require_bundle(text).unwrap_err()
    }

    #[test]
    fn a_bundle_has_all_marks() {
        assert_eq!(
            require_bundle("var __TEMPORAL__;api.initRuntime;api.concludeActivation"),
            Ok(())
        );
        assert_eq!(
            lookalike("var __TEMPORAL__;api.initRuntime"),
            Lookalike::OtherScript
        );
    }

    #[test]
    fn other_files_are_named() {
        assert_eq!(
            lookalike(r#"{"code":"var __TEMPORAL__;initRuntime concludeActivation"}"#),
            Lookalike::Json
        );
        assert_eq!(
            lookalike(r#"{"version":3,"mappings":""}"#),
            Lookalike::SourceMapFile
        );
        assert_eq!(lookalike("\u{feff} <!doctype html><html>"), Lookalike::Html);
        assert_eq!(
            lookalike("// x\nimport { sleep } from '@temporalio/workflow';"),
            Lookalike::Module
        );
        assert_eq!(
            lookalike("/******/ var __webpack_require__ = 1"),
            Lookalike::OtherWebpackBundle
        );
        assert_eq!(lookalike("console.log('hello')"), Lookalike::OtherScript);
    }

    #[test]
    fn a_script_that_begins_with_a_block_is_not_json() {
        assert_eq!(
            require_bundle("{ let a } var __TEMPORAL__; initRuntime concludeActivation"),
            Ok(())
        );
    }
}
