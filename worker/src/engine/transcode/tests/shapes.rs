//! The shapes that workflow code sees and may hand back (contract 1.4).

use prost::Message as _;
use temporalio_common::protos::coresdk::workflow_activation::workflow_activation_job::Variant;
use temporalio_common::protos::coresdk::workflow_activation::{
    InitializeWorkflow, SignalWorkflow, WorkflowActivation, WorkflowActivationJob,
};
use temporalio_common::protos::coresdk::workflow_commands::workflow_command::Variant as Command;
use temporalio_common::protos::coresdk::workflow_completion::WorkflowActivationCompletion;
use temporalio_common::protos::coresdk::workflow_completion::workflow_activation_completion::Status;
use temporalio_common::protos::temporal::api::common::v1::Payload;
use temporalio_common::protos::temporal::api::failure::v1::Failure;

use super::{describe, encode_expression, eval, message_id, with_transcoder};
use crate::engine::transcode::{
    TranscodeError, WORKFLOW_ACTIVATION, WORKFLOW_ACTIVATION_COMPLETION,
};

const COMPLETION: &str = "coresdk.workflow_completion.WorkflowActivationCompletion";

/// What `script` says of `activation` in V8.
fn seen(activation: &WorkflowActivation, script: &str) -> String {
    with_transcoder(|scope, transcoder| {
        let object = transcoder
            .decode(scope, WORKFLOW_ACTIVATION, &activation.encode_to_vec())
            .expect("a message");
        describe(scope, script, object.into())
    })
}

/// The completion that `source` makes, as sdk-core reads it.
fn completion(source: &str) -> Result<WorkflowActivationCompletion, String> {
    with_transcoder(|scope, transcoder| {
        let bytes = encode_expression(scope, transcoder, COMPLETION, source)
            .map_err(|error| error.to_string())?;
        Ok(WorkflowActivationCompletion::decode(bytes.as_slice()).expect("a message"))
    })
}

fn command(source: &str) -> Result<Command, String> {
    let completion = completion(&format!(
        "{{runId: 'r', successful: {{commands: [{source}]}}}}"
    ))?;
    let Some(Status::Successful(success)) = completion.status else {
        panic!("a success")
    };
    Ok(success
        .commands
        .into_iter()
        .next()
        .and_then(|command| command.variant)
        .expect("a command"))
}

fn signal_job() -> WorkflowActivation {
    let payload = Payload {
        metadata: [("encoding".to_owned(), b"json/plain".to_vec())].into(),
        data: b"1".to_vec(),
        ..Default::default()
    };
    let signal = SignalWorkflow {
        signal_name: "s".to_owned(),
        input: vec![payload],
        ..Default::default()
    };
    WorkflowActivation {
        run_id: "r".to_owned(),
        jobs: vec![WorkflowActivationJob {
            variant: Some(Variant::SignalWorkflow(signal)),
        }],
        history_size_bytes: u64::MAX,
        ..Default::default()
    }
}

#[test]
fn a_job_names_its_variant_and_other_members_are_null() {
    let script = "({ jobs: [job] }) => [job.variant, job.signalWorkflow.signalName, job.fireTimer, job.initializeWorkflow].join()";
    assert_eq!(seen(&signal_job(), script), "signalWorkflow,s,,");
}

#[test]
fn unset_fields_read_as_defaults_through_the_prototype() {
    let script = "a => JSON.stringify([a.isReplaying, a.historyLength, a.availableInternalFlags, a.timestamp, Object.keys(a)])";
    assert_eq!(
        seen(&signal_job(), script),
        r#"[false,0,[],null,["runId","historySizeBytes","jobs"]]"#
    );
}

#[test]
fn sixty_four_bits_are_longs_with_the_methods_that_bundles_call() {
    let script = "a => [a.historySizeBytes.__isLong__, String(a.historySizeBytes), a.historySizeBytes.toBytes().join('')].join()";
    assert_eq!(
        seen(&signal_job(), script),
        "true,18446744073709551615,255255255255255255255255"
    );
    let init = InitializeWorkflow {
        randomness_seed: 0x0102_0304_0506_0708,
        ..Default::default()
    };
    let activation = WorkflowActivation {
        jobs: vec![WorkflowActivationJob {
            variant: Some(Variant::InitializeWorkflow(init)),
        }],
        ..Default::default()
    };
    // Big-endian, as npm `long` writes it by default.
    assert_eq!(
        seen(
            &activation,
            "a => a.jobs[0].initializeWorkflow.randomnessSeed.toBytes().join()"
        ),
        "1,2,3,4,5,6,7,8"
    );
}

#[test]
fn bytes_are_arrays_of_their_own_and_maps_are_objects() {
    let script = "a => { const p = a.jobs[0].signalWorkflow.input[0]; \
        return [p.data instanceof Uint8Array, p.data.buffer.byteLength, Object.keys(p.metadata), p.metadata.encoding.length].join(); }";
    assert_eq!(seen(&signal_job(), script), "true,1,encoding,10");
}

#[test]
fn a_map_key_named_proto_is_a_plain_property() {
    let payload = Payload {
        metadata: [("__proto__".to_owned(), vec![7])].into(),
        ..Default::default()
    };
    with_transcoder(|scope, transcoder| {
        let id = message_id("temporal.api.common.v1.Payload");
        let object = transcoder
            .decode(scope, id, &payload.encode_to_vec())
            .expect("a message");
        let own = describe(
            scope,
            "p => Object.hasOwn(p.metadata, '__proto__') + ',' + ({}).polluted",
            object.into(),
        );
        assert_eq!(own, "true,undefined");
        let back = transcoder.encode(scope, id, object).expect("an object");
        assert_eq!(
            Payload::decode(back.as_slice()).expect("a message"),
            payload
        );
    });
}

