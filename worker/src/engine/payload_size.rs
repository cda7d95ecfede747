//! Measures an activation before it enters the isolate: what is large in bytes is far larger as objects.

/// Smaller activations are let in unseen.
const LARGE_BYTES: usize = 1 << 20;
/// What a byte of JSON becomes at most, as a rule: text of two bytes a character, and objects of some dozen bytes for a few
/// characters.
const EXPANSION: usize = 8;

/// Whether an activation is worth a look at the heap.
pub(super) fn is_large(encoded_bytes: usize) -> bool {
    encoded_bytes >= LARGE_BYTES
}

/// Why an activation of `encoded_bytes` must not enter a heap that holds `used_bytes` of `limit_bytes`; nothing if it may.
pub(super) fn refusal(
    encoded_bytes: usize,
    used_bytes: usize,
    limit_bytes: usize,
) -> Option<String> {
    let needed_bytes = encoded_bytes.saturating_mul(EXPANSION);
    if !is_large(encoded_bytes) || used_bytes.saturating_add(needed_bytes) <= limit_bytes {
        return None;
    }
    let mib = |bytes: usize| bytes.div_ceil(1 << 20);
    Some(format!(
        "The payloads of this workflow task are {} MiB, which need up to {} MiB as objects, but the heap of the isolate has {} MiB \
         left of {}; pass less at a time, by reference for example, or raise `max-heap-per-isolate`",
        mib(encoded_bytes),
        mib(needed_bytes),
        limit_bytes.saturating_sub(used_bytes) >> 20,
        mib(limit_bytes),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1 << 20;

    #[test]
    fn a_payload_enters_if_its_objects_fit() {
        assert_eq!(refusal(10 * MIB, 16 * MIB, 96 * MIB), None);
        let message = refusal(10 * MIB, 17 * MIB, 96 * MIB).expect("too large");
        for part in ["are 10 MiB", "80 MiB as objects", "79 MiB left of 96"] {
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn small_activations_are_never_refused() {
        assert_eq!(refusal(MIB - 1, 96 * MIB, 96 * MIB), None);
    }
}
