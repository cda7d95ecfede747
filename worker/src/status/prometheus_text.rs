//! Writes the Prometheus text exposition format, version 0.0.4.
//! (prometheus.io/docs/instrumenting/exposition_formats.)

use std::fmt::{self, Write};

/// The content type of the format.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Kinds of metric that we write ourselves.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Counter,
    Gauge,
}

/// One value and its labels.
pub(super) struct Point<'a> {
    labels: Vec<(&'a str, String)>,
    value: Value,
}

/// What a point shows.
enum Value {
    Integer(i128),
    /// Shown in seconds.
    Micros(u64),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => write!(f, "{value}"),
            Self::Micros(us) => write!(f, "{}.{:06}", us / 1_000_000, us % 1_000_000),
        }
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Integer(value.into())
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value.into())
    }
}

/// A value without labels.
pub(super) fn plain(value: u64) -> Vec<Point<'static>> {
    vec![Point {
        labels: Vec::new(),
        value: value.into(),
    }]
}

/// A value without labels that may be below zero.
pub(super) fn signed(value: i64) -> Vec<Point<'static>> {
    vec![labelled_signed([], value)]
}

/// A value with labels.
pub(super) fn labelled<'a>(
    labels: impl IntoIterator<Item = (&'a str, String)>,
    value: u64,
) -> Point<'a> {
    Point {
        labels: labels.into_iter().collect(),
        value: value.into(),
    }
}

/// A value with labels that may be below zero.
pub(super) fn labelled_signed<'a>(
    labels: impl IntoIterator<Item = (&'a str, String)>,
    value: i64,
) -> Point<'a> {
    Point {
        labels: labels.into_iter().collect(),
        value: value.into(),
    }
}

/// A time with labels, shown in seconds.
pub(super) fn labelled_micros<'a>(
    labels: impl IntoIterator<Item = (&'a str, String)>,
    micros: u64,
) -> Point<'a> {
    Point {
        labels: labels.into_iter().collect(),
        value: Value::Micros(micros),
    }
}

/// Grows family by family.
#[derive(Debug, Default)]
pub(super) struct PrometheusText {
    text: String,
}

impl PrometheusText {
    /// Adds a metric; nothing when it has no points. `name` and the label names are ours and
    /// valid, label values may be anything.
    pub fn family<'a>(
        &mut self,
        name: &str,
        kind: Kind,
        help: &str,
        points: impl IntoIterator<Item = Point<'a>>,
    ) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        };
        let mut points = points.into_iter().peekable();
        if points.peek().is_none() {
            return;
        }
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
        for point in points {
            let labels = label_set(&point.labels);
            self.line(format_args!("{name}{labels} {}", point.value));
        }
    }

    pub fn into_string(self) -> String {
        self.text
    }

    fn line(&mut self, line: fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{line}");
    }
}

fn label_set(labels: &[(&str, String)]) -> String {
    if labels.is_empty() {
        return String::new();
    }
    let pairs: Vec<String> = labels
        .iter()
        .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
        .collect();
    format!("{{{}}}", pairs.join(","))
}

fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for letter in value.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_a_family_with_and_without_labels() {
        let mut text = PrometheusText::default();
        text.family("a_bytes", Kind::Gauge, "All of it.", plain(7));
        let points = [
            labelled([("kind", "x".to_owned()), ("n", "1".to_owned())], 1),
            labelled([("kind", "y".to_owned())], u64::MAX),
        ];
        text.family("b_total", Kind::Counter, "Some.", points);
        assert_eq!(
            text.into_string(),
            "# HELP a_bytes All of it.\n# TYPE a_bytes gauge\na_bytes 7\n\
             # HELP b_total Some.\n# TYPE b_total counter\n\
             b_total{kind=\"x\",n=\"1\"} 1\nb_total{kind=\"y\"} 18446744073709551615\n"
        );
    }

    #[test]
    fn values_may_be_below_zero() {
        let mut text = PrometheusText::default();
        text.family("a_bytes", Kind::Gauge, "h", signed(-7));
        assert!(text.into_string().ends_with("\na_bytes -7\n"));
    }

    #[test]
    fn a_family_without_points_is_not_written() {
        let mut text = PrometheusText::default();
        text.family("a", Kind::Gauge, "None.", []);
        assert_eq!(text.into_string(), "");
    }

    #[test]
    fn label_values_cannot_break_out() {
        let mut text = PrometheusText::default();
        let point = labelled([("v", "a\"} 9\nb\\".to_owned())], 1);
        text.family("a", Kind::Gauge, "h", [point]);
        assert!(
            text.into_string()
                .ends_with("\na{v=\"a\\\"} 9\\nb\\\\\"} 1\n")
        );
    }
}
