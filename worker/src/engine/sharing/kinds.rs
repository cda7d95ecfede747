//! The kinds of V8's heap objects that a walk over shared modules tells apart, learned from samples.
//!
//! Numbers of instance types change with every version of V8, so each is read off an object that is known to have it. What is
//! not among the samples is not understood, and a module that holds it is not shared.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use deno_core::v8;

use crate::engine::heap_walk::Root;
use crate::engine::heap_walk::buffers::{BufferLayout, PROBE_BYTES};
use crate::engine::heap_walk::internals::{HeapObject, Tagged, tagged_at};
use crate::engine::scripts::HEAP_SAMPLES;

/// `kFirstNonstringType` (`include/v8-internal.h`), that of symbols; strings are below it.
const SYMBOL_TYPE: u16 = 0x80;

/// `JSObject::elements_` (`src/objects/js-objects.h`).
const ELEMENTS_BYTES: usize = 16;
/// Where the elements of a `FixedArray` begin (`src/objects/fixed-array.h`).
pub(super) const ELEMENTS_DATA_BYTES: usize = 16;
/// `JSFunction::shared_function_info_`, `context_` and `feedback_cell_` (`src/objects/js-function.h`).
const SHARED_FUNCTION_INFO_BYTES: usize = 32;
const CONTEXT_BYTES: usize = 40;
const FEEDBACK_CELL_BYTES: usize = 48;
/// The first slot of a context (`src/objects/contexts.h`).
const SCOPE_INFO_BYTES: usize = 16;
/// `JSCollection::table_` and `JSWeakCollection::table_` (`src/objects/js-collection.h`).
pub(super) const TABLE_BYTES: usize = 24;
/// Contents of buffers that are copied and compared; a larger one is not shared.
const CONTENTS_MAX_BYTES: usize = 64 << 10;
/// `Symbol::flags_` (`src/objects/name.h`), the upper half of its word, and its `PrivateSymbolKind`.
const SYMBOL_FLAGS_BYTES: usize = 8;
const SYMBOL_FLAGS_SHIFT: u32 = 32;
const PRIVATE_KIND_MASK: usize = 3;
const PRIVATE_FIELD_NAME: usize = 2;

/// What an object is to the walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Cannot change, and leads nowhere: strings, symbols.
    Name,
    /// An object of JavaScript whose changes can be seen and undone.
    Receiver,
    /// An object of JavaScript that is not understood.
    Foreign,
    /// Variables of a function or block.
    Context,
    /// The context of a whole realm.
    Realm,
    /// A hidden class.
    Map,
    /// Code, what V8 knows about it, and holes.
    Fixed,
    /// The table of a weak map or weak set.
    WeakTable,
    /// A part of another object: properties, elements, a boxed number.
    Part,
}

/// What was learned.
pub(super) struct Kinds {
    receivers: HashSet<u16>,
    functions: HashSet<u16>,
    contexts: HashSet<u16>,
    /// Contexts of all kinds: their numbers follow one another, those that have no sample among them.
    all_contexts: RangeInclusive<u16>,
    fixed: [u16; 4],
    first_receiver: u16,
    realm: u16,
    map: u16,
    weak_table: u16,
    buffers: BufferLayout,
}

