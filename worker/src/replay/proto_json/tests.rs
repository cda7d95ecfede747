use proptest::prelude::*;
use temporalio_common::protos::temporal::api::enums::v1::EventType;
use temporalio_common::protos::temporal::api::history::v1::history_event::Attributes;

use super::*;
use crate::replay::fuzzing::json_like_text;

fn read(text: &str) -> JsonHistory {
    parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn event_types(text: &str) -> Vec<EventType> {
    let events = read(text).history.events;
    events.iter().map(|event| event.event_type()).collect()
}

#[test]
fn the_three_forms_of_a_document_are_one_history() {
    let event = r#"{"eventId":"1","eventType":"EVENT_TYPE_TIMER_STARTED"}"#;
    for text in [
        format!(r#"{{"events":[{event}]}}"#),
        format!(r#"{{"history":{{"events":[{event}]}},"nextPageToken":""}}"#),
        format!("[{event}]"),
    ] {
        assert_eq!(event_types(&text), [EventType::TimerStarted], "{text}");
    }
}

#[test]
fn enum_values_have_four_spellings() {
    for value in [
        r#""EVENT_TYPE_WORKFLOW_EXECUTION_STARTED""#,
        r#""WorkflowExecutionStarted""#,
        r#""WORKFLOW_EXECUTION_STARTED""#,
        "1",
    ] {
        let text = format!(r#"[{{"eventType":{value}}}]"#);
        assert_eq!(
            event_types(&text),
            [EventType::WorkflowExecutionStarted],
            "{text}"
        );
    }
}

#[test]
fn numbers_times_and_bytes_are_read_as_sdks_write_them() {
    let text = r#"{"events":[{
        "eventId": 5, "eventTime": "2024-01-02T03:04:05.006Z", "version": "7",
        "timer_started_event_attributes": null,
        "timerStartedEventAttributes": {"timerId": "t", "startToFireTimeout": "1.5s", "workflowTaskCompletedEventId": "4"}
    },{
        "markerRecordedEventAttributes": {"markerName": "m", "details": {"k": {"payloads": [
            {"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "_-8"}, {"data": "+/8="}
        ]}}}
    }]}"#;
    let events = read(text).history.events;
    assert_eq!((events[0].event_id, events[0].version), (5, 7));
    let time = events[0].event_time.as_ref().unwrap();
    assert_eq!((time.seconds, time.nanos), (1_704_164_645, 6_000_000));
    let Some(Attributes::TimerStartedEventAttributes(timer)) = &events[0].attributes else {
        panic!("{:?}", events[0]);
    };
    let timeout = timer.start_to_fire_timeout.as_ref().unwrap();
    assert_eq!((timeout.seconds, timeout.nanos), (1, 500_000_000));
    let Some(Attributes::MarkerRecordedEventAttributes(marker)) = &events[1].attributes else {
        panic!("{:?}", events[1]);
    };
    let payloads = &marker.details["k"].payloads;
    assert_eq!(payloads[0].metadata["encoding"], b"json/plain");
    assert_eq!(
        (&payloads[0].data[..], &payloads[1].data[..]),
        (&[0xff, 0xef][..], &[0xfb, 0xff][..])
    );
}

#[test]
fn what_a_newer_server_adds_is_left_out_and_event_types_are_named() {
    let text = r#"[{"eventType":"EVENT_TYPE_FROM_THE_FUTURE","futureEventAttributes":{"a":[1]},"workerMayIgnore":true},
        {"eventType":"TimerFired","timerFiredEventAttributes":{"timerId":"t","wow":{}}}]"#;
    let read = read(text);
    assert_eq!(read.unknown_event_types, ["EVENT_TYPE_FROM_THE_FUTURE"]);
    assert!(read.history.events[0].worker_may_ignore);
    assert_eq!(read.history.events[1].event_type(), EventType::TimerFired);
}

#[test]
fn mistakes_are_named_with_line_and_column() {
    for (text, part) in [
        (
            "[{\"eventId\":\"x\"}]",
            "`eventId`: \"x\" is no whole number at line 1",
        ),
        ("{\"events\":3}", "expected a list for `events`"),
        ("3", "expected a history"),
        (
            "[{\"eventTime\":\"noon\"}]",
            "\"noon\" is no `google.protobuf.Timestamp`",
        ),
        (
            "[{\"eventType\":true}]",
            "true is no value of `temporal.api.enums.v1.EventType`",
        ),
        ("[] x", "trailing characters"),
        ("[{\"eventId\":", "EOF"),
    ] {
        let error = parse(text.as_bytes()).unwrap_err();
        assert!(error.contains(part), "{text}: {error}");
    }
}

proptest! {
    #[test]
    fn arbitrary_text_is_read_or_refused(text in json_like_text()) {
        let _ = parse(text.as_bytes());
    }
}

#[test]
fn json_and_bytes_of_an_sdk_are_one_history() {
    let from_json = read(include_str!("../../../tests/fixtures/history.json"));
    let bytes = include_bytes!("../../../tests/fixtures/history.binpb");
    assert!(from_json.history.events.len() > 10);
    assert_eq!(from_json.history, History::decode(&bytes[..]).unwrap());
    assert_eq!(from_json.unknown_event_types, [""; 0]);
}
