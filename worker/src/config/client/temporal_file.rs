//! The strict reading of `temporal.toml`: which keys it has, on which lines, and which of them do
//! not exist.
//!
//! Temporal's loader has a strict mode, which stops at the first unknown key and names no other.
//! The values themselves are left to that loader.

use std::collections::BTreeMap;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use crate::config::error::ConfigError;
use crate::config::given::toml_text::{entries, syntax_errors};
use crate::config::suggest;

const PROFILE_KEYS: [&str; 6] = [
    "address",
    "namespace",
    "api_key",
    "tls",
    "codec",
    "grpc_meta",
];
const TLS_TEXT_KEYS: [&str; 7] = [
    "client_cert_path",
    "client_cert_data",
    "client_key_path",
    "client_key_data",
    "server_ca_cert_path",
    "server_ca_cert_data",
    "server_name",
];
const TLS_FLAG_KEYS: [&str; 2] = ["disabled", "disable_host_verification"];
const CODEC_KEYS: [&str; 2] = ["endpoint", "auth"];

/// Where the keys of a `temporal.toml` stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TemporalFile {
    /// Lines by profile and dotted key: `("default", "tls.server_name")`. The empty key is the
    /// profile itself.
    lines: BTreeMap<(String, String), usize>,
}

impl TemporalFile {
    /// The line of a key.
    pub(super) fn line(&self, profile: &str, key: &str) -> Option<usize> {
        self.lines
            .get(&(profile.to_owned(), key.to_owned()))
            .copied()
    }

    /// The names of the profiles.
    pub(super) fn profiles(&self) -> impl Iterator<Item = &str> {
        self.lines
            .keys()
            .filter(|(_, key)| key.is_empty())
            .map(|(profile, _)| profile.as_str())
    }
}

/// Reads the keys of a file.
///
/// # Errors
/// Every wrong line.
pub(super) fn read(path: &Path, text: &str) -> Result<TemporalFile, Vec<ConfigError>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(syntax_errors(path, text, &errors));
    }
    let mut walk = Walk {
        path,
        text,
        file: TemporalFile::default(),
        errors: Vec::new(),
    };
    walk.top(table.get_ref());
    if walk.errors.is_empty() {
        Ok(walk.file)
    } else {
        Err(walk.errors)
    }
}

struct Walk<'a> {
    path: &'a Path,
    text: &'a str,
    file: TemporalFile,
    errors: Vec<ConfigError>,
}

