//! Damage to a file, as a broken copy or a broken tool does it.

use proptest::prelude::*;

/// One change to a text; positions are fractions of its length in millionths.
#[derive(Debug, Clone)]
pub(super) enum Mutation {
    Truncate(u32),
    Flip { at: u32, mask: u8 },
    Cut { at: u32, bytes: usize },
    Insert { at: u32, text: Vec<u8> },
    Repeat { at: u32, bytes: usize },
}

/// One to three changes.
pub(super) fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    prop::collection::vec(mutation(), 1..4)
}

/// `original` after these changes.
pub(super) fn mutated(original: &[u8], mutations: &[Mutation]) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for mutation in mutations {
        apply(&mut bytes, mutation);
    }
    bytes
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = 0..1_000_000u32;
    prop_oneof![
        at.clone().prop_map(Mutation::Truncate),
        (at.clone(), 1..=255u8).prop_map(|(at, mask)| Mutation::Flip { at, mask }),
        (at.clone(), 1..300usize).prop_map(|(at, bytes)| Mutation::Cut { at, bytes }),
        (at.clone(), prop::collection::vec(any::<u8>(), 1..40))
            .prop_map(|(at, text)| Mutation::Insert { at, text }),
        (at, 1..300usize).prop_map(|(at, bytes)| Mutation::Repeat { at, bytes }),
    ]
}

fn apply(bytes: &mut Vec<u8>, mutation: &Mutation) {
    let place = |at: u32| (bytes.len() as u64 * u64::from(at) / 1_000_000) as usize;
    match mutation {
        Mutation::Truncate(at) => bytes.truncate(place(*at)),
        Mutation::Flip { at, mask } => {
            let at = place(*at);
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= mask;
            }
        }
        Mutation::Cut { at, bytes: length } => {
            let at = place(*at);
            bytes.drain(at..(at + length).min(bytes.len()));
        }
        Mutation::Insert { at, text } => {
            let at = place(*at);
            bytes.splice(at..at, text.iter().copied());
        }
        Mutation::Repeat { at, bytes: length } => {
            let at = place(*at);
            let again = bytes[at..(at + length).min(bytes.len())].to_vec();
            bytes.splice(at..at, again);
        }
    }
}
