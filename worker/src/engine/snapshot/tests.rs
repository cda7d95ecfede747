//! What snapshots of heaps of different shapes take, each in a process of its own, because memory can only be measured
//! for a whole process.

use std::path::Path;
use std::process::Command;

use super::*;
use crate::engine::initialize_v8;
use crate::heap_snapshot::{snapshot_file_bytes, snapshot_need_bytes};
use crate::memory::ProcessMemory;

/// The variable that tells the child its shape.
const SHAPE_VARIABLE: &str = "BURDOCK_TEST_HEAP_SHAPE";
/// What stands before the figures of a child.
const MARK: &str = "measured:";

/// Heaps of about 6 MB: a name, and the script that fills `kept`.
const SHAPES: &[(&str, &str)] = &[
    ("empty", ""),
    (
        "objects",
        "for (let i = 0; i < 125_000; i++) kept.push({ a: i, b: kept });",
    ),
    (
        "nested",
        "let o = null; for (let i = 0; i < 125_000; i++) o = { a: o, b: [o] }; kept.push(o);",
    ),
    (
        "closures",
        "for (let i = 0; i < 75_000; i++) kept.push(() => i);",
    ),
    (
        "numbers",
        "for (let i = 0; i < 175_000; i++) kept.push({}), kept[i] = i + 0.5;",
    ),
    (
        "integers",
        "for (let i = 0; i < 6; i++) kept.push(new Array(131_072).fill(i));",
    ),
    (
        "short arrays",
        "const o = {}; for (let i = 0; i < 60; i++) kept.push(new Array(16_000).fill(o));",
    ),
    (
        "references",
        "const o = {}; for (let i = 0; i < 6; i++) kept.push(new Array(131_072).fill(o));",
    ),
    (
        "short strings",
        "for (let i = 0; i < 125_000; i++) kept.push(`${i}-${i * 7}`.split('').join(''));",
    ),
    (
        "long strings",
        "for (let i = 0; i < 6; i++) kept.push(String(i).repeat(1 << 20).split('x').join());",
    ),
    (
        "map",
        "const m = new Map(); for (let i = 0; i < 100_000; i++) m.set(i, { i }); kept.push(m);",
    ),
    (
        "dictionary",
        "const d = Object.create(null); for (let i = 0; i < 75_000; i++) d[`k${i}`] = i; kept.push(d);",
    ),
    (
        "promises",
        "let p = Promise.resolve(); for (let i = 0; i < 20_000; i++) kept.push(p = p.then(() => i));",
    ),
    (
        "buffers",
        "for (let i = 0; i < 20_000; i++) kept.push(new Uint8Array(16));",
    ),
    (
        "symbols",
        "for (let i = 0; i < 100_000; i++) kept.push(Symbol());",
    ),
    (
        "generators",
        "function* g() { yield 1; } for (let i = 0; i < 30_000; i++) kept.push(g());",
    ),
];

/// In bytes.
#[derive(Debug)]
struct Measured {
    heap: HeapShape,
    peak: u64,
    file: u64,
}

#[test]
fn a_snapshot_of_any_shape_takes_no_more_than_was_estimated() {
    for (name, _) in SHAPES {
        let Measured { heap, peak, file } = measure(name);
        let need = snapshot_need_bytes(heap);
        assert!(peak <= need, "{name}: {peak} of {need} bytes for {heap:?}");
        let file_max = snapshot_file_bytes(heap);
        assert!(
            file <= file_max.max(2 << 20),
            "{name}: {file} of {file_max} bytes"
        );
    }
}

/// Runs [`child`] in a process of its own.
fn measure(shape: &str) -> Measured {
    let this = std::env::current_exe().expect("a path");
    let output = Command::new(this)
        .args([
            "--exact",
            "engine::snapshot::tests::child",
            "--ignored",
            "--nocapture",
        ])
        .env(SHAPE_VARIABLE, shape)
        .output()
        .expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let figures: Vec<u64> = text
        .lines()
        .find_map(|line| line.split_once(MARK))
        .unwrap_or_else(|| panic!("{shape}: {text}{}", String::from_utf8_lossy(&output.stderr)))
        .1
        .split_whitespace()
        .map(|figure| figure.parse().expect("a number"))
        .collect();
    Measured {
        heap: HeapShape {
            small_object_bytes: figures[0],
            large_object_bytes: figures[1],
        },
        peak: figures[2],
        file: figures[3],
    }
}

