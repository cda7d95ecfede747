//! All histories of a source over all lanes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use burdock_codecs::CodecChain;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use super::divergence::explain;
use super::file;
use super::lane::{Lane, LaneError, Verdict};
use super::outcome::{HistoryReport, Outcome, RunInfo};
use super::recorded::{RecordedHistory, Unreadable};
use super::server::{QueryRefused, Server};
use super::source::{Candidate, Source, find_files};
use crate::engine::IsolateSettings;
use crate::hosting::HostingError;

/// Candidates that wait for a lane, and reports that wait to be written.
const QUEUE_CAPACITY: usize = 256;

/// Why a replay ended before all histories were judged.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The bundle does not run, or an isolate is lost.
    #[error(transparent)]
    Hosting(#[from] HostingError),
    /// The server does not take the query.
    #[error(transparent)]
    Query(#[from] QueryRefused),
    /// A defect of this program.
    #[error("a task of the replay ended: {0}; this is a defect of Burdock")]
    Task(#[from] tokio::task::JoinError),
}

/// What a replay tells while it runs.
#[derive(Debug)]
pub enum Progress {
    /// So many histories have been found in all.
    Found(usize),
    /// One is done.
    Done(HistoryReport),
}

/// Replays every history of `source` on `lanes` isolates, several at a time, and calls `note` for each.
///
/// # Errors
/// When the bundle does not run, an isolate is lost, or the server refuses the query. A history that cannot be read or
/// replayed is an outcome, no error.
pub async fn replay_histories(
    settings: &IsolateSettings,
    codecs: &CodecChain,
    lanes: usize,
    source: Source,
    mut note: impl FnMut(Progress),
) -> Result<Duration, ReplayError> {
    let began = Instant::now();
    let (found, candidates) = mpsc::channel(QUEUE_CAPACITY);
    let (reports, mut reported) = mpsc::channel(QUEUE_CAPACITY);
    let shared = Arc::new(Shared {
        candidates: Mutex::new(candidates),
        server: source.server(),
        settings: settings.clone(),
        codecs: codecs.clone(),
        closer_look: Mutex::new(None),
    });
    let mut tasks = JoinSet::new();
    tasks.spawn(find(source, found, reports.clone()));
    for _ in 0..lanes {
        tasks.spawn(work(Arc::clone(&shared), reports.clone()));
    }
    drop(reports);
    loop {
        tokio::select! {
            Some(progress) = reported.recv() => note(progress),
            // The first error ends all: the set aborts what is left in it.
            Some(ended) = tasks.join_next() => ended??,
            else => break,
        }
    }
    if let Some(lane) = shared.closer_look.lock().await.take() {
        lane.shut_down().await;
    }
    Ok(began.elapsed())
}

impl Source {
    fn server(&self) -> Option<Server> {
        match self {
            Self::Paths(_) => None,
            Self::Execution { server, .. } | Self::Query { server, .. } => Some(server.clone()),
        }
    }
}

async fn find(
    source: Source,
    found: mpsc::Sender<Candidate>,
    reports: mpsc::Sender<Progress>,
) -> Result<(), ReplayError> {
    let candidates = match source {
        Source::Query { server, query } => return Ok(server.list(&query, &found).await?),
        Source::Execution {
            workflow_id,
            run_id,
            ..
        } => vec![Candidate::Execution {
            workflow_id,
            run_id: run_id.unwrap_or_default(),
        }],
        Source::Paths(paths) => tokio::task::spawn_blocking(move || find_files(&paths)).await?,
    };
    let _ = reports.send(Progress::Found(candidates.len())).await;
    for candidate in candidates {
        if found.send(candidate).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// What the lanes have in common.
struct Shared {
    candidates: Mutex<mpsc::Receiver<Candidate>>,
    server: Option<Server>,
    settings: IsolateSettings,
    codecs: CodecChain,
    /// A lane that notes what the code does. It is slow, and made when it is first needed.
    closer_look: Mutex<Option<Lane>>,
}

async fn work(shared: Arc<Shared>, reports: mpsc::Sender<Progress>) -> Result<(), ReplayError> {
    let mut lane = Lane::start(&shared.settings, shared.codecs.clone()).await?;
    loop {
        let candidate = shared.candidates.lock().await.recv().await;
        let Some(candidate) = candidate else { break };
        let began = Instant::now();
        let name = candidate.name();
        let (run, outcome) = match shared.load(candidate).await {
            Ok(recorded) => {
                let recorded = Arc::new(recorded);
                let outcome = shared.judge(&mut lane, &recorded).await?;
                (Some(RunInfo::of(&recorded)), outcome)
            }
            Err(Unreadable(message)) => (None, Outcome::Unreadable { message }),
        };
        let report = HistoryReport {
            name,
            run,
            outcome,
            took: began.elapsed(),
        };
        if reports.send(Progress::Done(report)).await.is_err() {
            break;
        }
    }
    lane.shut_down().await;
    Ok(())
}

impl Shared {
    async fn load(&self, candidate: Candidate) -> Result<RecordedHistory, Unreadable> {
        match (candidate, &self.server) {
            (Candidate::Missing { message, .. }, _) => Err(Unreadable(message)),
            (Candidate::File(path), _) => tokio::task::spawn_blocking(move || file::read(&path))
                .await
                .unwrap_or_else(|error| Err(Unreadable(format!("cannot be read: {error}")))),
            (
                Candidate::Execution {
                    workflow_id,
                    run_id,
                },
                Some(server),
            ) => server.fetch(&workflow_id, &run_id).await,
            (Candidate::Execution { .. }, None) => Err(Unreadable("is on no server".to_owned())),
        }
    }

    async fn judge(
        &self,
        lane: &mut Lane,
        recorded: &Arc<RecordedHistory>,
    ) -> Result<Outcome, HostingError> {
        if !recorded.has_workflow_task {
            // sdk-core would wait for one; code that never ran contradicts nothing.
            return Ok(Outcome::Ok);
        }
        match lane.replay(recorded).await {
            Ok(verdict) => match Outcome::of_verdict(&verdict, recorded) {
                Some(outcome) => Ok(outcome),
                None => self.look_closer(verdict, recorded).await,
            },
            Err(error) => unusable(error),
        }
    }

    /// Replays a history again, noting each command and where it comes from.
    async fn look_closer(
        &self,
        first: Verdict,
        recorded: &Arc<RecordedHistory>,
    ) -> Result<Outcome, HostingError> {
        let mut lane = self.closer_look.lock().await;
        let lane = match &mut *lane {
            Some(lane) => lane,
            empty => empty.insert(
                Lane::start(
                    &IsolateSettings {
                        command_sources: true,
                        stack_traces: true,
                        ..self.settings.clone()
                    },
                    self.codecs.clone(),
                )
                .await?,
            ),
        };
        let second = match lane.replay(recorded).await {
            Ok(second) => second,
            Err(LaneError::Hosting(error)) => return Err(error),
            Err(LaneError::Core(_)) => first.clone(),
        };
        // Code that goes another way each time has no second look.
        let verdict = if second.reason == first.reason {
            second
        } else {
            first
        };
        Ok(Outcome::Nondeterminism(Box::new(explain(
            &recorded.history,
            &verdict,
        ))))
    }
}

fn unusable(error: LaneError) -> Result<Outcome, HostingError> {
    match error {
        LaneError::Hosting(error) => Err(error),
        LaneError::Core(stopped) => Ok(Outcome::Unusable {
            message: stopped.to_string(),
        }),
    }
}
