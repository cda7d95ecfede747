//! Several codecs in order, each call with a time limit.

use std::any::Any;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::Payload;
use crate::codec::PayloadCodec;
use crate::context::SerializationContext;
use crate::fault::{CodecFault, Direction};

/// Calls of codecs at a time, over all runs and activities. Further ones wait, and their time does not run yet.
const CALLS_MAX: usize = 200;

/// Codecs in the order of encoding. Cloning is cheap.
#[derive(Clone)]
pub struct CodecChain {
    codecs: Arc<[Arc<dyn PayloadCodec>]>,
    timeout: Duration,
    calls: Arc<Semaphore>,
}

/// A codec's fault with the codec's name.
pub(crate) type NamedFault = (String, CodecFault);

impl CodecChain {
    /// Codecs in the order of encoding; each of their calls may take `timeout`.
    pub fn new(codecs: impl IntoIterator<Item = Arc<dyn PayloadCodec>>, timeout: Duration) -> Self {
        Self {
            codecs: codecs.into_iter().collect(),
            timeout,
            calls: Arc::new(Semaphore::new(CALLS_MAX)),
        }
    }

    /// Whether there is no codec, so that payloads stay as they are.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codecs.is_empty()
    }

    /// A list of payloads through all codecs.
    pub(crate) async fn list(
        &self,
        direction: Direction,
        mut payloads: Vec<Payload>,
        context: Option<&SerializationContext>,
    ) -> Result<Vec<Payload>, NamedFault> {
        for index in 0..self.codecs.len() {
            let codec = match direction {
                Direction::Encode => &self.codecs[index],
                Direction::Decode => &self.codecs[self.codecs.len() - 1 - index],
            };
            payloads = self
                .call(&**codec, direction, payloads, context)
                .await
                .map_err(|fault| (codec.name().to_owned(), fault))?;
        }
        Ok(payloads)
    }

    /// One payload through all codecs. Node takes the first of what comes back and drops the rest, or the value itself
    /// if nothing comes back; that loses data without a word, so it is a fault here.
    pub(crate) async fn single(
        &self,
        direction: Direction,
        payload: Payload,
        context: Option<&SerializationContext>,
    ) -> Result<Payload, NamedFault> {
        let mut payloads = self.list(direction, vec![payload], context).await?;
        match (payloads.pop(), payloads.len()) {
            (Some(payload), 0) => Ok(payload),
            (last, rest) => {
                let count = rest + usize::from(last.is_some());
                let fault = CodecFault::Answer(format!(
                    "it returned {count} payloads in place of one; correct the codec"
                ));
                Err((self.name(), fault))
            }
        }
    }

    async fn call(
        &self,
        codec: &dyn PayloadCodec,
        direction: Direction,
        payloads: Vec<Payload>,
        context: Option<&SerializationContext>,
    ) -> Result<Vec<Payload>, CodecFault> {
        // Nobody closes the semaphore.
        let _permit = self.calls.acquire().await.ok();
        // The call itself is inside the future, so that a panic in it is the future's.
        let called = AssertUnwindSafe(async {
            match direction {
                Direction::Encode => codec.encode(payloads, context).await,
                Direction::Decode => codec.decode(payloads, context).await,
            }
        });
        match timeout(self.timeout, called.catch_unwind()).await {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => Err(CodecFault::Panicked(panic_text(&*panic))),
            Err(_) => Err(CodecFault::TimedOut(self.timeout)),
        }
    }

    fn name(&self) -> String {
        let names: Vec<_> = self.codecs.iter().map(|codec| codec.name()).collect();
        names.join(", ")
    }
}

impl fmt::Debug for CodecChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodecChain({})", self.name())
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Behaviour, TestCodec, payload};

    const LONG: Duration = Duration::from_secs(3600);

    fn chain(codecs: Vec<TestCodec>, timeout: Duration) -> CodecChain {
        let codecs = codecs
            .into_iter()
            .map(|codec| Arc::new(codec) as Arc<dyn PayloadCodec>);
        CodecChain::new(codecs, timeout)
    }

    fn text(payload: &Payload) -> String {
        String::from_utf8(payload.data.clone()).unwrap()
    }

    #[tokio::test]
    async fn codecs_encode_from_first_to_last_and_decode_from_last_to_first() {
        let chain = chain(vec![TestCodec::new("a"), TestCodec::new("b")], LONG);
        let encoded = chain.single(Direction::Encode, payload("x"), None).await;
        let encoded = encoded.unwrap();
        assert_eq!(text(&encoded), "b(a(x))");
        let decoded = chain.single(Direction::Decode, encoded, None).await;
        assert_eq!(text(&decoded.unwrap()), "x");
    }

    #[tokio::test]
    async fn a_fault_names_its_codec_and_later_codecs_are_not_called() {
        let failing = TestCodec::new("bad").behaving(Behaviour::Fail);
        let chain = chain(vec![failing, TestCodec::new("never")], LONG);
        let (codec, fault) = chain
            .list(Direction::Encode, vec![payload("x")], None)
            .await
            .unwrap_err();
        assert_eq!(codec, "bad");
        assert!(matches!(fault, CodecFault::Payload(_)), "{fault}");
    }

    #[tokio::test]
    async fn a_hang_is_a_fault_after_the_time_limit() {
        let chain = chain(
            vec![TestCodec::new("slow").behaving(Behaviour::Hang)],
            Duration::from_millis(5),
        );
        let (_, fault) = chain
            .list(Direction::Decode, vec![payload("x")], None)
            .await
            .unwrap_err();
        assert_eq!(fault, CodecFault::TimedOut(Duration::from_millis(5)));
    }

    #[tokio::test]
    async fn a_panic_is_a_fault() {
        let chain = chain(vec![TestCodec::new("p").behaving(Behaviour::Panic)], LONG);
        let result = chain
            .list(Direction::Encode, vec![payload("x")], None)
            .await;
        let (_, fault) = result.unwrap_err();
        assert_eq!(fault, CodecFault::Panicked("on purpose".to_owned()));
    }

    #[tokio::test]
    async fn a_list_may_change_its_length_and_a_single_value_may_not() {
        for (count, single_is_fine) in [(0, false), (1, true), (2, false)] {
            let counting = TestCodec::new("n").behaving(Behaviour::Return(count));
            let chain = chain(vec![counting], LONG);
            let list = chain
                .list(Direction::Encode, vec![payload("x")], None)
                .await;
            assert_eq!(list.unwrap().len(), count);
            let single = chain.single(Direction::Encode, payload("x"), None).await;
            assert_eq!(single.is_ok(), single_is_fine, "{single:?}");
            if let Err((_, fault)) = single {
                assert!(
                    fault
                        .to_string()
                        .contains(&format!("returned {count} payloads"))
                );
            }
        }
    }
}
