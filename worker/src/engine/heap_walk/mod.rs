//! What each run keeps alive, by following references through V8's heap.
//!
//! Two passes between two entries, when no garbage collection can happen: first everything that the isolate keeps for all
//! runs (its *base*), without going into any run, then run after run what only it leads to. What two runs hold is counted
//! for the first; it is no more than V8's own hidden classes as a rule, for runs cannot exchange objects.
//!
//! A pass takes about as long as V8's marking, and needs neither a collection nor a copy: garbage is never reached.

pub(super) mod buffers;
pub(super) mod internals;
pub(super) mod marks;

use std::collections::{HashMap, HashSet};
use std::marker::PhantomData;

use deno_core::v8;

use super::buffers::Held;
use buffers::{BufferLayout, Contents, PROBE_BYTES};
use internals::{HeapObject, Tagged};
use marks::Marks;

/// Buffers that have mappings, by their addresses.
pub(super) type Mapped = HashMap<usize, Held>;

/// Bytes of what was reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reached {
    /// Objects of the heap.
    pub(super) heap_bytes: usize,
    /// Contents of buffers, which lie outside of the heap, as far as they are resident.
    pub(super) buffers_bytes: usize,
    /// Contents of buffers that were never touched.
    pub(super) untouched_bytes: usize,
}

impl Reached {
    /// All that exists.
    pub(super) fn total_bytes(&self) -> u64 {
        (self.heap_bytes + self.buffers_bytes) as u64
    }
}

/// A handle that a walk starts at.
#[derive(Clone, Copy)]
pub(super) struct Root<'s> {
    place: *const Tagged,
    handle: PhantomData<&'s ()>,
}

impl<'s> Root<'s> {
    pub(super) fn of<T>(handle: v8::Local<'s, T>) -> Self {
        Self {
            place: (&raw const *handle).cast(),
            handle: PhantomData,
        }
    }

    pub(super) fn tagged(self) -> Tagged {
        // SAFETY: a handle is a pointer to the place where V8 keeps the reference up to date for as long as the handle's
        // scope lives (`v8-local-handle.h`, without direct handles).
        unsafe { *self.place }
    }
}

/// What keeps one run alive: objects that lead to all that it holds, and that the base leads to.
pub(super) type RunRoots<'s> = Vec<Root<'s>>;

/// What a pass found.
pub(super) struct Walked {
    /// What the isolate keeps for all runs.
    pub(super) base: Reached,
    /// One entry for each run, in the order given.
    pub(super) runs: Vec<Reached>,
}

/// Walks the heap of the isolates of this process.
#[derive(Clone, Copy)]
pub(super) struct HeapWalk {
    buffers: BufferLayout,
}

const PROBE_ELEMENTS: usize = 10_000;

impl HeapWalk {
    /// Learns the layout of buffers and counts objects of known sizes; none if V8 is not as `internals` expects.
    pub(super) fn new(scope: &mut v8::PinScope<'_, '_>) -> Option<Self> {
        v8::scope!(let scope, scope);
        let buffer = v8::ArrayBuffer::new(scope, PROBE_BYTES);
        let numbers: Vec<v8::Local<v8::Value>> = (0..PROBE_ELEMENTS)
            .map(|index| v8::Number::new(scope, index as f64 + 0.5).into())
            .collect();
        let array = v8::Array::new_with_elements(scope, &numbers);
        array.set_index(scope, 0, buffer.into())?;
        let walk = Self {
            buffers: BufferLayout::learn(scope, buffer)?,
        };
        let context = scope.get_current_context();
        let (base, runs) = ([Root::of(context)], [vec![Root::of(array)]]);
        let walked = walk.walk(scope, &base, &runs, &Mapped::new());
        let run = walked.runs.first()?;
        // A slot and at most a boxed number of 16 bytes for each element.
        let elements = PROBE_ELEMENTS * size_of::<Tagged>()..PROBE_ELEMENTS * 32;
        let is_plausible = run.buffers_bytes == PROBE_BYTES
            && elements.contains(&run.heap_bytes)
            && walked.base.heap_bytes > PROBE_ELEMENTS;
        is_plausible.then_some(walk)
    }

    /// Finds what `base` leads to without going through any of `runs`, and then what each of these leads to. What buffers hold
    /// that are not in `mapped` counts as resident.
    pub(super) fn walk(
        self,
        scope: &mut v8::PinScope<'_, '_>,
        base: &[Root<'_>],
        runs: &[RunRoots<'_>],
        mapped: &Mapped,
    ) -> Walked {
        let isolate: &v8::Isolate = scope;
        let mut pass = Pass {
            walk: self,
            mapped,
            counted: HashSet::new(),
            // SAFETY: the pointer is used for as long as the scope is borrowed.
            isolate: unsafe { isolate.as_raw_isolate_ptr() },
            marks: Marks::default(),
            pending: Vec::new(),
        };
        // Runs are closed to the base, and to each other.
        for run in runs {
            for root in run {
                pass.marks.mark(root.tagged() - 1);
            }
        }
        let base = pass.reach(&[], base);
        let runs = runs.iter().map(|run| pass.reach(run, &[])).collect();
        Walked { base, runs }
    }
}

/// One pass. Holds addresses of objects: nothing may be allocated on V8's heap while it lives.
struct Pass<'a> {
    walk: HeapWalk,
    mapped: &'a Mapped,
    /// Buffers of `mapped` that were counted: several objects may share one.
    counted: HashSet<usize>,
    isolate: v8::UnsafeRawIsolatePtr,
    marks: Marks,
    pending: Vec<Tagged>,
}

impl Pass<'_> {
    /// Counts what is not marked yet, and the `owned` objects, which are.
    fn reach(&mut self, owned: &[Root<'_>], others: &[Root<'_>]) -> Reached {
        let mut reached = Reached::default();
        for root in owned {
            self.count(root.tagged(), &mut reached);
        }
        self.pending.extend(others.iter().map(|root| root.tagged()));
        while let Some(reference) = self.pending.pop() {
            if self.marks.mark(reference - 1) {
                self.count(reference, &mut reached);
            }
        }
        reached
    }

    fn count(&mut self, reference: Tagged, reached: &mut Reached) {
        // SAFETY: the reference comes from a handle, or from a strong field of an object that was reached from one; no
        // collection happens during a pass, which calls nothing that allocates on V8's heap.
        let object = unsafe { HeapObject::at(reference) };
        reached.heap_bytes += object.size_bytes();
        if let Some(contents) = self.walk.buffers.contents(object) {
            self.count_contents(contents, reached);
        }
        self.pending.push(object.map());
        // SAFETY: the pass was made for this isolate on its thread.
        unsafe { object.references(self.isolate, &mut self.pending) };
    }
    fn count_contents(&mut self, contents: Contents, reached: &mut Reached) {
        let Some(held) = self.mapped.get(&contents.start) else {
            reached.buffers_bytes += contents.bytes;
            return;
        };
        if self.counted.insert(contents.start) {
            reached.buffers_bytes += held.resident_bytes;
            reached.untouched_bytes += held.bytes - held.resident_bytes;
        }
    }
}
