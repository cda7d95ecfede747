//! One line of a script with a caret under a column, for syntax errors.

/// Characters shown before and after the column; minified lines can have a million.
const BEFORE: usize = 60;
const AFTER: usize = 40;

/// Renders the given line of `code`, shortened around the column, and a caret under it:
///
/// ```text
///   12 | const a = ;
///      |           ^
/// ```
///
/// `line` and `column` count from 1 as V8 reports them, the column in UTF-16 units. A column beyond
/// the line puts the caret after its end. Empty if `code` has no such line.
pub fn render_excerpt(code: &str, line: u32, column: u32) -> String {
    let Some(text) = line
        .checked_sub(1)
        .and_then(|index| lines(code).nth(index as usize))
    else {
        return String::new();
    };
    let at = byte_of_column(text, column.saturating_sub(1));
    let (before, after) = text.split_at(at);
    let start = before
        .char_indices()
        .rev()
        .nth(BEFORE - 1)
        .map_or(0, |(start, _)| start);
    let end = after
        .char_indices()
        .nth(AFTER)
        .map_or(after.len(), |(end, _)| end);
    let left = if start > 0 { "…" } else { "" };
    let right = if end < after.len() { "…" } else { "" };
    let shown = printable(&format!("{left}{}{right}", &text[start..at + end]));
    let caret_column = left.chars().count() + before[start..].chars().count();
    let number = line.to_string();
    format!(
        "{number:>4} | {shown}\n{:>width$} | {:caret_column$}^",
        "",
        "",
        width = number.len().max(4)
    )
}

/// The lines of a script as V8 counts them: they end at LF, CR LF, CR, U+2028 or U+2029.
fn lines(code: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(code);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(at) = text.find(['\n', '\r', '\u{2028}', '\u{2029}']) else {
            rest = None;
            return Some(text);
        };
        let (line, tail) = text.split_at(at);
        let tail = tail.strip_prefix("\r\n").or_else(|| {
            let mut chars = tail.chars();
            chars.next();
            Some(chars.as_str())
        });
        rest = tail;
        Some(line)
    })
}

/// The byte offset of a column that counts UTF-16 units from 0; the end of the text if it is
/// shorter.
fn byte_of_column(text: &str, column: u32) -> usize {
    let mut units = 0;
    for (at, character) in text.char_indices() {
        units += character.len_utf16();
        if units > column as usize {
            return at;
        }
    }
    text.len()
}

/// Tabs and control characters become one space each, so that the caret stays in place.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caret_target(rendered: &str) -> Option<char> {
        let (text, caret) = rendered.split_once('\n').unwrap();
        let column = caret.chars().position(|c| c == '^').unwrap();
        text.chars().nth(column)
    }

    #[test]
    fn the_caret_stands_under_the_column() {
        assert_eq!(
            render_excerpt("a\nconst a = ;\n", 2, 11),
            "   2 | const a = ;\n     |           ^"
        );
        assert_eq!(render_excerpt("x", 1, 9), "   1 | x\n     |  ^");
    }

    #[test]
    fn columns_count_utf16_units() {
        // The letter before is two UTF-16 units and four bytes.
        assert_eq!(caret_target(&render_excerpt("'𝒳'\t#", 1, 6)), Some('#'));
    }

    #[test]
    fn long_lines_are_shortened_around_the_column() {
        let code = format!("{}#{}", "ä".repeat(5_000), "b".repeat(5_000));
        let rendered = render_excerpt(&code, 1, 5_001);
        assert_eq!(caret_target(&rendered), Some('#'));
        assert!(
            rendered.lines().all(|line| line.chars().count() < 120),
            "{rendered}"
        );
        assert!(
            rendered.contains("| …ä") && rendered.contains("b…"),
            "{rendered}"
        );
    }

    #[test]
    fn lines_end_where_v8_ends_them() {
        let code = "a\r\nb\rc\u{2028}d\u{2029}e\n";
        assert_eq!(
            lines(code).collect::<Vec<_>>(),
            ["a", "b", "c", "d", "e", ""]
        );
    }

    #[test]
    fn a_line_that_does_not_exist_gives_nothing() {
        assert_eq!(
            (render_excerpt("a", 2, 1), render_excerpt("a", 0, 0)),
            (String::new(), String::new())
        );
    }
}
