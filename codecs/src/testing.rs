//! A codec whose work can be seen in the payloads, and that misbehaves on demand.

use crate::Payload;
use crate::codec::{CodecFuture, PayloadCodec};
use crate::context::SerializationContext;
use crate::fault::CodecFault;

/// What a [`TestCodec`] does when it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// `x` becomes `name(x)`, and back.
    Wrap,
    Fail,
    Hang,
    Panic,
    /// That many payloads.
    Return(usize),
}

/// A payload that no test writes by hand.
const UNDECODABLE: &str = "the payload was not encoded by this codec";

pub(crate) struct TestCodec {
    name: &'static str,
    behaviour: Behaviour,
    /// The contexts of all calls.
    pub(crate) contexts: parking_lot::Mutex<Vec<Option<SerializationContext>>>,
}

impl TestCodec {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            behaviour: Behaviour::Wrap,
            contexts: parking_lot::Mutex::default(),
        }
    }

    pub(crate) fn behaving(mut self, behaviour: Behaviour) -> Self {
        self.behaviour = behaviour;
        self
    }

    fn run<'a>(
        &'a self,
        payloads: Vec<Payload>,
        context: Option<&SerializationContext>,
        change: impl Fn(&Self, &str) -> Option<String> + Send + 'a,
    ) -> CodecFuture<'a> {
        self.contexts.lock().push(context.cloned());
        match self.behaviour {
            Behaviour::Panic => panic!("on purpose"),
            Behaviour::Hang => Box::pin(std::future::pending()),
            Behaviour::Fail => Box::pin(async { Err(CodecFault::Payload("on purpose".into())) }),
            Behaviour::Return(count) => Box::pin(async move { Ok(vec![payload("r"); count]) }),
            Behaviour::Wrap => Box::pin(async move {
                payloads
                    .into_iter()
                    .map(|mut payload| {
                        let data = String::from_utf8_lossy(&payload.data).into_owned();
                        let changed = change(self, &data);
                        payload.data = changed
                            .ok_or_else(|| CodecFault::Payload(UNDECODABLE.to_owned()))?
                            .into_bytes();
                        Ok(payload)
                    })
                    .collect()
            }),
        }
    }
}

impl PayloadCodec for TestCodec {
    fn name(&self) -> &str {
        self.name
    }

    fn encode<'a>(
        &'a self,
        payloads: Vec<Payload>,
        context: Option<&'a SerializationContext>,
    ) -> CodecFuture<'a> {
        self.run(payloads, context, |codec, data| {
            Some(format!("{}({data})", codec.name))
        })
    }

    fn decode<'a>(
        &'a self,
        payloads: Vec<Payload>,
        context: Option<&'a SerializationContext>,
    ) -> CodecFuture<'a> {
        self.run(payloads, context, |codec, data| {
            let inner = data.strip_prefix(codec.name)?.strip_prefix('(')?;
            Some(inner.strip_suffix(')')?.to_owned())
        })
    }
}

pub(crate) fn payload(data: &str) -> Payload {
    Payload {
        data: data.as_bytes().to_vec(),
        ..Payload::default()
    }
}
