//! `urlParse` and `urlSet`: the WHATWG URL parser and its setters.

use deno_core::v8;
use url::{Url, quirks};

/// href, protocol, username, password, host, hostname, port, pathname, search, hash, origin: the order that
/// `js/globals/url.js` expects.
const PARTS: usize = 11;

/// `(href, base | undefined) => parts | null`
pub(super) fn parse(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    let input = arguments.get(0).to_rust_string_lossy(scope);
    let base = arguments.get(1);
    let base = (!base.is_undefined()).then(|| base.to_rust_string_lossy(scope));
    match parse_url(&input, base.as_deref()) {
        Some(url) => return_parts(scope, &mut result, &url),
        None => result.set_null(),
    }
}

/// `(href, part, value) => parts | null`; null: the value is not valid for this part, or there is no such part.
pub(super) fn set(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    let href = arguments.get(0).to_rust_string_lossy(scope);
    let part = arguments.get(1).to_rust_string_lossy(scope);
    let value = arguments.get(2).to_rust_string_lossy(scope);
    match parse_url(&href, None).and_then(|url| with_part(url, &part, &value)) {
        Some(url) => return_parts(scope, &mut result, &url),
        None => result.set_null(),
    }
}

fn parse_url(input: &str, base: Option<&str>) -> Option<Url> {
    let base = match base {
        Some(base) => Some(Url::parse(base).ok()?),
        None => None,
    };
    Url::options().base_url(base.as_ref()).parse(input).ok()
}

fn with_part(mut url: Url, part: &str, value: &str) -> Option<Url> {
    match part {
        "href" => quirks::set_href(&mut url, value).ok()?,
        "protocol" => quirks::set_protocol(&mut url, value).ok()?,
        "username" => quirks::set_username(&mut url, value).ok()?,
        "password" => quirks::set_password(&mut url, value).ok()?,
        "host" => quirks::set_host(&mut url, value).ok()?,
        "hostname" => quirks::set_hostname(&mut url, value).ok()?,
        "port" => quirks::set_port(&mut url, value).ok()?,
        "pathname" => quirks::set_pathname(&mut url, value),
        "search" => quirks::set_search(&mut url, value),
        "hash" => quirks::set_hash(&mut url, value),
        _ => return None,
    }
    Some(url)
}

fn parts(url: &Url) -> [String; PARTS] {
    [
        quirks::href(url).to_owned(),
        quirks::protocol(url).to_owned(),
        quirks::username(url).to_owned(),
        quirks::password(url).to_owned(),
        quirks::host(url).to_owned(),
        quirks::hostname(url).to_owned(),
        quirks::port(url).to_owned(),
        quirks::pathname(url).to_owned(),
        quirks::search(url).to_owned(),
        quirks::hash(url).to_owned(),
        quirks::origin(url),
    ]
}

/// Null also if a part is longer than V8 allows a string to be.
fn return_parts(
    scope: &mut v8::PinScope<'_, '_>,
    result: &mut v8::ReturnValue<'_, v8::Value>,
    url: &Url,
) {
    let values: Option<Vec<v8::Local<v8::Value>>> = parts(url)
        .iter()
        .map(|part| v8::String::new(scope, part).map(Into::into))
        .collect();
    match values {
        Some(values) => result.set(v8::Array::new_with_elements(scope, &values).into()),
        None => result.set_null(),
    }
}

#[cfg(test)]
mod tests {
    use super::{parse_url, parts, with_part};

    fn set(href: &str, part: &str, value: &str) -> Option<String> {
        with_part(parse_url(href, None)?, part, value).map(|url| url.to_string())
    }

    #[test]
    fn parts_are_in_the_order_that_the_script_expects() {
        let url = parse_url("https://user:pass@example.com:8080/path?query#hash", None)
            .map(|url| parts(&url));
        let expected = [
            "https://user:pass@example.com:8080/path?query#hash",
            "https:",
            "user",
            "pass",
            "example.com:8080",
            "example.com",
            "8080",
            "/path",
            "?query",
            "#hash",
            "https://example.com:8080",
        ];
        assert_eq!(url, Some(expected.map(str::to_owned)));
    }

    #[test]
    fn a_base_resolves_a_relative_reference_and_must_itself_be_valid() {
        let resolved = parse_url("../c", Some("http://host/a/b/")).map(|url| url.to_string());
        assert_eq!(resolved.as_deref(), Some("http://host/a/c"));
        assert!(parse_url("http://valid/", Some("no base")).is_none());
        assert!(parse_url("relative", None).is_none());
    }

    #[test]
    fn each_part_can_be_set() {
        let href = "http://host/path";
        let cases = [
            ("href", "ftp://other/", "ftp://other/"),
            ("protocol", "https", "https://host/path"),
            ("username", "me", "http://me@host/path"),
            ("password", "secret", "http://:secret@host/path"),
            ("host", "other:81", "http://other:81/path"),
            ("hostname", "other", "http://other/path"),
            ("port", "81", "http://host:81/path"),
            ("pathname", "/a b", "http://host/a%20b"),
            ("search", "?x=y", "http://host/path?x=y"),
            ("hash", "part", "http://host/path#part"),
        ];
        for (part, value, expected) in cases {
            assert_eq!(set(href, part, value).as_deref(), Some(expected), "{part}");
        }
    }

    #[test]
    fn what_the_standard_refuses_is_refused() {
        assert_eq!(set("http://host/", "href", "not a url"), None);
        assert_eq!(set("http://host/", "origin", "http://other"), None);
        assert_eq!(set("mailto:me@host", "port", "81"), None);
        assert_eq!(set("http://host/", "protocol", "mailto"), None);
    }
}
