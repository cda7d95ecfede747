//! The activities as a workflow calls them: JSON in, JSON out.

use serde_json::{Value, json};

use super::*;
use crate::registry::ActivityRegistry;
use crate::testing::{Harness, failure};

fn platform() -> Harness {
    let store = ConversationStore::in_memory().unwrap();
    Harness::new(register(ActivityRegistry::builder(), store))
}

fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object[key]
        .as_str()
        .unwrap_or_else(|| panic!("no text under {key} in {object}"))
}

fn keys(object: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = object
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}

#[tokio::test]
async fn a_conversation_from_first_mail_to_call() {
    let mut harness = platform();
    let lead: Value = harness.call("loadLead", &json!({"leadId": "lead-2"})).await;
    assert_eq!(
        keys(&lead),
        ["campaign", "email", "leadId", "name", "phone"]
    );
    assert_eq!(lead["leadId"], "lead-2");

    let email = json!({"leadId": "lead-2", "step": 1, "subject": "s", "body": "b"});
    let sent: Value = harness.call("sendEmail", &email).await;
    assert_eq!(keys(&sent), ["messageId"]);
    assert_eq!(harness.call::<Value>("sendEmail", &email).await, sent);

    let answer =
        json!({"leadId": "lead-2", "messageId": text(&sent, "messageId"), "text": "Yes, call me"});
    let reply: Value = harness.call("recordReply", &answer).await;
    assert_eq!(keys(&reply), ["replyId", "sentiment"]);
    assert_eq!(reply["sentiment"], "positive");
    assert_eq!(harness.call::<Value>("recordReply", &answer).await, reply);

    let order = json!({"leadId": "lead-2", "reason": "positive reply"});
    let call: Value = harness.call("placeCall", &order).await;
    assert_eq!(keys(&call), ["callId", "outcome"]);
    assert_eq!(call["outcome"], "booked");
    assert_eq!(harness.call::<Value>("placeCall", &order).await, call);

    let history: Value = harness
        .call("leadHistory", &json!({"leadId": "lead-2"}))
        .await;
    assert_eq!(history, json!({"messages": 1, "replies": 1, "calls": 1}));
    harness.finish().await;
}

#[tokio::test]
async fn what_is_unknown_fails_for_good() {
    let mut harness = platform();
    let email = json!({"leadId": "x", "step": 1, "subject": "", "body": ""});
    let reply = json!({"leadId": "x", "messageId": "message-1", "text": ""});
    let call = json!({"leadId": "x", "reason": ""});
    let key = json!({"leadId": "x"});
    for (name, input) in [
        ("sendEmail", &email),
        ("recordReply", &reply),
        ("placeCall", &call),
        ("leadHistory", &key),
    ] {
        harness.start(name, input);
        let (message, info) = failure(harness.report().await.1);
        assert_eq!(
            (info.r#type.as_str(), info.non_retryable),
            ("UnknownLead", true),
            "{name}"
        );
        assert!(message.contains("\"x\""), "{message}");
    }
    harness.call::<Value>("loadLead", &key).await;
    let info = harness.call_failing("recordReply", &reply).await;
    assert_eq!(
        (info.r#type.as_str(), info.non_retryable),
        ("UnknownMessage", true)
    );
    harness.finish().await;
}

#[test]
fn a_failing_database_is_worth_another_attempt() {
    let error = failure_of(StoreError::Sql(rusqlite::Error::InvalidQuery));
    assert!(matches!(error, ActivityError::Retryable(f) if f.failure_type == "StoreError"));
}

fn failure_of(error: StoreError) -> ActivityError {
    super::failure(error)
}
