//! A copy of shared objects as they were in their pristine state, word by word, and what differs from it.
//!
//! Whatever changes an object changes a word of it, so no change is missed, whichever way it came about. A word may also differ
//! without a change that a program could see (V8 reorganised the object): whoever is told looks more closely.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use deno_core::v8;

use super::handles::{handles, keep, kept};
use super::kinds::{Kind, Kinds};
use crate::engine::heap_walk::internals::{HeapObject, Tagged, TaggedWords};
use crate::engine::heap_walk::marks::Marks;

/// Later copies are put together when there are more of them.
const CHUNKS_MAX: usize = 16;

/// Who has to undo a change of an object: the place of a receiver or context among those that are shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Owner {
    Receiver(u32),
    Context(u32),
}

/// An object whose words are compared.
#[derive(Clone, Copy)]
pub(super) struct Compared {
    pub(super) object: HeapObject,
    pub(super) owner: Owner,
}

/// Which words of an object are tagged values, and which are state that is none.
#[derive(PartialEq, Eq, Hash)]
struct Layout {
    tagged: Vec<TaggedWords>,
    raw: Vec<TaggedWords>,
}

struct Entry {
    owner: Owner,
    layout: u32,
    /// Places of its first word in the copies.
    first_tagged: u32,
    first_raw: u32,
    contents: Option<u32>,
    is_current: bool,
}

/// The contents of a buffer.
struct Contents {
    start: usize,
    bytes: Box<[u8]>,
}

struct Chunk {
    objects: v8::Global<v8::Array>,
    tagged: v8::Global<v8::Array>,
    raw: Vec<usize>,
    contents: Vec<Contents>,
    entries: Vec<Entry>,
    /// The entries of each owner: itself, and its parts behind it.
    of_owners: HashMap<Owner, Range<usize>>,
    layouts: Vec<Layout>,
}

pub(super) struct Baseline {
    chunks: Vec<Chunk>,
}

impl Baseline {
    /// Copies the state of owners and their parts now.
    ///
    /// # Safety
    /// The objects must live now, and be of the scope's isolate.
    pub(super) unsafe fn copy(
        scope: &mut v8::PinScope<'_, '_>,
        kinds: &Kinds,
        owners: &[Compared],
    ) -> Self {
        // SAFETY: the caller's promise.
        let chunk = unsafe { Chunk::copy(scope, kinds, owners) };
        Self {
            chunks: vec![chunk],
        }
    }

    /// Owners that differ from the copy.
    pub(super) fn changed(&self, scope: &mut v8::PinScope<'_, '_>) -> BTreeSet<Owner> {
        let mut changed = BTreeSet::new();
        for chunk in &self.chunks {
            chunk.changed(scope, &mut changed);
        }
        changed
    }

    /// Those of `owners` that differ from the copy.
    pub(super) fn changed_of(
        &self,
        scope: &mut v8::PinScope<'_, '_>,
        owners: &BTreeSet<Owner>,
    ) -> BTreeSet<Owner> {
        let mut changed = BTreeSet::new();
        for chunk in &self.chunks {
            chunk.changed_of(scope, owners, &mut changed);
        }
        changed
    }

    /// Takes the present state of some owners for their pristine state.
    ///
    /// # Safety
    /// As for [`Self::copy`].
    pub(super) unsafe fn renew(
        &mut self,
        scope: &mut v8::PinScope<'_, '_>,
        kinds: &Kinds,
        owners: &[Compared],
    ) {
        let renewed: HashSet<Owner> = owners.iter().map(|compared| compared.owner).collect();
        self.forget(&renewed);
        // SAFETY: the caller's promise.
        let chunk = unsafe { Chunk::copy(scope, kinds, owners) };
        self.chunks.push(chunk);
        if self.chunks.len() > CHUNKS_MAX {
            self.put_together(scope, kinds);
        }
    }

    /// Compares some owners no longer.
    pub(super) fn forget(&mut self, owners: &HashSet<Owner>) {
        for chunk in &mut self.chunks {
            for owner in owners {
                let Some(range) = chunk.of_owners.remove(owner) else {
                    continue;
                };
                for entry in &mut chunk.entries[range] {
                    entry.is_current = false;
                }
            }
        }
    }

