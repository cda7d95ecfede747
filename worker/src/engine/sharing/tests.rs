//! The comparison and what undoes a change, against every function of a realm.

use deno_core::v8;

use crate::engine::host_natives::{natives_object, sandbox_context};
use crate::engine::platform::initialize_v8;
use crate::engine::scripts::INSTALLERS;

const EVERY_FUNCTION: &str = include_str!("tests.js");

/// What the script's function returns of `{ native, state, sandbox }`, as text.
fn evaluate(script: &str) -> String {
    initialize_v8();
    let mut isolate = v8::Isolate::new(v8::CreateParams::default());
    isolate.set_microtasks_policy(v8::MicrotasksPolicy::Explicit);
    isolate.set_allow_atomics_wait(false);
    v8::scope!(let scope, &mut isolate);
    let host = v8::Context::new(scope, v8::ContextOptions::default());
    let scope = &mut v8::ContextScope::new(scope, host);
    let sandbox = sandbox_context(scope).global(scope);
    let native = natives_object(scope);
    let (_, object_state) = INSTALLERS
        .iter()
        .find(|(name, _)| *name == "objectState")
        .expect("there is such a script");
    v8::tc_scope!(let scope, scope);
    let glue = "(native, sandbox, install, check) => check({ native, sandbox, state: install({ native, sandbox }) })";
    let functions = [glue, object_state.source, script].map(|source| {
        let source = v8::String::new(scope, source).expect("it is short");
        v8::Script::compile(scope, source, None)
            .and_then(|script| script.run(scope))
            .expect("the script runs")
    });
    let glue = v8::Local::<v8::Function>::try_from(functions[0]).expect("it is one");
    let undefined = v8::undefined(scope).into();
    let arguments = [native.into(), sandbox.into(), functions[1], functions[2]];
    match (glue.call(scope, undefined, &arguments), scope.exception()) {
        (Some(result), _) => result.to_rust_string_lossy(scope),
        (None, Some(exception)) => exception.to_rust_string_lossy(scope),
        (None, None) => "nothing".to_owned(),
    }
}

#[test]
fn whatever_a_function_changes_is_seen_and_undone() {
    assert_eq!(
        evaluate(EVERY_FUNCTION),
        r#"{"functions":true,"calls":true,"changes":true,"failures":[]}"#
    );
}
