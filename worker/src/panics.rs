//! Panics in code of the program's own, which must cost no more than the task that it was called for.
#![forbid(unsafe_code)]

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// The output of a future, or the text of its panic. It is not polled again after a panic, so that nobody sees the
/// state that the panic left behind.
pub(crate) async fn caught<T>(future: impl Future<Output = T>) -> Result<T, String> {
    let mut future = pin!(future);
    poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))).map_or_else(
            |panic| Poll::Ready(Err(text(&*panic))),
            |polled| polled.map(Ok),
        )
    })
    .await
}

fn text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_keeps_its_message() {
        assert_eq!(caught(async { 7 }).await, Ok(7));
        let panics = caught(async { panic!("poison") });
        assert_eq!(panics.await, Err::<(), _>("poison".to_owned()));
        let panics = caught(async {
            tokio::task::yield_now().await;
            std::panic::panic_any(7)
        });
        assert_eq!(panics.await, Err::<(), _>("no message".to_owned()));
    }
}