    /// One chunk of all but the first, without what is out of date. What has changed meanwhile keeps its copy, so nothing may have.
    fn put_together(&mut self, scope: &mut v8::PinScope<'_, '_>, kinds: &Kinds) {
        let mut owners: HashMap<Owner, HeapObject> = HashMap::new();
        for chunk in self.chunks.drain(1..) {
            // SAFETY: the arrays are those of `keep`; nothing is allocated before the objects are copied.
            let objects = unsafe { kept(&chunk.objects, scope) };
            for (entry, object) in chunk.entries.iter().zip(objects) {
                if entry.is_current {
                    // SAFETY: the array keeps the object alive. The first object of an owner is the owner.
                    owners
                        .entry(entry.owner)
                        .or_insert_with(|| unsafe { HeapObject::at(*object) });
                }
            }
        }
        let owners: Vec<Compared> = owners
            .into_iter()
            .map(|(owner, object)| Compared { object, owner })
            .collect();
        // SAFETY: see above.
        let chunk = unsafe { Chunk::copy(scope, kinds, &owners) };
        self.chunks.push(chunk);
    }
}

impl Chunk {
    /// # Safety
    /// As for [`Baseline::copy`].
    unsafe fn copy(scope: &mut v8::PinScope<'_, '_>, kinds: &Kinds, owners: &[Compared]) -> Self {
        v8::scope!(let scope, scope);
        let isolate: &v8::Isolate = scope;
        // SAFETY: the pointer is used for as long as the scope is borrowed.
        let isolate = unsafe { isolate.as_raw_isolate_ptr() };
        let compared = with_parts(kinds, isolate, owners);
        let mut copy = Copy::default();
        for Compared { object, owner } in &compared {
            copy.add(kinds, isolate, *object, *owner);
        }
        let mut of_owners: HashMap<Owner, Range<usize>> = HashMap::new();
        for (at, Compared { owner, .. }) in compared.iter().enumerate() {
            of_owners.entry(*owner).or_insert(at..at).end = at + 1;
        }
        // The references become handles before anything is allocated.
        let objects: Vec<Tagged> = compared.iter().map(|found| found.object.tagged()).collect();
        let objects = handles(scope, &objects);
        let tagged = handles(scope, &copy.tagged);
        Self {
            objects: keep(scope, &objects),
            tagged: keep(scope, &tagged),
            raw: copy.raw,
            contents: copy.contents,
            entries: copy.entries,
            of_owners,
            layouts: copy.layouts,
        }
    }

    fn changed(&self, scope: &mut v8::PinScope<'_, '_>, changed: &mut BTreeSet<Owner>) {
        self.changed_among(scope, 0..self.entries.len(), changed);
    }

    fn changed_of(
        &self,
        scope: &mut v8::PinScope<'_, '_>,
        owners: &BTreeSet<Owner>,
        changed: &mut BTreeSet<Owner>,
    ) {
        for range in owners.iter().filter_map(|owner| self.of_owners.get(owner)) {
            self.changed_among(scope, range.clone(), changed);
        }
    }

    fn changed_among(
        &self,
        scope: &mut v8::PinScope<'_, '_>,
        range: Range<usize>,
        changed: &mut BTreeSet<Owner>,
    ) {
        // SAFETY: the arrays are those of `keep`, and comparing allocates nothing on V8's heap.
        let (objects, tagged) = unsafe { (kept(&self.objects, scope), kept(&self.tagged, scope)) };
        for (entry, object) in self.entries[range.clone()].iter().zip(&objects[range]) {
            // SAFETY: the array keeps the object alive.
            let object = unsafe { HeapObject::at(*object) };
            if entry.is_current && self.differs(entry, object, tagged) {
                changed.insert(entry.owner);
            }
        }
    }

    fn differs(&self, entry: &Entry, object: HeapObject, tagged: &[Tagged]) -> bool {
        let first_tagged = entry.first_tagged as usize;
        if tagged[first_tagged] != object.map() {
            return true;
        }
        let layout = &self.layouts[entry.layout as usize];
        // The length of an array is among the raw words: one that is the same can be read as far as before.
        let raw = &self.raw[entry.first_raw as usize..];
        words_differ(object, &layout.raw, raw)
            || words_differ(object, &layout.tagged, &tagged[first_tagged + 1..])
            || entry
                .contents
                .is_some_and(|place| self.contents[place as usize].differ())
    }
}

impl Contents {
    /// Asked only of buffers whose own words are as before: their contents are where they were.
    fn differ(&self) -> bool {
        // SAFETY: see above.
        let now = unsafe { std::slice::from_raw_parts(self.start as *const u8, self.bytes.len()) };
        *now != *self.bytes
    }
}

fn words_differ(object: HeapObject, ranges: &[TaggedWords], copies: &[usize]) -> bool {
    let mut copied = 0;
    ranges.iter().any(|range| {
        let first = object.address() + range.first as usize * size_of::<usize>();
        let count = range.count as usize;
        // SAFETY: an object with the map of the copy, and if it is an array, with its length, has the words that were copied.
        let words = unsafe { std::slice::from_raw_parts(first as *const usize, count) };
        copied += count;
        *words != copies[copied - count..copied]
    })
}

