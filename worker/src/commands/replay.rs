//! `burdock replay`.

use super::hosting::isolate_settings;
use super::{complain, on_runtime, print, refuse};
use crate::config::{
    Histories, OutputFormat, ReplayConfig, ReplayFlags, Selection, Surroundings, resolve_replay,
};
use crate::engine::ConsoleOutput;
use crate::exit_code::ExitCode;
use crate::lifecycle::{RunError, configured_chain, connect_within};
use crate::logging::start_command_logging;
use crate::replay::{
    HistoryReport, Outcome, Progress, ProgressDisplay, ReplayError, Server, Source, Summary,
    json_line, json_summary, replay_histories, text_report,
};

pub(super) fn run(flags: &ReplayFlags, surroundings: &Surroundings) -> ExitCode {
    let config = match resolve_replay(flags, surroundings) {
        Ok(config) => config,
        Err(errors) => return refuse(&errors, ExitCode::Usage),
    };
    start_command_logging(&config.hosting.log_filter, false);
    for warning in &config.hosting.warnings {
        tracing::warn!("{warning}");
    }
    let identity = format!("{}@{}", surroundings.process_id, surroundings.host_name);
    on_runtime(replay(config, identity, flags.output))
}

async fn replay(
    config: ReplayConfig,
    identity: String,
    output: OutputFormat,
) -> Result<ExitCode, RunError> {
    let settings = isolate_settings(&config.hosting, ConsoleOutput::Log)?;
    let lanes = *config.hosting.isolates;
    let codecs = configured_chain(&config.hosting.codec, &config.hosting.namespace)?;
    let source = source(config.histories, identity).await?;
    let mut display = ProgressDisplay::start();
    let mut report = Report::new(output);
    let replayed = replay_histories(
        &settings,
        &codecs,
        lanes,
        source,
        |progress| match progress {
            Progress::Found(histories) => display.found(histories),
            Progress::Done(history) => {
                display.done(history.outcome == Outcome::Ok);
                report.add(history);
            }
        },
    )
    .await;
    display.finish();
    match replayed {
        Ok(took) => Ok(report.finish(took)),
        Err(ReplayError::Hosting(error)) => Err(error.into()),
        Err(ReplayError::Query(refused)) => Ok(complain(&refused, ExitCode::Usage)),
        Err(error @ ReplayError::Task(_)) => Ok(complain(&error, ExitCode::Failure)),
    }
}

async fn source(histories: Histories, identity: String) -> Result<Source, RunError> {
    Ok(match histories {
        Histories::Paths(paths) => Source::Paths(paths),
        Histories::Server {
            client,
            connect_timeout,
            selection,
        } => {
            let connection = connect_within(&client, identity, connect_timeout).await?;
            let server = Server::new(connection, client.namespace.clone());
            match selection {
                Selection::Execution {
                    workflow_id,
                    run_id,
                } => Source::Execution {
                    server,
                    workflow_id,
                    run_id,
                },
                Selection::Query(query) => Source::Query { server, query },
            }
        }
    })
}

/// Reports as they come and at the end.
struct Report {
    output: OutputFormat,
    reports: Vec<HistoryReport>,
    summary: Summary,
}

impl Report {
    fn new(output: OutputFormat) -> Self {
        Self {
            output,
            reports: Vec::new(),
            summary: Summary::default(),
        }
    }

    fn add(&mut self, history: HistoryReport) {
        self.summary.add(&history);
        if self.output == OutputFormat::Json {
            print(&json_line(&history));
        }
        self.reports.push(history);
    }

    fn finish(mut self, took: std::time::Duration) -> ExitCode {
        self.summary.took = took;
        match self.output {
            OutputFormat::Json => print(&json_summary(&self.summary)),
            OutputFormat::Text => print(&text_report(&self.reports, &self.summary)),
        };
        if self.reports.is_empty() {
            return complain(
                &"no history was found: name files, folders with *.json, *.bin or *.binpb files, or a query that finds executions",
                ExitCode::Input,
            );
        }
        Outcome::exit_code(self.reports.iter().map(|report| &report.outcome))
    }
}