impl Kinds {
    /// Learns from samples that are made in the current context; none if V8 is not as this file expects.
    pub(super) fn learn(scope: &mut v8::PinScope<'_, '_>) -> Option<Self> {
        v8::scope!(let scope, scope);
        let source = v8::String::new(scope, HEAP_SAMPLES.source)?;
        let samples = v8::Script::compile(scope, source, None)?.run(scope)?;
        let samples = v8::Local::<v8::Object>::try_from(samples).ok()?;
        let probe = v8::ArrayBuffer::new(scope, PROBE_BYTES);
        let buffers = BufferLayout::learn(scope, probe)?;
        let realm = object_of(scope.get_current_context());
        let receivers = list(scope, samples, "receivers")?;
        let pair = list(scope, samples, "pair")?;
        let contexts = list(scope, samples, "contexts")?;
        let weak = member(scope, samples, "weak")?;
        let private = member(scope, samples, "private")?;
        let holey = member(scope, samples, "holey")?;
        let object = |local: &v8::Local<'_, v8::Value>| object_of(*local);
        let functions: HashSet<u16> = receivers
            .iter()
            .filter(|value| value.is_function() && !value.is_proxy())
            .filter(|value| has_code(object(value)))
            .map(|value| object(value).instance_type())
            .collect();
        let (first, second) = (object(pair.first()?), object(pair.get(1)?));
        let shared_code = field(first, SHARED_FUNCTION_INFO_BYTES)?;
        let feedback = field(first, FEEDBACK_CELL_BYTES)?;
        let context = field(first, CONTEXT_BYTES)?;
        // Holes have a size, but no contents: V8 unmaps the memory behind them.
        let hole = field(elements_of(object(&holey))?, ELEMENTS_DATA_BYTES)?;
        let is_as_expected = field(second, SHARED_FUNCTION_INFO_BYTES) == Some(shared_code)
            && field(second, FEEDBACK_CELL_BYTES) == Some(feedback)
            && field(second, CONTEXT_BYTES)? != context;
        let contexts = contexts
            .iter()
            .map(|value| field(object(value), CONTEXT_BYTES).map(HeapObject::instance_type))
            .collect::<Option<HashSet<u16>>>()?;
        let proxy = receivers
            .iter()
            .find(|value| value.is_proxy())
            .map(|value| object(value).instance_type())?;
        let first_context = *contexts.iter().min()?;
        let last_context = *contexts.iter().max()?;
        let kinds = Self {
            receivers: receivers
                .iter()
                .map(|value| object(value).instance_type())
                .collect(),
            functions,
            contexts,
            // That of `await` is the first, and has no sample.
            all_contexts: first_context - 1..=last_context,
            fixed: [
                shared_code,
                feedback,
                field(context, SCOPE_INFO_BYTES)?,
                hole,
            ]
            .map(HeapObject::instance_type),
            first_receiver: proxy,
            realm: realm.instance_type(),
            map: map_of(map_of(first)).instance_type(),
            weak_table: field(object(&weak), TABLE_BYTES)?.instance_type(),
            buffers,
        };
        let isolate: &v8::Isolate = scope;
        // SAFETY: the pointer is used for as long as the scope is borrowed.
        let isolate = unsafe { isolate.as_raw_isolate_ptr() };
        let names = kinds.private_names(isolate, object(&private));
        let is_as_expected = is_as_expected
            && names.len() == 1
            && kinds.of(context) == Kind::Context
            && !kinds.contexts.contains(&kinds.realm)
            && kinds
                .receivers
                .iter()
                .all(|kind| *kind >= kinds.first_receiver);
        is_as_expected.then_some(kinds)
    }

    pub(super) fn of(&self, object: HeapObject) -> Kind {
        let kind = object.instance_type();
        if kind <= SYMBOL_TYPE {
            Kind::Name
        } else if kind >= self.first_receiver {
            if self.receivers.contains(&kind) && !self.is_too_large(object) {
                Kind::Receiver
            } else {
                Kind::Foreign
            }
        } else if kind == self.realm {
            Kind::Realm
        } else if self.contexts.contains(&kind) {
            Kind::Context
        } else if self.all_contexts.contains(&kind) {
            Kind::Foreign
        } else if kind == self.map {
            Kind::Map
        } else if self.fixed.contains(&kind) {
            Kind::Fixed
        } else if kind == self.weak_table {
            Kind::WeakTable
        } else {
            Kind::Part
        }
    }

    /// Whether the words of an object that hold no tagged values are state of its own. Those of functions are V8's.
    pub(super) fn has_raw_state(&self, object: HeapObject) -> bool {
        !self.functions.contains(&object.instance_type())
    }

