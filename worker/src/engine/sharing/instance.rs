//! One instance of the shared modules of a context.

use std::collections::{BTreeSet, HashMap, HashSet};

use deno_core::v8;

use super::baseline::{Baseline, Compared, Owner};
use super::contexts::{Variables, same};
use super::graph::{Walk, places};
use super::handles::{handle, handles, keep, kept, object};
use super::kinds::Kinds;
use crate::engine::heap_walk::internals::HeapObject;

/// Copies of an owner after which no other one is made.
const RENEWALS_MAX: u32 = 4;

/// What is shared, in its pristine state.
pub(super) struct Instance {
    receivers: v8::Global<v8::Array>,
    contexts: v8::Global<v8::Array>,
    /// The pristine values of all variables, context by context.
    values: v8::Global<v8::Array>,
    /// Where those of each context begin.
    first_values: Vec<usize>,
    baseline: Baseline,
    /// How often an owner did not look as before when it was put back.
    renewals: HashMap<Owner, u32>,
    /// Owners that never do: they are looked at each time.
    restless: BTreeSet<Owner>,
    /// Owners that differed when they were compared last.
    suspects: BTreeSet<Owner>,
}

/// What a run changed, as far as the comparison tells.
pub(super) struct Changed {
    /// Places of receivers that differ.
    pub(super) receivers: Vec<u32>,
    /// Variables that differ, as [context, index, value, ...]; not to be seen by programs.
    pub(super) variables: Option<v8::Global<v8::Array>>,
}

impl Instance {
    /// Copies the present state of what `modules` lead to; none if that is not just `receivers`.
    pub(super) fn copy(
        scope: &mut v8::PinScope<'_, '_>,
        kinds: &Kinds,
        modules: v8::Local<'_, v8::Array>,
        receivers: v8::Local<'_, v8::Array>,
        known: &v8::Global<v8::Array>,
    ) -> Option<Self> {
        v8::scope!(let scope, scope);
        let modules = listed(scope, modules);
        let listed = listed(scope, receivers);
        // SAFETY: handles of this scope to objects; nothing is allocated on the heap until the walk's result is handles.
        let (graph, listed_objects) = unsafe {
            let known = objects(kept(known, scope));
            let isolate: &v8::Isolate = scope;
            let walk = Walk::new(kinds, isolate.as_raw_isolate_ptr());
            let modules: Vec<HeapObject> = modules.iter().map(|local| object(*local)).collect();
            let listed: Vec<HeapObject> = listed.iter().map(|local| object(*local)).collect();
            (walk.modules(&modules, &known), listed)
        };
        let places = places(&listed_objects);
        let is_listed = |found: &HeapObject| places.contains_key(&found.address());
        if !graph.refused.is_empty() || !graph.receivers.iter().all(is_listed) {
            return None;
        }
        let of_receivers = (0..).zip(&listed_objects).map(|(place, object)| Compared {
            object: *object,
            owner: Owner::Receiver(place),
        });
        let of_contexts = (0..).zip(&graph.contexts).map(|(place, object)| Compared {
            object: *object,
            owner: Owner::Context(place),
        });
        let owners: Vec<Compared> = of_receivers.chain(of_contexts).collect();
        let contexts: Vec<usize> = graph
            .contexts
            .iter()
            .map(|context| context.tagged())
            .collect();
        let contexts = handles(scope, &contexts);
        // SAFETY: the owners live, and are handles of this scope by now.
        let baseline = unsafe { Baseline::copy(scope, kinds, &owners) };
        let mut values = Vec::new();
        let mut first_values = Vec::with_capacity(contexts.len());
        for context in &contexts {
            // SAFETY: the graph's contexts.
            let variables = unsafe { Variables::of(*context) };
            first_values.push(values.len());
            for index in variables.indices() {
                values.push(variables.get(scope, index));
            }
        }
        Some(Self {
            receivers: keep(scope, &listed),
            contexts: keep(scope, &contexts),
            values: keep(scope, &values),
            first_values,
            baseline,
            renewals: HashMap::new(),
            restless: BTreeSet::new(),
            suspects: BTreeSet::new(),
        })
    }

