//! The transcoder: protobuf wire bytes to V8 values and back, driven by the tables in [`schema`].
//!
//! Nothing here knows a message by name, so a new job or command variant of the protocol needs no new code. The shapes
//! are those that protobufjs gives the TypeScript SDK: camel-cased properties, numbers for 32-bit integers and enums,
//! `Long` for 64 bits, `Uint8Array` for bytes, plain objects for maps, unset fields readable through the prototype.

mod decode;
mod encode;
mod error;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
pub(crate) mod schema;
mod wire;

use std::cell::RefCell;
use std::rc::Rc;

use deno_core::v8;

pub(crate) use error::TranscodeError;
use schema::{Kind, Label, MESSAGES};
pub(crate) use schema::{MessageId, WORKFLOW_ACTIVATION, WORKFLOW_ACTIVATION_COMPLETION};

/// Deepest nesting of messages in either direction; the limit that prost has too.
const DEPTH_MAX: usize = 100;

/// What the host context lends the transcoder.
pub(crate) struct Factories {
    /// `(name, fields, oneofs) => constructor`, see `js/host/messages.js`.
    pub(crate) make_class: v8::Global<v8::Function>,
    /// `(low, high, unsigned) => Long`.
    pub(crate) make_long: v8::Global<v8::Function>,
}

/// Transcodes for one isolate. Classes and property keys are made when a message type is first seen.
pub(crate) struct Transcoder {
    factories: Factories,
    classes: RefCell<Vec<Option<Rc<Class>>>>,
    low: v8::Global<v8::String>,
    high: v8::Global<v8::String>,
}

/// One message type in V8: its constructor and its property keys, in the order of the fields.
struct Class {
    constructor: v8::Global<v8::Function>,
    keys: Vec<v8::Global<v8::String>>,
}

impl Transcoder {
    pub(crate) fn new(scope: &mut v8::PinScope<'_, '_>, factories: Factories) -> Self {
        let classes = RefCell::new(MESSAGES.iter().map(|_| None).collect());
        let (low, high) = (intern(scope, "low"), intern(scope, "high"));
        Self {
            factories,
            classes,
            low: v8::Global::new(scope, low),
            high: v8::Global::new(scope, high),
        }
    }

    /// Functions that the transcoder keeps, and that lead to the rest of what it keeps on V8's heap.
    pub(crate) fn functions(&self) -> Vec<v8::Global<v8::Function>> {
        let classes = self.classes.borrow();
        let constructors = classes.iter().flatten().map(|class| &class.constructor);
        [&self.factories.make_class, &self.factories.make_long]
            .into_iter()
            .chain(constructors)
            .cloned()
            .collect()
    }

    fn class(
        &self,
        scope: &mut v8::PinScope<'_, '_>,
        id: MessageId,
    ) -> Result<Rc<Class>, TranscodeError> {
        let index = usize::from(id.0);
        if let Some(class) = &self.classes.borrow()[index] {
            return Ok(Rc::clone(class));
        }
        let class = Rc::new(self.make_class(scope, id)?);
        self.classes.borrow_mut()[index] = Some(Rc::clone(&class));
        Ok(class)
    }

    fn make_class(
        &self,
        scope: &mut v8::PinScope<'_, '_>,
        id: MessageId,
    ) -> Result<Class, TranscodeError> {
        let message = id.message();
        v8::scope!(let scope, scope);
        let mut keys = Vec::with_capacity(message.fields.len());
        let mut fields: Vec<v8::Local<v8::Value>> = Vec::with_capacity(message.fields.len());
        for field in message.fields {
            let key = intern(scope, field.name);
            keys.push(v8::Global::new(scope, key));
            let default = intern(scope, default_name(field));
            let oneof = v8::Integer::new(scope, field.oneof.map_or(-1, i32::from));
            fields.push(
                v8::Array::new_with_elements(scope, &[key.into(), default.into(), oneof.into()])
                    .into(),
            );
        }
        let fields = v8::Array::new_with_elements(scope, &fields);
        let oneofs: Vec<v8::Local<v8::Value>> = message
            .oneofs
            .iter()
            .map(|name| intern(scope, name).into())
            .collect();
        let oneofs = v8::Array::new_with_elements(scope, &oneofs);
        let name = intern(scope, message.name);
        let make_class = v8::Local::new(scope, &self.factories.make_class);
        let undefined = v8::undefined(scope).into();
        let constructor = make_class
            .call(
                scope,
                undefined,
                &[name.into(), fields.into(), oneofs.into()],
            )
            .and_then(|value| v8::Local::<v8::Function>::try_from(value).ok())
            .ok_or_else(TranscodeError::threw)?;
        Ok(Class {
            constructor: v8::Global::new(scope, constructor),
            keys,
        })
    }
}

/// What an unset field reads as, in the words of `js/host/messages.js`.
fn default_name(field: &schema::Field) -> &'static str {
    match (field.label, field.kind) {
        (Label::Repeated, _) => "array",
        (Label::Map(_), _) => "object",
        (_, Kind::Message(_)) => "null",
        // As protobufjs: a member of a real oneof has the default of its type, an `optional` field has none.
        _ if field.explicit && field.oneof.is_none() => "null",
        (_, Kind::Bool) => "false",
        (_, Kind::String) => "string",
        (_, Kind::Bytes) => "bytes",
        (_, kind) if kind.is_long() => {
            if kind.is_unsigned() {
                "ulong"
            } else {
                "long"
            }
        }
        _ => "zero",
    }
}

fn intern<'s>(scope: &mut v8::PinScope<'s, '_>, text: &str) -> v8::Local<'s, v8::String> {
    v8::String::new_from_utf8(scope, text.as_bytes(), v8::NewStringType::Internalized)
        .expect("names of the protocol are short")
}

#[cfg(test)]
mod tests;
