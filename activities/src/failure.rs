//! Application failures: what a workflow sees of an activity that failed by its own account.

use std::time::Duration;

use serde::Serialize;
use temporalio_common::protos::temporal::api::common::v1::{Payload, Payloads};
use temporalio_common::protos::temporal::api::enums::v1::ApplicationErrorCategory;
use temporalio_common::protos::temporal::api::failure::v1::{
    ApplicationFailureInfo, CanceledFailureInfo, Failure, failure::FailureInfo,
};

use crate::payload;

/// `Failure.source`: names the SDK that made a failure.
const SOURCE: &str = "burdock";

/// The type of a failure whose maker named none. TypeScript uses the same word.
const DEFAULT_TYPE: &str = "Error";

/// How much attention a failure deserves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FailureCategory {
    /// An ordinary failure: logged as a warning and counted in core's failure metrics.
    #[default]
    Unspecified,
    /// An expected outcome: logged at debug level and left out of core's failure metrics.
    Benign,
}

/// A failure with the fields of Temporal's `ApplicationFailureInfo`. Whether it is retryable is
/// said by the [`ActivityError`](crate::ActivityError) variant that carries it.
#[derive(Debug, Clone, PartialEq)]
pub struct ApplicationFailure {
    /// What went wrong, for people.
    pub message: String,
    /// What went wrong, for code: matched by retry policies (`nonRetryableErrorTypes`) and read by
    /// workflows as `ApplicationFailure.type`.
    pub failure_type: String,
    /// Values that workflows read as `ApplicationFailure.details`.
    pub details: Vec<Payload>,
    /// Overrides the retry policy's interval before the next attempt.
    pub next_retry_delay: Option<Duration>,
    /// How much attention the failure deserves.
    pub category: FailureCategory,
    /// The failure behind this one.
    pub cause: Option<Box<ApplicationFailure>>,
}

impl ApplicationFailure {
    /// A failure of type `failure_type` with no details.
    pub fn new(failure_type: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            failure_type: failure_type.into(),
            details: Vec::new(),
            next_retry_delay: None,
            category: FailureCategory::default(),
            cause: None,
        }
    }

    /// Describes any error: its message, the last part of its type's name as the type, and its
    /// sources as causes.
    pub fn from_error<E: std::error::Error>(error: &E) -> Self {
        let mut failure = Self::new(
            short_type_name(std::any::type_name::<E>()),
            error.to_string(),
        );
        failure.cause = error
            .source()
            .map(|source| Box::new(Self::from_source(source)));
        failure
    }

    /// A source is known only as a trait object, so its type has no name.
    fn from_source(source: &dyn std::error::Error) -> Self {
        let mut failure = Self::new(DEFAULT_TYPE, source.to_string());
        failure.cause = source
            .source()
            .map(|deeper| Box::new(Self::from_source(deeper)));
        failure
    }

    /// Adds one detail. A value that JSON cannot hold is replaced by a text that says so, since a
    /// failure must not fail to be reported.
    #[must_use]
    pub fn with_detail<T: Serialize + ?Sized>(mut self, detail: &T) -> Self {
        let encoded = payload::encode(detail).or_else(|error| payload::encode(&error.to_string()));
        self.details.extend(encoded);
        self
    }

    /// Sets the pause before the next attempt.
    #[must_use]
    pub fn with_next_retry_delay(mut self, delay: Duration) -> Self {
        self.next_retry_delay = Some(delay);
        self
    }

    /// Marks the failure as an expected outcome.
    #[must_use]
    pub fn benign(mut self) -> Self {
        self.category = FailureCategory::Benign;
        self
    }

    /// The failure in wire form.
    pub(crate) fn into_proto(self, non_retryable: bool) -> Failure {
        let category = match self.category {
            FailureCategory::Unspecified => ApplicationErrorCategory::Unspecified,
            FailureCategory::Benign => ApplicationErrorCategory::Benign,
        };
        let info = ApplicationFailureInfo {
            r#type: self.failure_type,
            non_retryable,
            details: payloads(self.details),
            // A delay beyond the range of the protobuf type (about 10,000 years) is no delay to keep.
            next_retry_delay: self
                .next_retry_delay
                .and_then(|delay| delay.try_into().ok()),
            category: category.into(),
        };
        Failure {
            message: self.message,
            source: SOURCE.to_owned(),
            failure_info: Some(FailureInfo::ApplicationFailureInfo(info)),
            cause: self.cause.map(|cause| Box::new(cause.into_proto(false))),
            ..Default::default()
        }
    }
}

