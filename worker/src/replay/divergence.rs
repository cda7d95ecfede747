//! Where code and history part ways.

use serde::Serialize;
use temporalio_common::protos::temporal::api::enums::v1::EventType;
use temporalio_common::protos::temporal::api::history::v1::{History, HistoryEvent};

use super::commands::{describe_command, fits, makes_event};
use super::events::describe_event;
use super::lane::{IssuedCommand, Verdict};
use super::stack::{Place, place_in};

/// A nondeterminism error, in full.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Divergence {
    /// sdk-core's sentence.
    pub message: String,
    /// The event that the code has nothing for.
    pub event_id: Option<i64>,
    /// What history has there.
    pub history: Option<String>,
    /// What the code did instead.
    pub code: Option<String>,
    /// Where it did that; if it did nothing, where it issued its last command, or where it waits.
    pub source: Option<Place>,
    /// The stack of the command.
    pub stack: Option<String>,
}

/// Puts together what sdk-core said and what the code did.
pub(super) fn explain(history: &History, verdict: &Verdict) -> Divergence {
    let event = find_event(history, verdict);
    if verdict.tasks.is_empty() {
        // Nobody noted what the code did.
        return Divergence {
            message: verdict.message.clone(),
            event_id: event.map(|event| event.event_id),
            history: event.map(describe_event),
            ..Divergence::default()
        };
    }
    let issued = event.map_or(Issued::Nothing, |event| {
        find_command(history, event, verdict)
    });
    let last = || last_command(verdict);
    let (code, stack) = match issued {
        Issued::Command(command) => (describe_command(&command.command), command.stack.clone()),
        Issued::Nothing => (
            match last() {
                Some(last) => format!(
                    "issued no command there; its last one was {}",
                    describe_command(&last.command)
                ),
                None => "issued no command".to_owned(),
            },
            verdict
                .stack_trace
                .clone()
                .or_else(|| last()?.stack.clone()),
        ),
    };
    Divergence {
        message: verdict.message.clone(),
        event_id: event.map(|event| event.event_id),
        history: event.map(describe_event),
        code: Some(code),
        source: stack.as_deref().and_then(place_in),
        stack,
    }
}

/// What the code did at the place of an event.
enum Issued<'a> {
    Command(&'a IssuedCommand),
    Nothing,
}

/// The event that sdk-core names; if it names none, the first one of the code's last task that its command does not fit.
fn find_event<'a>(history: &'a History, verdict: &Verdict) -> Option<&'a HistoryEvent> {
    if let Some(event_id) = named_event_id(&verdict.message) {
        return history
            .events
            .iter()
            .find(|event| event.event_id == event_id);
    }
    let events = events_of_task(history, verdict.tasks.last()?.last_event_id);
    let mut commands = commands_of_task(verdict);
    events.into_iter().find(|event| {
        commands
            .next()
            .is_none_or(|issued| !fits(&issued.command, event))
    })
}

/// `HistoryEvent(id: 5, TimerStarted)` or `event_id: 5`.
fn named_event_id(message: &str) -> Option<i64> {
    ["HistoryEvent(id: ", "event_id: "].iter().find_map(|mark| {
        let (_, rest) = message.split_once(mark)?;
        let end = rest.find(|letter: char| !letter.is_ascii_digit())?;
        rest[..end].parse().ok()
    })
}

/// The command at the event's place among the events of its task.
fn find_command<'a>(history: &History, event: &HistoryEvent, verdict: &'a Verdict) -> Issued<'a> {
    let Some(task) = verdict.tasks.last() else {
        return Issued::Nothing;
    };
    let place = events_of_task(history, task.last_event_id)
        .iter()
        .position(|candidate| candidate.event_id == event.event_id);
    let mut commands = commands_of_task(verdict);
    // An event after the task's own: what the code issued last has nothing in history.
    let command = match place {
        Some(place) => commands.nth(place),
        None => commands.last(),
    };
    command.map_or(Issued::Nothing, Issued::Command)
}

/// Events that commands of the task made that had seen history up to `last_event_id`.
fn events_of_task(history: &History, last_event_id: i64) -> Vec<&HistoryEvent> {
    history
        .events
        .iter()
        .skip_while(|event| event.event_id <= last_event_id)
        .skip_while(|event| event.event_type() != EventType::WorkflowTaskCompleted)
        .skip(1)
        .take_while(|event| event.is_command_event())
        .collect()
}

/// The commands of the last task, of all its activations, that make events.
fn commands_of_task(verdict: &Verdict) -> impl Iterator<Item = &IssuedCommand> {
    let last_event_id = verdict.tasks.last().map(|task| task.last_event_id);
    verdict
        .tasks
        .iter()
        .filter(move |task| Some(task.last_event_id) == last_event_id)
        .flat_map(|task| &task.commands)
        .filter(|command| makes_event(&command.command).is_some())
}

fn last_command(verdict: &Verdict) -> Option<&IssuedCommand> {
    verdict
        .tasks
        .iter()
        .rev()
        .flat_map(|task| task.commands.iter().rev())
        .next()
}

#[cfg(test)]
mod tests;
