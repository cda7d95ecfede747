//! Real bundles, which are too large to keep here. `BURDOCK_BUNDLES` names a folder with bundles of
//! `bundleWorkflowCode`, each as `VERSION.js` or `VERSION.anything.js` where VERSION is the SDK's
//! exact version:
//!
//! ```text
//! BURDOCK_BUNDLES=DIR cargo test --release -p burdock-bundle --test real_bundles -- --ignored --nocapture
//! ```
//!
//! A file `NAME.js.positions.txt` beside a bundle holds answers of npm `source-map` as described in
//! `fixtures/README.md`.

mod support;

use std::{env, fs, path::PathBuf, time::Instant};

use burdock_bundle::{Bundle, BundleError, SdkVersion};
use support::check_positions;

fn bundles() -> Vec<PathBuf> {
    let folder = env::var("BURDOCK_BUNDLES").expect("set BURDOCK_BUNDLES to a folder of bundles");
    let entries = fs::read_dir(folder).expect("BURDOCK_BUNDLES is a folder");
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.expect("readable").path())
        .collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == "js"));
    found.sort();
    assert!(!found.is_empty(), "no .js file in BURDOCK_BUNDLES");
    found
}

fn file_name(path: &std::path::Path) -> String {
    path.file_name()
        .expect("a file")
        .to_string_lossy()
        .into_owned()
}

#[test]
#[ignore = "needs real bundles of many SDK releases, named by BURDOCK_BUNDLES"]
fn versions_are_detected_by_name_and_by_marks() {
    for path in bundles() {
        let name = file_name(&path);
        let code = fs::read_to_string(&path).expect("text");
        let named = SdkVersion::detect(&code);
        let exact = named.exact.clone().unwrap_or_default();
        assert!(
            name.starts_with(&format!("{exact}.")) && !exact.is_empty(),
            "{name}: {named}"
        );
        // Without the package's own version only the marks are left.
        let marks = SdkVersion::detect(&code.replace("@temporalio/workflow\",\"version", ""));
        println!("{name}: {named}, by marks {marks}");
        assert_eq!(marks.exact, None, "{name}");
        assert!(
            marks
                .at_least
                .is_none_or(|first| Some(first) == named.at_least),
            "{name}: {marks}"
        );
        assert!(
            marks.below.is_none_or(|below| Some(below) >= named.below),
            "{name}: {marks}"
        );
        assert_eq!(
            marks.is_supported(),
            named.is_supported(),
            "{name}: {marks}"
        );
    }
}

#[test]
#[ignore = "needs real bundles of many SDK releases, named by BURDOCK_BUNDLES"]
fn supported_bundles_load() {
    for path in bundles() {
        let name = file_name(&path);
        let start = Instant::now();
        let loaded = Bundle::load(&path);
        let elapsed = start.elapsed();
        match loaded {
            Ok(bundle) => {
                assert!(bundle.sdk().is_supported());
                println!(
                    "{name}: {elapsed:.1?}, file {} bytes, script {} bytes, map held in {} bytes",
                    fs::metadata(&path).expect("a file").len(),
                    bundle.code().len(),
                    bundle.source_map().held_bytes()
                );
            }
            // Releases before 1.20 cannot patch what current webpack or a minifier writes.
            Err(
                error @ (BundleError::UnsupportedSdk { .. } | BundleError::NoModuleCache { .. }),
            ) => {
                println!("{name}: refused: {error}");
            }
            Err(other) => panic!("{name}: {other}"),
        }
    }
}

#[test]
#[ignore = "needs real bundles of many SDK releases, named by BURDOCK_BUNDLES"]
fn positions_are_those_of_npm_source_map() {
    for path in bundles() {
        let Ok(positions) = fs::read_to_string(format!("{}.positions.txt", path.display())) else {
            continue;
        };
        let bundle = Bundle::load(&path).expect("a bundle");
        let start = Instant::now();
        check_positions(bundle.source_map(), &positions);
        println!(
            "{}: {} positions in {:.1?}",
            file_name(&path),
            positions.lines().count(),
            start.elapsed()
        );
    }
}
