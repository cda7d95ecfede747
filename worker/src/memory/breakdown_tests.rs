use super::*;

const MIB: u64 = 1 << 20;

fn heap(live: u64, used: u64, physical: u64) -> HeapReading {
    HeapReading {
        live_bytes: live * MIB,
        used_bytes: used * MIB,
        physical_bytes: physical * MIB,
        ..HeapReading::default()
    }
}

/// The sizes of a worker with 300 cached conversations.
fn loaded() -> MemoryReadings {
    MemoryReadings {
        rss_bytes: 200 * MIB,
        regions: RegionBytes {
            v8_bytes: 76 * MIB,
            malloc_arena_bytes: 70 * MIB,
            stack_bytes: MIB,
            file_bytes: 48 * MIB,
            other_bytes: 5 * MIB,
            other_mapped_bytes: 5 * MIB,
        },
        heaps: vec![
            HeapReading {
                external_bytes: MIB,
                malloced_bytes: 2 * MIB,
                ..heap(10, 15, 30)
            },
            HeapReading {
                code_bytes: MIB,
                bytecode_bytes: 2 * MIB,
                ..heap(12, 20, 40)
            },
        ],
        malloc: Some(MallocReading {
            allocated_bytes: 44 * MIB,
            mapped_bytes: 4 * MIB,
            free_bytes: 31 * MIB,
        }),
        bundle_bytes: 3 * MIB,
        core_runs_bytes: 8 * MIB,
        activities_bytes: MIB,
    }
}

#[test]
fn the_parts_and_the_rest_add_up() {
    let found = MemoryBreakdown::of(&loaded());
    let expected = MemoryParts {
        heap_live_bytes: 22 * MIB,
        heap_garbage_bytes: 13 * MIB,
        heap_free_bytes: 35 * MIB,
        v8_other_bytes: 6 * MIB,
        external_bytes: MIB,
        v8_malloced_bytes: 2 * MIB,
        bundle_bytes: 3 * MIB,
        core_runs_bytes: 8 * MIB,
        activities_bytes: MIB,
        other_malloced_bytes: (44 - 1 - 2 - 3 - 8 - 1) * MIB,
        allocator_retained_bytes: 30 * MIB,
        thread_stacks_bytes: MIB,
        file_mappings_bytes: 48 * MIB,
    };
    assert_eq!(found.parts, expected);
    assert_eq!(
        found.unexplained_bytes, MIB as i64,
        "an anonymous mapping that is not malloc's"
    );
    assert!((found.unexplained_share() - 0.005).abs() < 1e-9);
}

#[test]
fn code_is_inside_the_heap_and_not_added_again() {
    let mut readings = loaded();
    let before = MemoryBreakdown::of(&readings);
    assert_eq!((before.code_bytes, before.bytecode_bytes), (MIB, 2 * MIB));
    readings.heaps[1].code_bytes = 0;
    assert_eq!(MemoryBreakdown::of(&readings).parts, before.parts);
}

#[test]
fn live_objects_are_never_more_than_objects() {
    let mut readings = loaded();
    readings.heaps = vec![heap(50, 20, 30)];
    let parts = MemoryBreakdown::of(&readings).parts;
    assert_eq!(
        (parts.heap_live_bytes, parts.heap_garbage_bytes),
        (20 * MIB, 0)
    );
}

#[test]
fn pages_that_v8_counts_and_the_kernel_has_not_are_not_there() {
    let mut readings = loaded();
    readings.heaps = vec![heap(60, 70, 86)];
    let found = MemoryBreakdown::of(&readings);
    assert_eq!(found.parts.heap_free_bytes, 6 * MIB);
    assert_eq!(found.parts.v8_other_bytes, 0);
    assert_eq!(found.unexplained_bytes, MIB as i64);
}

#[test]
fn objects_beyond_what_is_resident_are_unexplained_below_zero() {
    let mut readings = loaded();
    readings.heaps = vec![heap(60, 86, 86)];
    let found = MemoryBreakdown::of(&readings);
    assert_eq!(found.parts.heap_free_bytes, 0);
    assert_eq!(found.unexplained_bytes, -9 * MIB as i64);
}

