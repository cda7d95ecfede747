//! What a handler returns when it does not return a result.

use std::fmt;

use serde::Serialize;
use temporalio_common::protos::temporal::api::common::v1::Payload;

use crate::failure::ApplicationFailure;

/// The result of an activity handler.
pub type ActivityResult<T> = Result<T, ActivityError>;

/// Why an activity ends without a result.
///
/// Any standard error turns into a [`Retryable`](Self::Retryable) failure by `?`. For that reason
/// this type does not itself implement [`std::error::Error`].
#[derive(Debug, Clone, PartialEq)]
pub enum ActivityError {
    /// The attempt failed; the retry policy decides about another one.
    Retryable(ApplicationFailure),
    /// The activity failed for good, whatever the retry policy says.
    NonRetryable(ApplicationFailure),
    /// The handler gave up because it was asked to (see
    /// [`ActivityContext::cancelled`](crate::ActivityContext::cancelled)). Returned without such a
    /// request it counts as a retryable failure of type `CancelledFailure`.
    Cancelled {
        /// Values that the workflow reads as `CancelledFailure.details`.
        details: Vec<Payload>,
    },
    /// Somebody else completes the activity later, by its task token. Not possible for local
    /// activities.
    WillCompleteAsync,
}

impl ActivityError {
    /// A retryable failure.
    pub fn retryable(failure_type: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Retryable(ApplicationFailure::new(failure_type, message))
    }

    /// A failure that must not be retried.
    pub fn non_retryable(failure_type: impl Into<String>, message: impl Into<String>) -> Self {
        Self::NonRetryable(ApplicationFailure::new(failure_type, message))
    }

    /// A cancellation without details.
    pub fn cancelled() -> Self {
        Self::Cancelled {
            details: Vec::new(),
        }
    }

    /// A cancellation with one detail. A value that JSON cannot hold is left out.
    pub fn cancelled_with<T: Serialize + ?Sized>(detail: &T) -> Self {
        Self::Cancelled {
            details: crate::payload::encode(detail).into_iter().collect(),
        }
    }
}

impl<E: std::error::Error> From<E> for ActivityError {
    fn from(error: E) -> Self {
        Self::Retryable(ApplicationFailure::from_error(&error))
    }
}

impl fmt::Display for ActivityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retryable(failure) | Self::NonRetryable(failure) => {
                write!(f, "{}: {}", failure.failure_type, failure.message)
            }
            Self::Cancelled { .. } => f.write_str("the activity was cancelled"),
            Self::WillCompleteAsync => f.write_str("the activity will be completed elsewhere"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standard_error_is_a_retryable_failure_of_its_type() {
        fn parse(text: &str) -> ActivityResult<u8> {
            Ok(text.parse::<u8>()?)
        }
        assert_eq!(parse("7"), Ok(7));
        match parse("x") {
            Err(ActivityError::Retryable(failure)) => {
                assert_eq!(failure.failure_type, "ParseIntError");
                assert_eq!(failure.message, "invalid digit found in string");
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_text_names_type_and_message() {
        assert_eq!(ActivityError::non_retryable("T", "m").to_string(), "T: m");
    }
}
