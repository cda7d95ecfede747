//! Damaged bundles give an error or a bundle, and never a panic.
//!
//! A failing case prints its smallest input, and a line that begins with `cc`: that line in
//! `proptest-regressions/fuzzing/tests.txt` runs the case again.

use super::*;
use crate::{SdkVersion, render_excerpt};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_mutated_bundle_gives_an_error_or_a_bundle(bytes in mutated_bundle()) {
        check_bundle(&bytes);
    }

    #[test]
    fn any_source_map_gives_an_error_or_a_bundle(json in source_map()) {
        check_source_map(&json);
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
