//! The natives under the real scripts of `js/globals/`: what the tests of `worker/tests-js/`, which run in Node, cannot
//! see.

use std::cell::RefCell;

use deno_core::v8;

use super::super::platform::initialize_v8;
use super::super::scripts::PROVIDED;
use super::{install, set_console_sink};

/// Evaluates `source` as the body of a function of `globals`, what the scripts export, in the host context; `sandbox`
/// is the global object of a second context. Drains microtasks, then returns `globals.result`, or the exception, as
/// text.
fn evaluate(source: &str) -> String {
    initialize_v8();
    let mut isolate = v8::Isolate::new(v8::CreateParams::default());
    isolate.set_microtasks_policy(v8::MicrotasksPolicy::Explicit);
    isolate.set_promise_reject_callback(record_rejection);
    set_console_sink(&mut isolate, record_line);
    v8::scope!(let scope, &mut isolate);
    let host = v8::Context::new(scope, v8::ContextOptions::default());
    let sandbox = v8::Context::new(scope, v8::ContextOptions::default());
    let scope = &mut v8::ContextScope::new(scope, host);
    let token = host.get_security_token(scope);
    sandbox.set_security_token(token);
    v8::tc_scope!(let scope, scope);
    let native = v8::Object::new(scope);
    install(scope, native);
    let provided = v8::Object::new(scope);
    let sandbox = sandbox.global(scope);
    let glue = "(function (native, globals, install) { Object.assign(globals, install(native, globals)); })";
    let assign = function(scope, glue);
    for script in PROVIDED {
        let installer = function(scope, script.source);
        call(
            scope,
            assign,
            &[native.into(), provided.into(), installer.into()],
        );
    }
    let body = format!("(function (globals, sandbox, native) {{ 'use strict'; {source} }})");
    let test = function(scope, &body);
    call(
        scope,
        test,
        &[provided.into(), sandbox.into(), native.into()],
    );
    scope.perform_microtask_checkpoint();
    if let Some(exception) = scope.exception() {
        return exception.to_rust_string_lossy(scope);
    }
    let key = v8::String::new(scope, "result").expect("a short string");
    provided
        .get(scope, key.into())
        .map(|value| value.to_rust_string_lossy(scope))
        .unwrap_or_default()
}

fn function<'s>(scope: &mut v8::PinScope<'s, '_>, source: &str) -> v8::Local<'s, v8::Function> {
    let source = v8::String::new(scope, source).expect("a string of ours");
    let script = v8::Script::compile(scope, source, None).expect("a script that compiles");
    let value = script.run(scope).expect("a script that runs");
    v8::Local::try_from(value).expect("a script whose value is a function")
}

fn call<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    function: v8::Local<'s, v8::Function>,
    arguments: &[v8::Local<'s, v8::Value>],
) {
    let undefined = v8::undefined(scope).into();
    // An exception stays in the scope's try-catch, where `evaluate` looks for it.
    let _ = function.call(scope, undefined, arguments);
}

