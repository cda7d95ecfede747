//! Variables that look like Temporal's own and that nothing reads.

use crate::config::elements::KEYS;
use crate::config::environment::Environment;

/// Variables of Temporal's client configuration besides those of our keys.
const OTHER_VARIABLES: [&str; 6] = [
    "TEMPORAL_TLS_CLIENT_CERT_DATA",
    "TEMPORAL_TLS_CLIENT_KEY_DATA",
    "TEMPORAL_TLS_SERVER_CA_CERT_DATA",
    "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION",
    "TEMPORAL_CODEC_ENDPOINT",
    "TEMPORAL_CODEC_AUTH",
];

/// More slips of the pen than this make another word.
const SLIPS_MAX: usize = 2;

/// One sentence for each variable that is probably a misspelt one. They are no mistakes, because
/// other programs have variables with this prefix too.
pub(super) fn suspicious(environment: &Environment) -> Vec<String> {
    let known: Vec<&str> = KEYS
        .iter()
        .filter_map(|key| key.temporal_variable)
        .chain(OTHER_VARIABLES)
        .collect();
    environment
        .with_prefix("TEMPORAL_")
        .map(|(name, _)| name)
        .filter(|name| !known.contains(name) && !name.starts_with("TEMPORAL_GRPC_META_"))
        .filter_map(|name| {
            let meant = known
                .iter()
                .find(|known| strsim::damerau_levenshtein(name, known) <= SLIPS_MAX);
            match meant {
                Some(meant) => Some(format!("{name} is not read; did you mean {meant}?")),
                None if name.starts_with("TEMPORAL_TLS_") => Some(format!(
                    "{name} is not read; the TLS variables are {}",
                    known
                        .iter()
                        .filter(|known| known.starts_with("TEMPORAL_TLS"))
                        .copied()
                        .collect::<Vec<_>>()
                        .join(", ")
                )),
                None => None,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_variable_is_mentioned() {
        let environment = Environment::from([("TEMPORAL_ADRESS", "a:1")]);
        assert_eq!(
            suspicious(&environment),
            ["TEMPORAL_ADRESS is not read; did you mean TEMPORAL_ADDRESS?"]
        );
    }

    #[test]
    fn an_unknown_tls_variable_is_mentioned() {
        let environment = Environment::from([("TEMPORAL_TLS_CERT", "a.pem")]);
        assert!(suspicious(&environment)[0].contains("TEMPORAL_TLS_CLIENT_CERT_PATH"));
    }

    #[test]
    fn known_and_foreign_variables_pass() {
        let environment = Environment::from([
            ("TEMPORAL_ADDRESS", "a:1"),
            ("TEMPORAL_TLS_CLIENT_CERT_DATA", "x"),
            ("TEMPORAL_GRPC_META_X", "x"),
            ("TEMPORAL_DEBUG", "1"),
            ("TEMPORAL_CLI_ADDRESS", "a:1"),
        ]);
        assert_eq!(suspicious(&environment), Vec::<String>::new());
    }
}