    /// What differs from the pristine state; none if nothing does.
    pub(super) fn changed(&mut self, scope: &mut v8::PinScope<'_, '_>) -> Option<Changed> {
        let mut owners = self.baseline.changed(scope);
        owners.extend(&self.restless);
        if owners.is_empty() {
            return None;
        }
        self.suspects.clone_from(&owners);
        Some(self.changed_of(scope, &owners))
    }

    fn changed_of(&self, scope: &mut v8::PinScope<'_, '_>, owners: &BTreeSet<Owner>) -> Changed {
        v8::scope!(let scope, scope);
        let mut receivers = Vec::new();
        let mut variables = Vec::new();
        for owner in owners {
            match *owner {
                Owner::Receiver(place) => receivers.push(place),
                Owner::Context(place) => self.changed_variables(scope, place, &mut variables),
            }
        }
        let variables = (!variables.is_empty()).then(|| keep(scope, &variables));
        Changed {
            receivers,
            variables,
        }
    }

    fn changed_variables<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        place: u32,
        changed: &mut Vec<v8::Local<'s, v8::Value>>,
    ) {
        let variables = self.variables(scope, place);
        for index in variables.indices() {
            let value = variables.get(scope, index);
            let pristine = self.pristine(scope, place, index);
            if !same(value, pristine) {
                let place = v8::Integer::new_from_unsigned(scope, place).into();
                let index = u32::try_from(index).unwrap_or(u32::MAX);
                changed.extend([
                    place,
                    v8::Integer::new_from_unsigned(scope, index).into(),
                    value,
                ]);
            }
        }
    }

    /// Gives variables the values of a list of [`Changed`], or their pristine ones.
    pub(super) fn set_variables(
        &self,
        scope: &mut v8::PinScope<'_, '_>,
        list: v8::Local<'_, v8::Array>,
        pristine: bool,
    ) {
        v8::scope!(let scope, scope);
        for item in elements(scope, list).chunks_exact(3) {
            let [Some(place), Some(index)] =
                [item[0], item[1]].map(|local| local.uint32_value(scope))
            else {
                continue;
            };
            let value = if pristine {
                self.pristine(scope, place, index as usize)
            } else {
                item[2]
            };
            self.variables(scope, place)
                .set(scope, index as usize, value);
        }
    }

    /// [context, index, ...] of the variables in which `other` differs from this instance because each holds its clock, or a
    /// context in which they differ otherwise; none if they are not alike.
    pub(super) fn clock_variables(
        &self,
        other: &Self,
        scope: &mut v8::PinScope<'_, '_>,
        clocks: [f64; 2],
    ) -> Option<Result<Vec<u32>, u32>> {
        v8::scope!(let scope, scope);
        let values = [self, other].map(|instance| {
            // SAFETY: the arrays are those of `keep`; handles are made without an allocation.
            let values = unsafe { kept(&instance.values, scope) };
            handles(scope, values)
        });
        let [first, second] = &values;
        if self.first_values != other.first_values || first.len() != second.len() {
            return None;
        }
        let mut found = Vec::new();
        for (at, (first, second)) in first.iter().zip(second).enumerate() {
            if same(*first, *second) || is_same_text(*first, *second) {
                continue;
            }
            let is_clock = |value: v8::Local<'_, v8::Value>, clock: f64| {
                v8::Local::<v8::Number>::try_from(value).is_ok_and(|number| number.value() == clock)
            };
            let place = other.first_values.partition_point(|first| *first <= at) - 1;
            if is_clock(*first, clocks[0]) && is_clock(*second, clocks[1]) {
                let index = at - other.first_values[place] + 2;
                found
                    .extend([place, index].map(|number| u32::try_from(number).unwrap_or(u32::MAX)));
            } else if !(is_reference(*first) && is_reference(*second)) {
                return Some(Err(u32::try_from(place).unwrap_or(u32::MAX)));
            }
        }
        Some(Ok(found))
    }

    /// Gives variables, as [context, index, ...], one value.
    pub(super) fn set_all(
        &self,
        scope: &mut v8::PinScope<'_, '_>,
        variables: &[u32],
        value: v8::Local<'_, v8::Value>,
    ) {
        v8::scope!(let scope, scope);
        for pair in variables.chunks_exact(2) {
            self.variables(scope, pair[0])
                .set(scope, pair[1] as usize, value);
        }
    }

    /// After the pristine state has been restored: takes what still differs for V8's own doing. False if a variable differs, which
    /// nothing but a change does.
    pub(super) fn settle(&mut self, scope: &mut v8::PinScope<'_, '_>, kinds: &Kinds) -> bool {
        let owners = self.baseline.changed_of(scope, &self.suspects);
        if owners.is_empty() {
            return true;
        }
        if self.changed_of(scope, &owners).variables.is_some() {
            return false;
        }
        let owners = self.without_restless(owners);
        // SAFETY: the arrays are those of `keep`, and nothing is allocated before `renew` has handles.
        unsafe {
            let receivers = kept(&self.receivers, scope);
            let contexts = kept(&self.contexts, scope);
            let compared: Vec<Compared> = owners
                .into_iter()
                .map(|owner| Compared {
                    object: HeapObject::at(match owner {
                        Owner::Receiver(place) => receivers[place as usize],
                        Owner::Context(place) => contexts[place as usize],
                    }),
                    owner,
                })
                .collect();
            self.baseline.renew(scope, kinds, &compared);
        }
        true
    }

    /// Those that are worth another copy.
    fn without_restless(&mut self, owners: BTreeSet<Owner>) -> BTreeSet<Owner> {
        let (kept, restless): (BTreeSet<Owner>, BTreeSet<Owner>) =
            owners.into_iter().partition(|owner| {
                let renewals = self.renewals.entry(*owner).or_default();
                *renewals += 1;
                *renewals <= RENEWALS_MAX || matches!(owner, Owner::Context(_))
            });
        let forgotten: HashSet<Owner> = restless.iter().copied().collect();
        self.baseline.forget(&forgotten);
        self.restless.extend(restless);
        kept
    }

    fn variables<'s>(&self, scope: &mut v8::PinScope<'s, '_>, place: u32) -> Variables<'s> {
        // SAFETY: the array is one of `keep`, and holds contexts.
        unsafe {
            let context = kept(&self.contexts, scope)[place as usize];
            Variables::of(handle(scope, context))
        }
    }

    fn pristine<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        place: u32,
        index: usize,
    ) -> v8::Local<'s, v8::Value> {
        // Variables begin at index 2, see `contexts`.
        let at = self.first_values[place as usize] + index - 2;
        // SAFETY: the array is one of `keep`.
        let value = unsafe { kept(&self.values, scope)[at] };
        handle(scope, value)
    }
}