/// The failure that a cancelled activity reports.
pub(crate) fn cancelled_proto(details: Vec<Payload>) -> Failure {
    Failure {
        message: "Activity cancelled".to_owned(),
        source: SOURCE.to_owned(),
        failure_info: Some(FailureInfo::CanceledFailureInfo(CanceledFailureInfo {
            details: payloads(details),
            ..Default::default()
        })),
        ..Default::default()
    }
}

fn payloads(payloads: Vec<Payload>) -> Option<Payloads> {
    (!payloads.is_empty()).then_some(Payloads { payloads })
}

/// `a::b::Name<c::D>` becomes `Name`: module paths and parameters are no promise to callers.
fn short_type_name(full: &str) -> &str {
    let plain = full.split('<').next().unwrap_or(full);
    let short = plain.rsplit("::").next().unwrap_or(plain);
    if short.is_empty() {
        DEFAULT_TYPE
    } else {
        short
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::decode;

    fn info(failure: &Failure) -> &ApplicationFailureInfo {
        failure
            .maybe_application_failure()
            .expect("an application failure")
    }

    #[test]
    fn every_field_reaches_the_wire() {
        let failure = ApplicationFailure::new("Flaky", "try again")
            .with_detail(&1)
            .with_detail("two")
            .with_next_retry_delay(Duration::from_millis(1500))
            .benign()
            .into_proto(true);
        assert_eq!(failure.message, "try again");
        assert_eq!(failure.source, "burdock");
        let info = info(&failure);
        assert_eq!(info.r#type, "Flaky");
        assert!(info.non_retryable);
        assert_eq!(info.category(), ApplicationErrorCategory::Benign);
        let delay = info.next_retry_delay.as_ref().unwrap();
        assert_eq!((delay.seconds, delay.nanos), (1, 500_000_000));
        let details = &info.details.as_ref().unwrap().payloads;
        assert_eq!(decode::<i32>(&details[0]).unwrap(), 1);
        assert_eq!(decode::<String>(&details[1]).unwrap(), "two");
    }

    #[test]
    fn no_details_are_absent_and_not_an_empty_list() {
        let failure = ApplicationFailure::new("T", "m").into_proto(false);
        assert_eq!(info(&failure).details, None);
        assert!(!info(&failure).non_retryable);
    }

    #[test]
    fn a_detail_that_json_cannot_hold_says_so() {
        let keyed_by_list = std::collections::HashMap::from([(vec![1], 2)]);
        let failure = ApplicationFailure::new("T", "m").with_detail(&keyed_by_list);
        let text: String = decode(&failure.details[0]).unwrap();
        assert!(text.starts_with("cannot write"), "{text}");
    }

    #[test]
    fn an_error_keeps_its_type_name_and_its_sources() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] std::num::ParseIntError);

        let source = "x".parse::<u8>().unwrap_err();
        let failure = ApplicationFailure::from_error(&Outer(source.clone()));
        assert_eq!(
            (failure.failure_type.as_str(), failure.message.as_str()),
            ("Outer", "outer")
        );
        let cause = failure.cause.unwrap();
        assert_eq!(
            (cause.failure_type.as_str(), &cause.message),
            ("Error", &source.to_string())
        );
        assert_eq!(cause.cause, None);
    }

    #[test]
    fn type_names_are_shortened() {
        assert_eq!(short_type_name("a::b::Name"), "Name");
        assert_eq!(short_type_name("a::Wrapper<b::C>"), "Wrapper");
        assert_eq!(short_type_name("&str"), "&str");
        assert_eq!(short_type_name("<a as b>::C"), "Error");
    }
}
