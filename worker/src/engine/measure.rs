//! Measures what every run of an isolate costs.

use std::time::Instant;

use deno_core::v8;

use super::buffers::BufferAccount;
use super::entry::enter;
use super::heap_walk::{HeapWalk, Root, RunRoots};
use super::host::Host;
use super::run_costs::{RunBytes, RunCosts};
use super::transcode::Transcoder;
use super::watchdog::Watchdog;

/// The runs of one isolate and what each of them keeps alive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measurement {
    /// What the isolate keeps for all runs: the bundle, its shared modules, the host's own scripts.
    pub base: RunBytes,
    /// Every run by its id.
    pub runs: Vec<(String, RunBytes)>,
}

/// What a measurement needs of its isolate.
pub(super) struct Measure<'a> {
    pub(super) host: &'a Host,
    pub(super) transcoder: &'a Transcoder,
    pub(super) watchdog: &'a Watchdog,
    pub(super) walk: HeapWalk,
    pub(super) buffers: &'a BufferAccount,
}

impl Measure<'_> {
    /// Walks the heap and enters what it finds into `costs`. Between two entries only.
    pub(super) fn take(&self, scope: &mut v8::PinScope<'_, '_>, costs: &mut RunCosts) {
        let began = Instant::now();
        v8::scope!(let scope, scope);
        let Ok(listed) = enter(scope, self.watchdog, &self.host.steps.run_roots, &[]) else {
            return;
        };
        let (run_ids, runs) = run_roots(scope, listed);
        let base = self.base_roots(scope);
        let walked = self.walk.walk(scope, &base, &runs, &self.buffers.look());
        costs.note_walk(run_ids, &walked, began, Instant::now());
    }

    /// What the worker itself holds on this heap.
    fn base_roots<'s>(&self, scope: &mut v8::PinScope<'s, '_>) -> Vec<Root<'s>> {
        let contexts = [&self.host.host_context, &self.host.workflow_context];
        let mut roots: Vec<Root<'s>> = contexts
            .into_iter()
            .map(|context| Root::of(v8::Local::new(scope, context)))
            .collect();
        let mut functions = self.transcoder.functions();
        functions.push(self.host.steps.run_roots.clone());
        roots.extend(
            functions
                .iter()
                .map(|function| Root::of(v8::Local::new(scope, function))),
        );
        roots
    }
}

/// Reads what `runRoots` of `js/host/runs.js` returns.
fn run_roots<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    listed: v8::Local<'_, v8::Value>,
) -> (Vec<String>, Vec<RunRoots<'s>>) {
    let Ok(listed) = v8::Local::<v8::Array>::try_from(listed) else {
        return (Vec::new(), Vec::new());
    };
    let mut run_ids = Vec::new();
    let mut runs = Vec::new();
    for first in (0..listed.length()).step_by(3) {
        let item = |index| listed.get_index(scope, index);
        let (Some(run_id), Some(record), Some(activator)) =
            (item(first), item(first + 1), item(first + 2))
        else {
            break;
        };
        let roots = [record, activator]
            .into_iter()
            .filter(|root| root.is_object())
            .map(Root::of)
            .collect();
        run_ids.push(run_id.to_rust_string_lossy(scope));
        runs.push(roots);
    }
    (run_ids, runs)
}
