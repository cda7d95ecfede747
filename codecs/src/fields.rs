//! The payloads of a message: which are codecs' business, and how a chain is applied to all of them.
//!
//! `temporalio-common` visits the fields, by code that it makes from the protocol's descriptors, and it visits one after
//! the other. Here the payloads are taken out in one visit, changed side by side, and put back in another.

use futures_util::future::{self, BoxFuture};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use temporalio_common::data_converters::PayloadConversionError;
use temporalio_common::payload_visitor::{
    AsyncPayloadVisitor, PayloadField, PayloadFieldData, PayloadVisitable,
};

use crate::Payload;
use crate::chain::CodecChain;
use crate::context::SerializationContext;
use crate::fault::{CodecError, Direction};

/// Calls of a codec at a time for one message, as in the Node worker (`MAX_CONCURRENT_CODEC_OPERATIONS`).
const CONCURRENT_CALLS_MAX: usize = 20;

/// Fields that belong to a command rather than to what the command is about.
const COMMAND_METADATA: &str = "temporal.api.sdk.v1.";

/// Whether codecs are applied to this field. Search attributes are read by the server, headers by interceptors that run
/// before and after codecs; the Node worker passes both by (`skipHeaders`, `skipSearchAttributes`).
fn is_encoded(path: &str) -> bool {
    let field = path.rsplit('.').next().unwrap_or(path);
    !matches!(field, "headers" | "header_fields")
        && !path.starts_with("temporal.api.common.v1.Header.")
        && !path.starts_with("temporal.api.common.v1.SearchAttributes.")
}

/// The payloads of one field, taken out of their message.
pub(crate) struct Field {
    path: &'static str,
    payloads: Taken,
}

enum Taken {
    Single(Payload),
    List(Vec<Payload>),
}

impl Field {
    /// Whether this is metadata of a command, such as its summary.
    pub(crate) fn is_command_metadata(&self) -> bool {
        self.path.starts_with(COMMAND_METADATA)
    }

    async fn through(
        self,
        chain: &CodecChain,
        direction: Direction,
        owner: Option<SerializationContext>,
    ) -> Result<Taken, CodecError> {
        let context = owner.as_ref();
        let changed = match self.payloads {
            Taken::Single(payload) => chain
                .single(direction, payload, context)
                .await
                .map(Taken::Single),
            // No work for a codec, as in the Node worker.
            Taken::List(empty) if empty.is_empty() => Ok(Taken::List(empty)),
            Taken::List(payloads) => chain
                .list(direction, payloads, context)
                .await
                .map(Taken::List),
        };
        changed.map_err(|(codec, fault)| CodecError {
            codec,
            direction,
            field: self.path,
            subject: String::new(),
            fault,
        })
    }
}

/// Payloads taken out of one or more messages, with their owners.
#[derive(Default)]
pub(crate) struct Batch(Vec<(Field, Option<SerializationContext>)>);

/// The payloads of a [`Batch`] after the codecs.
pub(crate) struct Changed(std::vec::IntoIter<Taken>);

impl Batch {
    /// Takes the payloads of all encoded fields out of a message. `owner_of` says whose the payloads of a field are.
    pub(crate) async fn take(
        &mut self,
        message: &mut impl PayloadVisitable,
        owner_of: impl Fn(&Field) -> Option<SerializationContext>,
    ) {
        let mut taking = Taking(Vec::new());
        // The visitor has no errors.
        let _ = message.visit_payloads_mut(&mut taking).await;
        let owned = taking.0.into_iter().map(|field| {
            let owner = owner_of(&field);
            (field, owner)
        });
        self.0.extend(owned);
    }

    /// Runs the payloads through a chain, field by field and side by side. The error is that of the first field.
    pub(crate) async fn through(
        self,
        chain: &CodecChain,
        direction: Direction,
    ) -> Result<Changed, CodecError> {
        let calls: Vec<_> = self
            .0
            .into_iter()
            .map(|(field, owner)| field.through(chain, direction, owner))
            .collect();
        let changed: Vec<Taken> = stream::iter(calls)
            .buffered(CONCURRENT_CALLS_MAX)
            .try_collect()
            .await?;
        Ok(Changed(changed.into_iter()))
    }
}

impl Changed {
    /// Puts payloads back where they were taken from: to be called for the same messages in the same order.
    pub(crate) async fn put_back(&mut self, message: &mut impl PayloadVisitable) {
        let _ = message.visit_payloads_mut(&mut Putting(&mut self.0)).await;
    }
}

/// Applies a chain to all encoded fields of one message. After an error the message has lost its payloads.
pub(crate) async fn apply(
    chain: &CodecChain,
    direction: Direction,
    message: &mut impl PayloadVisitable,
    owner: Option<&SerializationContext>,
) -> Result<(), CodecError> {
    let mut batch = Batch::default();
    batch.take(message, |_| owner.cloned()).await;
    batch
        .through(chain, direction)
        .await?
        .put_back(message)
        .await;
    Ok(())
}

type Visited<'a> = BoxFuture<'a, Result<(), PayloadConversionError>>;

fn done<'a>() -> Visited<'a> {
    Box::pin(future::ready(Ok(())))
}

struct Taking(Vec<Field>);

impl AsyncPayloadVisitor for Taking {
    fn visit<'a>(&'a mut self, field: PayloadField<'a>) -> Visited<'a> {
        let path = field.path;
        if is_encoded(path) {
            let payloads = match field.data {
                PayloadFieldData::Single(payload) => Taken::Single(std::mem::take(payload)),
                PayloadFieldData::Repeated(list) => Taken::List(std::mem::take(list)),
                PayloadFieldData::Payloads(message) => {
                    Taken::List(std::mem::take(&mut message.payloads))
                }
            };
            self.0.push(Field { path, payloads });
        }
        done()
    }
}

/// Visits the same fields in the same order as [`Taking`].
struct Putting<'p>(&'p mut std::vec::IntoIter<Taken>);

impl AsyncPayloadVisitor for Putting<'_> {
    fn visit<'a>(&'a mut self, field: PayloadField<'a>) -> Visited<'a> {
        if is_encoded(field.path) {
            match (field.data, self.0.next()) {
                (PayloadFieldData::Single(place), Some(Taken::Single(payload))) => *place = payload,
                (PayloadFieldData::Repeated(place), Some(Taken::List(list))) => *place = list,
                (PayloadFieldData::Payloads(place), Some(Taken::List(list))) => {
                    place.payloads = list;
                }
                // Both visits see the same message.
                (_, _) => debug_assert!(false, "{} was not taken", field.path),
            }
        }
        done()
    }
}

#[cfg(test)]
mod tests;
