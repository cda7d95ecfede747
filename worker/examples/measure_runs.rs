//! How true the measured cost of runs is: runs of known state are driven through one isolate, then each is evicted and
//! collected, and what came back is compared with what was measured before.
//!
//! ```text
//! cargo run --release --example measure_runs -- BUNDLE [SEED [RUNS [shared|per-workflow]]]
//! ```
//!
//! The bundle has the workflow `holdState` of `workflows/memory/`. Prints one JSON object a line: one for each run, then one for the isolate.
#![forbid(unsafe_code)]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use burdock_bundle::Bundle;
use burdock_worker::config::elements::FailureErrorTypes;
use burdock_worker::engine::{
    ConsoleOutput, ContextMode, IsolateSettings, ModuleSharing, WorkflowIsolate, initialize_v8,
};
use serde_json::json;
use temporalio_common::protos::coresdk::workflow_activation::workflow_activation_job::Variant;
use temporalio_common::protos::coresdk::workflow_activation::{
    InitializeWorkflow, SignalWorkflow, WorkflowActivation, WorkflowActivationJob,
};
use temporalio_common::protos::temporal::api::common::v1::Payload;

const KINDS: [&str; 7] = [
    "string", "strings", "objects", "map", "buffer", "sparse", "partly",
];
const CHANGES: usize = 4;
/// Runs that are evicted before anything is measured, so that what V8 compiles for the first evictions is there.
const WARM_UP_RUNS: usize = 12;
const RESIDENT: &str = "resident";
const COLLECTIONS_MAX: usize = 20;
const COMPILATION_PAUSE: Duration = Duration::from_millis(50);
/// 1 KB to 16 MB.
const SIZE_BITS: std::ops::RangeInclusive<u64> = 10..=24;

fn main() -> Result<(), Box<dyn Error>> {
    initialize_v8();
    let mut arguments = std::env::args().skip(1);
    let bundle = arguments.next().ok_or("name a bundle")?;
    let seed = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let runs = arguments.next().map_or(Ok(40), |text| text.parse())?;
    let context = match arguments.next().as_deref() {
        Some("per-workflow") => ContextMode::PerWorkflow,
        _ => ContextMode::Shared,
    };
    let mut isolate = WorkflowIsolate::new(&settings(Path::new(&bundle), context)?)?;
    eprintln!("measure_runs {bundle} {seed} {runs}");
    let mut random = Random(seed);
    pass_through(&mut isolate, &mut random, WARM_UP_RUNS)?;
    // What runs share without the bundle sharing it, hidden classes above all, counts for the oldest run and goes with the
    // last one: a run that stays has it.
    let mut resident = plans(&mut random, 1);
    for plan in &mut resident {
        RESIDENT.clone_into(&mut plan.run_id);
    }
    drive(&mut isolate, &resident)?;
    let plans = plans(&mut random, runs);
    drive(&mut isolate, &plans)?;
    report(&mut isolate, &plans);
    Ok(())
}

fn settings(bundle: &Path, context: ContextMode) -> Result<IsolateSettings, Box<dyn Error>> {
    Ok(IsolateSettings {
        bundle: Arc::new(Bundle::load(bundle)?),
        namespace: "default".to_owned(),
        task_queue: "measure".to_owned(),
        activity_names: Vec::new(),
        workflow_timeout: Duration::from_secs(30),
        heap_limit_bytes: Some(2 << 30),
        workflow_budget_bytes: None,
        context,
        stack_traces: false,
        show_stack_trace_sources: false,
        failure_error_types: FailureErrorTypes::default(),
        patch_activation: None,
        console: ConsoleOutput::Log,
        share_modules: ModuleSharing::Off,
        command_sources: false,
    })
}

