//! The outside facts that the configuration depends on, as values, so that tests can state them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

/// A snapshot of the environment variables.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    /// Names whose value is no UTF-8.
    unreadable: Vec<String>,
}

impl Environment {
    /// The variables of this process.
    #[must_use]
    pub fn of_process() -> Self {
        std::env::vars_os().collect()
    }

    /// The value of one variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// The value of one variable, if it is set and not empty.
    #[must_use]
    pub fn get_non_empty(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Every variable with this prefix, ordered by name.
    pub fn with_prefix<'a>(
        &'a self,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> + 'a {
        self.variables
            .iter()
            .filter(move |(name, _)| name.starts_with(prefix))
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The names of variables whose value is no UTF-8.
    #[must_use]
    pub fn unreadable(&self) -> &[String] {
        &self.unreadable
    }

    /// The folder for the configuration files of this user, by the platform's rule.
    ///
    /// The rule is that of the crate `dirs`, which Temporal's loader asks; it is repeated here
    /// because the loader would look into the real environment.
    #[must_use]
    pub fn config_folder(&self) -> Option<PathBuf> {
        let home = self.get_non_empty("HOME").map(PathBuf::from);
        if cfg!(target_os = "macos") {
            return home.map(|home| home.join("Library/Application Support"));
        }
        self.get_non_empty("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .filter(|folder| folder.is_absolute())
            .or_else(|| home.map(|home| home.join(".config")))
    }
}

/// Values may be secrets, so `Debug` shows the names alone.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

impl FromIterator<(OsString, OsString)> for Environment {
    fn from_iter<I: IntoIterator<Item = (OsString, OsString)>>(pairs: I) -> Self {
        let mut environment = Self::default();
        for (name, value) in pairs {
            // A variable with a name that is no UTF-8 cannot be one of ours.
            let Ok(name) = name.into_string() else {
                continue;
            };
            match value.into_string() {
                Ok(value) => drop(environment.variables.insert(name, value)),
                Err(_) => environment.unreadable.push(name),
            }
        }
        environment.unreadable.sort();
        environment
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(pairs: [(&str, &str); N]) -> Self {
        pairs
            .into_iter()
            .map(|(name, value)| (OsString::from(name), OsString::from(value)))
            .collect()
    }
}

/// Everything that the configuration reads besides flags and files.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The environment variables.
    pub environment: Environment,
    /// The id of this process.
    pub process_id: u32,
    /// The name of this host.
    pub host_name: String,
}

impl Surroundings {
    /// The surroundings of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let environment = Environment::of_process();
        let host_name = host_name(&environment);
        Self {
            environment,
            process_id: std::process::id(),
            host_name,
        }
    }
}

/// The kernel's host name, else `$HOSTNAME`, else `localhost`.
fn host_name(environment: &Environment) -> String {
    let kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    [
        kernel.trim(),
        environment.get("HOSTNAME").unwrap_or_default(),
    ]
    .into_iter()
    .find(|name| !name.is_empty())
    .unwrap_or("localhost")
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_config_folder_prefers_an_absolute_xdg_folder() {
        let environment = Environment::from([("HOME", "/h"), ("XDG_CONFIG_HOME", "/x")]);
        if !cfg!(target_os = "macos") {
            assert_eq!(environment.config_folder(), Some(PathBuf::from("/x")));
        }
    }

    #[test]
    fn a_relative_xdg_folder_is_passed_over() {
        let environment = Environment::from([("HOME", "/h"), ("XDG_CONFIG_HOME", "x")]);
        if !cfg!(target_os = "macos") {
            assert_eq!(
                environment.config_folder(),
                Some(PathBuf::from("/h/.config"))
            );
        }
    }

    #[test]
    fn without_a_home_there_is_no_config_folder() {
        assert_eq!(Environment::default().config_folder(), None);
    }

    #[test]
    fn debug_shows_no_value() {
        let shown = format!("{:?}", Environment::from([("TEMPORAL_API_KEY", "hush")]));
        assert!(shown.contains("TEMPORAL_API_KEY"));
        assert!(!shown.contains("hush"));
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_no_utf8_is_named() {
        use std::os::unix::ffi::OsStringExt as _;
        let pair = (OsString::from("BURDOCK_X"), OsString::from_vec(vec![0xff]));
        let environment: Environment = [pair].into_iter().collect();
        assert_eq!(environment.unreadable(), ["BURDOCK_X"]);
    }
}
