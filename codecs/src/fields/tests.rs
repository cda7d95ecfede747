//! Which fields are codecs' business, proven from the protocol's descriptors: a message of every type with every field
//! set, in which what a codec touched can be seen.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use prost::Message;
use prost_reflect::{
    Cardinality, DescriptorPool, DynamicMessage, FieldDescriptor, MapKey, MessageDescriptor,
    ReflectMessage as _, Value,
};
use temporalio_common::payload_visitor::PayloadVisitable;
use temporalio_common::protos::coresdk::activity_result::ActivityExecutionResult;
use temporalio_common::protos::coresdk::workflow_activation::WorkflowActivation;
use temporalio_common::protos::coresdk::workflow_completion::WorkflowActivationCompletion;

use super::*;
use crate::testing::{Behaviour, TestCodec, payload};

const PAYLOAD: &str = "temporal.api.common.v1.Payload";
/// How often a type may contain itself: a failure has a cause.
const REPEATS_MAX: usize = 2;
/// Far more than it takes until every member of every oneof was there.
const MESSAGES_MAX: u64 = 5_000;

/// Every payload field that codecs leave alone: headers and search attributes.
const LEFT_ALONE: [&str; 10] = [
    "coresdk.workflow_activation.DoUpdate.headers",
    "coresdk.workflow_activation.InitializeWorkflow.headers",
    "coresdk.workflow_activation.QueryWorkflow.headers",
    "coresdk.workflow_activation.SignalWorkflow.headers",
    "coresdk.workflow_commands.ContinueAsNewWorkflowExecution.headers",
    "coresdk.workflow_commands.ScheduleActivity.headers",
    "coresdk.workflow_commands.ScheduleLocalActivity.headers",
    "coresdk.workflow_commands.SignalExternalWorkflowExecution.headers",
    "coresdk.workflow_commands.StartChildWorkflowExecution.headers",
    "temporal.api.common.v1.SearchAttributes.indexed_fields",
];

/// Fills one member of each oneof, another one in each message.
struct Filler {
    /// The state of a linear congruential generator: choices must not depend on each other.
    choice: u64,
    path: Vec<String>,
    /// The payload fields that were filled.
    filled: BTreeSet<String>,
}

impl Filler {
    fn message(&mut self, descriptor: &MessageDescriptor) -> Option<DynamicMessage> {
        let name = descriptor.full_name();
        if self.path.iter().filter(|seen| *seen == name).count() >= REPEATS_MAX {
            return None;
        }
        self.path.push(name.to_owned());
        let step = self.choice.wrapping_mul(6_364_136_223_846_793_005);
        self.choice = step.wrapping_add(1_442_695_040_888_963_407);
        let choice = (self.choice >> 33) as usize;
        let mut message = DynamicMessage::new(descriptor.clone());
        for field in descriptor.fields() {
            let is_chosen = field.containing_oneof().is_none_or(|oneof| {
                let members: Vec<_> = oneof.fields().collect();
                members[choice % members.len()] == field
            });
            if is_chosen && let Some(value) = self.field(&field) {
                message.set_field(&field, value);
            }
        }
        self.path.pop();
        Some(message)
    }

    fn field(&mut self, field: &FieldDescriptor) -> Option<Value> {
        let inner = inner_type(field)?;
        let value = if inner.full_name() == PAYLOAD {
            self.filled.insert(field.full_name().to_owned());
            let mut message = DynamicMessage::new(inner);
            let marked = Value::Bytes(field.full_name().as_bytes().to_vec().into());
            message.set_field_by_name("data", marked);
            Value::Message(message)
        } else {
            Value::Message(self.message(&inner)?)
        };
        Some(if field.is_map() {
            Value::Map([(MapKey::String("key".into()), value)].into())
        } else if field.cardinality() == Cardinality::Repeated {
            Value::List(vec![value])
        } else {
            value
        })
    }
}

/// The field names in payloads that still hold what the filler wrote.
fn untouched(message: &DynamicMessage, found: &mut BTreeSet<String>) {
    for (_, value) in message.fields() {
        let values: Vec<&Value> = match value {
            Value::List(list) => list.iter().collect(),
            Value::Map(map) => map.values().collect(),
            single => vec![single],
        };
        for inner in values.into_iter().filter_map(Value::as_message) {
            if inner.descriptor().full_name() == PAYLOAD {
                let data = inner.get_field_by_name("data").unwrap();
                let text = String::from_utf8(data.as_bytes().unwrap().to_vec()).unwrap();
                if !text.starts_with("c(") {
                    found.insert(text);
                }
            } else {
                untouched(inner, found);
            }
        }
    }
}

/// The payload fields that can be reached from a type.
fn payload_fields(
    descriptor: &MessageDescriptor,
    seen: &mut BTreeSet<String>,
    found: &mut BTreeSet<String>,
) {
    if !seen.insert(descriptor.full_name().to_owned()) {
        return;
    }
    for field in descriptor.fields() {
        if let Some(inner) = inner_type(&field) {
            if inner.full_name() == PAYLOAD {
                found.insert(field.full_name().to_owned());
            } else {
                payload_fields(&inner, seen, found);
            }
        }
    }
}

