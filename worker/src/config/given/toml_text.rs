//! TOML with the line of every value.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use crate::config::error::ConfigError;
use crate::config::key::Shape;

/// The line of a byte offset, from 1.
pub(in crate::config) fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}

/// Reads a file as text.
pub(in crate::config) fn read_text(path: &Path, named_by: &str) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|error| ConfigError::File {
        place: named_by.to_owned(),
        problem: format!("cannot read {}: {error}", path.display()),
        remedy: "name a readable text file".to_owned(),
    })
}

/// Every syntax error of a TOML text, each with its line. The parser's own rendering is not used,
/// because it quotes the line, which may hold a secret.
pub(in crate::config) fn syntax_errors(
    path: &Path,
    text: &str,
    errors: &[toml::de::Error],
) -> Vec<ConfigError> {
    errors
        .iter()
        .map(|error| {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            ConfigError::File {
                place: format!("{}:{line}", path.display()),
                problem: format!("this is no TOML: {}", one_line(error.message())),
                remedy: "correct the line".to_owned(),
            }
        })
        .collect()
}

/// The entries of a table in the order of the file: name, line, value.
pub(in crate::config) fn entries<'a, 'i>(
    text: &str,
    table: &'a DeTable<'i>,
) -> Vec<(&'a str, usize, &'a DeValue<'i>)> {
    let mut entries: Vec<_> = table
        .iter()
        .map(|(name, value)| {
            let offset = name.span().start;
            (offset, name.get_ref().as_ref(), value.get_ref())
        })
        .collect();
    entries.sort_by_key(|(offset, ..)| *offset);
    entries
        .into_iter()
        .map(|(offset, name, value)| (name, line_of(text, offset), value))
        .collect()
}

/// A value as text, if it has the shape that its key takes; the strings of an array with commas between them.
pub(in crate::config) fn scalar(value: &DeValue<'_>, shape: Shape) -> Option<String> {
    match (value, shape) {
        (DeValue::String(text), Shape::Text | Shape::Texts | Shape::Bytes) => {
            Some(text.to_string())
        }
        (DeValue::Integer(number), Shape::Integer | Shape::Number | Shape::Bytes)
            if number.radix() == 10 =>
        {
            Some(number.as_str().to_owned())
        }
        (DeValue::Float(number), Shape::Number) => Some(number.as_str().to_owned()),
        (DeValue::Boolean(value), Shape::Boolean) => Some(value.to_string()),
        (DeValue::Array(values), Shape::Texts) => {
            let texts: Option<Vec<String>> = values
                .iter()
                .map(|value| scalar(value.get_ref(), Shape::Text))
                .collect();
            // A comma inside of a string would make two of it.
            let texts = texts.filter(|texts| !texts.iter().any(|text| text.contains(',')))?;
            Some(texts.join(","))
        }
        _ => None,
    }
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_count_from_one() {
        assert_eq!(line_of("a\nb\nc", 0), 1);
        assert_eq!(line_of("a\nb\nc", 2), 2);
        assert_eq!(line_of("a\nb\nc", 99), 3);
    }

    #[test]
    fn entries_come_in_the_order_of_the_file() {
        let text = "z = 1\n\na = 2\n";
        let table = DeTable::parse(text).unwrap();
        let names: Vec<_> = entries(text, table.get_ref())
            .into_iter()
            .map(|(name, line, _)| (name.to_owned(), line))
            .collect();
        assert_eq!(names, [("z".to_owned(), 1), ("a".to_owned(), 3)]);
    }

    #[test]
    fn a_value_must_have_the_shape_of_its_key() {
        let read = |text: &str, shape| {
            let text = format!("k = {text}");
            let table = DeTable::parse(&text).unwrap();
            let value = table.get_ref().iter().next().unwrap().1;
            scalar(value.get_ref(), shape)
        };
        assert_eq!(read("1_000", Shape::Integer).as_deref(), Some("1000"));
        assert_eq!(read("0.5", Shape::Number).as_deref(), Some("0.5"));
        assert_eq!(read("2", Shape::Number).as_deref(), Some("2"));
        assert_eq!(read("true", Shape::Boolean).as_deref(), Some("true"));
        assert_eq!(read("\"1GiB\"", Shape::Bytes).as_deref(), Some("1GiB"));
        assert_eq!(read("\"300\"", Shape::Integer), None);
        assert_eq!(read("0x10", Shape::Integer), None);
        assert_eq!(read("300", Shape::Text), None);
        assert_eq!(read("[\"a\", \"b\"]", Shape::Texts).as_deref(), Some("a,b"));
        assert_eq!(read("\"a,b\"", Shape::Texts).as_deref(), Some("a,b"));
        assert_eq!(read("[]", Shape::Texts).as_deref(), Some(""));
        assert_eq!(read("[\"a,b\"]", Shape::Texts), None);
        assert_eq!(read("[\"a\", 1]", Shape::Texts), None);
        assert_eq!(read("[\"a\"]", Shape::Text), None);
        assert_eq!(read("[1]", Shape::Integer), None);
        assert_eq!(read("\"true\"", Shape::Boolean), None);
    }

    #[test]
    fn a_syntax_error_does_not_quote_the_line() {
        let text = "a = 1\napi-key = \"hush\" \"hush\"\n";
        let (_, errors) = DeTable::parse_recoverable(text);
        let errors = syntax_errors(Path::new("b.toml"), text, &errors);
        assert!(
            errors[0].to_string().starts_with("b.toml:2: "),
            "{errors:?}"
        );
        assert!(!format!("{errors:?}").contains("hush"));
    }
}