impl Walk<'_> {
    fn top(&mut self, table: &DeTable<'_>) {
        for (name, line, value) in entries(self.text, table) {
            if name != "profile" {
                self.unknown(line, name, &["profile"]);
                continue;
            }
            let Some(profiles) = self.table(line, name, value) else {
                continue;
            };
            for (profile, line, value) in entries(self.text, profiles) {
                if let Some(table) = self.table(line, profile, value) {
                    self.note(profile, "", line);
                    self.profile(profile, table);
                }
            }
        }
    }

    fn profile(&mut self, profile: &str, table: &DeTable<'_>) {
        for (name, line, value) in entries(self.text, table) {
            self.note(profile, name, line);
            match name {
                "address" | "namespace" | "api_key" => self.text_value(line, name, value),
                "tls" | "codec" | "grpc_meta" => self.section(profile, name, line, value),
                _ => self.unknown(line, name, &PROFILE_KEYS),
            }
        }
    }

    fn section(&mut self, profile: &str, section: &str, line: usize, value: &DeValue<'_>) {
        let Some(table) = self.table(line, section, value) else {
            return;
        };
        for (name, line, value) in entries(self.text, table) {
            self.note(profile, &format!("{section}.{name}"), line);
            match section {
                "tls" if TLS_TEXT_KEYS.contains(&name) => self.text_value(line, name, value),
                "tls" if TLS_FLAG_KEYS.contains(&name) => self.flag_value(line, name, value),
                "tls" => {
                    let known = [&TLS_TEXT_KEYS[..], &TLS_FLAG_KEYS[..]].concat();
                    self.unknown(line, name, &known);
                }
                "codec" if !CODEC_KEYS.contains(&name) => self.unknown(line, name, &CODEC_KEYS),
                _ => self.text_value(line, name, value),
            }
        }
    }

    fn note(&mut self, profile: &str, key: &str, line: usize) {
        let key = (profile.to_owned(), key.to_owned());
        self.file.lines.insert(key, line);
    }

    fn table<'t, 'i>(
        &mut self,
        line: usize,
        name: &str,
        value: &'t DeValue<'i>,
    ) -> Option<&'t DeTable<'i>> {
        let table = value.as_table();
        if table.is_none() {
            self.wrong_type(line, name, value, "a section");
        }
        table
    }

    fn text_value(&mut self, line: usize, name: &str, value: &DeValue<'_>) {
        if !value.is_str() {
            self.wrong_type(line, name, value, "a string in quotes");
        }
    }

    fn flag_value(&mut self, line: usize, name: &str, value: &DeValue<'_>) {
        if !value.is_bool() {
            self.wrong_type(line, name, value, "true or false without quotes");
        }
    }

    fn wrong_type(&mut self, line: usize, name: &str, value: &DeValue<'_>, expected: &str) {
        self.errors.push(ConfigError::Value {
            place: format!("{}:{line}: {name}", self.path.display()),
            problem: format!("a TOML {} does not fit here", value.type_str()),
            remedy: format!("write {expected}"),
        });
    }

    fn unknown(&mut self, line: usize, name: &str, known: &[&str]) {
        let otherwise = format!("delete it; here stand {}", known.join(", "));
        self.errors.push(ConfigError::Unknown {
            place: format!("{}:{line}", self.path.display()),
            name: name.to_owned(),
            remedy: suggest::remedy(name, known.iter().copied(), &otherwise),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(text: &str) -> Vec<String> {
        let errors = read(Path::new("temporal.toml"), text).unwrap_err();
        errors.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn lines_are_known_by_profile_and_key() {
        let text =
            "[profile.default]\naddress = \"a:1\"\n\n[profile.prod.tls]\nserver_name = \"s\"\n";
        let file = read(Path::new("t"), text).unwrap();
        assert_eq!(file.line("default", "address"), Some(2));
        assert_eq!(file.line("prod", "tls.server_name"), Some(5));
        assert_eq!(file.line("prod", "address"), None);
        assert_eq!(file.profiles().collect::<Vec<_>>(), ["default", "prod"]);
    }

    #[test]
    fn every_documented_key_is_known() {
        let mut text = String::from(
            "[profile.p]\naddress = \"\"\nnamespace = \"\"\napi_key = \"\"\n\
             codec = { endpoint = \"\", auth = \"\" }\ngrpc_meta = { any = \"\" }\n\
             [profile.p.tls]\n",
        );
        for key in TLS_TEXT_KEYS {
            text.push_str(&format!("{key} = \"\"\n"));
        }
        for key in TLS_FLAG_KEYS {
            text.push_str(&format!("{key} = true\n"));
        }
        assert!(read(Path::new("t"), &text).is_ok());
    }

    #[test]
    fn every_unknown_key_is_named_with_its_line() {
        let errors = errors(
            "colour = 1\n[profile.default]\nadress = \"a:1\"\n[profile.default.tls]\ncert = \"x\"\n\
             [profile.default.codec]\nurl = \"x\"\n",
        );
        assert_eq!(errors.len(), 4);
        assert!(
            errors[1].contains("temporal.toml:3: `adress`"),
            "{errors:?}"
        );
        assert!(errors[1].ends_with("did you mean `address`?"), "{errors:?}");
    }

    #[test]
    fn a_wrong_type_is_refused_without_its_value() {
        let errors = errors(
            "[profile.p]\napi_key = 424242\ntls = true\n[profile.q.tls]\ndisabled = \"no\"\n",
        );
        assert_eq!(errors.len(), 3);
        assert!(!errors[0].contains("424242"));
        assert!(
            errors[2].ends_with("true or false without quotes"),
            "{errors:?}"
        );
    }

    #[test]
    fn wrong_toml_is_refused() {
        assert!(errors("[profile.default\n")[0].starts_with("temporal.toml:1: "));
    }
}