/// The message that a field, or a value of its map, holds.
fn inner_type(field: &FieldDescriptor) -> Option<MessageDescriptor> {
    let kind = if field.is_map() {
        field.kind().as_message()?.map_entry_value_field().kind()
    } else {
        field.kind()
    };
    kind.as_message().cloned()
}

/// Encodes messages of one type with all fields set; which payload fields there are, and which were left alone.
async fn coverage<M: PayloadVisitable + Message + Default>(
    name: &str,
) -> (BTreeSet<String>, BTreeSet<String>) {
    let bytes = std::fs::read(env!("BURDOCK_DESCRIPTORS")).unwrap();
    let pool = DescriptorPool::decode(bytes.as_slice()).unwrap();
    let descriptor = pool.get_message_by_name(name).unwrap();
    let chain = CodecChain::new(
        [Arc::new(TestCodec::new("c")) as _],
        Duration::from_secs(60),
    );
    let (mut all, mut left) = (BTreeSet::new(), BTreeSet::new());
    let mut reachable = BTreeSet::new();
    payload_fields(&descriptor, &mut BTreeSet::new(), &mut reachable);
    for choice in 0..MESSAGES_MAX {
        if all == reachable {
            break;
        }
        let mut filler = Filler {
            choice,
            path: Vec::new(),
            filled: BTreeSet::new(),
        };
        let filled = filler.message(&descriptor).unwrap();
        all.append(&mut filler.filled);
        let mut message = M::decode(filled.encode_to_vec().as_slice()).unwrap();
        apply(&chain, Direction::Encode, &mut message, None)
            .await
            .unwrap();
        let encoded =
            DynamicMessage::decode(descriptor.clone(), message.encode_to_vec().as_slice());
        untouched(&encoded.unwrap(), &mut left);
    }
    assert_eq!(all, reachable, "every payload field is filled");
    (all, left)
}

fn exceptions(all: &BTreeSet<String>) -> BTreeSet<String> {
    let listed = LEFT_ALONE.iter().map(|name| (*name).to_owned());
    listed.filter(|name| all.contains(name)).collect()
}

#[tokio::test]
async fn every_payload_of_an_activation_is_visited_but_headers_and_search_attributes() {
    let (all, left) =
        coverage::<WorkflowActivation>("coresdk.workflow_activation.WorkflowActivation").await;
    assert_eq!(left, exceptions(&all));
    for field in [
        "coresdk.workflow_activation.InitializeWorkflow.arguments",
        "coresdk.workflow_activation.SignalWorkflow.input",
        "coresdk.workflow_activation.QueryWorkflow.arguments",
        "coresdk.workflow_activation.DoUpdate.input",
        "coresdk.activity_result.Success.result",
        "coresdk.nexus.NexusOperationResult.completed",
        "temporal.api.common.v1.Memo.fields",
        "temporal.api.failure.v1.Failure.encoded_attributes",
    ] {
        assert!(all.contains(field), "{field} was not filled: {all:?}");
    }
}

#[tokio::test]
async fn every_payload_of_a_completion_is_visited_but_headers_and_search_attributes() {
    let name = "coresdk.workflow_completion.WorkflowActivationCompletion";
    let (all, left) = coverage::<WorkflowActivationCompletion>(name).await;
    assert_eq!(left, exceptions(&all));
    for field in [
        "coresdk.workflow_commands.ScheduleActivity.arguments",
        "coresdk.workflow_commands.StartChildWorkflowExecution.memo",
        "coresdk.workflow_commands.ContinueAsNewWorkflowExecution.memo",
        "coresdk.workflow_commands.ScheduleNexusOperation.input",
        "coresdk.workflow_commands.QuerySuccess.response",
        "coresdk.workflow_commands.UpdateResponse.completed",
        "temporal.api.sdk.v1.UserMetadata.summary",
        "temporal.api.failure.v1.Failure.encoded_attributes",
    ] {
        assert!(all.contains(field), "{field} was not filled: {all:?}");
    }
}

#[tokio::test]
async fn every_payload_of_an_activity_result_is_visited() {
    let name = "coresdk.activity_result.ActivityExecutionResult";
    let (all, left) = coverage::<ActivityExecutionResult>(name).await;
    assert!(!all.is_empty() && left.is_empty(), "{all:?} {left:?}");
}

#[test]
fn every_exception_is_a_field_of_the_protocol() {
    let bytes = std::fs::read(env!("BURDOCK_DESCRIPTORS")).unwrap();
    let pool = DescriptorPool::decode(bytes.as_slice()).unwrap();
    for path in LEFT_ALONE {
        let (message, field) = path.rsplit_once('.').unwrap();
        let message = pool.get_message_by_name(message).unwrap();
        assert!(message.get_field_by_name(field).is_some(), "{path}");
    }
}

#[tokio::test]
async fn an_empty_list_is_no_work_and_stays() {
    let mut heartbeat = temporalio_common::protos::coresdk::ActivityHeartbeat::default();
    let failing = TestCodec::new("c").behaving(Behaviour::Fail);
    let chain = CodecChain::new([Arc::new(failing) as _], Duration::from_secs(60));
    apply(&chain, Direction::Encode, &mut heartbeat, None)
        .await
        .unwrap();
    heartbeat.details.push(payload("x"));
    let error = apply(&chain, Direction::Encode, &mut heartbeat, None).await;
    assert_eq!(
        error.unwrap_err().field,
        "coresdk.ActivityHeartbeat.details"
    );
}
