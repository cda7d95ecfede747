//! Headers that go with every call.

use std::collections::{BTreeMap, HashMap};

use super::SecretValue;
use crate::config::error::ConfigError;

/// Checks the headers that Temporal's loader collected from `TEMPORAL_GRPC_META_*` and
/// `[profile.NAME.grpc_meta]`. The client would refuse them only when it connects.
pub(super) fn check(
    headers: &HashMap<String, String>,
    errors: &mut Vec<ConfigError>,
) -> BTreeMap<String, SecretValue> {
    let mut ordered: Vec<_> = headers.iter().collect();
    ordered.sort();
    for (name, value) in &ordered {
        let problem = if !is_name(name) {
            "is no name for a text header"
        } else if !value.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) {
            "has a value with characters that no header carries"
        } else {
            continue;
        };
        errors.push(ConfigError::Value {
            place: "gRPC metadata (TEMPORAL_GRPC_META_* or grpc_meta in temporal.toml)".to_owned(),
            problem: format!("`{name}` {problem}"),
            remedy: "use letters, digits and hyphens in names, no name that ends with -bin, and \
                     printable ASCII in values"
                .to_owned(),
        });
    }
    ordered
        .into_iter()
        .map(|(name, value)| (name.clone(), SecretValue(value.clone())))
        .collect()
}

/// A gRPC metadata key for text: lower case, and not the suffix of binary keys.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.ends_with("-bin")
        && name.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(name: &str, value: &str) -> Vec<ConfigError> {
        let mut errors = Vec::new();
        check(&HashMap::from([(name.into(), value.into())]), &mut errors);
        errors
    }

    #[test]
    fn usual_headers_pass() {
        assert_eq!(errors("x-tenant", "a b"), []);
    }

    #[test]
    fn headers_that_the_client_would_refuse_are_refused_here() {
        for (name, value) in [("", "v"), ("x-bin", "v"), ("x y", "v"), ("x", "a\nb")] {
            assert_eq!(errors(name, value).len(), 1, "{name:?}");
        }
    }

    #[test]
    fn a_value_is_not_quoted() {
        assert!(!errors("x", "hush\n")[0].to_string().contains("hush"));
    }
}
