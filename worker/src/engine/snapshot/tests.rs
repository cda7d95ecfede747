//! What snapshots of heaps of different shapes take, each in a process of its own, because memory can only be measured
//! for a whole process.

use std::path::Path;
use std::process::Command;

use super::*;
use crate::engine::initialize_v8;
use crate::heap_snapshot::snapshot_need_bytes;
use crate::memory::ProcessMemory;

/// The variable that tells the child its shape.
const SHAPE_VARIABLE: &str = "BURDOCK_TEST_HEAP_SHAPE";
/// What stands before the figures of a child.
const MARK: &str = "measured:";

/// Heaps of about 24 MB: a name, and the script that fills `kept`.
const SHAPES: &[(&str, &str)] = &[
    ("empty", ""),
    (
        "objects",
        "for (let i = 0; i < 500_000; i++) kept.push({ a: i, b: kept });",
    ),
    (
        "nested",
        "let o = null; for (let i = 0; i < 500_000; i++) o = { a: o, b: [o] }; kept.push(o);",
    ),
    (
        "closures",
        "for (let i = 0; i < 300_000; i++) kept.push(() => i);",
    ),
    (
        "numbers",
        "for (let i = 0; i < 700_000; i++) kept.push({}), kept[i] = i + 0.5;",
    ),
    (
        "integers",
        "for (let i = 0; i < 24; i++) kept.push(new Array(131_072).fill(i));",
    ),
    (
        "references",
        "const o = {}; for (let i = 0; i < 24; i++) kept.push(new Array(131_072).fill(o));",
    ),
    (
        "short strings",
        "for (let i = 0; i < 500_000; i++) kept.push(`${i}-${i * 7}`.split('').join(''));",
    ),
    (
        "long strings",
        "for (let i = 0; i < 24; i++) kept.push(String(i).repeat(1 << 20).split('x').join());",
    ),
    (
        "map",
        "const m = new Map(); for (let i = 0; i < 400_000; i++) m.set(i, { i }); kept.push(m);",
    ),
    (
        "dictionary",
        "const d = Object.create(null); for (let i = 0; i < 300_000; i++) d[`k${i}`] = i; kept.push(d);",
    ),
    (
        "promises",
        "let p = Promise.resolve(); for (let i = 0; i < 80_000; i++) kept.push(p = p.then(() => i));",
    ),
    (
        "buffers",
        "for (let i = 0; i < 60_000; i++) kept.push(new Uint8Array(16));",
    ),
    (
        "symbols",
        "for (let i = 0; i < 400_000; i++) kept.push(Symbol());",
    ),
    (
        "generators",
        "function* g() { yield 1; } for (let i = 0; i < 120_000; i++) kept.push(g());",
    ),
];

/// In bytes.
#[derive(Debug)]
struct Measured {
    heap: HeapShape,
    peak: u64,
    file: u64,
    left: u64,
}

#[test]
fn a_snapshot_of_any_shape_takes_no_more_than_was_estimated() {
    for (name, _) in SHAPES {
        let Measured {
            heap,
            peak,
            file,
            left,
        } = measure(name);
        let all = heap.small_object_bytes + heap.large_object_bytes;
        let need = snapshot_need_bytes(heap);
        println!("{name}: {heap:?} peak {peak} need {need} file {file} left {left}");
        println!(
            "  peak/heap {:.2} file/heap {:.2}",
            peak as f64 / all as f64,
            file as f64 / all as f64
        );
        assert!(peak <= need, "{name}: {peak} of {need} bytes for {heap:?}");
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
        left: figures[4],
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
    let context = {
        v8::scope!(let scope, &mut isolate);
        let context = v8::Context::new(scope, v8::ContextOptions::default());
        let scope = &mut v8::ContextScope::new(scope, context);
        let source = format!("globalThis.kept = []; {script}");
        let source = v8::String::new(scope, &source).expect("a string");
        let script = v8::Script::compile(scope, source, None).expect("a script");
        script.run(scope).expect("it runs");
        v8::Global::new(scope, context)
    };
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
    forget_object_ids(&mut isolate);
    trim_malloc();
    println!(
        "{MARK} {} {} {} {file} {}",
        heap.small_object_bytes,
        heap.large_object_bytes,
        peak.saturating_sub(before),
        rss_bytes().saturating_sub(before),
    );
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
