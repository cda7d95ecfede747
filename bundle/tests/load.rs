//! What `Bundle::load` accepts, and what each kind of bad input gets.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::PathBuf,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use burdock_bundle::{Bundle, BundleError, Lookalike, MapDefect, MissingMap};
use tempfile::TempDir;

const PLAIN: &str = include_str!("fixtures/plain-bundle.js");
const MINIFIED: &str = include_str!("fixtures/minified-bundle.js");
const COMMENT: &str = "//# sourceMappingURL=data:application/json;charset=utf-8;base64,";

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().expect("a temporary folder"))
    }

    fn file(&self, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join("workflow-bundle.js");
        fs::write(&path, content).expect("written");
        path
    }
}

fn refusal(text: impl AsRef<[u8]>) -> BundleError {
    let folder = Folder::new();
    let error = Bundle::load(&folder.file(text)).expect_err("must be refused");
    let message = error.to_string();
    assert!(
        message.contains("workflow-bundle.js"),
        "the message must name the file: {message}"
    );
    assert!(
        message.contains(": "),
        "the message must say what to do: {message}"
    );
    error
}

fn with_map(map: &str) -> String {
    let code = &PLAIN[..PLAIN.rfind(COMMENT).expect("the fixture has a map")];
    format!("{code}{COMMENT}{map}")
}

fn with_map_json(json: &str) -> String {
    with_map(&STANDARD.encode(json))
}

fn defect(text: String) -> MapDefect {
    match refusal(text) {
        BundleError::DamagedSourceMap { defect, .. } => defect,
        other => panic!("expected a damaged source map, got {other}"),
    }
}

#[test]
fn a_bundle_is_split_into_script_and_map() {
    let folder = Folder::new();
    for text in [PLAIN, MINIFIED] {
        let path = folder.file(text);
        let bundle = Bundle::load(&path).expect("a bundle");
        assert_eq!(bundle.file_name(), path.to_string_lossy());
        assert_eq!(bundle.sdk().to_string(), "1.24.0");
        assert!(
            text.starts_with(bundle.code()),
            "the script must not be changed before the map"
        );
        assert!(!bundle.code().contains("sourceMappingURL"));
        assert_eq!(bundle.code().lines().count(), text.lines().count() - 1);
    }
}

#[test]
fn a_bundle_can_be_shared_between_isolate_threads() {
    fn shared<T: Send + Sync + 'static>(_: &T) {}
    let bundle = Bundle::from_source("bundle.js", PLAIN.to_owned()).expect("a bundle");
    shared(&bundle);
    shared(bundle.source_map());
}

#[test]
fn the_hash_covers_the_whole_file() {
    // sha256sum of tests/fixtures/plain-bundle.js.
    let expected = "030f8ebe7a34d8a21c61e98c53a37b697852ae3a102dd966a34d41e9a5d458db";
    let bundle = Bundle::from_source("bundle.js", PLAIN.to_owned()).expect("a bundle");
    assert_eq!(bundle.sha256_hex(), expected);
}

#[test]
fn a_relative_path_and_a_link_are_named_absolutely() {
    let folder = Folder::new();
    let file = folder.file(PLAIN);
    let link = folder.0.path().join("link.js");
    symlink(&file, &link).expect("a link");
    let detour = folder.0.path().join("nowhere").join("..").join("link.js");
    let bundle = Bundle::load(&detour).expect("a bundle");
    assert_eq!(bundle.file_name(), link.to_string_lossy());
}

#[test]
fn source_texts_are_read_again_until_the_file_changes() {
    let folder = Folder::new();
    let path = folder.file(PLAIN);
    let bundle = Bundle::load(&path).expect("a bundle");
    let source = || bundle.source_map().source_file("/srv/app/src/workflows.ts");
    assert!(source().expect("in the map").contains("throw new Failure("));
    fs::write(&path, PLAIN.replace("hello", "howdy")).expect("written");
    assert_eq!(source(), None);
    fs::remove_file(&path).expect("removed");
    assert_eq!(source(), None);
}

#[test]
fn a_script_after_the_map_keeps_its_line() {
    let text = format!("{PLAIN}\nvar after = 1;\n");
    let bundle = Bundle::from_source("bundle.js", text.clone()).expect("a bundle");
    let line = |code: &str| code.lines().position(|line| line == "var after = 1;");
    assert!(line(bundle.code()).is_some());
    assert_eq!(line(bundle.code()), line(&text));
}

#[test]
fn a_missing_file_and_a_folder_are_told_apart() {
    let folder = Folder::new();
    let missing = Bundle::load(&folder.0.path().join("none.js")).expect_err("missing");
    assert!(matches!(missing, BundleError::Missing { .. }), "{missing}");
    assert!(missing.to_string().contains("none.js"), "{missing}");
    let directory = Bundle::load(folder.0.path()).expect_err("a folder");
    assert!(
        matches!(directory, BundleError::Directory { .. }),
        "{directory}"
    );
}

