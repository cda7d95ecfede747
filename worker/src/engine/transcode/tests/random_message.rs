//! Random messages of any type, from a seed.

use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, ReflectMessage as _, Value,
};

/// Deepest nesting that is made.
const DEPTH_MAX: usize = 4;

/// SplitMix64: small, and the same everywhere.
pub(super) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ (value >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Numbers near the edges are more likely to be wrong than others.
    fn integer(&mut self) -> u64 {
        const EDGES: [u64; 8] = [
            0,
            1,
            u64::MAX,
            i64::MAX as u64,
            i64::MIN as u64,
            1 << 53,
            i32::MAX as u64,
            i32::MIN as i64 as u64,
        ];
        match self.below(3) {
            0 => EDGES[self.below(EDGES.len() as u64) as usize],
            1 => self.below(100),
            _ => self.next(),
        }
    }

    fn text(&mut self) -> String {
        const TEXTS: [&str; 7] = [
            "",
            "a",
            "json/plain",
            "__proto__",
            "constructor",
            "grüße 🦀",
            "\u{0}\u{ffff}",
        ];
        TEXTS[self.below(TEXTS.len() as u64) as usize].to_owned()
    }

    fn bytes(&mut self) -> Vec<u8> {
        (0..self.below(9)).map(|_| self.next() as u8).collect()
    }

    /// A message of the type with about half of its fields set.
    pub(super) fn message(
        &mut self,
        descriptor: &MessageDescriptor,
        depth: usize,
    ) -> DynamicMessage {
        let mut message = DynamicMessage::new(descriptor.clone());
        for field in descriptor.fields() {
            let nests = matches!(field.kind(), Kind::Message(_));
            if self.below(2) == 0 || (nests && depth >= DEPTH_MAX) {
                continue;
            }
            let value = self.field(&field, depth);
            message.set_field(&field, value);
        }
        message
    }

    fn field(&mut self, field: &FieldDescriptor, depth: usize) -> Value {
        if field.is_map() {
            let Kind::Message(entry) = field.kind() else {
                unreachable!("a map has an entry type")
            };
            let value_kind = entry.map_entry_value_field().kind();
            return Value::Map(
                (0..self.below(3))
                    .map(|_| (MapKey::String(self.text()), self.value(&value_kind, depth)))
                    .collect(),
            );
        }
        if field.is_list() {
            return Value::List(
                (0..self.below(4))
                    .map(|_| self.value(&field.kind(), depth))
                    .collect(),
            );
        }
        self.value(&field.kind(), depth)
    }

    fn value(&mut self, kind: &Kind, depth: usize) -> Value {
        match kind {
            Kind::Double => Value::F64(self.integer() as i64 as f64 / 3.0),
            Kind::Float => Value::F32(self.integer() as i32 as f32),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(self.integer() as i32),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(self.integer() as i64),
            Kind::Uint32 | Kind::Fixed32 => Value::U32(self.integer() as u32),
            Kind::Uint64 | Kind::Fixed64 => Value::U64(self.integer()),
            Kind::Bool => Value::Bool(self.below(2) == 1),
            Kind::String => Value::String(self.text()),
            Kind::Bytes => Value::Bytes(self.bytes().into()),
            // Numbers that the enum does not know are kept, as proto3 asks.
            Kind::Enum(_) => Value::EnumNumber(self.integer() as i32),
            Kind::Message(descriptor) => Value::Message(self.message(descriptor, depth + 1)),
        }
    }
}

/// Where two messages of one type differ first; their own `Debug` follows descriptors in circles.
pub(super) fn difference(left: &DynamicMessage, right: &DynamicMessage) -> Option<String> {
    left.descriptor().fields().find_map(|field| {
        let name = field.name().to_owned();
        if left.has_field(&field) != right.has_field(&field) {
            return Some(format!("{name}: set in one only"));
        }
        if !left.has_field(&field) {
            return None;
        }
        value_difference(&left.get_field(&field), &right.get_field(&field))
            .map(|inner| format!("{name}.{inner}"))
    })
}

fn value_difference(left: &Value, right: &Value) -> Option<String> {
    match (left, right) {
        (Value::Message(left), Value::Message(right)) => difference(left, right),
        (Value::List(left), Value::List(right)) if left.len() == right.len() => left
            .iter()
            .zip(right)
            .enumerate()
            .find_map(|(index, (left, right))| {
                Some(format!("[{index}]{}", value_difference(left, right)?))
            }),
        (Value::Map(left), Value::Map(right)) if left.len() == right.len() => {
            left.iter().find_map(|(key, left)| {
                let inner = right.get(key).map_or(Some("missing".to_owned()), |right| {
                    value_difference(left, right)
                })?;
                Some(format!("{key:?}{inner}"))
            })
        }
        (Value::List(_) | Value::Map(_), _) => Some("another length".to_owned()),
        (left, right) => (left != right).then(|| format!(" {left:?} and {right:?}")),
    }
}
