//! `burdock config`: every resolved value and where it came from, secrets left out.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::client::Address;
use super::elements::poller_behavior::PollerScaling;
use super::elements::slot_suppliers::SlotSupplierKind;
use super::elements::versioning::VersioningBehavior;
use super::elements::{
    ActivityStore, FailureErrorTypes, HeapSnapshotDir, InactivePatches, LogFormat, LogSinks,
    MemoryOverflowDir, StackTraces, StatusAddr, key,
};
use super::key::Group;
use super::resolved::WorkerConfig;
use super::source::{Setting, Source};
use super::units::{ByteSize, duration_text};
use crate::engine::{ContextMode, ModuleSharing};
use crate::memory::{BudgetPolicy, Percent, Share};

/// The version of the JSON form. It changes when a field changes its meaning or goes.
const JSON_VERSION: u32 = 1;

/// What stands for a secret.
const REDACTED: &str = "[redacted]";

/// One setting as it is printed.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The key.
    pub name: &'static str,
    /// The value as one would write it in TOML, without quotes; nothing where there is none.
    pub text: Option<String>,
    /// The value for machines: numbers in [`Self::unit`].
    pub json: Value,
    /// `bytes`, `ms` or `percent`.
    pub unit: Option<&'static str>,
    /// Where it came from.
    pub source: Source,
}

/// A value that can stand in a row.
pub trait Shown {
    /// As one would write it.
    fn text(&self) -> Option<String>;

    /// For machines.
    fn json(&self) -> Value;

    /// The unit of [`Self::json`].
    fn unit(&self) -> Option<&'static str> {
        None
    }
}

impl Row {
    /// A row for a setting.
    pub(super) fn of(name: &'static str, setting: &Setting<impl Shown>) -> Self {
        Self {
            name,
            text: setting.value.text(),
            json: setting.value.json(),
            unit: setting.value.unit(),
            source: setting.source.clone(),
        }
    }

    /// A row that tells only whether there is a value.
    pub(super) fn redacted(name: &'static str, is_given: bool, source: &Source) -> Self {
        let text = is_given.then(|| REDACTED.to_owned());
        Self {
            name,
            json: text.json(),
            text,
            unit: None,
            source: source.clone(),
        }
    }

    /// A row for a setting without a value.
    pub(super) const fn unset(name: &'static str) -> Self {
        Self {
            name,
            text: None,
            json: Value::Null,
            unit: None,
            source: Source::Default(None),
        }
    }

    fn group(&self) -> Group {
        key(self.name).map_or(Group::Connection, |key| key.group)
    }

    fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("value".to_owned(), self.json.clone());
        if let Some(unit) = self.unit {
            object.insert("unit".to_owned(), json!(unit));
        }
        object.insert("source".to_owned(), self.source.to_json());
        Value::Object(object)
    }
}

/// A table of all settings with their sources, for people. Secrets are redacted.
#[must_use]
pub fn render(config: &WorkerConfig) -> String {
    let rows = config.rows();
    let value = |row: &Row| row.text.clone().unwrap_or_else(|| "-".to_owned());
    let width = |cell: &dyn Fn(&Row) -> usize| rows.iter().map(cell).max().unwrap_or_default();
    let name_width = width(&|row| row.name.len());
    let value_width = width(&|row| value(row).chars().count());
    let mut table = String::new();
    let mut group = None;
    for row in &rows {
        if group != Some(row.group()) {
            if group.is_some() {
                table.push('\n');
            }
            group = Some(row.group());
            table.push_str(row.group().heading());
            table.push('\n');
        }
        table.push_str(&format!(
            "  {:name_width$}  {:value_width$}  {}\n",
            row.name,
            value(row),
            row.source
        ));
    }
    table
}

/// All settings with their sources, for machines. Secrets are redacted.
///
/// `{"version": 1, "settings": {KEY: {"value", "unit"?, "source"}}, "warnings": [TEXT]}`; sizes
/// are in bytes, durations in milliseconds and shares in percent.
#[must_use]
pub fn to_json(config: &WorkerConfig) -> Value {
    let settings: Map<String, Value> = config
        .rows()
        .iter()
        .map(|row| (row.name.to_owned(), row.to_json()))
        .collect();
    let warnings: Vec<String> = config.warnings.iter().map(ToString::to_string).collect();
    json!({"version": JSON_VERSION, "settings": settings, "warnings": warnings})
}

