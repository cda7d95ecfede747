//! Reading the typed value of one setting while all mistakes are collected.

use super::error::{ConfigError, Warning};
use super::given::{Entry, Given};
use super::key::{Element, Key};
use super::source::Setting;

/// Mistakes and warnings so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) errors: Vec<ConfigError>,
    pub(super) warnings: Vec<Warning>,
}

/// What the user said about one setting.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Taken<T> {
    /// Nothing.
    Absent,
    /// Something that the setting does not take. It is reported already.
    Invalid,
    /// A value.
    Valid(Setting<T>),
}

impl<T> Taken<T> {
    pub(super) const fn is_invalid(&self) -> bool {
        matches!(self, Self::Invalid)
    }

    pub(super) const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The value, if there is one.
    pub(super) fn given(self) -> Option<Setting<T>> {
        match self {
            Self::Valid(setting) => Some(setting),
            Self::Absent | Self::Invalid => None,
        }
    }

    /// The value or a constant.
    pub(super) fn or(self, default: T) -> Setting<T> {
        self.given().unwrap_or_else(|| Setting::default_of(default))
    }

    /// The value or its type's default.
    pub(super) fn or_default(self) -> Setting<T>
    where
        T: Default,
    {
        self.or(T::default())
    }

    /// The value or nothing; `why` says what happens without one.
    pub(super) fn optional(self, why: Option<&'static str>) -> Setting<Option<T>> {
        self.given().map_or(
            Setting {
                value: None,
                source: super::source::Source::Default(why),
            },
            |setting| setting.map(Some),
        )
    }
}

impl Findings {
    /// Reads what was said about a setting. Mistakes in values that a flag or a variable
    /// overrides are reported too: they would come up when the override goes.
    pub(super) fn take<E: Element>(&mut self, given: &Given) -> Taken<E::Value> {
        self.take_or::<E>(given, None)
    }

    /// The same with an entry that is last in line.
    pub(super) fn take_or<E: Element>(
        &mut self,
        given: &Given,
        last: Option<&Entry>,
    ) -> Taken<E::Value> {
        let mut taken = Taken::Absent;
        for entry in given.entries(E::KEY.name).chain(last) {
            let read = self.read::<E>(entry);
            if matches!(taken, Taken::Absent) {
                taken = read;
            }
        }
        taken
    }

    fn read<E: Element>(&mut self, entry: &Entry) -> Taken<E::Value> {
        match E::parse(&entry.text) {
            Ok(value) => Taken::Valid(Setting {
                value,
                source: entry.source.clone(),
            }),
            Err(problem) => {
                self.errors.push(ConfigError::Value {
                    place: E::KEY.at(&entry.source),
                    problem: problem.what,
                    remedy: problem.remedy,
                });
                Taken::Invalid
            }
        }
    }

    /// Reports values that contradict each other.
    pub(super) fn contradiction(&mut self, problem: impl Into<String>, remedy: impl Into<String>) {
        self.errors.push(ConfigError::Contradiction {
            problem: problem.into(),
            remedy: remedy.into(),
        });
    }

    /// Reports something that looks unintended.
    pub(super) fn warn(&mut self, message: impl Into<String>) {
        self.warnings.push(Warning(message.into()));
    }

    /// Reports a required setting that nobody gave.
    pub(super) fn missing(&mut self, key: &Key, because: &'static str, example: &'static str) {
        self.errors.push(ConfigError::Missing {
            key: key.name,
            because,
            example,
            variable: key.variable(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::elements::Isolates;
    use crate::config::environment::Environment;
    use crate::config::given::WorkerFlags;
    use crate::config::key::Element;
    use crate::config::source::Source;

    fn given(flag: &str, variable: &str) -> Given {
        let flags = WorkerFlags::of([(Isolates::KEY, Some(flag.to_owned()))]);
        Given::gather(&flags, &Environment::from([("BURDOCK_ISOLATES", variable)]))
    }

    #[test]
    fn the_flag_wins_over_the_variable() {
        let taken = Findings::default().take::<Isolates>(&given("3", "4"));
        let setting = taken.given().unwrap();
        assert_eq!((*setting, setting.source), (3, Source::Flag("isolates")));
    }

    #[test]
    fn an_invalid_flag_does_not_fall_back_to_the_variable() {
        let mut findings = Findings::default();
        assert!(findings.take::<Isolates>(&given("x", "4")).is_invalid());
        assert_eq!(findings.errors.len(), 1);
    }

    #[test]
    fn an_overridden_mistake_is_reported() {
        let mut findings = Findings::default();
        assert!(!findings.take::<Isolates>(&given("3", "x")).is_invalid());
        assert!(
            findings.errors[0]
                .to_string()
                .starts_with("BURDOCK_ISOLATES: ")
        );
    }
}
