//! What `js/host/shared_modules.js` calls.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use deno_core::v8;

use super::decision::Decision;
use super::graph::Walk;
use super::handles::{handle, handles, keep, kept, object};
use super::instance::{Instance, listed, objects};
use super::kinds::Kinds;
use super::{private_fields, tables};
use crate::engine::natives::define;

/// The state of an isolate's sharing, in a slot of the isolate.
pub(super) struct Sharing {
    pub(super) kinds: Kinds,
    /// Everything that was there before the first module was evaluated.
    known: v8::Global<v8::Array>,
    instances: HashMap<u32, Instance>,
}

#[derive(Clone)]
struct SharingSlot(Rc<RefCell<Sharing>>);

/// Defines the functions as properties of `target`.
pub(in crate::engine) fn define_natives<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    target: v8::Local<'s, v8::Object>,
) {
    define(scope, target, "noteKnown", note_known);
    define(scope, target, "findShared", find_shared);
    define(scope, target, "copyShared", copy_shared);
    define(scope, target, "changedShared", changed_shared);
    define(scope, target, "setVariables", set_variables);
    define(scope, target, "settleShared", settle_shared);
    define(scope, target, "clockVariables", clock_variables);
    define(scope, target, "setClock", set_clock);
    define(scope, target, "dropShared", drop_shared);
    define(scope, target, "exchangeTables", exchange_tables);
    define(scope, target, "privateNames", private_fields::private_names);
    define(
        scope,
        target,
        "privateValues",
        private_fields::private_values,
    );
    define(
        scope,
        target,
        "setPrivateValues",
        private_fields::set_private_values,
    );
    define(scope, target, "hasFastElements", has_fast_elements);
    define(scope, target, "framesNamed", frames_named);
    define(scope, target, "reportSharing", report_sharing);
}

pub(super) fn sharing(scope: &mut v8::PinScope<'_, '_>) -> Option<Rc<RefCell<Sharing>>> {
    scope
        .get_slot::<SharingSlot>()
        .map(|slot| Rc::clone(&slot.0))
}

/// `(global) => boolean`: notes what is there in the host's realm and in that of `global`; false if V8 is not as expected.
fn note_known(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    let kinds = Kinds::learn(scope);
    let sandbox = v8::Local::<v8::Object>::try_from(arguments.get(0))
        .ok()
        .and_then(|global| global.get_creation_context(scope));
    let is_as_expected = tables::is_as_expected(scope);
    let (Some(kinds), Some(sandbox), true) = (kinds, sandbox, is_as_expected) else {
        result.set_bool(false);
        return;
    };
    let host = scope.get_current_context();
    // SAFETY: handles to contexts; nothing is allocated before the result is handles.
    let found: Vec<usize> = unsafe {
        let isolate: &v8::Isolate = scope;
        let walk = Walk::new(&kinds, isolate.as_raw_isolate_ptr());
        let graph = walk.realms(&[object(host), object(sandbox)]);
        graph
            .receivers
            .iter()
            .chain(&graph.contexts)
            .map(|found| found.tagged())
            .collect()
    };
    let found = handles(scope, &found);
    let known = keep(scope, &found);
    let slot = SharingSlot(Rc::new(RefCell::new(Sharing {
        kinds,
        known,
        instances: HashMap::new(),
    })));
    scope.set_slot(slot);
    result.set_bool(true);
}

