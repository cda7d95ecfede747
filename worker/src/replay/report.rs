//! The report: lines of JSON for machines, a table for people.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use super::outcome::{HistoryReport, Outcome};

/// All histories in numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// How many there were.
    pub histories: usize,
    /// Events of those that could be read.
    pub events: usize,
    /// How many ended in each class, by its name, in the order of [`NAMES`].
    pub outcomes: [usize; NAMES.len()],
    /// How long it all took, start of the isolates included.
    pub took: Duration,
}

/// The classes, gravest last.
const NAMES: [&str; 5] = [
    "ok",
    "unreadable",
    "unusable-history",
    "workflow-task-failure",
    "nondeterminism",
];

impl Summary {
    /// Counts one report.
    pub fn add(&mut self, report: &HistoryReport) {
        self.histories += 1;
        self.events += report.run.as_ref().map_or(0, |run| run.events);
        if let Some(index) = NAMES.iter().position(|name| *name == report.outcome.name()) {
            self.outcomes[index] += 1;
        }
    }

    fn events_per_second(&self) -> f64 {
        self.events as f64 / self.took.as_secs_f64().max(f64::MIN_POSITIVE)
    }
}

/// One history as one line of JSON.
#[must_use]
pub fn json_line(report: &HistoryReport) -> String {
    let mut line = json!({
        "type": "history",
        "name": report.name,
        "outcome": report.outcome.name(),
        "tookMs": millis(report.took),
    });
    if let Some(run) = &report.run {
        line["workflowId"] = json!(run.workflow_id);
        line["runId"] = json!(run.run_id);
        line["workflowType"] = json!(run.workflow_type);
        line["events"] = json!(run.events);
    }
    match &report.outcome {
        Outcome::Ok => {}
        Outcome::Nondeterminism(divergence) => {
            let details = serde_json::to_value(divergence).unwrap_or_default();
            merge(&mut line, details);
        }
        Outcome::TaskFailure { message, source } => {
            line["message"] = json!(message);
            line["source"] = json!(source);
        }
        Outcome::Unusable { message } | Outcome::Unreadable { message } => {
            line["message"] = json!(message)
        }
    }
    format!("{line}\n")
}

/// The last line of JSON.
#[must_use]
pub fn json_summary(summary: &Summary) -> String {
    let outcomes: serde_json::Map<String, Value> = NAMES
        .iter()
        .zip(summary.outcomes)
        .map(|(name, count)| ((*name).to_owned(), json!(count)))
        .collect();
    let line = json!({
        "type": "summary",
        "histories": summary.histories,
        "events": summary.events,
        "outcomes": outcomes,
        "tookMs": millis(summary.took),
        "eventsPerSecond": summary.events_per_second().round(),
    });
    format!("{line}\n")
}

/// A line for each history, what is wrong with those that are not ok, and the numbers.
#[must_use]
pub fn text_report(reports: &[HistoryReport], summary: &Summary) -> String {
    let mut sorted: Vec<&HistoryReport> = reports.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    let mut text = String::new();
    for report in &sorted {
        let (events, workflow_type) = match &report.run {
            Some(run) => (run.events.to_string(), run.workflow_type.as_str()),
            None => ("-".to_owned(), "-"),
        };
        let name = report.outcome.name();
        let _ = writeln!(
            text,
            "{name:<21}  {events:>6} events  {workflow_type:<20}  {}",
            report.name
        );
    }
    for report in sorted.iter().filter(|report| report.outcome != Outcome::Ok) {
        let _ = write!(text, "\n{}: {}\n", report.name, details(&report.outcome));
    }
    let counts: Vec<String> = NAMES
        .iter()
        .zip(summary.outcomes)
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    let _ = writeln!(
        text,
        "\n{} histories: {}. {} events in {:.1} s, {:.0} a second.",
        summary.histories,
        if counts.is_empty() {
            "nothing to replay".to_owned()
        } else {
            counts.join(", ")
        },
        summary.events,
        summary.took.as_secs_f64(),
        summary.events_per_second(),
    );
    text
}

