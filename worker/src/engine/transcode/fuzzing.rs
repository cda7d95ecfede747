//! Inputs and invariants of the wire format, for the property tests and the fuzz targets.

use proptest::prelude::*;
use prost::Message as _;

use super::wire::{Reader, WireError, WireType, put_delimited, put_tag, put_varint};

/// One field of a message whose type is not known.
#[derive(Clone, Debug, PartialEq)]
enum Record {
    Varint(u64),
    Fixed64(u64),
    Delimited(Vec<u8>),
    Fixed32(u32),
}

/// Messages of any fields, whole or cut off somewhere.
pub fn messages() -> impl Strategy<Value = Vec<u8>> {
    let record = prop_oneof![
        any::<u64>().prop_map(Record::Varint),
        any::<u64>().prop_map(Record::Fixed64),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Record::Delimited),
        any::<u32>().prop_map(Record::Fixed32),
    ];
    let records = prop::collection::vec((1..1_u32 << 29, record), 0..6);
    let cut = prop::option::of(0..1_000_usize);
    (records, cut).prop_map(|(records, cut)| {
        let mut bytes = written(&records);
        bytes.truncate(cut.map_or(bytes.len(), |cut| cut * bytes.len() / 1_000));
        bytes
    })
}

/// Any bytes are records that can be written again, or an error; which of the two, prost agrees on.
pub fn check_wire(bytes: &[u8]) {
    let read = records(bytes);
    // prost passes over groups, which nothing in the protocol has.
    if matches!(read, Err(WireError::WireType(3 | 4))) {
        return;
    }
    let of_prost = <()>::decode(bytes);
    assert_eq!(read.is_ok(), of_prost.is_ok(), "{read:?}, {of_prost:?}");
    if let Ok(records_read) = read {
        assert_eq!(records(&written(&records_read)), Ok(records_read));
    }
}

fn records(bytes: &[u8]) -> Result<Vec<(u32, Record)>, WireError> {
    let mut reader = Reader::new(bytes);
    let mut records = Vec::new();
    while !reader.is_empty() {
        let (number, wire_type) = reader.tag()?;
        let mut skipping = reader;
        let record = match wire_type {
            WireType::Varint => Record::Varint(reader.varint()?),
            WireType::Fixed64 => Record::Fixed64(reader.fixed64()?),
            WireType::Delimited => Record::Delimited(reader.delimited()?.to_vec()),
            WireType::Fixed32 => Record::Fixed32(reader.fixed32()?),
        };
        skipping.skip(wire_type)?;
        assert_eq!(
            skipping, reader,
            "a record that is skipped is as long as one that is read"
        );
        records.push((number, record));
    }
    Ok(records)
}

fn written(records: &[(u32, Record)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (number, record) in records {
        match record {
            Record::Varint(value) => {
                put_tag(&mut out, *number, WireType::Varint);
                put_varint(&mut out, *value);
            }
            Record::Fixed64(value) => {
                put_tag(&mut out, *number, WireType::Fixed64);
                out.extend(value.to_le_bytes());
            }
            Record::Delimited(bytes) => {
                put_delimited(&mut out, *number, |out| {
                    out.extend(bytes);
                    Ok::<(), WireError>(())
                })
                .expect("memory takes everything");
            }
            Record::Fixed32(value) => {
                put_tag(&mut out, *number, WireType::Fixed32);
                out.extend(value.to_le_bytes());
            }
        }
    }
    out
}
