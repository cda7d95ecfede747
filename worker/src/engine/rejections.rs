//! Promises that were rejected without a handler during the current activation.
//!
//! Runs of one isolate execute one at a time and drain their microtasks before they leave, so every rejection that V8
//! reports belongs to the run that is executing.

use std::collections::HashMap;
use std::num::NonZeroI32;

use deno_core::v8;

struct Rejection {
    order: u64,
    promise: v8::Global<v8::Promise>,
    reason: v8::Global<v8::Value>,
}

/// Unhandled rejections, by the promise's identity hash. Lives in a slot of the isolate.
#[derive(Default)]
struct Rejections {
    by_hash: HashMap<NonZeroI32, Vec<Rejection>>,
    next_order: u64,
}

impl Rejections {
    fn add(
        &mut self,
        hash: NonZeroI32,
        promise: v8::Global<v8::Promise>,
        reason: v8::Global<v8::Value>,
    ) {
        self.next_order += 1;
        let order = self.next_order;
        self.by_hash.entry(hash).or_default().push(Rejection {
            order,
            promise,
            reason,
        });
    }

    fn handled(&mut self, hash: NonZeroI32, promise: &v8::Global<v8::Promise>) {
        if let Some(bucket) = self.by_hash.get_mut(&hash) {
            bucket.retain(|rejection| rejection.promise != *promise);
        }
    }

    /// The reason of the last promise that nobody handles, as Node judges it; forgets all of them.
    fn take_last(&mut self) -> Option<v8::Global<v8::Value>> {
        let rejections = std::mem::take(&mut self.by_hash);
        rejections
            .into_values()
            .flatten()
            .max_by_key(|rejection| rejection.order)
            .map(|rejection| rejection.reason)
    }
}

/// Like [`Rejections::take_last`], of the isolate behind `scope`.
pub(super) fn take_rejection(scope: &mut v8::PinScope<'_, '_>) -> Option<v8::Global<v8::Value>> {
    scope.get_slot_mut::<Rejections>()?.take_last()
}

/// Makes `isolate` collect unhandled rejections.
pub(super) fn install(isolate: &mut v8::OwnedIsolate) {
    isolate.set_slot(Rejections::default());
    isolate.set_promise_reject_callback(on_promise_reject);
}

extern "C" fn on_promise_reject(message: v8::PromiseRejectMessage) {
    // SAFETY: V8 calls this on the isolate's own thread while the isolate is entered, and the message is alive for the
    // whole call; those are the conditions of `CallbackScope`.
    v8::callback_scope!(unsafe scope, &message);
    let promise = message.get_promise();
    let hash = promise.get_identity_hash();
    let promise = v8::Global::new(scope, promise);
    match message.get_event() {
        v8::PromiseRejectEvent::PromiseRejectWithNoHandler => {
            let reason = match message.get_value() {
                Some(reason) => v8::Global::new(scope, reason),
                None => {
                    let undefined: v8::Local<v8::Value> = v8::undefined(scope).into();
                    v8::Global::new(scope, undefined)
                }
            };
            if let Some(rejections) = scope.get_slot_mut::<Rejections>() {
                rejections.add(hash, promise, reason);
            }
        }
        v8::PromiseRejectEvent::PromiseHandlerAddedAfterReject => {
            if let Some(rejections) = scope.get_slot_mut::<Rejections>() {
                rejections.handled(hash, &promise);
            }
        }
        // Settling a settled promise again is no error under Node either.
        _ => {}
    }
}
