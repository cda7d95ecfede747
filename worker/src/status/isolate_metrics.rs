//! Metrics of each isolate: its memory, its runs, and how it spends its time.

use super::prometheus_text::{Kind, PrometheusText, labelled, labelled_micros};
use super::source::IsolateSample;
use crate::memory::HeapSpace;

/// Name, help, and the value of one isolate.
type Family = (&'static str, &'static str, fn(&IsolateSample) -> u64);

/// A point for each isolate in each family.
pub(super) fn isolate_families(text: &mut PrometheusText, isolates: &[IsolateSample]) {
    let families: [Family; 12] = [
        (
            "burdock_isolate_heap_used_bytes",
            "V8 heap in use.",
            |isolate| isolate.used_heap_bytes,
        ),
        (
            "burdock_isolate_heap_total_bytes",
            "V8 heap committed.",
            |isolate| isolate.total_heap_bytes,
        ),
        (
            "burdock_isolate_heap_live_bytes",
            "Live objects of the V8 heap after the last full measurement.",
            |isolate| isolate.live_heap_bytes,
        ),
        (
            "burdock_isolate_heap_physical_bytes",
            "V8 heap resident.",
            |isolate| isolate.physical_heap_bytes,
        ),
        (
            "burdock_isolate_heap_limit_bytes",
            "The most that the V8 heap may grow to.",
            |isolate| isolate.heap_limit_bytes,
        ),
        (
            "burdock_isolate_malloced_bytes",
            "What V8 took from malloc for itself.",
            |isolate| isolate.malloced_bytes,
        ),
        (
            "burdock_isolate_code_bytes",
            "Machine code in the V8 heap.",
            |isolate| isolate.code_bytes,
        ),
        (
            "burdock_isolate_bytecode_bytes",
            "Bytecode and other trusted objects in the V8 heap.",
            |isolate| isolate.bytecode_bytes,
        ),
        (
            "burdock_isolate_external_bytes",
            "Memory outside the heap that objects in it hold.",
            |isolate| isolate.external_bytes,
        ),
        (
            "burdock_isolate_array_buffers_bytes",
            "What array buffers and WebAssembly memories may take.",
            |isolate| isolate.array_buffers_bytes,
        ),
        (
            "burdock_isolate_array_buffers_resident_bytes",
            "What of array buffers and WebAssembly memories is resident.",
            |isolate| isolate.array_buffers_resident_bytes,
        ),
        (
            "burdock_isolate_cached_workflows",
            "Workflow runs that live on the isolate.",
            |isolate| isolate.cached_workflows,
        ),
    ];
    for (name, help, value) in families {
        let points = isolates
            .iter()
            .enumerate()
            .map(|(index, isolate)| labelled([("isolate", index.to_string())], value(isolate)));
        text.family(name, Kind::Gauge, help, points);
    }
    let contexts = isolates.iter().enumerate().flat_map(|(index, isolate)| {
        let of = |state: &str, count| {
            labelled(
                [("isolate", index.to_string()), ("state", state.to_owned())],
                count,
            )
        };
        [
            of("native", isolate.native_contexts),
            of("detached", isolate.detached_contexts),
        ]
    });
    text.family(
        "burdock_isolate_contexts",
        Kind::Gauge,
        "V8 contexts, that of the host included; detached ones are gone and not collected yet.",
        contexts,
    );
    let times: [Family; 2] = [
        (
            "burdock_isolate_activation_seconds_total",
            "Time that the isolate spent in activations.",
            |isolate| isolate.activation_time_us,
        ),
        (
            "burdock_isolate_measuring_seconds_total",
            "Time that the isolate spent on measuring what runs cost.",
            |isolate| isolate.measuring_time_us,
        ),
    ];
    for (name, help, value) in times {
        let points = isolates.iter().enumerate().map(|(index, isolate)| {
            labelled_micros([("isolate", index.to_string())], value(isolate))
        });
        text.family(name, Kind::Counter, help, points);
    }
    v8js_families(text, isolates);
}

/// Name, help, and the value of one space.
type SpaceFamily = (&'static str, &'static str, fn(&HeapSpace) -> u64);

/// OpenTelemetry's names for the spaces of a V8 heap, for dashboards that were made for Node
/// (opentelemetry.io/docs/specs/semconv/runtime/v8js-metrics).
fn v8js_families(text: &mut PrometheusText, isolates: &[IsolateSample]) {
    let families: [SpaceFamily; 4] = [
        (
            "v8js_memory_heap_used_bytes",
            "Objects in a space of the V8 heap.",
            |space| space.used_bytes,
        ),
        (
            "v8js_memory_heap_space_size_bytes",
            "Committed pages of a space.",
            |space| space.size_bytes,
        ),
        (
            "v8js_memory_heap_space_available_size_bytes",
            "What a space could take without more pages.",
            |space| space.available_bytes,
        ),
        (
            "v8js_memory_heap_space_physical_size_bytes",
            "Resident pages of a space.",
            |space| space.physical_bytes,
        ),
    ];
    for (name, help, value) in families {
        let isolates = isolates.iter().enumerate();
        let points = isolates.flat_map(|(index, isolate)| {
            isolate.spaces.iter().map(move |space| {
                let space_name = ("v8js_heap_space_name", space.name.to_owned());
                labelled([("isolate", index.to_string()), space_name], value(space))
            })
        });
        text.family(name, Kind::Gauge, help, points);
    }
}
