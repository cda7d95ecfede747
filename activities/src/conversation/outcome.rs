//! What replies and calls come to: fixed rules, so that tests know what to expect.

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};

const POSITIVE_WORDS: [&str; 3] = ["yes", "interested", "call"];
const NEGATIVE_WORDS: [&str; 3] = ["no", "stop", "unsubscribe"];

/// The tone of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Sentiment {
    /// Says "yes", "interested" or "call".
    Positive,
    /// Says "no", "stop" or "unsubscribe", and nothing positive.
    Negative,
    /// Says neither.
    Unclear,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CallOutcome {
    /// An appointment was made.
    Booked,
    /// Nobody answered.
    Voicemail,
}

/// The tone of a reply by its words: whole words, whatever their case, the positive ones first.
pub fn sentiment(text: &str) -> Sentiment {
    let lower = text.to_lowercase();
    let says_any = |wanted: &[&str]| {
        lower
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| wanted.contains(&word))
    };
    if says_any(&POSITIVE_WORDS) {
        Sentiment::Positive
    } else if says_any(&NEGATIVE_WORDS) {
        Sentiment::Negative
    } else {
        Sentiment::Unclear
    }
}

/// Calls succeed for leads whose id ends with an even digit.
pub fn call_outcome(lead_id: &str) -> CallOutcome {
    match lead_id
        .chars()
        .next_back()
        .and_then(|last| last.to_digit(10))
    {
        Some(digit) if digit % 2 == 0 => CallOutcome::Booked,
        _ => CallOutcome::Voicemail,
    }
}

/// The text under which a value is stored; the same as in JSON.
macro_rules! stored_as_text {
    ($name:ident { $($variant:ident => $text:literal),+ $(,)? }) => {
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::from(match self { $(Self::$variant => $text),+ }))
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                match value.as_str()? {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(FromSqlError::InvalidType),
                }
            }
        }
    };
}

stored_as_text!(Sentiment { Positive => "positive", Negative => "negative", Unclear => "unclear" });
stored_as_text!(CallOutcome { Booked => "booked", Voicemail => "voicemail" });

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_word_decides() {
        for word in POSITIVE_WORDS {
            assert_eq!(sentiment(word), Sentiment::Positive, "{word}");
        }
        for word in NEGATIVE_WORDS {
            assert_eq!(sentiment(word), Sentiment::Negative, "{word}");
        }
        assert_eq!(sentiment("maybe later"), Sentiment::Unclear);
        assert_eq!(sentiment(""), Sentiment::Unclear);
    }

    #[test]
    fn positive_words_come_first() {
        assert_eq!(sentiment("No, stop. Or yes?"), Sentiment::Positive);
    }

    #[test]
    fn case_and_punctuation_do_not_matter() {
        assert_eq!(sentiment("YES!"), Sentiment::Positive);
        assert_eq!(sentiment("please,unsubscribe-me"), Sentiment::Negative);
    }

    #[test]
    fn parts_of_words_do_not_count() {
        assert_eq!(
            sentiment("uninterested eyes, calling now"),
            Sentiment::Unclear
        );
        assert_eq!(sentiment("yes1 nö"), Sentiment::Unclear);
    }

    #[test]
    fn an_even_last_digit_books() {
        assert_eq!(call_outcome("lead-0"), CallOutcome::Booked);
        assert_eq!(call_outcome("lead-18"), CallOutcome::Booked);
        assert_eq!(call_outcome("lead-81"), CallOutcome::Voicemail);
        assert_eq!(call_outcome("lead-2a"), CallOutcome::Voicemail);
        assert_eq!(call_outcome(""), CallOutcome::Voicemail);
        assert_eq!(call_outcome("lead-٢"), CallOutcome::Voicemail);
    }

    proptest! {
        #[test]
        fn one_positive_word_is_enough(before in "[a-z ]*", after in "[A-Z ]*") {
            prop_assert_eq!(sentiment(&format!("{before} yes {after}")), Sentiment::Positive);
        }
    }
}