/// What one run is told to hold, one after the other.
struct Plan {
    run_id: String,
    pattern: &'static str,
    changes: Vec<(&'static str, u64)>,
}

fn plans(random: &mut Random, runs: usize) -> Vec<Plan> {
    let size = |random: &mut Random| {
        let bits = SIZE_BITS.start() + random.below(SIZE_BITS.end() - SIZE_BITS.start());
        (1 << bits) + random.below(1 << bits)
    };
    (0..runs)
        .map(|index| {
            let mut sizes: Vec<u64> = (0..CHANGES).map(|_| size(random)).collect();
            let pattern = ["growing", "shrinking", "mixed"][index % 3];
            match pattern {
                "growing" => sizes.sort_unstable(),
                "shrinking" => sizes.sort_unstable_by(|left, right| right.cmp(left)),
                _ => {}
            }
            let kind = |random: &mut Random| KINDS[random.below(KINDS.len() as u64) as usize];
            let first = kind(random);
            let changes = sizes.into_iter().map(|bytes| match pattern {
                "mixed" => (kind(random), bytes),
                _ => (first, bytes),
            });
            Plan {
                run_id: format!("run-{index}"),
                pattern,
                changes: changes.collect(),
            }
        })
        .collect()
}

/// Runs that come and go.
fn pass_through(
    isolate: &mut WorkflowIsolate,
    random: &mut Random,
    runs: usize,
) -> Result<(), Box<dyn Error>> {
    let mut plans = plans(random, runs);
    for plan in &mut plans {
        plan.run_id.insert_str(0, "passing-");
    }
    drive(isolate, &plans)?;
    for plan in &plans {
        isolate.evict(&plan.run_id);
        isolate.collect_garbage();
    }
    Ok(())
}

/// Every run starts, then all change their state in turns, as runs of a busy worker do.
fn drive(isolate: &mut WorkflowIsolate, plans: &[Plan]) -> Result<(), Box<dyn Error>> {
    for plan in plans {
        let start = InitializeWorkflow {
            workflow_type: "holdState".to_owned(),
            workflow_id: plan.run_id.clone(),
            randomness_seed: 1,
            attempt: 1,
            start_time: Some(std::time::SystemTime::UNIX_EPOCH.into()),
            workflow_task_timeout: Some(Duration::from_secs(10).try_into()?),
            ..Default::default()
        };
        activate(isolate, plan, Variant::InitializeWorkflow(start))?;
    }
    for change in 0..CHANGES {
        for plan in plans {
            let (kind, bytes) = plan.changes[change];
            let signal = SignalWorkflow {
                signal_name: "hold".to_owned(),
                input: vec![json_payload(&json!(kind)), json_payload(&json!(bytes))],
                ..Default::default()
            };
            activate(isolate, plan, Variant::SignalWorkflow(signal))?;
        }
    }
    Ok(())
}

fn activate(
    isolate: &mut WorkflowIsolate,
    plan: &Plan,
    job: Variant,
) -> Result<(), Box<dyn Error>> {
    use temporalio_common::protos::coresdk::workflow_completion::workflow_activation_completion::Status;
    let activation = WorkflowActivation {
        run_id: plan.run_id.clone(),
        timestamp: Some(std::time::SystemTime::UNIX_EPOCH.into()),
        history_length: 3,
        jobs: vec![WorkflowActivationJob { variant: Some(job) }],
        ..Default::default()
    };
    match isolate.activate(&activation).completion.status {
        Some(Status::Failed(failed)) => Err(failed.failure.unwrap_or_default().message.into()),
        _ => Ok(()),
    }
}

fn json_payload(value: &serde_json::Value) -> Payload {
    Payload {
        metadata: [("encoding".to_owned(), b"json/plain".to_vec())].into(),
        data: value.to_string().into_bytes(),
        ..Default::default()
    }
}

/// Measures as an idle worker does, then takes the runs out one by one.
fn report(isolate: &mut WorkflowIsolate, plans: &[Plan]) {
    let time = isolate.measuring_time();
    let measured = isolate.measure_if_stale().unwrap_or_default();
    isolate.collect_garbage();
    let live = live_bytes(isolate);
    let estimates: Vec<u64> = plans
        .iter()
        .map(|plan| {
            let bytes = isolate.run_bytes(&plan.run_id);
            bytes.heap_bytes + bytes.external_bytes
        })
        .collect();
    let mut before = live;
    for (plan, estimate) in plans.iter().zip(&estimates) {
        isolate.evict(&plan.run_id);
        let after = collected(isolate, before.saturating_sub(estimate / 2));
        let (kind, bytes) = plan.changes[CHANGES - 1];
        let line = json!({
            "runId": plan.run_id, "pattern": plan.pattern, "kind": kind, "stateBytes": bytes,
            "estimateBytes": estimate, "truthBytes": before.saturating_sub(after),
        });
        println!("{line}");
        before = after;
    }
    let base = measured.base.heap_bytes + measured.base.external_bytes;
    let resident = isolate.run_bytes(RESIDENT);
    let sum = estimates.iter().sum::<u64>() + resident.heap_bytes + resident.external_bytes;
    let line = json!({
        "isolate": true, "liveBytes": live, "baseBytes": base, "sumBytes": sum, "emptyBytes": before,
        "activationMs": time.activations.as_secs_f64() * 1e3, "walkMs": time.walks.as_secs_f64() * 1e3, "walks": time.walk_count,
        "lastWalkMs": (isolate.measuring_time().walks - time.walks).as_secs_f64() * 1e3,
    });
    println!("{line}");
}

/// Collects what an evicted run left. A compilation on one of V8's threads holds objects of the code that it was started for
/// until it is done, and tells nobody of that: until the heap is below `expected_bytes`, this collects again, a few times.
#[expect(
    clippy::disallowed_methods,
    reason = "V8's compilation threads tell of no event that could be awaited"
)]
fn collected(isolate: &mut WorkflowIsolate, expected_bytes: u64) -> u64 {
    for _ in 0..COLLECTIONS_MAX {
        isolate.collect_garbage();
        if live_bytes(isolate) <= expected_bytes {
            break;
        }
        std::thread::sleep(COMPILATION_PAUSE);
    }
    live_bytes(isolate)
}

fn live_bytes(isolate: &mut WorkflowIsolate) -> u64 {
    let sample = isolate.heap_sample();
    (sample.used_heap_bytes + sample.array_buffers_resident_bytes) as u64
}

/// splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}
