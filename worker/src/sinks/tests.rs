//! One test per rule of sinks of the program's own.

use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::{Value, json};

use super::*;

/// Keeps what it is called with. `fails` fails, `panics` panics, `replayed` wants replayed calls, `absent` is not there.
#[derive(Default)]
struct Recorder(Mutex<Vec<(String, Vec<Value>, WorkflowInfo)>>);

#[async_trait::async_trait]
impl WorkflowSink for Recorder {
    fn on_replay(&self, function: &str) -> Option<OnReplay> {
        match function {
            "absent" => None,
            "odd" => panic!("odd name"),
            "replayed" => Some(OnReplay::Call),
            _ => Some(OnReplay::Skip),
        }
    }

    async fn call(&self, call: SinkInvocation<'_>) -> Result<(), SinkError> {
        match call.function {
            "fails" => return Err("no space left".into()),
            "panics" => panic!("poison"),
            _ => {}
        }
        let called = (call.function.to_owned(), call.arguments, call.info);
        self.0.lock().push(called);
        Ok(())
    }
}

fn call(function: &str, replaying: bool) -> SinkCall {
    SinkCall {
        interface: "audit".to_owned(),
        function: function.to_owned(),
        arguments_json: r#"["text",{"a":1}]"#.to_owned(),
        replaying,
        info_json: Some(r#"{"workflowId":"w","runId":"r","attempt":2,"memo":{"k":1}}"#.to_owned()),
    }
}

/// Delivers the calls and returns the functions that were called.
async fn delivered(calls: Vec<SinkCall>) -> Vec<(String, Vec<Value>, WorkflowInfo)> {
    let recorder = Arc::new(Recorder::default());
    let named: Arc<dyn WorkflowSink> = Arc::clone(&recorder) as _;
    let registry = SinkRegistry::new([("audit".to_owned(), named)]).unwrap();
    let sinks = Sinks::new(WorkflowMetrics::new(None), registry, LogSinks::All);
    sinks.deliver(RunLabels { run_id: "r" }, calls).await;
    drop(sinks);
    Arc::into_inner(recorder).unwrap().0.into_inner()
}

async fn functions(calls: Vec<SinkCall>) -> Vec<String> {
    let called = delivered(calls).await;
    called.into_iter().map(|(function, ..)| function).collect()
}

#[tokio::test]
async fn a_sink_gets_arguments_and_the_run() {
    let called = delivered(vec![call("note", false)]).await;
    let [(_, arguments, info)] = called.as_slice() else {
        panic!("{called:?}");
    };
    assert_eq!(*arguments, [json!("text"), json!({"a": 1})]);
    assert_eq!(
        (info.workflow_id.as_str(), info.run_id.as_str()),
        ("w", "r")
    );
    assert_eq!(info.attempt, 2);
    assert_eq!(info.all["memo"], json!({"k": 1}));
}

#[tokio::test]
async fn replayed_calls_reach_the_functions_that_want_them() {
    let calls = vec![
        call("note", true),
        call("replayed", true),
        call("note", false),
    ];
    assert_eq!(functions(calls).await, ["replayed", "note"]);
}

#[tokio::test]
async fn a_sink_that_fails_or_panics_loses_its_own_call_alone() {
    let calls = ["fails", "panics", "odd", "absent", "note"];
    let calls = calls.map(|function| call(function, false)).to_vec();
    assert_eq!(functions(calls).await, ["note"]);
}

#[test]
fn all_bad_names_are_reported_at_once() {
    let sink = || Arc::new(Recorder::default()) as Arc<dyn WorkflowSink>;
    let names = ["a", "a", "", "__temporal_x", "defaultWorkerLogger"];
    let named = names.map(|name| (name.to_owned(), sink()));
    let error = SinkRegistry::new(named).unwrap_err().to_string();
    for part in [
        "\"a\" is registered twice",
        "is empty",
        "\"__temporal_x\" is a name that the SDK keeps",
        "\"defaultWorkerLogger\"",
    ] {
        assert!(error.contains(part), "{part} is not in {error}");
    }
}

#[test]
fn an_info_that_cannot_be_read_is_empty() {
    for info_json in [None, Some("{"), Some("[]"), Some(r#"{"attempt":"x"}"#)] {
        let call = SinkCall {
            info_json: info_json.map(str::to_owned),
            ..call("note", false)
        };
        assert_eq!(WorkflowInfo::of(&call).run_id, "");
    }
}
