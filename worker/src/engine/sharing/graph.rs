//! What shared modules consist of: everything that their objects lead to and that was not there before they were evaluated.

use std::collections::HashMap;

use deno_core::v8;

use super::kinds::{Kind, Kinds};
use crate::engine::heap_walk::internals::{HeapObject, Tagged};
use crate::engine::heap_walk::marks::Marks;

/// Where the entries of a weak table begin, each a key and a value (`EphemeronHashTable`, `src/objects/hash-table.h`): behind its
/// map, its length and three counters.
const WEAK_ENTRIES_BYTES: usize = 40;
const WEAK_ENTRY_BYTES: usize = 16;

/// A receiver that cannot be shared, and the module that leads to it.
#[derive(Clone, Copy)]
pub(super) struct Refused {
    pub(super) module: u32,
    pub(super) object: HeapObject,
}

/// What a walk found, in the order in which it came by.
#[derive(Default)]
pub(super) struct Graph {
    pub(super) receivers: Vec<HeapObject>,
    /// Index of the module that led to each receiver first.
    pub(super) modules: Vec<u32>,
    pub(super) contexts: Vec<HeapObject>,
    /// As `modules`, for contexts.
    pub(super) context_modules: Vec<u32>,
    pub(super) refused: Vec<Refused>,
}

/// Walks the heap. Holds addresses: nothing may be allocated on V8's heap while it lives.
pub(super) struct Walk<'a> {
    kinds: &'a Kinds,
    isolate: v8::UnsafeRawIsolatePtr,
    entered: Marks,
    pending: Vec<(Tagged, u32)>,
    /// Weak tables that were found and not looked into yet.
    weak_tables: Vec<(HeapObject, u32)>,
    graph: Graph,
    enters_realms: bool,
}

impl<'a> Walk<'a> {
    /// # Safety
    /// The isolate must be that of all objects that are handed in, on its thread.
    pub(super) unsafe fn new(kinds: &'a Kinds, isolate: v8::UnsafeRawIsolatePtr) -> Self {
        Self {
            kinds,
            isolate,
            entered: Marks::default(),
            pending: Vec::new(),
            weak_tables: Vec::new(),
            graph: Graph::default(),
            enters_realms: false,
        }
    }

    /// Everything in some realms: receivers and contexts.
    pub(super) fn realms(mut self, realms: &[HeapObject]) -> Graph {
        self.enters_realms = true;
        for realm in realms {
            self.entered.mark(realm.address());
            self.push_references(*realm, 0);
        }
        self.drain();
        self.graph
    }

    /// What only `modules` lead to, `known` aside.
    pub(super) fn modules(mut self, modules: &[HeapObject], known: &[HeapObject]) -> Graph {
        for object in known {
            self.entered.mark(object.address());
        }
        for (index, module) in modules.iter().enumerate() {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            self.pending.push((module.tagged(), index));
            self.drain();
        }
        self.graph
    }

    fn drain(&mut self) {
        loop {
            while let Some((reference, module)) = self.pending.pop() {
                // SAFETY: a strong reference of a living object; nothing is allocated while the walk lives.
                let object = unsafe { HeapObject::at(reference) };
                self.visit(object, module);
            }
            if self.weak_tables.is_empty() {
                return;
            }
            self.push_weak();
        }
    }

    fn visit(&mut self, object: HeapObject, module: u32) {
        let kind = self.kinds.of(object);
        let is_passed = match kind {
            Kind::Name | Kind::Fixed => true,
            Kind::Realm => !self.enters_realms,
            _ => false,
        };
        if is_passed || !self.entered.mark(object.address()) {
            return;
        }
        match kind {
            Kind::Foreign if !self.enters_realms => {
                self.graph.refused.push(Refused { module, object });
                return;
            }
            Kind::Receiver | Kind::Foreign => {
                self.graph.receivers.push(object);
                self.graph.modules.push(module);
            }
            Kind::Context => {
                self.graph.contexts.push(object);
                self.graph.context_modules.push(module);
            }
            Kind::WeakTable => {
                self.weak_tables.push((object, module));
                return;
            }
            _ => {}
        }
        self.pending.push((object.map(), module));
        self.push_references(object, module);
    }

    /// A key that lives keeps its value alive, so every value is looked at: after all else, and in the order in which the keys were
    /// found. That of the table is random.
    fn push_weak(&mut self) {
        let order = places(&self.graph.receivers);
        for (table, module) in std::mem::take(&mut self.weak_tables) {
            let word = |offset_bytes| table.word(offset_bytes).unwrap_or(0);
            let mut entries: Vec<(u32, Tagged)> = (WEAK_ENTRIES_BYTES..table.size_bytes())
                .step_by(WEAK_ENTRY_BYTES)
                .filter(|entry| is_reference(word(*entry)) && is_reference(word(entry + 8)))
                .map(|entry| {
                    let key = order.get(&(word(entry) - 1)).copied();
                    (key.unwrap_or(u32::MAX), word(entry + 8))
                })
                .collect();
            entries.sort_unstable_by_key(|(key, _)| std::cmp::Reverse(*key));
            let values = entries.into_iter().map(|(_, value)| (value, module));
            self.pending.extend(values);
        }
    }

    fn push_references(&mut self, object: HeapObject, module: u32) {
        let mut references = Vec::new();
        // SAFETY: the walk was made for this isolate on its thread.
        unsafe { object.references(self.isolate, &mut references) };
        self.pending
            .extend(references.into_iter().map(|reference| (reference, module)));
    }
}

fn is_reference(word: Tagged) -> bool {
    word & 3 == 1
}

/// Places of objects by their addresses.
pub(super) fn places(objects: &[HeapObject]) -> HashMap<usize, u32> {
    (0..)
        .zip(objects)
        .map(|(place, object)| (object.address(), place))
        .collect()
}