fn details(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Ok => String::new(),
        Outcome::Nondeterminism(divergence) => {
            let mut lines = vec![divergence.message.clone()];
            if let Some(event_id) = divergence.event_id {
                lines.push(format!("event    {event_id}"));
            }
            let parts = [
                ("history ", divergence.history.clone()),
                ("code    ", divergence.code.clone()),
                (
                    "source  ",
                    divergence.source.as_ref().map(ToString::to_string),
                ),
            ];
            lines.extend(
                parts
                    .into_iter()
                    .filter_map(|(what, text)| Some(format!("{what} {}", text?))),
            );
            lines.join("\n  ")
        }
        Outcome::TaskFailure { message, source } => match source {
            Some(source) => format!("the workflow task failed: {message}\n  source   {source}"),
            None => format!("the workflow task failed: {message}"),
        },
        Outcome::Unusable { message } | Outcome::Unreadable { message } => message.clone(),
    }
}

fn merge(line: &mut Value, details: Value) {
    if let (Value::Object(line), Value::Object(details)) = (line, details) {
        line.extend(details);
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::divergence::Divergence;
    use super::super::outcome::RunInfo;
    use super::super::stack::Place;
    use super::*;

    fn report(name: &str, outcome: Outcome) -> HistoryReport {
        let run = RunInfo {
            workflow_id: "w".to_owned(),
            run_id: "r".to_owned(),
            workflow_type: "t".to_owned(),
            events: 10,
        };
        HistoryReport {
            name: name.to_owned(),
            run: (outcome.name() != "unreadable").then_some(run),
            outcome,
            took: Duration::from_millis(5),
        }
    }

    fn samples() -> Vec<HistoryReport> {
        let divergence = Divergence {
            message: "core says".to_owned(),
            event_id: Some(5),
            history: Some("TimerStarted (timer 1)".to_owned()),
            code: Some("ScheduleActivity".to_owned()),
            source: Some(Place {
                file: "a.ts".to_owned(),
                line: 1,
                column: 2,
            }),
            stack: None,
        };
        vec![
            report("b.json", Outcome::Nondeterminism(Box::new(divergence))),
            report("a.json", Outcome::Ok),
            report(
                "c.json",
                Outcome::Unreadable {
                    message: "is empty".to_owned(),
                },
            ),
        ]
    }

    fn summary() -> Summary {
        let mut summary = Summary {
            took: Duration::from_secs(2),
            ..Summary::default()
        };
        samples().iter().for_each(|report| summary.add(report));
        summary
    }

    #[test]
    fn every_outcome_is_counted() {
        for outcome in [
            Outcome::Ok,
            Outcome::Nondeterminism(Box::default()),
            Outcome::TaskFailure {
                message: String::new(),
                source: None,
            },
            Outcome::Unusable {
                message: String::new(),
            },
            Outcome::Unreadable {
                message: String::new(),
            },
        ] {
            let mut summary = Summary::default();
            summary.add(&report("x", outcome));
            assert_eq!(summary.outcomes.iter().sum::<usize>(), 1);
        }
    }

    #[test]
    fn lines_of_json_hold_what_is_known() {
        let [divergence, _, unreadable] = &samples()[..] else {
            unreachable!()
        };
        let line: Value = serde_json::from_str(&json_line(divergence)).unwrap();
        assert_eq!(
            (&line["outcome"], &line["eventId"]),
            (&json!("nondeterminism"), &json!(5))
        );
        assert_eq!(
            line["source"],
            json!({"file": "a.ts", "line": 1, "column": 2})
        );
        let line: Value = serde_json::from_str(&json_line(unreadable)).unwrap();
        assert_eq!(
            (&line["message"], &line["events"]),
            (&json!("is empty"), &Value::Null)
        );
        let line: Value = serde_json::from_str(&json_summary(&summary())).unwrap();
        assert_eq!(line["outcomes"]["nondeterminism"], json!(1));
        assert_eq!(line["eventsPerSecond"], json!(10.0));
    }

    #[test]
    fn the_table_is_in_the_order_of_names_and_says_what_is_wrong() {
        let text = text_report(&samples(), &summary());
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            lines[0].starts_with("ok ") && lines[0].ends_with("a.json"),
            "{text}"
        );
        assert!(
            text.contains("b.json: core says\n  event    5\n  history  TimerStarted"),
            "{text}"
        );
        assert!(text.contains("c.json: is empty"), "{text}");
        assert!(text.ends_with("3 histories: 1 ok, 1 unreadable, 1 nondeterminism. 20 events in 2.0 s, 10 a second.\n"), "{text}");
    }
}