/// Whether two evaluations may have made a value each for itself; its contents are compared where they are.
fn is_reference(value: v8::Local<'_, v8::Value>) -> bool {
    value.is_object() || value.is_symbol()
}

fn is_same_text(first: v8::Local<'_, v8::Value>, second: v8::Local<'_, v8::Value>) -> bool {
    first.is_string() && second.is_string() && first.same_value(second)
}

/// The elements of an array of a trusted script.
pub(super) fn listed<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    array: v8::Local<'_, v8::Array>,
) -> Vec<v8::Local<'s, v8::Value>> {
    (0..array.length())
        .filter_map(|index| array.get_index(scope, index))
        .collect()
}

/// Handles to the elements of an array that natives made.
pub(super) fn elements<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    array: v8::Local<'_, v8::Array>,
) -> Vec<v8::Local<'s, v8::Value>> {
    let kept_array = v8::Global::new(scope, array);
    // SAFETY: `new_with_elements` made the array; handles are made without an allocation.
    let references = unsafe { kept(&kept_array, scope) };
    handles(scope, references)
}

/// # Safety
/// The references must be to living objects.
pub(super) unsafe fn objects(references: &[usize]) -> Vec<HeapObject> {
    // SAFETY: the caller's promise.
    references
        .iter()
        .map(|reference| unsafe { HeapObject::at(*reference) })
        .collect()
}