#[test]
fn buffers_that_were_not_touched_are_not_resident() {
    let mut readings = loaded();
    readings.heaps[0].external_bytes = 65 * MIB;
    readings.regions.other_mapped_bytes += 64 * MIB;
    let malloc = readings.malloc.as_mut().expect("set above");
    malloc.mapped_bytes += 64 * MIB;
    malloc.allocated_bytes += 64 * MIB;
    let found = MemoryBreakdown::of(&readings);
    assert_eq!(found.parts.external_bytes, MIB);
    assert_eq!(found.unexplained_bytes, MIB as i64);
}

#[test]
fn buffers_in_mappings_are_among_what_is_marked_as_v8s() {
    let mut readings = loaded();
    let before = MemoryBreakdown::of(&readings).parts;
    readings.heaps[0].external_bytes += 64 * MIB;
    readings.heaps[0].external_mapped_bytes = 64 * MIB;
    readings.regions.v8_bytes += 64 * MIB;
    readings.rss_bytes += 64 * MIB;
    let found = MemoryBreakdown::of(&readings);
    let expected = MemoryParts {
        external_bytes: before.external_bytes + 64 * MIB,
        ..before
    };
    assert_eq!(found.parts, expected);
    assert_eq!(found.unexplained_bytes, MIB as i64);
}

#[test]
fn buffers_in_the_arenas_that_were_not_touched_are_not_resident() {
    let mut readings = loaded();
    readings.heaps[0].external_bytes = 65 * MIB;
    let malloc = readings.malloc.as_mut().expect("set above");
    malloc.allocated_bytes += 64 * MIB;
    let found = MemoryBreakdown::of(&readings);
    // 104 MiB are allocated in arenas of which 70 MiB are resident.
    assert_eq!(found.parts.external_bytes, (65 - 34) * MIB);
    assert_eq!(found.unexplained_bytes, MIB as i64);
}

#[test]
fn claims_on_malloc_beyond_what_it_holds_show_as_unexplained() {
    let mut readings = loaded();
    readings.core_runs_bytes = 100 * MIB;
    let found = MemoryBreakdown::of(&readings);
    assert_eq!(found.parts.other_malloced_bytes, 0);
    assert_eq!(found.unexplained_bytes, -62 * MIB as i64);
}

#[test]
fn free_blocks_that_are_not_resident_are_not_retained() {
    let mut readings = loaded();
    readings.regions.malloc_arena_bytes = 41 * MIB;
    readings.rss_bytes -= 29 * MIB;
    let found = MemoryBreakdown::of(&readings);
    assert_eq!(found.parts.allocator_retained_bytes, MIB);
    assert_eq!(found.unexplained_bytes, MIB as i64);
}

#[test]
fn an_allocator_that_does_not_tell_is_in_use_as_a_whole() {
    let mut readings = loaded();
    readings.malloc = None;
    let found = MemoryBreakdown::of(&readings);
    assert_eq!(found.parts.allocator_retained_bytes, 0);
    assert_eq!(found.parts.other_malloced_bytes, (70 - 15) * MIB);
}

#[test]
fn nothing_and_everything_overflow_nothing() {
    let nothing = MemoryBreakdown::of(&MemoryReadings::default());
    assert_eq!(
        (nothing.unexplained_bytes, nothing.unexplained_share()),
        (0, 0.0)
    );
    let heap = HeapReading {
        used_bytes: u64::MAX,
        external_bytes: u64::MAX,
        ..HeapReading::default()
    };
    let all = MemoryReadings {
        heaps: vec![heap, heap],
        ..MemoryReadings::default()
    };
    assert_eq!(MemoryBreakdown::of(&all).unexplained_bytes, -i64::MAX);
}

#[test]
fn parts_have_the_same_names_in_json_and_in_metrics() {
    let parts = MemoryBreakdown::of(&loaded()).parts;
    let json = serde_json::to_value(parts).expect("JSON");
    let json = json.as_object().expect("an object");
    assert_eq!(json.len(), parts.named().len());
    for (name, bytes) in parts.named() {
        let camel: String = name
            .split('_')
            .enumerate()
            .map(|(index, word)| {
                let (head, tail) = word.split_at(1);
                if index == 0 {
                    word.to_owned()
                } else {
                    head.to_uppercase() + tail
                }
            })
            .collect();
        assert_eq!(json[&format!("{camel}Bytes")], bytes, "{name}");
    }
}
