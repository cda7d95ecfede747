//! The protobuf wire format: varints, fixed-width values and length-delimited records.
//! Source of the rules: the encoding chapter of the protobuf documentation.

/// How a record's payload is delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WireType {
    Varint,
    Fixed64,
    Delimited,
    Fixed32,
}

impl WireType {
    fn from_tag(tag: u32) -> Result<Self, WireError> {
        match tag & 7 {
            0 => Ok(Self::Varint),
            1 => Ok(Self::Fixed64),
            2 => Ok(Self::Delimited),
            5 => Ok(Self::Fixed32),
            other => Err(WireError::WireType(other as u8)),
        }
    }

    fn bits(self) -> u64 {
        match self {
            Self::Varint => 0,
            Self::Fixed64 => 1,
            Self::Delimited => 2,
            Self::Fixed32 => 5,
        }
    }
}

/// Why bytes are no protobuf message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WireError {
    #[error("the message ends in the middle of a value")]
    Truncated,
    #[error("a varint has more than 64 bits")]
    Varint,
    #[error("a field's number is 0 or has more than 29 bits")]
    Field,
    #[error("wire type {0} does not exist")]
    WireType(u8),
    #[error("field {0} has another wire type than its declaration says")]
    Mismatch(u32),
    #[error("field {0} is no valid UTF-8")]
    Utf8(u32),
    #[error("messages are nested deeper than {0} levels")]
    Depth(usize),
}

/// Reads one message's bytes from front to back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Field number and wire type of the next record.
    pub(crate) fn tag(&mut self) -> Result<(u32, WireType), WireError> {
        let tag = u32::try_from(self.varint()?).map_err(|_| WireError::Field)?;
        let wire_type = WireType::from_tag(tag)?;
        match tag >> 3 {
            0 => Err(WireError::Field),
            number => Ok((number, wire_type)),
        }
    }

    pub(crate) fn varint(&mut self) -> Result<u64, WireError> {
        let mut value = 0_u64;
        for (index, byte) in self.bytes.iter().take(10).enumerate() {
            // The tenth byte has one bit of the number; more do not fit.
            if index == 9 && *byte > 1 {
                return Err(WireError::Varint);
            }
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                self.bytes = &self.bytes[index + 1..];
                return Ok(value);
            }
        }
        Err(WireError::Truncated)
    }

    pub(crate) fn fixed32(&mut self) -> Result<u32, WireError> {
        let (head, rest) = self
            .bytes
            .split_first_chunk::<4>()
            .ok_or(WireError::Truncated)?;
        self.bytes = rest;
        Ok(u32::from_le_bytes(*head))
    }

    pub(crate) fn fixed64(&mut self) -> Result<u64, WireError> {
        let (head, rest) = self
            .bytes
            .split_first_chunk::<8>()
            .ok_or(WireError::Truncated)?;
        self.bytes = rest;
        Ok(u64::from_le_bytes(*head))
    }

    pub(crate) fn delimited(&mut self) -> Result<&'a [u8], WireError> {
        let length = usize::try_from(self.varint()?).map_err(|_| WireError::Truncated)?;
        if length > self.bytes.len() {
            return Err(WireError::Truncated);
        }
        let (head, rest) = self.bytes.split_at(length);
        self.bytes = rest;
        Ok(head)
    }

    /// Passes over a record whose field is not known.
    pub(crate) fn skip(&mut self, wire_type: WireType) -> Result<(), WireError> {
        match wire_type {
            WireType::Varint => self.varint().map(drop),
            WireType::Fixed64 => self.fixed64().map(drop),
            WireType::Delimited => self.delimited().map(drop),
            WireType::Fixed32 => self.fixed32().map(drop),
        }
    }
}

pub(crate) fn put_tag(out: &mut Vec<u8>, number: u32, wire_type: WireType) {
    put_varint(out, u64::from(number) << 3 | wire_type.bits());
}

pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a length-delimited record whose length is known only once `body` has run.
pub(crate) fn put_delimited<E>(
    out: &mut Vec<u8>,
    number: u32,
    body: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    put_tag(out, number, WireType::Delimited);
    let start = out.len();
    body(out)?;
    let length = out.len() - start;
    let mut prefix = Vec::with_capacity(10);
    put_varint(&mut prefix, length as u64);
    out.splice(start..start, prefix);
    Ok(())
}

/// ZigZag: signed numbers so that small magnitudes are short.
pub(crate) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

pub(crate) fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::transcode::fuzzing::{check_wire, messages};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_varint_reads_back(value: u64) {
            let mut out = Vec::new();
            put_varint(&mut out, value);
            let mut reader = Reader::new(&out);
            prop_assert_eq!(reader.varint(), Ok(value));
            prop_assert!(reader.is_empty());
        }

        #[test]
        fn zigzag_reads_back(value: i64) {
            prop_assert_eq!(unzigzag(zigzag(value)), value);
        }

        #[test]
        fn arbitrary_bytes_end_in_a_value_or_an_error(bytes: Vec<u8>) {
            check_wire(&bytes);
        }

        #[test]
        fn cut_messages_end_in_values_or_an_error(bytes in messages()) {
            check_wire(&bytes);
        }
    }

    #[test]
    fn small_magnitudes_are_short_in_zigzag() {
        assert_eq!(
            (zigzag(0), zigzag(-1), zigzag(1), zigzag(i64::MIN)),
            (0, 1, 2, u64::MAX)
        );
    }

    #[test]
    fn a_delimited_record_carries_its_length() {
        let mut out = Vec::new();
        put_delimited::<WireError>(&mut out, 3, |out| {
            out.extend([7; 200]);
            Ok(())
        })
        .unwrap();
        let mut reader = Reader::new(&out);
        assert_eq!(reader.tag(), Ok((3, WireType::Delimited)));
        assert_eq!(reader.delimited(), Ok([7_u8; 200].as_slice()));
    }

    #[test]
    fn a_cut_message_is_named_as_such() {
        assert_eq!(Reader::new(&[0x80]).varint(), Err(WireError::Truncated));
        assert_eq!(Reader::new(&[0xff; 11]).varint(), Err(WireError::Varint));
        assert_eq!(Reader::new(&[5, 1]).delimited(), Err(WireError::Truncated));
        assert_eq!(Reader::new(&[3]).tag(), Err(WireError::WireType(3)));
    }

    #[test]
    fn numbers_that_do_not_fit_are_refused() {
        let mut varint = [0xff; 10];
        varint[9] = 2;
        assert_eq!(Reader::new(&varint).varint(), Err(WireError::Varint));
        varint[9] = 1;
        assert_eq!(Reader::new(&varint).varint(), Ok(u64::MAX));
        let mut beyond = Vec::new();
        put_varint(&mut beyond, 1 << 32 | 1 << 3);
        assert_eq!(Reader::new(&beyond).tag(), Err(WireError::Field));
        assert_eq!(Reader::new(&[2]).tag(), Err(WireError::Field));
    }
}
