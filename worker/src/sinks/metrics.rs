//! The SDK's `metricMeter`: values that workflow code records go to the worker's metrics, next to sdk-core's own.

use std::collections::HashMap;
use std::fmt;

use parking_lot::Mutex;
use serde_json::Value;
use temporalio_common::telemetry::metrics::{
    Counter, Gauge, GaugeF64, Histogram, HistogramF64, MetricAttributes, MetricKeyValue,
    MetricParameters, MetricValue, NewAttributes, TemporalMeter,
};

use crate::engine::SinkCall;

/// Most metrics that workflow code may make; more are reported in the log and dropped, for a name made from data
/// would grow the worker without bound.
const METRICS_MAX: usize = 1_000;

enum Metric {
    Counter(Counter),
    Histogram(Histogram),
    HistogramF64(HistogramF64),
    Gauge(Gauge),
    GaugeF64(GaugeF64),
}

/// Records metrics of workflow code.
pub struct WorkflowMetrics {
    meter: Option<TemporalMeter>,
    known: Mutex<HashMap<String, Metric>>,
}

impl fmt::Debug for WorkflowMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkflowMetrics")
            .field("known", &self.known.lock().len())
            .finish_non_exhaustive()
    }
}

/// One recorded value, read from the arguments of its sink call.
#[derive(Debug, PartialEq)]
struct Recording {
    kind: Kind,
    name: String,
    unit: String,
    description: String,
    value: f64,
    tags: Vec<(String, Value)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Counter,
    HistogramInt,
    HistogramFloat,
    GaugeInt,
    GaugeFloat,
}

impl Recording {
    /// `addMetricCounterValue(name, unit, description, value, tags)`; the two others have the value's type, `int` or
    /// `float`, after the name.
    fn read(call: &SinkCall) -> Option<Self> {
        let mut arguments: std::collections::VecDeque<Value> =
            serde_json::from_str(&call.arguments_json).ok()?;
        let name = arguments.pop_front()?.as_str()?.to_owned();
        let kind = match call.function.as_str() {
            "addMetricCounterValue" => Kind::Counter,
            "recordMetricHistogramValue" if arguments.pop_front()?.as_str()? == "int" => {
                Kind::HistogramInt
            }
            "recordMetricHistogramValue" => Kind::HistogramFloat,
            "setMetricGaugeValue" if arguments.pop_front()?.as_str()? == "int" => Kind::GaugeInt,
            "setMetricGaugeValue" => Kind::GaugeFloat,
            _ => return None,
        };
        let mut text = || {
            Some(
                arguments
                    .pop_front()?
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
            )
        };
        let (unit, description) = (text()?, text()?);
        let value = arguments.pop_front()?.as_f64()?;
        let tags = match arguments.pop_front() {
            Some(Value::Object(tags)) => tags.into_iter().collect(),
            _ => Vec::new(),
        };
        Some(Self {
            kind,
            name,
            unit,
            description,
            value,
            tags,
        })
    }
}

impl WorkflowMetrics {
    /// Records through `meter`; without one nothing is recorded.
    #[must_use]
    pub fn new(meter: Option<TemporalMeter>) -> Self {
        Self {
            meter,
            known: Mutex::default(),
        }
    }

    pub(super) fn record(&self, call: &SinkCall) {
        let Some(meter) = &self.meter else { return };
        let Some(recording) = Recording::read(call) else {
            tracing::warn!(
                function = call.function,
                "a workflow metric has arguments that cannot be read"
            );
            return;
        };
        let attributes = attributes(meter, &recording.tags);
        let key = format!("{:?}:{}", recording.kind, recording.name);
        let mut known = self.known.lock();
        if !known.contains_key(&key) && known.len() >= METRICS_MAX {
            tracing::warn!(
                metric = recording.name,
                "workflow code made more than {METRICS_MAX} metrics; this one is dropped"
            );
            return;
        }
        known
            .entry(key)
            .or_insert_with(|| make(meter, &recording))
            .record(recording.value, &attributes);
    }
}

