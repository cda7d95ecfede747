//! Code around every activity that a dispatcher runs.

use std::sync::Arc;

use crate::Payload;
use crate::context::ActivityContext;
use crate::error::ActivityResult;
use crate::registry::ActivityRegistry;

/// What an interceptor sees of an activity, and what it may change before it passes it on.
#[derive(Clone, Debug)]
pub struct ActivityCall {
    /// What the handler will see of its task: information, headers, heartbeats, cancellation.
    pub context: ActivityContext,
    /// The arguments.
    pub input: Vec<Payload>,
}

/// Code around the execution of activities, for example to trace, to check or to limit them.
///
/// Interceptors form a chain: the one that is registered first is the outermost. What the outermost returns is what the
/// workflow sees. A panic fails that activity, as a panic of its handler does.
#[async_trait::async_trait]
pub trait ActivityInterceptor: Send + Sync {
    /// Executes one attempt. Calling `next` runs the rest of the chain and at last the handler; not calling it answers
    /// in the handler's place.
    ///
    /// # Errors
    /// The activity's failure, the handler's or one's own.
    async fn execute(&self, call: ActivityCall, next: ActivityNext<'_>) -> ActivityResult<Payload>;
}

/// The rest of the chain. It may be run more than once, for example to try again at once.
#[derive(Clone, Copy)]
pub struct ActivityNext<'a> {
    interceptors: &'a [Arc<dyn ActivityInterceptor>],
    registry: &'a ActivityRegistry,
}

impl<'a> ActivityNext<'a> {
    pub(crate) fn new(
        interceptors: &'a [Arc<dyn ActivityInterceptor>],
        registry: &'a ActivityRegistry,
    ) -> Self {
        Self {
            interceptors,
            registry,
        }
    }

    /// Runs what comes next.
    ///
    /// # Errors
    /// The activity's failure.
    pub async fn run(self, call: ActivityCall) -> ActivityResult<Payload> {
        match self.interceptors.split_first() {
            Some((first, rest)) => {
                let next = Self::new(rest, self.registry);
                first.execute(call, next).await
            }
            None => self.registry.call(call.context, call.input)?.await,
        }
    }
}
