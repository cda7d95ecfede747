//! Codecs around activity code.

use temporalio_common::protos::coresdk::ActivityHeartbeat;
use temporalio_common::protos::coresdk::activity_result::ActivityExecutionResult;
use temporalio_common::protos::coresdk::activity_task::Start;

use crate::chain::CodecChain;
use crate::context::SerializationContext;
use crate::fault::{CodecError, Direction};
use crate::fields::apply;

/// A chain for the activities of one worker. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct ActivityCodecs {
    chain: CodecChain,
    namespace: String,
}

/// Whose payloads an activity attempt deals with.
#[derive(Clone, Debug)]
pub struct ActivityOwner {
    context: SerializationContext,
    subject: String,
}

impl ActivityCodecs {
    /// Codecs for the activities of a namespace.
    #[must_use]
    pub fn new(chain: CodecChain, namespace: impl Into<String>) -> Self {
        Self {
            chain,
            namespace: namespace.into(),
        }
    }

    /// Whether there is no codec, so that payloads stay as they are.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chain.is_empty()
    }

    /// Whose payloads the attempt deals with.
    #[must_use]
    pub fn owner(&self, start: &Start) -> ActivityOwner {
        let workflow = start.workflow_execution.as_ref();
        let workflow_id = workflow.map(|workflow| workflow.workflow_id.clone());
        let activity_id = &start.activity_id;
        ActivityOwner {
            context: SerializationContext::Activity {
                namespace: self.namespace.clone(),
                workflow_id: workflow_id.filter(|id| !id.is_empty()),
                activity_id: (!activity_id.is_empty()).then(|| activity_id.clone()),
                is_local: start.is_local,
            },
            subject: format!("activity {} (id {activity_id})", start.activity_type),
        }
    }

    /// Decodes arguments and the details of the last heartbeat.
    ///
    /// # Errors
    /// A codec failed; the task has lost its payloads.
    pub async fn decode_start(
        &self,
        owner: &ActivityOwner,
        start: &mut Start,
    ) -> Result<(), CodecError> {
        apply(&self.chain, Direction::Decode, start, Some(&owner.context))
            .await
            .map_err(|error| error.of(owner.subject.as_str()))
    }

    /// Encodes a result or a failure.
    ///
    /// # Errors
    /// A codec failed; the result has lost its payloads.
    pub async fn encode_result(
        &self,
        owner: &ActivityOwner,
        result: &mut ActivityExecutionResult,
    ) -> Result<(), CodecError> {
        apply(&self.chain, Direction::Encode, result, Some(&owner.context))
            .await
            .map_err(|error| error.of(owner.subject.as_str()))
    }

    /// Encodes the details of a heartbeat.
    ///
    /// # Errors
    /// A codec failed; the heartbeat has lost its details.
    pub async fn encode_heartbeat(
        &self,
        owner: &ActivityOwner,
        heartbeat: &mut ActivityHeartbeat,
    ) -> Result<(), CodecError> {
        let context = Some(&owner.context);
        apply(&self.chain, Direction::Encode, heartbeat, context)
            .await
            .map_err(|error| error.of(owner.subject.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::PayloadCodec;
    use crate::testing::{TestCodec, payload};
    use std::collections::HashMap;
    use std::sync::Arc;
    use std::time::Duration;

    #[tokio::test]
    async fn arguments_and_heartbeat_details_are_decoded_and_headers_are_not() {
        let codec = Arc::new(TestCodec::new("c"));
        let chain = CodecChain::new(
            [Arc::clone(&codec) as Arc<dyn PayloadCodec>],
            Duration::from_secs(60),
        );
        let codecs = ActivityCodecs::new(chain, "ns");
        let mut start = Start {
            activity_type: "T".into(),
            activity_id: "1".into(),
            header_fields: HashMap::from([("h".to_owned(), payload("left"))]),
            input: vec![payload("c(a)"), payload("c(b)")],
            heartbeat_details: vec![payload("c(h)")],
            ..Default::default()
        };
        let owner = codecs.owner(&start);
        codecs.decode_start(&owner, &mut start).await.unwrap();
        assert_eq!(start.input, [payload("a"), payload("b")]);
        assert_eq!(start.heartbeat_details, [payload("h")]);
        assert_eq!(start.header_fields["h"], payload("left"));
        let error = codecs.decode_start(&owner, &mut start).await.unwrap_err();
        assert_eq!(error.subject, "activity T (id 1)");
        let mut result = ActivityExecutionResult::ok(payload("r"));
        codecs.encode_result(&owner, &mut result).await.unwrap();
        assert_eq!(result, ActivityExecutionResult::ok(payload("c(r)")));
    }
}