    /// Where the contents of a buffer are: address and length.
    pub(super) fn contents(&self, object: HeapObject) -> Option<(usize, usize)> {
        let contents = self.buffers.contents(object)?;
        Some((contents.start, contents.bytes))
    }

    fn is_too_large(&self, object: HeapObject) -> bool {
        self.contents(object)
            .is_some_and(|(_, bytes)| bytes > CONTENTS_MAX_BYTES)
    }

    /// The names of private fields that an object may have.
    pub(super) fn private_names(
        &self,
        isolate: v8::UnsafeRawIsolatePtr,
        object: HeapObject,
    ) -> Vec<Tagged> {
        let mut names = Vec::new();
        let mut around = Vec::new();
        // SAFETY: living objects of this isolate on its thread, and nothing is allocated on the heap meanwhile.
        unsafe {
            object.references(isolate, &mut around);
            map_of(object).references(isolate, &mut around);
            for reference in around {
                let part = HeapObject::at(reference);
                if self.of(part) != Kind::Part {
                    continue;
                }
                let mut held = Vec::new();
                part.references(isolate, &mut held);
                names.extend(
                    held.into_iter()
                        .filter(|name| is_private_field_name(HeapObject::at(*name))),
                );
            }
        }
        names.sort_unstable();
        names.dedup();
        names
    }
}

fn is_private_field_name(name: HeapObject) -> bool {
    name.instance_type() == SYMBOL_TYPE
        && name.word(SYMBOL_FLAGS_BYTES).is_some_and(|word| {
            (word >> SYMBOL_FLAGS_SHIFT) & PRIVATE_KIND_MASK == PRIVATE_FIELD_NAME
        })
}

/// Whether an object with the shape of a function has its code where functions have it; bound functions have not.
fn has_code(function: HeapObject) -> bool {
    function.size_bytes() > FEEDBACK_CELL_BYTES && field(function, CONTEXT_BYTES).is_some()
}

/// The hidden class of an object.
pub(super) fn map_of(object: HeapObject) -> HeapObject {
    // SAFETY: every living object has a living map.
    unsafe { HeapObject::at(object.map()) }
}

/// The elements of an array or another object.
pub(super) fn elements_of(object: HeapObject) -> Option<HeapObject> {
    field(object, ELEMENTS_BYTES)
}

fn object_of<T>(local: v8::Local<'_, T>) -> HeapObject {
    // SAFETY: a handle to a heap object of the caller's scope; callers allocate nothing while they use the object.
    unsafe { HeapObject::at(Root::of(local).tagged()) }
}

fn field(object: HeapObject, offset_bytes: usize) -> Option<HeapObject> {
    // SAFETY: a field of a living object, whose strong references are to living objects.
    unsafe { tagged_at(object.word(offset_bytes)?) }
}

fn member<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    samples: v8::Local<'s, v8::Object>,
    name: &str,
) -> Option<v8::Local<'s, v8::Value>> {
    let key = v8::String::new(scope, name)?;
    samples.get(scope, key.into())
}

fn list<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    samples: v8::Local<'s, v8::Object>,
    name: &str,
) -> Option<Vec<v8::Local<'s, v8::Value>>> {
    let list = v8::Local::<v8::Array>::try_from(member(scope, samples, name)?).ok()?;
    (0..list.length())
        .map(|index| list.get_index(scope, index))
        .collect()
}

/// `Map::bit_field2_` is the last byte of this word; the elements kind is in its upper six bits (`src/objects/map.h`).
const MAP_BITS_BYTES: usize = 8;
const ELEMENTS_KIND_SHIFT: u32 = 58;
/// `HOLEY_DOUBLE_ELEMENTS`, the last of the fast kinds (`src/objects/elements-kind.h`).
const LAST_FAST_KIND: usize = 5;

/// Whether all elements of an object are plain properties that nothing restricts.
pub(super) fn has_fast_elements(object: HeapObject) -> bool {
    map_of(object)
        .word(MAP_BITS_BYTES)
        .is_some_and(|bits| bits >> ELEMENTS_KIND_SHIFT <= LAST_FAST_KIND)
}
