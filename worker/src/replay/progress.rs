//! Progress on standard error: a bar on a terminal, a line now and then elsewhere.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often a line is written where nobody watches.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Shows how far a replay is.
pub struct ProgressDisplay {
    form: Form,
    done: usize,
    not_ok: usize,
    found: Option<usize>,
}

enum Form {
    Bar(ProgressBar),
    Lines { last: Instant },
}

impl ProgressDisplay {
    /// For standard error as it is.
    #[must_use]
    pub fn start() -> Self {
        let form = if std::io::stderr().is_terminal() {
            Form::Bar(bar())
        } else {
            Form::Lines {
                last: Instant::now(),
            }
        };
        Self {
            form,
            done: 0,
            not_ok: 0,
            found: None,
        }
    }

    /// So many histories there are in all.
    pub fn found(&mut self, histories: usize) {
        self.found = Some(histories);
        if let Form::Bar(bar) = &self.form {
            bar.set_length(histories as u64);
        }
    }

    /// One more is done.
    pub fn done(&mut self, is_ok: bool) {
        self.done += 1;
        self.not_ok += usize::from(!is_ok);
        let text = sentence(self.done, self.found, self.not_ok);
        match &mut self.form {
            Form::Bar(bar) => {
                bar.set_position(self.done as u64);
                bar.set_message(format!("{} not ok", self.not_ok));
            }
            Form::Lines { last } if last.elapsed() >= LINE_EVERY => {
                *last = Instant::now();
                eprintln!("{text}");
            }
            Form::Lines { .. } => {}
        }
    }

    /// Takes the bar away.
    pub fn finish(self) {
        if let Form::Bar(bar) = self.form {
            bar.finish_and_clear();
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let template = "{bar:30} {pos}/{len} histories, {msg}, {per_sec}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_message("0 not ok");
    bar
}

fn sentence(done: usize, found: Option<usize>, not_ok: usize) -> String {
    match found {
        Some(found) => format!("replayed {done} of {found} histories, {not_ok} not ok"),
        None => format!("replayed {done} histories, {not_ok} not ok"),
    }
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn a_line_says_what_is_known() {
        assert_eq!(
            sentence(3, Some(9), 1),
            "replayed 3 of 9 histories, 1 not ok"
        );
        assert_eq!(sentence(3, None, 0), "replayed 3 histories, 0 not ok");
    }
}