/// Values whose JSON form is their text.
macro_rules! shown_as_text {
    ($($type:ty),*) => {$(
        impl Shown for $type {
            fn text(&self) -> Option<String> {
                Some(self.to_string())
            }

            fn json(&self) -> Value {
                json!(self.to_string())
            }
        }
    )*};
}

shown_as_text!(
    String,
    Address,
    StatusAddr,
    LogFormat,
    ActivityStore,
    ContextMode,
    ModuleSharing,
    FailureErrorTypes,
    HeapSnapshotDir,
    InactivePatches,
    MemoryOverflowDir,
    StackTraces,
    LogSinks,
    PollerScaling,
    SlotSupplierKind,
    VersioningBehavior,
    BudgetPolicy
);

/// Values whose JSON form is a number or a boolean.
macro_rules! shown_as_json {
    ($($type:ty),*) => {$(
        impl Shown for $type {
            fn text(&self) -> Option<String> {
                Some(self.to_string())
            }

            fn json(&self) -> Value {
                json!(self)
            }
        }
    )*};
}

shown_as_json!(usize, u16, f64, bool);

impl Shown for f32 {
    fn text(&self) -> Option<String> {
        Some(self.to_string())
    }

    fn json(&self) -> Value {
        // By way of the text, or 0.2 would become 0.20000000298.
        self.to_string()
            .parse::<f64>()
            .map_or(Value::Null, Value::from)
    }
}

impl Shown for PathBuf {
    fn text(&self) -> Option<String> {
        Some(self.display().to_string())
    }

    fn json(&self) -> Value {
        json!(self.display().to_string())
    }
}

impl Shown for Duration {
    fn text(&self) -> Option<String> {
        Some(duration_text(*self))
    }

    fn json(&self) -> Value {
        u64::try_from(self.as_millis()).map_or(Value::Null, Value::from)
    }

    fn unit(&self) -> Option<&'static str> {
        Some("ms")
    }
}

impl Shown for ByteSize {
    fn text(&self) -> Option<String> {
        Some(self.to_string())
    }

    fn json(&self) -> Value {
        json!(self.0)
    }

    fn unit(&self) -> Option<&'static str> {
        Some("bytes")
    }
}

impl Shown for Percent {
    fn text(&self) -> Option<String> {
        Some(self.to_string())
    }

    fn json(&self) -> Value {
        json!(self.as_f64())
    }

    fn unit(&self) -> Option<&'static str> {
        Some("percent")
    }
}

impl Shown for Share {
    fn text(&self) -> Option<String> {
        match self {
            Self::Bytes(bytes) => ByteSize(*bytes).text(),
            Self::Percent(percent) => percent.text(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Bytes(bytes) => json!(bytes),
            Self::Percent(percent) => percent.json(),
        }
    }

    fn unit(&self) -> Option<&'static str> {
        Some(match self {
            Self::Bytes(_) => "bytes",
            Self::Percent(_) => "percent",
        })
    }
}

impl<T: Shown> Shown for Option<T> {
    fn text(&self) -> Option<String> {
        self.as_ref().and_then(Shown::text)
    }

    fn json(&self) -> Value {
        self.as_ref().map_or(Value::Null, Shown::json)
    }

    fn unit(&self) -> Option<&'static str> {
        self.as_ref().and_then(Shown::unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(value: impl Shown) -> Row {
        Row::of("isolates", &Setting::default_of(value))
    }

    #[test]
    fn sizes_and_durations_carry_their_unit_for_machines() {
        let size = row(Some(ByteSize::mib(512)));
        assert_eq!(size.text.as_deref(), Some("512MiB"));
        assert_eq!((size.json, size.unit), (json!(536_870_912), Some("bytes")));
        let duration = row(Duration::from_secs(90));
        assert_eq!(duration.text.as_deref(), Some("90s"));
        assert_eq!((duration.json, duration.unit), (json!(90_000), Some("ms")));
    }

    #[test]
    fn a_float_is_as_short_as_it_was_written() {
        assert_eq!(row(0.2_f32).json, json!(0.2));
    }

    #[test]
    fn nothing_is_null() {
        assert_eq!(row(None::<usize>).json, Value::Null);
        assert_eq!(Row::unset("api-key").text, None);
    }
}