/// `(modules) => [receivers, modules, refused, modules of contexts]`: the objects that modules consist of, for each the place of its
/// module, [module, object, ...] of what cannot be shared, and the place of the module of each context.
fn find_shared<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    arguments: v8::FunctionCallbackArguments<'s>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    let (Some(sharing), Ok(modules)) = (
        sharing(scope),
        v8::Local::<v8::Array>::try_from(arguments.get(0)),
    ) else {
        return;
    };
    let sharing = sharing.borrow();
    let modules = listed(scope, modules);
    // SAFETY: handles to objects; nothing is allocated before the result is handles.
    let graph = unsafe {
        let known = objects(kept(&sharing.known, scope));
        let isolate: &v8::Isolate = scope;
        let walk = Walk::new(&sharing.kinds, isolate.as_raw_isolate_ptr());
        let modules: Vec<_> = modules.iter().map(|local| object(*local)).collect();
        walk.modules(&modules, &known)
    };
    let receivers: Vec<usize> = graph.receivers.iter().map(|found| found.tagged()).collect();
    let receivers = handles(scope, &receivers);
    let refused: Vec<_> = graph
        .refused
        .iter()
        .map(|refused| (refused.module, handle(scope, refused.object.tagged())))
        .collect();
    let mut pairs = Vec::new();
    for (module, object) in refused {
        pairs.push(v8::Integer::new_from_unsigned(scope, module).into());
        pairs.push(object);
    }
    let places = numbers(scope, &graph.modules);
    let contexts = numbers(scope, &graph.context_modules);
    let receivers = v8::Array::new_with_elements(scope, &receivers).into();
    let refused = v8::Array::new_with_elements(scope, &pairs).into();
    result.set(v8::Array::new_with_elements(scope, &[receivers, places, refused, contexts]).into());
}

/// `(id, modules, receivers) => boolean`: copies their state; false if the modules lead to other objects by now.
fn copy_shared<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    arguments: v8::FunctionCallbackArguments<'s>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    let id = arguments.get(0).uint32_value(scope).unwrap_or(0);
    let lists = [1, 2].map(|index| v8::Local::<v8::Array>::try_from(arguments.get(index)));
    let (Some(sharing), [Ok(modules), Ok(receivers)]) = (sharing(scope), lists) else {
        return;
    };
    let mut sharing = sharing.borrow_mut();
    let known = sharing.known.clone();
    let instance = Instance::copy(scope, &sharing.kinds, modules, receivers, &known);
    result.set_bool(instance.is_some());
    sharing
        .instances
        .extend(instance.map(|instance| (id, instance)));
}

/// `(id) => undefined | [receivers, variables | undefined]`: places of receivers that differ from their pristine state, and
/// variables that do, for `setVariables`.
fn changed_shared<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    arguments: v8::FunctionCallbackArguments<'s>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    let id = arguments.get(0).uint32_value(scope).unwrap_or(0);
    let Some(sharing) = sharing(scope) else {
        return;
    };
    let mut sharing = sharing.borrow_mut();
    let Some(changed) = sharing
        .instances
        .get_mut(&id)
        .and_then(|instance| instance.changed(scope))
    else {
        return;
    };
    let receivers = numbers(scope, &changed.receivers);
    let variables = match changed.variables {
        Some(variables) => v8::Local::new(scope, variables).into(),
        None => v8::undefined(scope).into(),
    };
    result.set(v8::Array::new_with_elements(scope, &[receivers, variables]).into());
}

/// `(id, variables, pristine) => void`.
fn set_variables(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    _result: v8::ReturnValue<'_, v8::Value>,
) {
    let id = arguments.get(0).uint32_value(scope).unwrap_or(0);
    let pristine = arguments.get(2).boolean_value(scope);
    let list = v8::Local::<v8::Array>::try_from(arguments.get(1));
    let (Some(sharing), Ok(list)) = (sharing(scope), list) else {
        return;
    };
    if let Some(instance) = sharing.borrow().instances.get(&id) {
        instance.set_variables(scope, list, pristine);
    }
}

/// `(id) => boolean`: false if the pristine state could not be restored.
fn settle_shared(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    let id = arguments.get(0).uint32_value(scope).unwrap_or(0);
    let Some(sharing) = sharing(scope) else {
        return;
    };
    let Sharing {
        kinds, instances, ..
    } = &mut *sharing.borrow_mut();
    let is_settled = instances
        .get_mut(&id)
        .is_none_or(|instance| instance.settle(scope, kinds));
    result.set_bool(is_settled);
}

