//! The arguments of an activity call, read as one serde input type.
//!
//! A workflow passes a list of arguments; a handler declares one input type, which says how many
//! of them it takes: a tuple takes one argument per element, `()` takes none, and every other type
//! takes the first one. A missing argument reads as "no value", as in JavaScript, so `Option`
//! accepts it; surplus arguments are ignored, also as in JavaScript.

use serde::Deserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Error as _, IntoDeserializer, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use temporalio_common::protos::temporal::api::common::v1::Payload;

use crate::payload::{self, DecodeError};

/// Reads a call's arguments as a handler's input.
///
/// # Errors
/// Names the argument (counted from 1) that does not fit.
pub(crate) fn decode_arguments<I: DeserializeOwned>(
    payloads: &[Payload],
) -> Result<I, DecodeError> {
    I::deserialize(Arguments(payloads))
}

/// The argument list as a deserializer: only tuples and `()` see the list, everything else is
/// passed on to the first argument.
struct Arguments<'de>(&'de [Payload]);

impl<'de> Deserializer<'de> for Arguments<'de> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        argument(
            self.0,
            0,
            Hinted {
                visitor,
                hint: Hint::Any,
            },
        )
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        argument(
            self.0,
            0,
            Hinted {
                visitor,
                hint: Hint::Option,
            },
        )
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        argument(
            self.0,
            0,
            Hinted {
                visitor,
                hint: Hint::Newtype(name),
            },
        )
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        argument(
            self.0,
            0,
            Hinted {
                visitor,
                hint: Hint::Enum(name, variants),
            },
        )
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_seq(ArgumentList {
            payloads: self.0,
            next: 0,
            len,
        })
    }

    // JSON is self-describing, so these need no hint to be read.
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        bytes byte_buf unit_struct seq tuple_struct map struct identifier ignored_any
    }
}

/// What the input type asked for, where the value alone does not say it.
enum Hint {
    Any,
    Option,
    Newtype(&'static str),
    Enum(&'static str, &'static [&'static str]),
}

/// Carries the input type's visitor and hint to the deserializer of one payload.
struct Hinted<V> {
    visitor: V,
    hint: Hint,
}

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for Hinted<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<V::Value, D::Error> {
        match self.hint {
            Hint::Any => from.deserialize_any(self.visitor),
            Hint::Option => from.deserialize_option(self.visitor),
            Hint::Newtype(name) => from.deserialize_newtype_struct(name, self.visitor),
            Hint::Enum(name, variants) => from.deserialize_enum(name, variants, self.visitor),
        }
    }
}

struct ArgumentList<'de> {
    payloads: &'de [Payload],
    next: usize,
    len: usize,
}

impl<'de> SeqAccess<'de> for ArgumentList<'de> {
    type Error = DecodeError;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, DecodeError> {
        if self.next >= self.len {
            return Ok(None);
        }
        let index = self.next;
        self.next += 1;
        argument(self.payloads, index, seed).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.len.saturating_sub(self.next))
    }
}

fn argument<'de, S: DeserializeSeed<'de>>(
    payloads: &'de [Payload],
    index: usize,
    seed: S,
) -> Result<S::Value, DecodeError> {
    let read = match payloads.get(index) {
        Some(payload) => payload::decode_seed(payload, seed),
        None => seed.deserialize(().into_deserializer()),
    };
    read.map_err(|error| match error {
        DecodeError::Shape(why) => {
            let absent = payloads.get(index).is_none_or(payload::is_absent);
            let note = if absent { " (it is missing)" } else { "" };
            DecodeError::custom(format_args!("argument {}{note}: {why}", index + 1))
        }
        encoding @ DecodeError::Encoding(_) => encoding,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::{Value, json};

    #[derive(Debug, Deserialize, PartialEq)]
    struct Point {
        x: i32,
        y: Option<i32>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Pair(i32, i32);

    #[derive(Debug, Deserialize, PartialEq)]
    struct Id(String);

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    enum Kind {
        Email,
        Call { reason: String },
    }

    fn read<I: DeserializeOwned>(arguments: &[Value]) -> Result<I, DecodeError> {
        let payloads: Vec<_> = arguments
            .iter()
            .map(|a| payload::encode(a).unwrap())
            .collect();
        decode_arguments(&payloads)
    }

    #[test]
    fn a_plain_type_takes_the_first_argument() {
        assert_eq!(
            read::<Point>(&[json!({"x": 1})]).unwrap(),
            Point { x: 1, y: None }
        );
        assert_eq!(read::<u32>(&[json!(7), json!("surplus")]).unwrap(), 7);
        assert_eq!(read::<f64>(&[json!(7)]).unwrap(), 7.0);
        assert_eq!(read::<Vec<u8>>(&[json!([1, 2])]).unwrap(), [1, 2]);
        assert_eq!(read::<Id>(&[json!("a")]).unwrap(), Id("a".into()));
        assert_eq!(read::<Pair>(&[json!([1, 2])]).unwrap(), Pair(1, 2));
        assert_eq!(
            read::<Value>(&[json!({"any": null})]).unwrap(),
            json!({"any": null})
        );
    }

    #[test]
    fn an_enum_takes_the_first_argument() {
        assert_eq!(read::<Kind>(&[json!("email")]).unwrap(), Kind::Email);
        let call = json!({"call": {"reason": "r"}});
        assert_eq!(
            read::<Kind>(&[call]).unwrap(),
            Kind::Call { reason: "r".into() }
        );
    }

    #[test]
    fn a_tuple_takes_one_argument_per_element() {
        let (point, name) =
            read::<(Point, String)>(&[json!({"x": 1, "y": 2}), json!("n")]).unwrap();
        assert_eq!((point, name.as_str()), (Point { x: 1, y: Some(2) }, "n"));
        assert_eq!(read::<(Vec<u8>,)>(&[json!([1])]).unwrap().0, [1]);
    }

    #[test]
    fn unit_takes_none_and_ignores_what_is_there() {
        read::<()>(&[]).unwrap();
        read::<()>(&[json!(1)]).unwrap();
    }

    #[test]
    fn a_missing_argument_reads_as_no_value() {
        assert_eq!(read::<Option<u8>>(&[]).unwrap(), None);
        assert_eq!(read::<(u8, Option<u8>)>(&[json!(1)]).unwrap(), (1, None));
        assert_eq!(read::<Value>(&[]).unwrap(), Value::Null);
        assert_eq!(read::<Option<u8>>(&[json!(3)]).unwrap(), Some(3));
    }

    #[test]
    fn an_error_names_the_argument() {
        let error = read::<(u8, u8)>(&[json!(1), json!("x")])
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("argument 2: invalid type: string"),
            "{error}"
        );
        let error = read::<Point>(&[]).unwrap_err().to_string();
        assert!(error.starts_with("argument 1 (it is missing): "), "{error}");
    }
}