impl Metric {
    fn record(&self, value: f64, attributes: &MetricAttributes) {
        // Counters and integer metrics take whole numbers; Node truncates likewise when it hands them to sdk-core.
        let whole = value.max(0.0) as u64;
        match self {
            Self::Counter(counter) => counter.add(whole, attributes),
            Self::Histogram(histogram) => histogram.record(whole, attributes),
            Self::HistogramF64(histogram) => histogram.record(value, attributes),
            Self::Gauge(gauge) => gauge.record(whole, attributes),
            Self::GaugeF64(gauge) => gauge.record(value, attributes),
        }
    }
}

fn make(meter: &TemporalMeter, recording: &Recording) -> Metric {
    let parameters = MetricParameters::builder()
        .name(recording.name.clone())
        .unit(recording.unit.clone())
        .description(recording.description.clone())
        .build();
    match recording.kind {
        Kind::Counter => Metric::Counter(meter.counter(parameters)),
        Kind::HistogramInt => Metric::Histogram(meter.histogram(parameters)),
        Kind::HistogramFloat => Metric::HistogramF64(meter.histogram_f64(parameters)),
        Kind::GaugeInt => Metric::Gauge(meter.gauge(parameters)),
        Kind::GaugeFloat => Metric::GaugeF64(meter.gauge_f64(parameters)),
    }
}

fn attributes(meter: &TemporalMeter, tags: &[(String, Value)]) -> MetricAttributes {
    let pairs = tags
        .iter()
        .map(|(key, value)| MetricKeyValue::new(key.clone(), metric_value(value)))
        .collect();
    meter.extend_attributes(
        meter.get_default_attributes().clone(),
        NewAttributes::new(pairs),
    )
}

fn metric_value(value: &Value) -> MetricValue {
    match value {
        Value::String(text) => MetricValue::String(text.clone()),
        Value::Bool(value) => MetricValue::Bool(*value),
        Value::Number(number) => match number.as_i64() {
            Some(number) => MetricValue::Int(number),
            None => MetricValue::Float(number.as_f64().unwrap_or_default()),
        },
        other => MetricValue::String(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(function: &str, arguments_json: &str) -> SinkCall {
        SinkCall {
            interface: "__temporal_metrics".to_owned(),
            function: function.to_owned(),
            arguments_json: arguments_json.to_owned(),
            replaying: false,
            info_json: None,
        }
    }

    #[test]
    fn a_counter_has_no_value_type() {
        let read = Recording::read(&call(
            "addMetricCounterValue",
            r#"["n","u",null,2,{"a":1}]"#,
        ))
        .unwrap();
        assert_eq!(
            (read.kind, read.value, read.unit.as_str()),
            (Kind::Counter, 2.0, "u")
        );
        assert_eq!(read.tags, [("a".to_owned(), Value::from(1))]);
    }

    #[test]
    fn histograms_and_gauges_tell_whole_numbers_from_fractions() {
        let read = |function, value_type: &str| {
            Recording::read(&call(
                function,
                &format!(r#"["n","{value_type}","","",1.5,{{}}]"#),
            ))
            .unwrap()
            .kind
        };
        assert_eq!(
            read("recordMetricHistogramValue", "int"),
            Kind::HistogramInt
        );
        assert_eq!(
            read("recordMetricHistogramValue", "float"),
            Kind::HistogramFloat
        );
        assert_eq!(read("setMetricGaugeValue", "int"), Kind::GaugeInt);
        assert_eq!(read("setMetricGaugeValue", "float"), Kind::GaugeFloat);
    }

    #[test]
    fn unknown_functions_and_broken_arguments_are_no_recordings() {
        assert_eq!(Recording::read(&call("somethingElse", r#"["n"]"#)), None);
        assert_eq!(Recording::read(&call("addMetricCounterValue", "[]")), None);
        assert_eq!(Recording::read(&call("addMetricCounterValue", "{")), None);
    }
}