/// `(id, other id, clock, other clock) => [context, index, ...] | context | undefined`: the variables in which two instances differ
/// because each holds its clock; a context in which they differ otherwise; undefined if they are not alike.
fn clock_variables(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    let ids = [0, 1].map(|index| arguments.get(index).uint32_value(scope).unwrap_or(0));
    let clocks = [2, 3].map(|index| arguments.get(index).number_value(scope).unwrap_or(0.0));
    let Some(sharing) = sharing(scope) else {
        return;
    };
    let sharing = sharing.borrow();
    let [Some(first), Some(second)] = ids.map(|id| sharing.instances.get(&id)) else {
        return;
    };
    match first.clock_variables(second, scope, clocks) {
        Some(Ok(variables)) => result.set(numbers(scope, &variables)),
        Some(Err(context)) => result.set_uint32(context),
        None => {}
    }
}

/// `(id, variables, now) => void`: sets the variables of `clockVariables`.
fn set_clock(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    _result: v8::ReturnValue<'_, v8::Value>,
) {
    let id = arguments.get(0).uint32_value(scope).unwrap_or(0);
    let list = v8::Local::<v8::Array>::try_from(arguments.get(1));
    let (Some(sharing), Ok(list)) = (sharing(scope), list) else {
        return;
    };
    let numbers: Vec<u32> = (0..list.length())
        .filter_map(|index| list.get_index(scope, index)?.uint32_value(scope))
        .collect();
    if let Some(instance) = sharing.borrow().instances.get(&id) {
        instance.set_all(scope, &numbers, arguments.get(2));
    }
}

/// `(id) => void`.
fn drop_shared(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    _result: v8::ReturnValue<'_, v8::Value>,
) {
    let id = arguments.get(0).uint32_value(scope).unwrap_or(0);
    if let Some(sharing) = sharing(scope) {
        sharing.borrow_mut().instances.remove(&id);
    }
}

/// `(map, map) => void`, or two sets: exchanges their entries, and the iterators over them.
fn exchange_tables(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    _result: v8::ReturnValue<'_, v8::Value>,
) {
    tables::exchange(scope, arguments.get(0), arguments.get(1));
}

/// `(array) => boolean`: whether all its elements are plain properties.
fn has_fast_elements(
    _scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    // SAFETY: a handle to an object; nothing is allocated here.
    let is_fast = arguments.get(0).is_array()
        && unsafe { super::kinds::has_fast_elements(object(arguments.get(0))) };
    result.set_bool(is_fast);
}

/// `(name) => number`: functions of that name among the callers.
fn frames_named(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    const FRAMES_MAX: usize = 20_000;
    let name = arguments.get(0).to_rust_string_lossy(scope);
    let frames = v8::StackTrace::current_stack_trace(scope, FRAMES_MAX);
    let Some(frames) = frames else { return };
    let count = (0..frames.get_frame_count())
        .filter_map(|index| frames.get_frame(scope, index)?.get_function_name(scope))
        .filter(|found| found.to_rust_string_lossy(scope) == name)
        .count();
    result.set_uint32(u32::try_from(count).unwrap_or(u32::MAX));
}

fn numbers<'s>(scope: &mut v8::PinScope<'s, '_>, numbers: &[u32]) -> v8::Local<'s, v8::Value> {
    let numbers: Vec<v8::Local<'s, v8::Value>> = numbers
        .iter()
        .map(|number| v8::Integer::new_from_unsigned(scope, *number).into())
        .collect();
    v8::Array::new_with_elements(scope, &numbers).into()
}

/// `(off, shared, objects, perRun) => void`: tells the log what was decided; `perRun` is [module, reason, ...].
fn report_sharing(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    _result: v8::ReturnValue<'_, v8::Value>,
) {
    let count = |index, scope: &mut v8::PinScope<'_, '_>| {
        arguments.get(index).uint32_value(scope).unwrap_or(0)
    };
    let (shared, objects) = (count(1, scope), count(2, scope));
    let per_run = v8::Local::<v8::Array>::try_from(arguments.get(3))
        .map_or_else(|_| Vec::new(), |list| listed(scope, list));
    let per_run: Vec<String> = per_run
        .into_iter()
        .map(|text| text.to_rust_string_lossy(scope))
        .collect();
    let off = arguments.get(0);
    let off = (!off.is_undefined()).then(|| off.to_rust_string_lossy(scope));
    Decision {
        off,
        shared,
        objects,
        per_run,
    }
    .log();
}
