//! Which lines of workflow code the commands of a run's last activation come from.

use deno_core::v8;

use super::entry::enter;
use super::host::Host;
use super::watchdog::Watchdog;

/// A run's last commands, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CommandLines {
    /// The run's workflow type; empty if the run is not known.
    pub(super) workflow_type: String,
    /// `function (file:line:column)` of each command; nothing where no workflow code was on the stack.
    pub(super) lines: Vec<Option<String>>,
}

impl CommandLines {
    /// The line of the command with this index.
    pub(super) fn line(&self, index: usize) -> Option<&str> {
        self.lines.get(index)?.as_deref()
    }
}

/// Asks the host. What goes wrong there leaves the answer empty: it is an addition to a message.
pub(super) fn command_lines(
    scope: &mut v8::PinScope<'_, '_>,
    host: &Host,
    watchdog: &Watchdog,
    run_id: &str,
) -> CommandLines {
    read(scope, host, watchdog, run_id).unwrap_or_default()
}

fn read(
    scope: &mut v8::PinScope<'_, '_>,
    host: &Host,
    watchdog: &Watchdog,
    run_id: &str,
) -> Option<CommandLines> {
    let id = v8::String::new(scope, run_id)?;
    let answer = enter(scope, watchdog, &host.steps.command_lines, &[id.into()]).ok()?;
    let answer = v8::Local::<v8::Array>::try_from(answer).ok()?;
    let mut texts = Vec::with_capacity(answer.length() as usize);
    for index in 0..answer.length() {
        let value = answer.get_index(scope, index)?;
        texts.push(value.is_string().then(|| value.to_rust_string_lossy(scope)));
    }
    let mut texts = texts.into_iter();
    Some(CommandLines {
        workflow_type: texts.next()??,
        lines: texts.collect(),
    })
}
