//! Whether there is room for a heap snapshot.

use crate::config::units::ByteSize;

/// This part of the limit stays free for what the rest of the process takes meanwhile.
const LEFT_FREE_DIVISOR: u64 = 20;

/// A snapshot could take the process over its limit. All figures are bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a snapshot of this heap of {} may take {}, but only {} of the memory limit of {} are free: raise the limit, or ask \
     again when fewer workflows are cached",
    mib(*.heap_bytes), mib(*.need_bytes), mib(*.free_bytes), mib(*.limit_bytes)
)]
pub struct NoHeadroom {
    /// Live bytes of the heap.
    pub heap_bytes: u64,
    /// What the snapshot may take.
    pub need_bytes: u64,
    /// What the process may still take, less a margin for others.
    pub free_bytes: u64,
    /// What it may take in all.
    pub limit_bytes: u64,
}

/// Whole MiB, the smaller ones of which are read most.
fn mib(bytes: u64) -> String {
    format!("{} MiB", bytes.div_ceil(ByteSize::mib(1).0))
}

/// Refuses what could pass the limit; a limit that nobody knows refuses nothing.
pub(super) fn check_headroom(
    limit_bytes: Option<u64>,
    rss_bytes: u64,
    heap_bytes: u64,
    need_bytes: u64,
) -> Result<(), NoHeadroom> {
    let Some(limit_bytes) = limit_bytes else {
        return Ok(());
    };
    let free_bytes = (limit_bytes - limit_bytes / LEFT_FREE_DIVISOR).saturating_sub(rss_bytes);
    if need_bytes <= free_bytes {
        return Ok(());
    }
    Err(NoHeadroom {
        heap_bytes,
        need_bytes,
        free_bytes,
        limit_bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_need_must_fit_beside_what_there_is_and_a_margin() {
        let check = |need| check_headroom(Some(1000), 400, 10, need);
        assert_eq!(check(550), Ok(()));
        assert_eq!(check(551).unwrap_err().free_bytes, 550);
    }

    #[test]
    fn a_process_over_its_limit_has_no_room() {
        let refused = check_headroom(Some(1000), 2000, 10, 1).unwrap_err();
        assert_eq!(refused.free_bytes, 0);
    }

    #[test]
    fn no_limit_refuses_nothing() {
        assert_eq!(check_headroom(None, u64::MAX, 1, u64::MAX), Ok(()));
    }

    #[test]
    fn the_sentence_has_the_figures_and_the_remedy() {
        let refused = check_headroom(Some(512 << 20), 300 << 20, 100 << 20, 700 << 20).unwrap_err();
        let text = refused.to_string();
        for part in [
            "100 MiB",
            "700 MiB",
            "187 MiB",
            "512 MiB",
            "raise the limit",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
