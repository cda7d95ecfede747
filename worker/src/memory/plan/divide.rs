//! Divides a memory limit into its parts: what was set, what follows from the bundle, and the rest for the heaps.

use super::super::share::Percent;
use super::demand::{PlanDemand, PlanShares};
use super::error::PlanError;
use super::parts::{PlanPart, PlanRow};

pub(super) const MIB: u64 = 1 << 20;

/// The process with its threads, file mappings and connections. An idle worker with two isolates holds 55 MiB.
const BASE_FIXED_BYTES: u64 = 72 * MIB;
/// A bundle is kept as text and as the compressed mappings of its source map.
const BASE_BUNDLES: u64 = 2;
/// What sdk-core and activities hold: buffers, histories on their way, payloads.
const CORE_SHARE: Percent = Percent::whole(6);
const CORE_MIN_BYTES: u64 = 16 * MIB;
/// Pages that malloc keeps although nothing in them is in use.
const SLACK_SHARE: Percent = Percent::whole(6);
const SLACK_MIN_BYTES: u64 = 8 * MIB;
/// Peak RSS stays this far under the limit, because the kernel's counters lag and it kills at the limit itself.
const RESERVE_SHARE: Percent = Percent::whole(10);
/// The isolate of a stack trace query that is answered by a replay, and a loaded one for runs that are kept apart. There is one
/// of each at a time, and neither for long.
const TEMPORARY_SHARE: Percent = Percent::whole(6);
const TEMPORARY_MIN_BYTES: u64 = HEAP_MIN_BYTES;
const TEMPORARY_MAX_BYTES: u64 = 256 * MIB;
/// With less V8 spends its time on collections, or ends the process while a bundle loads.
pub(super) const HEAP_MIN_BYTES: u64 = 32 * MIB;
/// V8's own default on a large machine (`kDefaultMaxHeapSize`); full collections of larger heaps stop a thread too long.
const HEAP_MAX_BYTES: u64 = 4096 * MIB;

/// The parts; nothing if they do not fit.
pub(super) fn divide(limit_bytes: u64, demand: &PlanDemand) -> Option<Vec<PlanRow>> {
    let shares = &demand.shares;
    let hosts_workflows = demand.isolates > 0;
    let mut rows = fixed_rows(limit_bytes, demand);
    let taken = rows
        .iter()
        .try_fold(0_u64, |sum, row| sum.checked_add(row.bytes))?;
    let mut rest_bytes = limit_bytes.checked_sub(taken)?;
    if hosts_workflows {
        let heaps = PlanRow::of(PlanPart::Heaps, shares.heaps, limit_bytes, || {
            (rest_bytes, "the rest")
        });
        if demand.heap_per_isolate_bytes.is_none()
            && heap_per_isolate(heaps.bytes, demand) < HEAP_MIN_BYTES
        {
            return None;
        }
        rest_bytes = rest_bytes.checked_sub(heaps.bytes)?;
        rows.insert(2, heaps);
    } else if shares.core.is_none()
        && let Some(core) = rows.iter_mut().find(|row| row.part == PlanPart::Core)
    {
        core.bytes += std::mem::take(&mut rest_bytes);
        core.rule = Some("the rest");
    }
    if rest_bytes > 0 {
        let left = || (rest_bytes, "what the shares leave");
        rows.push(PlanRow::of(PlanPart::Unassigned, None, limit_bytes, left));
    }
    Some(rows)
}

/// The parts whose size does not depend on the others, in whole MiB where nobody set them.
fn fixed_rows(limit_bytes: u64, demand: &PlanDemand) -> Vec<PlanRow> {
    let shares = &demand.shares;
    let row = |part, share, default: &dyn Fn() -> (u64, &'static str)| {
        PlanRow::of(part, share, limit_bytes, default)
    };
    let mut rows = vec![
        row(PlanPart::Base, shares.base, &|| {
            let bundles_bytes = demand.bundle_bytes.saturating_mul(BASE_BUNDLES);
            let bytes = mib_above(BASE_FIXED_BYTES.saturating_add(bundles_bytes));
            (bytes, "72MiB and twice the bundle")
        }),
        row(PlanPart::Core, shares.core, &|| {
            let bytes = mib_below(CORE_SHARE.of(limit_bytes));
            (bytes.max(CORE_MIN_BYTES), "6%, at least 16MiB")
        }),
    ];
    if demand.isolates > 0 {
        rows.push(row(PlanPart::TemporaryIsolate, None, &|| {
            let bytes = mib_below(TEMPORARY_SHARE.of(limit_bytes));
            let bytes = bytes.clamp(TEMPORARY_MIN_BYTES, TEMPORARY_MAX_BYTES);
            (bytes, "6%, from 32MiB to 256MiB")
        }));
    }
    rows.push(row(PlanPart::Slack, shares.slack, &|| {
        let bytes = mib_below(SLACK_SHARE.of(limit_bytes));
        (bytes.max(SLACK_MIN_BYTES), "6%, at least 8MiB")
    }));
    rows.push(row(PlanPart::Reserve, shares.reserve, &|| {
        (mib_above(RESERVE_SHARE.of(limit_bytes)), "10%")
    }));
    rows
}

pub(super) fn bytes_of(rows: &[PlanRow], part: PlanPart) -> u64 {
    let row = rows.iter().find(|row| row.part == part);
    row.map_or(0, |row| row.bytes)
}

pub(super) fn mib_below(bytes: u64) -> u64 {
    bytes / MIB * MIB
}

fn mib_above(bytes: u64) -> u64 {
    bytes.checked_next_multiple_of(MIB).unwrap_or(u64::MAX)
}

/// Why nothing came of dividing `limit_bytes`.
pub(super) fn refusal(limit_bytes: u64, demand: &PlanDemand) -> PlanError {
    // Parts that grow with the limit grow slower than it, unless shares were set that leave nothing, so that there is one
    // border between what fits and what does not; rounding to MiB blurs it by as much.
    let fits = |mib: &u64| divide(mib.saturating_mul(MIB), demand).is_some();
    let largest_mib: u64 = 1 << 34;
    if !fits(&largest_mib) || limit_bytes / MIB >= largest_mib {
        return PlanError::SharesExceed {
            limit_bytes,
            settings: given_shares(&demand.shares),
        };
    }
    let (mut too_small, mut enough) = (limit_bytes / MIB, largest_mib);
    while enough - too_small > 1 {
        let middle = too_small.midpoint(enough);
        if fits(&middle) {
            enough = middle;
        } else {
            too_small = middle;
        }
    }
    PlanError::TooSmall {
        limit_bytes,
        needed_bytes: enough * MIB,
        isolates: demand.isolates,
    }
}

fn given_shares(shares: &PlanShares) -> String {
    let given = [
        (PlanPart::Base, shares.base),
        (PlanPart::Core, shares.core),
        (PlanPart::Heaps, shares.heaps),
        (PlanPart::Slack, shares.slack),
        (PlanPart::Reserve, shares.reserve),
    ];
    let names: Vec<String> = given
        .into_iter()
        .filter(|(_, share)| share.is_some())
        .filter_map(|(part, _)| Some(format!("`{}`", part.setting()?)))
        .collect();
    names.join(", ")
}

/// The limit of one heap.
pub(super) fn heap_per_isolate(heaps_bytes: u64, demand: &PlanDemand) -> u64 {
    match u64::try_from(demand.isolates) {
        Ok(0) | Err(_) => 0,
        Ok(isolates) => demand
            .heap_per_isolate_bytes
            .unwrap_or(mib_below(heaps_bytes / isolates).min(HEAP_MAX_BYTES)),
    }
}