thread_local! {
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static UNHANDLED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

extern "C" fn record_rejection(message: v8::PromiseRejectMessage<'_>) {
    v8::callback_scope!(unsafe scope, &message);
    if message.get_event() == v8::PromiseRejectEvent::PromiseRejectWithNoHandler {
        let reason = message
            .get_value()
            .map(|value| value.to_rust_string_lossy(scope))
            .unwrap_or_default();
        UNHANDLED.with_borrow_mut(|reasons| reasons.push(reason));
    }
}

fn record_line(level: &str, line: &str) {
    LINES.with_borrow_mut(|lines| lines.push(format!("{level} {line}")));
}

#[test]
fn every_script_installs() {
    let wanted = "URL URLSearchParams TextEncoder TextDecoder AbortController AbortSignal Event EventTarget Long assert \
                  makeConsole makeAsyncLocalStorage inspect format";
    let source = format!(
        "const missing = '{wanted}'.split(' ').filter((name) => typeof globals[name] !== 'function');
         globals.result = missing.join(' ');"
    );
    assert_eq!(evaluate(&source), "");
}

#[test]
fn a_store_follows_awaits_and_ends_with_its_run() {
    let source = "
        const Storage = globals.makeAsyncLocalStorage(() => ({ workflowSandboxDestructors: [] }), () => sandbox);
        const storage = new Storage();
        const seen = [];
        const walk = async (name) => {
          for (let step = 0; step < 3; step++) {
            await null;
            seen.push(`${name}${step}:${storage.getStore()}`);
          }
        };
        storage.run('a', walk, 'x');
        storage.run('b', () => walk('y').then(() => seen.push(`then:${storage.getStore()}`)));
        seen.push(`outside:${storage.getStore()}`);
        Promise.resolve().then(() => { seen.push(`plain:${storage.getStore()}`); });
        const settle = Promise.resolve().then(() => 0).then(() => 0).then(() => 0).then(() => 0).then(() => 0);
        settle.then(() => { globals.result = seen.join(' '); });";
    let expected = "outside:undefined x0:a y0:b plain:undefined x1:a y1:b x2:a y2:b then:b";
    assert_eq!(evaluate(source), expected);
}

#[test]
fn a_store_follows_promises_of_the_other_context() {
    let source = "
        const Storage = globals.makeAsyncLocalStorage(() => ({ workflowSandboxDestructors: [] }), () => sandbox);
        sandbox.storage = new Storage();
        sandbox.done = (value) => { globals.result = value; };
        sandbox.Function('storage.run(7, async () => { await null; await new Promise((go) => go()); done(storage.getStore()); })')();";
    assert_eq!(evaluate(source), "7");
}

#[test]
fn two_contexts_share_one_continuation_value_which_is_undefined_at_first() {
    assert_eq!(
        evaluate("globals.result = String(native.getContinuationData());"),
        "undefined"
    );
}

#[test]
fn text_survives_encoding_and_lone_surrogates_are_replaced() {
    let source = r"
        const text = 'a\u00e9\u20ac\ud83d\ude00';
        const bytes = new globals.TextEncoder().encode(text + '\ud800');
        const into = new Uint8Array(6);
        const { read, written } = new globals.TextEncoder().encodeInto(text, into.subarray(1));
        globals.result = [
          new globals.TextDecoder().decode(bytes) === text + '\ufffd', bytes instanceof Uint8Array,
          bytes.join(), read, written, into.join(),
        ].join(' ');";
    let expected =
        "true true 97,195,169,226,130,172,240,159,152,128,239,191,189 2 3 0,97,195,169,0,0";
    assert_eq!(evaluate(source), expected);
}

#[test]
fn detached_and_shared_buffers_are_decoded_without_harm() {
    let source = "
        const detached = new Uint8Array([104, 105]);
        detached.buffer.transfer();
        const shared = new Uint8Array(new SharedArrayBuffer(2));
        shared.set([104, 105]);
        const decoder = new globals.TextDecoder();
        globals.result = JSON.stringify([decoder.decode(detached), decoder.decode(shared), decoder.decode(shared.buffer)]);";
    assert_eq!(evaluate(source), r#"["","hi","hi"]"#);
}

#[test]
fn urls_are_parsed_changed_and_refused() {
    let source = "
        const url = new globals.URL('../x?a=1#h', 'https://host:444/p/q');
        url.searchParams.append('b', 'c d');
        url.port = '443';
        url.port = 'bogus';
        let code;
        try { new globals.URL('no url'); } catch (error) { code = `${error.name} ${error.code}`; }
        globals.result = `${url} ${url.origin} ${globals.URL.canParse('no url')} ${code}`;";
    let expected = "https://host/x?a=1&b=c+d#h https://host false TypeError ERR_INVALID_URL";
    assert_eq!(evaluate(source), expected);
}

#[test]
fn values_of_the_other_context_are_shown_for_what_they_are() {
    let source = "
        const made = sandbox.Function(`return [
          new Map([[1, { a: [] }]]), new Set(['x']), /y/g, new Date(0), Object(1n), () => 1, Promise.resolve(4),
          Promise.reject(5), new Uint8Array(2), new ArrayBuffer(1), new WeakMap(), new Proxy({}, {
            get() { throw new Error('trap'); }, ownKeys() { throw new Error('trap'); },
            getPrototypeOf() { throw new Error('trap'); },
          }),
        ]`)();
        globals.result = made.map((value) => globals.inspect(value)).join('|');";
    let expected = "Map(1) { 1 => { a: [] } }|Set(1) { 'x' }|/y/g|1970-01-01T00:00:00.000Z|[BigInt: 1n]|\
                    [Function (anonymous)]|Promise { 4 }|Promise { <rejected> 5 }|Uint8Array(2) [ 0, 0 ]|\
                    ArrayBuffer { [Uint8Contents]: <00>, byteLength: 1 }|WeakMap { <items unknown> }|[Proxy]";
    assert_eq!(evaluate(source), expected);
}

#[test]
fn an_error_of_the_other_context_is_shown_with_its_stack() {
    let source = "
        const error = sandbox.Function(`return Object.assign(new RangeError('far'), { code: 3 })`)();
        const text = globals.inspect(error);
        globals.result = [/^RangeError: far\\n +at /.test(text), text.endsWith('{\\n  code: 3\\n}')].join(' ');";
    assert_eq!(evaluate(source), "true true");
}

#[test]
fn the_console_prints_through_the_sink_and_is_silent_on_replay() {
    let source = "
        const info = { workflowType: 'w', workflowId: 'id', unsafe: { isReplayingHistoryEvents: false } };
        const console = globals.makeConsole(() => ({ info }));
        console.warn('n is %d', 3, { a: 1 });
        info.unsafe.isReplayingHistoryEvents = true;
        console.log('silent');
        globals.makeConsole(() => undefined).error();";
    LINES.with_borrow_mut(Vec::clear);
    evaluate(source);
    let lines = LINES.with_borrow_mut(std::mem::take);
    assert_eq!(
        lines,
        [
            "warn [w(id)] n is 3 { a: 1 }",
            "error [not in workflow context]"
        ]
    );
}

#[test]
fn an_assertion_of_the_other_context_tells_what_differs() {
    let source = "
        sandbox.assert = globals.assert;
        const run = (body) => sandbox.Function(body)();
        run('assert.deepStrictEqual(new Map([[1, { a: [1] }]]), new Map([[1, { a: [1] }]]))');
        run('assert.throws(() => { throw new TypeError(`no`) }, TypeError)');
        try { run('assert.strictEqual(1, 2)'); } catch (error) {
          globals.result = `${error.code} ${error.message} ${error.stack.startsWith('AssertionError [ERR_ASSERTION]: ')}`;
        }";
    assert_eq!(
        evaluate(source),
        "ERR_ASSERTION Expected values to be strictly equal:\n\n1 !== 2\n true"
    );
}

#[test]
fn a_throwing_listener_becomes_an_unhandled_rejection() {
    let source = "
        const controller = new globals.AbortController();
        const seen = [];
        controller.signal.addEventListener('abort', () => { throw new Error('listener'); });
        controller.signal.addEventListener('abort', ({ type }) => seen.push(type));
        controller.abort();
        const { name, code } = controller.signal.reason;
        globals.result = [seen, name, code].join(' ');";
    UNHANDLED.with_borrow_mut(Vec::clear);
    assert_eq!(evaluate(source), "abort AbortError 20");
    assert_eq!(
        UNHANDLED.with_borrow_mut(std::mem::take),
        ["Error: listener"]
    );
}
