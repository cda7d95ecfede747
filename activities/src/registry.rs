//! Activity handlers by activity type.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use temporalio_common::protos::temporal::api::common::v1::Payload;

use crate::arguments::decode_arguments;
use crate::context::ActivityContext;
use crate::converter::{Converter, PayloadConverter};
use crate::error::{ActivityError, ActivityResult};

/// Temporal keeps this prefix for itself; its SDKs refuse such names.
const RESERVED_PREFIX: &str = "__temporal_";

type HandlerFuture = Pin<Box<dyn Future<Output = ActivityResult<Payload>> + Send>>;
type Handler = Arc<dyn Fn(ActivityContext, Vec<Payload>) -> HandlerFuture + Send + Sync>;

/// The activities that a worker serves.
pub struct ActivityRegistry {
    handlers: BTreeMap<String, Handler>,
    converter: Converter,
}

impl ActivityRegistry {
    /// An empty registry to add handlers to.
    pub fn builder() -> ActivityRegistryBuilder {
        ActivityRegistryBuilder {
            handlers: BTreeMap::new(),
            converter: Converter::default(),
            problems: Vec::new(),
        }
    }

    /// The registered activity types, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.handlers.keys().map(String::as_str)
    }

    pub(crate) fn converter(&self) -> Converter {
        self.converter.clone()
    }

    /// Starts the handler of the activity in `context`. The returned future may panic where the
    /// handler does.
    pub(crate) fn call(
        &self,
        context: ActivityContext,
        input: Vec<Payload>,
    ) -> Result<HandlerFuture, ActivityError> {
        match self.handlers.get(&context.info().activity_type) {
            Some(handler) => Ok(handler(context, input)),
            None => Err(self.not_found(&context.info().activity_type)),
        }
    }

    /// Retryable, as in the TypeScript SDK: a worker of another version may know the type.
    fn not_found(&self, activity_type: &str) -> ActivityError {
        let known: Vec<_> = self.names().collect();
        let known = if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        };
        let message = format!(
            "activity type {activity_type:?} is not registered on this worker; registered: {known}"
        );
        ActivityError::retryable("NotFoundError", message)
    }
}

impl fmt::Debug for ActivityRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

/// Collects handlers. Mistakes are kept until [`build`](Self::build), which reports all of them.
#[must_use = "a builder does nothing until it is built"]
pub struct ActivityRegistryBuilder {
    handlers: BTreeMap<String, Handler>,
    converter: Converter,
    problems: Vec<String>,
}

impl ActivityRegistryBuilder {
    /// Adds an async function under an activity type name.
    ///
    /// The input type says how many arguments the activity takes: `()` none, a tuple one per
    /// element, any other type one. A missing argument reads as `None`; surplus ones are ignored.
    /// Arguments that do not fit fail the attempt, retryably (as in the other SDKs: a caller or
    /// worker of another version may put it right), with type `DecodeError`.
    pub fn register<I, O, F, Fut>(self, name: impl Into<String>, handler: F) -> Self
    where
        I: DeserializeOwned + Send + 'static,
        O: Serialize + Send + 'static,
        F: Fn(ActivityContext, I) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ActivityResult<O>> + Send + 'static,
    {
        let handler = Arc::new(handler);
        self.register_raw(name, move |context, input| {
            let handler = Arc::clone(&handler);
            async move {
                let converted = context.converter().to_default(&input);
                let decoded = converted.and_then(|input| decode_arguments(&input));
                let input = decoded.map_err(|error| {
                    let activity_type = &context.info().activity_type;
                    let message =
                        format!("cannot read the input of activity {activity_type:?}: {error}");
                    ActivityError::retryable("DecodeError", message)
                })?;
                let output = handler(context.clone(), input).await?;
                Ok(context.converter().encode(&output)?)
            }
        })
    }

    /// Adds an async function from payloads to a payload, for activities that pass values on
    /// without reading them.
    pub fn register_raw<F, Fut>(mut self, name: impl Into<String>, handler: F) -> Self
    where
        F: Fn(ActivityContext, Vec<Payload>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ActivityResult<Payload>> + Send + 'static,
    {
        let name = name.into();
        match name_problem(&name, self.handlers.contains_key(&name)) {
            Some(problem) => self.problems.push(problem),
            None => {
                // The call itself is inside the future, so that a panic in it is the future's.
                let handler = Arc::new(handler);
                let boxed: Handler = Arc::new(move |context, input| {
                    let handler = Arc::clone(&handler);
                    Box::pin(async move { handler(context, input).await })
                });
                self.handlers.insert(name, boxed);
            }
        }
        self
    }

    /// Reads and writes values by `converter` where it knows them, and by the default encodings elsewhere. Activities
    /// of [`register_raw`](Self::register_raw) see payloads as they are.
    pub fn payload_converter(mut self, converter: impl PayloadConverter + 'static) -> Self {
        self.converter = Converter::of(Arc::new(converter));
        self
    }

    /// The finished registry.
    ///
    /// # Errors
    /// Names that are empty, reserved, or registered twice.
    pub fn build(self) -> Result<ActivityRegistry, RegistryError> {
        if self.problems.is_empty() {
            Ok(ActivityRegistry {
                handlers: self.handlers,
                converter: self.converter,
            })
        } else {
            Err(RegistryError {
                problems: self.problems,
            })
        }
    }
}

/// Activity names that cannot be registered: rename the activities.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot register activities: {}", problems.join("; "))]
pub struct RegistryError {
    problems: Vec<String>,
}

fn name_problem(name: &str, taken: bool) -> Option<String> {
    if name.is_empty() {
        Some("an activity type name is empty; give it one".to_owned())
    } else if name.starts_with(RESERVED_PREFIX) {
        Some(format!(
            "{name:?} starts with {RESERVED_PREFIX:?}, which Temporal reserves; rename it"
        ))
    } else if taken {
        Some(format!("{name:?} is registered twice; rename one of them"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn nothing(_: ActivityContext, (): ()) -> ActivityResult<()> {
        Ok(())
    }

    #[test]
    fn names_are_sorted() {
        let registry = ActivityRegistry::builder()
            .register("b", nothing)
            .register("a", nothing)
            .build()
            .unwrap();
        assert_eq!(registry.names().collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn all_bad_names_are_reported_at_once() {
        let error = ActivityRegistry::builder()
            .register("twice", nothing)
            .register("twice", nothing)
            .register("", nothing)
            .register("__temporal_x", nothing)
            .register("fine", nothing)
            .build()
            .unwrap_err()
            .to_string();
        for part in [
            "\"twice\" is registered twice",
            "is empty",
            "\"__temporal_x\" starts with",
        ] {
            assert!(error.contains(part), "{error}");
        }
        assert!(!error.contains("fine"), "{error}");
    }
}
