//! Finds the source map comment at the end of a bundle and decodes it.

use std::ops::Range;

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use memchr::{memchr2, memmem};

use crate::error::{MapDefect, MissingMap};

/// The line break belongs to the mark: inside a script the same text also occurs in strings that
/// build such comments.
const COMMENT: &[u8] = b"\n//# sourceMappingURL=";
/// The same comment inside a string for `eval()`, where its line break is an escape sequence.
const EVAL_COMMENT: &[u8] = b"\\n//# sourceMappingURL=data:";

/// As lenient about padding as `Buffer.from(text, 'base64')`, with which Node reads this.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Where the comment stands, as byte ranges of the bundle's text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct InlineMap {
    /// The comment without the line breaks around it.
    pub comment: Range<usize>,
    /// Its data URL.
    pub url: Range<usize>,
}

/// Finds the last source map comment that stands on its own line.
pub(crate) fn find(text: &str) -> Result<InlineMap, MissingMap> {
    let bytes = text.as_bytes();
    let Some(found) = memmem::rfind(bytes, COMMENT) else {
        return Err(without_comment(bytes));
    };
    let start = found + COMMENT.len();
    let end = memchr2(b'\n', b'\r', &bytes[start..]).map_or(bytes.len(), |length| start + length);
    if !bytes[start..end].starts_with(b"data:") {
        let url: String = text[start..end].chars().take(100).collect();
        return Err(MissingMap::External(url));
    }
    Ok(InlineMap {
        comment: found + 1..end,
        url: start..end,
    })
}

fn without_comment(bytes: &[u8]) -> MissingMap {
    match memmem::find(bytes, EVAL_COMMENT) {
        Some(_) => MissingMap::Eval,
        None => MissingMap::NoComment,
    }
}

/// Takes the comment out of `text`. What stands around it stays, so no line number changes.
pub(crate) fn strip(mut text: String, comment: Range<usize>) -> String {
    let rest = text[comment.end..].to_owned();
    text.truncate(comment.start);
    text.push_str(&rest);
    text
}

/// Decodes the data URL of a source map to its JSON text.
pub(crate) fn decode(url: &str) -> Result<Vec<u8>, MapDefect> {
    let bytes = url.as_bytes();
    // The head of a data URL is short; without this bound a broken one would be searched through
    // its whole payload.
    let head = &bytes[..bytes.len().min(200)];
    let at = memmem::find(head, b"base64,").ok_or(MapDefect::NotBase64)?;
    let payload = bytes[at + b"base64,".len()..].trim_ascii();
    BASE64
        .decode(payload)
        .map_err(|error| MapDefect::Base64(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str = "//# sourceMappingURL=data:application/json;charset=utf-8;base64,";

    #[test]
    fn the_comment_goes_and_the_lines_stay() {
        let text = format!("a\nb\n{MAP}e30=\n// tail\n");
        let found = find(&text).unwrap();
        assert_eq!(decode(&text[found.url.clone()]).unwrap(), b"{}");
        assert_eq!(strip(text, found.comment), "a\nb\n\n// tail\n");
    }

    #[test]
    fn a_comment_at_the_very_end_and_missing_padding_are_accepted() {
        let text = format!("a\n{MAP}e30");
        let found = find(&text).unwrap();
        assert_eq!(decode(&text[found.url.clone()]).unwrap(), b"{}");
        assert_eq!(strip(text, found.comment), "a\n");
    }

    #[test]
    fn a_string_that_builds_such_a_comment_is_not_one() {
        let text = format!("var s = '{MAP}' + btoa(map);\n");
        assert_eq!(find(&text), Err(MissingMap::NoComment));
    }

    #[test]
    fn maps_elsewhere_are_told_apart() {
        let external = find("a\n//# sourceMappingURL=main.js.map\n");
        assert_eq!(external, Err(MissingMap::External("main.js.map".into())));
        let eval = find("eval(\"x\\n//# sourceMappingURL=data:application/json;base64,e30=\")");
        assert_eq!(eval, Err(MissingMap::Eval));
    }

    #[test]
    fn broken_data_urls_are_defects() {
        assert_eq!(
            decode("data:application/json,%7B%7D"),
            Err(MapDefect::NotBase64)
        );
        assert!(matches!(
            decode("data:application/json;base64,e3*0"),
            Err(MapDefect::Base64(_))
        ));
    }
}