#[test]
#[ignore = "runs as a child of the other test, which says for which shape"]
fn child() {
    let Ok(shape) = std::env::var(SHAPE_VARIABLE) else {
        return;
    };
    let (_, script) = SHAPES
        .iter()
        .find(|(name, _)| *name == shape)
        .expect("a known shape");
    initialize_v8();
    let mut isolate = v8::Isolate::new(v8::CreateParams::default());
    let context = context(&mut isolate);
    evaluate(
        &mut isolate,
        &context,
        &format!("globalThis.kept = []; {script}"),
    );
    isolate.low_memory_notification();
    let heap = HeapShape::of(&mut isolate);
    trim_malloc();
    // The peak counts from here on (`man 5 proc_pid_clear_refs`).
    std::fs::write("/proc/self/clear_refs", "5").expect("the peak is reset");
    let before = rss_bytes();
    let mut file = 0;
    isolate.take_heap_snapshot(|piece| {
        file += piece.len();
        true
    });
    let peak = peak_bytes();
    println!(
        "{MARK} {} {} {} {file}",
        heap.small_object_bytes,
        heap.large_object_bytes,
        peak.saturating_sub(before),
    );
    drop(context);
}

fn context(isolate: &mut v8::OwnedIsolate) -> v8::Global<v8::Context> {
    v8::scope!(let scope, isolate);
    let context = v8::Context::new(scope, v8::ContextOptions::default());
    v8::Global::new(scope, context)
}

fn evaluate(isolate: &mut v8::OwnedIsolate, context: &v8::Global<v8::Context>, source: &str) {
    v8::scope_with_context!(let scope, isolate, context);
    let source = v8::String::new(scope, source).expect("a string");
    let script = v8::Script::compile(scope, source, None).expect("a script");
    script.run(scope).expect("it runs");
}

/// The largest number that a snapshot gives to an object.
fn largest_object_id(isolate: &mut v8::OwnedIsolate) -> u64 {
    let mut json = Vec::new();
    take(isolate, &mut |piece| {
        json.extend_from_slice(piece);
        true
    });
    let json: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
    let fields = json["snapshot"]["meta"]["node_fields"]
        .as_array()
        .expect("the fields of a node");
    let id = fields
        .iter()
        .position(|field| field == "id")
        .expect("one is the id");
    let nodes = json["nodes"].as_array().expect("nodes");
    nodes
        .chunks(fields.len())
        .filter_map(|node| node[id].as_u64())
        .max()
        .expect("some node")
}

#[test]
fn v8_forgets_the_objects_of_a_snapshot() {
    initialize_v8();
    let mut isolate = v8::Isolate::new(v8::CreateParams::default());
    let context = context(&mut isolate);
    let objects = "globalThis.kept = Array.from({ length: 100_000 }, () => ({}));";
    evaluate(&mut isolate, &context, objects);
    let first = largest_object_id(&mut isolate);
    // Other objects in the place of the first ones: their numbers would come after those of the first.
    evaluate(&mut isolate, &context, objects);
    let second = largest_object_id(&mut isolate);
    assert!(second < first + first / 4, "{first}, then {second}");
    drop(context);
}

fn rss_bytes() -> u64 {
    let memory = ProcessMemory::read(Path::new("/"));
    memory.expect("Linux has /proc/self/status").rss_bytes
}

fn peak_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").expect("Linux has it");
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kib.and_then(|kib| kib.parse::<u64>().ok())
        .expect("VmHWM in kB")
        * 1024
}

#[test]
fn a_string_takes_a_byte_for_each_character_or_two() {
    assert_eq!(string_bytes("abc"), 3);
    assert_eq!(string_bytes("\u{e9}"), 1);
    assert_eq!(string_bytes("a\u{1f600}"), 6);
}