#[test]
fn a_bare_long_a_number_a_bigint_and_a_decimal_string_are_the_same_duration() {
    for seconds in ["{low: -1, high: -1, unsigned: false}", "-1", "-1n", "'-1'"] {
        let source = format!(
            "{{startTimer: {{seq: 3, startToFireTimeout: {{seconds: {seconds}, nanos: 5}}}}}}"
        );
        let Command::StartTimer(timer) = command(&source).expect(seconds) else {
            panic!("a timer")
        };
        let duration = timer.start_to_fire_timeout.expect("a duration");
        assert_eq!(
            (timer.seq, duration.seconds, duration.nanos),
            (3, -1, 5),
            "{seconds}"
        );
    }
}

#[test]
fn properties_that_the_protocol_lacks_are_left_out() {
    let source = "{failWorkflowExecution: {failure: {message: 'm', extra: {a: 1}, get stack() { throw 1; }}}, more: 2}";
    let Command::FailWorkflowExecution(failed) = command(source).expect("a command") else {
        panic!("a failure")
    };
    assert_eq!(
        failed.failure,
        Some(Failure {
            message: "m".to_owned(),
            ..Default::default()
        })
    );
}

#[test]
fn absent_is_undefined_or_null() {
    let source = "{startTimer: {seq: 1, startToFireTimeout: null}, scheduleActivity: undefined, cancelTimer: null}";
    let Command::StartTimer(timer) = command(source).expect("a command") else {
        panic!("a timer")
    };
    assert_eq!(timer.start_to_fire_timeout, None);
}

#[test]
fn an_enum_is_a_number_or_its_name() {
    for value in ["2", "'ABANDON'"] {
        let source = format!("{{scheduleActivity: {{seq: 1, cancellationType: {value}}}}}");
        let Command::ScheduleActivity(activity) = command(&source).expect(value) else {
            panic!("an activity")
        };
        assert_eq!(activity.cancellation_type, 2, "{value}");
    }
}

#[test]
fn an_empty_message_in_a_oneof_is_set() {
    let completion = completion("{runId: 'r', successful: {}}").expect("a completion");
    assert!(matches!(completion.status, Some(Status::Successful(_))));
}

#[test]
fn a_primitive_of_another_type_is_converted_as_protobufjs_does() {
    let source = "{scheduleActivity: {seq: '7', activityId: 42, doNotEagerlyExecute: 1, cancellationType: 'NO_SUCH', \
        arguments: [{data: 'AQI='}]}}";
    let Command::ScheduleActivity(activity) = command(source).expect("a command") else {
        panic!("an activity")
    };
    assert_eq!((activity.seq, activity.activity_id.as_str()), (7, "42"));
    assert!(activity.do_not_eagerly_execute);
    assert_eq!(activity.cancellation_type, 0);
    assert_eq!(activity.arguments[0].data, [1, 2]);
}

#[test]
fn a_value_that_cannot_be_converted_is_named_by_its_path() {
    for (source, message) in [
        (
            "{startTimer: {seq: {}}}",
            "`successful.commands[0].startTimer.seq`: expected a number, found object",
        ),
        (
            "{startTimer: 5}",
            "`successful.commands[0].startTimer`: expected an object, found number",
        ),
        (
            "{scheduleActivity: {activityType: []}}",
            "`successful.commands[0].scheduleActivity.activityType`: expected a string, found object",
        ),
        (
            "{scheduleActivity: {headers: {h: {data: 'no base64'}}}}",
            "`successful.commands[0].scheduleActivity.headers.h.data`: expected a Uint8Array, found string \"no base64\"",
        ),
        (
            "{scheduleActivity: {arguments: {}}}",
            "`successful.commands[0].scheduleActivity.arguments`: expected an array, found object",
        ),
    ] {
        assert_eq!(command(source).expect_err(source), message);
    }
}

#[test]
fn a_getter_that_throws_leaves_its_exception_to_the_caller() {
    with_transcoder(|scope, transcoder| {
        deno_core::v8::tc_scope!(let scope, scope);
        let error = encode_expression(
            scope,
            transcoder,
            COMPLETION,
            "{get runId() { throw new Error('mine'); }}",
        );
        assert!(matches!(error, Err(TranscodeError::Threw { path }) if path == "runId"));
        let exception = scope.exception().expect("the exception");
        assert_eq!(exception.to_rust_string_lossy(scope), "Error: mine");
    });
}

#[test]
fn a_cause_chain_without_an_end_is_refused() {
    let error = with_transcoder(|scope, transcoder| {
        let value = eval(
            scope,
            "const failure = {message: 'm'}; failure.cause = failure; ({failed: {failure}})",
        );
        let object =
            deno_core::v8::Local::<deno_core::v8::Object>::try_from(value).expect("an object");
        transcoder
            .encode(scope, WORKFLOW_ACTIVATION_COMPLETION, object)
            .expect_err("it has no end")
    });
    assert!(
        error.to_string().contains("nested deeper than 100 levels"),
        "{error}"
    );
}
