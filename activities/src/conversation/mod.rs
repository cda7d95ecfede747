//! The activities of a conversation platform in small, over an embedded store of leads, messages,
//! replies and calls. They stand for a mail system and a dialler, so nothing leaves the process.
//!
//! | activity | input | output | idempotent on |
//! |---|---|---|---|
//! | `loadLead` | `{leadId}` | `{leadId, name, email, phone, campaign}` | `leadId` |
//! | `sendEmail` | `{leadId, step, subject, body}` | `{messageId}` | `leadId`, `step` |
//! | `recordReply` | `{leadId, messageId, text}` | `{replyId, sentiment}` | `messageId`, `text` |
//! | `placeCall` | `{leadId, reason}` | `{callId, outcome}` | `leadId` |
//! | `leadHistory` | `{leadId}` | `{messages, replies, calls}` (counts) | reads only |
//!
//! An activity may run more than once for one call of it (a worker can die after the work and
//! before the report), so each write returns what the first execution made.
//!
//! `loadLead` makes a lead that the store has not seen. The others fail for good with type
//! `UnknownLead`, and `recordReply` with `UnknownMessage` if the lead has no such message.

mod lead;
mod outcome;
mod schema;
mod step;
mod store;

use std::future::Future;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::context::ActivityContext;
use crate::error::{ActivityError, ActivityResult};
use crate::registry::ActivityRegistryBuilder;

pub use lead::Lead;
pub use outcome::{CallOutcome, Sentiment, call_outcome, sentiment};
pub use step::Step;
pub use store::{ConversationStore, LeadHistory, StoreError};

/// Adds the conversation activities, which share `store`.
pub fn register(
    builder: ActivityRegistryBuilder,
    store: ConversationStore,
) -> ActivityRegistryBuilder {
    builder
        .register(
            "loadLead",
            over(&store, |store, input: LeadKey| async move {
                store.load_lead(input.lead_id).await
            }),
        )
        .register(
            "sendEmail",
            over(&store, |store, input: SendEmail| async move {
                let SendEmail {
                    lead_id,
                    step,
                    subject,
                    body,
                } = input;
                let message_id = store.send_email(lead_id, step, subject, body).await?;
                Ok(SentEmail { message_id })
            }),
        )
        .register(
            "recordReply",
            over(&store, |store, input: RecordReply| async move {
                let RecordReply {
                    lead_id,
                    message_id,
                    text,
                } = input;
                let (reply_id, sentiment) = store.record_reply(lead_id, message_id, text).await?;
                Ok(RecordedReply {
                    reply_id,
                    sentiment,
                })
            }),
        )
        .register(
            "placeCall",
            over(&store, |store, input: PlaceCall| async move {
                let (call_id, outcome) = store.place_call(input.lead_id, input.reason).await?;
                Ok(PlacedCall { call_id, outcome })
            }),
        )
        .register(
            "leadHistory",
            over(&store, |store, input: LeadKey| async move {
                store.lead_history(input.lead_id).await
            }),
        )
}

/// A handler over the store. Gives each call its own handle, and store errors their failure.
fn over<I, O, F, Fut>(
    store: &ConversationStore,
    work: F,
) -> impl Fn(ActivityContext, I) -> std::pin::Pin<Box<dyn Future<Output = ActivityResult<O>> + Send>>
+ Send
+ Sync
+ 'static
where
    I: DeserializeOwned + Send + 'static,
    O: Serialize + Send + 'static,
    F: Fn(ConversationStore, I) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<O, StoreError>> + Send + 'static,
{
    let store = store.clone();
    move |_, input| {
        let working = work(store.clone(), input);
        Box::pin(async move { working.await.map_err(failure) })
    }
}

/// What the store cannot find it will not find on the next attempt; the rest may pass.
fn failure(error: StoreError) -> ActivityError {
    match &error {
        StoreError::UnknownLead { .. } => {
            ActivityError::non_retryable("UnknownLead", error.to_string())
        }
        StoreError::UnknownMessage { .. } => {
            ActivityError::non_retryable("UnknownMessage", error.to_string())
        }
        _ => ActivityError::from(error),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LeadKey {
    lead_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SendEmail {
    lead_id: String,
    step: Step,
    subject: String,
    body: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SentEmail {
    message_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RecordReply {
    lead_id: String,
    message_id: String,
    text: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RecordedReply {
    reply_id: String,
    sentiment: Sentiment,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlaceCall {
    lead_id: String,
    reason: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PlacedCall {
    call_id: String,
    outcome: CallOutcome,
}

#[cfg(test)]
mod tests;