#[test]
fn an_unreadable_file_is_named() {
    let folder = Folder::new();
    let path = folder.file(PLAIN);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("chmod");
    // Root may read everything; then a path through a file is what cannot be opened.
    let path = if fs::File::open(&path).is_ok() {
        path.join("below.js")
    } else {
        path
    };
    let error = Bundle::load(&path).expect_err("unreadable");
    assert!(matches!(error, BundleError::Unreadable { .. }), "{error}");
    assert!(error.to_string().contains("workflow-bundle.js"), "{error}");
}

#[test]
fn what_is_not_text_is_refused() {
    let error = refusal(b"var a = '\xff';");
    assert!(
        matches!(error, BundleError::NotUtf8 { offset: 9, .. }),
        "{error}"
    );
    for empty in ["", " \n\t", "\u{feff}"] {
        let error = refusal(empty);
        assert!(matches!(error, BundleError::Empty { .. }), "{error}");
    }
}

#[test]
fn what_is_no_bundle_is_named() {
    for (text, expected) in [
        (r#"{"code":"var __TEMPORAL__"}"#, Lookalike::Json),
        (
            r#"{"version":3,"mappings":"AAAA"}"#,
            Lookalike::SourceMapFile,
        ),
        ("<!DOCTYPE html><title>404</title>", Lookalike::Html),
        ("export async function hello() {}", Lookalike::Module),
        (
            "var lib; (() => { // webpackBootstrap\n})();",
            Lookalike::OtherWebpackBundle,
        ),
        ("console.log(1);", Lookalike::OtherScript),
    ] {
        match refusal(text) {
            BundleError::NotABundle { lookalike, .. } => assert_eq!(lookalike, expected),
            other => panic!("{text}: {other}"),
        }
    }
}

#[test]
fn the_map_cannot_make_a_script_a_bundle() {
    // In a minified script without any mark of a bundle only the source texts have them.
    let map = PLAIN
        .rfind(COMMENT)
        .map(|at| &PLAIN[at..])
        .expect("the fixture has a map");
    let error = refusal(format!("console.log(1);\n{map}"));
    assert!(matches!(error, BundleError::NotABundle { .. }), "{error}");
}

#[test]
fn an_sdk_outside_the_range_is_refused() {
    for version in ["1.11.8", "1.25.0"] {
        let error = refusal(PLAIN.replace(
            "\"version\":\"1.24.0\"",
            &format!("\"version\":\"{version}\""),
        ));
        assert!(
            matches!(error, BundleError::UnsupportedSdk { .. }),
            "{error}"
        );
        let message = error.to_string();
        assert!(
            message.contains(version) && message.contains("1.12 to 1.24"),
            "{message}"
        );
    }
}

#[test]
fn a_module_cache_of_its_own_is_refused() {
    let error = refusal(PLAIN.replace("= globalThis.__webpack_module_cache__", "= {}"));
    assert!(
        matches!(error, BundleError::NoModuleCache { .. }),
        "{error}"
    );
}

#[test]
fn a_missing_map_is_refused() {
    let code = &PLAIN[..PLAIN.rfind(COMMENT).expect("the fixture has a map")];
    let eval = "eval(\"1\\n//# sourceMappingURL=data:application/json;base64,e30=\\n\")";
    for (text, expected) in [
        (code.to_owned(), MissingMap::NoComment),
        (
            format!("{code}//# sourceMappingURL=b.js.map\n"),
            MissingMap::External("b.js.map".into()),
        ),
        (format!("{code}{eval}"), MissingMap::Eval),
    ] {
        match refusal(text) {
            BundleError::NoSourceMap { found, .. } => assert_eq!(found, expected),
            other => panic!("expected a missing map, got {other}"),
        }
    }
}

#[test]
fn a_damaged_map_is_refused() {
    assert!(matches!(defect(with_map("e3*")), MapDefect::Base64(_)));
    assert!(matches!(defect(with_map("")), MapDefect::Json(_)));
    assert!(matches!(
        defect(with_map_json("{\"version\":3,")),
        MapDefect::Json(_)
    ));
    assert_eq!(
        defect(with_map_json("{\"version\":2}")),
        MapDefect::Version { found: "2".into() }
    );
    assert_eq!(
        defect(with_map_json("{\"version\":3,\"sections\":[]}")),
        MapDefect::Sections
    );
    let broken = defect(with_map_json(
        r#"{"version":3,"sources":[],"mappings":"AAAA,!"}"#,
    ));
    assert!(
        matches!(broken, MapDefect::Mappings { offset: 5, .. }),
        "{broken}"
    );
    let no_base64 = PLAIN.replace(";charset=utf-8;base64,", ",");
    assert_eq!(defect(no_base64), MapDefect::NotBase64);
}