/// What becomes the arrays of a chunk.
#[derive(Default)]
struct Copy {
    tagged: Vec<Tagged>,
    raw: Vec<usize>,
    contents: Vec<Contents>,
    entries: Vec<Entry>,
    layouts: Vec<Layout>,
    known: HashMap<(Tagged, usize), u32>,
}

impl Copy {
    fn add(
        &mut self,
        kinds: &Kinds,
        isolate: v8::UnsafeRawIsolatePtr,
        object: HeapObject,
        owner: Owner,
    ) {
        let words = object.size_bytes() / size_of::<usize>();
        let layouts = &mut self.layouts;
        let layout = *self.known.entry((object.map(), words)).or_insert_with(|| {
            layouts.push(layout_of(kinds, isolate, object, words));
            place(layouts.len() - 1)
        });
        let contents = kinds.contents(object).filter(|(_, bytes)| *bytes > 0);
        let contents = contents.map(|(start, bytes)| {
            // SAFETY: a living buffer's contents are where it says.
            let bytes = unsafe { std::slice::from_raw_parts(start as *const u8, bytes) };
            self.contents.push(Contents {
                start,
                bytes: bytes.into(),
            });
            place(self.contents.len() - 1)
        });
        self.entries.push(Entry {
            owner,
            layout,
            first_tagged: place(self.tagged.len()),
            first_raw: place(self.raw.len()),
            contents,
            is_current: true,
        });
        let layout = &self.layouts[layout as usize];
        self.tagged.push(object.map());
        copy_words(object, &layout.tagged, &mut self.tagged);
        copy_words(object, &layout.raw, &mut self.raw);
    }
}

/// Owners with the parts of each behind it; a part that several have belongs to the first.
fn with_parts(
    kinds: &Kinds,
    isolate: v8::UnsafeRawIsolatePtr,
    owners: &[Compared],
) -> Vec<Compared> {
    let mut seen = Marks::default();
    let mut found = Vec::with_capacity(owners.len() * 2);
    let mut pending = Vec::new();
    for compared in owners {
        found.push(*compared);
        pending.push(compared.object);
        while let Some(object) = pending.pop() {
            let mut references = Vec::new();
            // SAFETY: living objects of this isolate on its thread; nothing is allocated on the heap meanwhile.
            unsafe { object.references(isolate, &mut references) };
            for reference in references {
                // SAFETY: a strong reference of a living object.
                let part = unsafe { HeapObject::at(reference) };
                let is_state = kinds.of(part) == Kind::Part && !is_weak(isolate, part);
                if is_state && seen.mark(part.address()) {
                    found.push(Compared {
                        object: part,
                        owner: compared.owner,
                    });
                    pending.push(part);
                }
            }
        }
    }
    found
}

/// Whether an object has weak references: those lists are V8's own (code that depends on a variable), and no state of programs. A
/// copy could not hold them either.
fn is_weak(isolate: v8::UnsafeRawIsolatePtr, object: HeapObject) -> bool {
    // SAFETY: a living object of this isolate on its thread.
    unsafe { object.tagged_words(isolate, &mut Vec::new()) }
}

fn layout_of(
    kinds: &Kinds,
    isolate: v8::UnsafeRawIsolatePtr,
    object: HeapObject,
    words: usize,
) -> Layout {
    let mut tagged = Vec::new();
    // SAFETY: a living object of this isolate on its thread.
    unsafe { object.tagged_words(isolate, &mut tagged) };
    tagged.sort_unstable_by_key(|range| range.first);
    let mut raw = Vec::new();
    // The map is compared by itself.
    let mut next = 1;
    let end = TaggedWords {
        first: place(words),
        count: 0,
    };
    for range in tagged.iter().chain([&end]) {
        if kinds.has_raw_state(object) && range.first > next {
            raw.push(TaggedWords {
                first: next,
                count: range.first - next,
            });
        }
        next = next.max(range.first + range.count);
    }
    Layout { tagged, raw }
}

fn copy_words(object: HeapObject, ranges: &[TaggedWords], copies: &mut Vec<usize>) {
    for range in ranges {
        let offsets =
            (range.first..range.first + range.count).map(|word| word as usize * size_of::<usize>());
        copies.extend(offsets.map(|offset_bytes| object.word(offset_bytes).unwrap_or(0)));
    }
}

/// Copies are far smaller than this number counts.
fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
