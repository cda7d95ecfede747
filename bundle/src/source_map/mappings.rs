//! The `mappings` of a source map, kept as text and decoded from the nearest checkpoint at each
//! look-up.
//!
//! Decoded, the mappings of a 12 MB bundle would hold about ten times their text. Errors are rare,
//! so a look-up decodes about [`CHECKPOINT_BYTES`] of text instead. Format: ECMA-426, "mappings".

use super::vlq;
use crate::error::MapDefect;

/// Text between two checkpoints. A checkpoint takes 36 bytes, so this costs under 4 percent of the
/// text.
const CHECKPOINT_BYTES: usize = 1024;

/// The mappings of one source map. Lines and columns are zero-based, columns count UTF-16 units.
#[derive(Debug)]
pub(super) struct Mappings {
    text: Box<str>,
    checkpoints: Box<[Checkpoint]>,
    /// Whether the columns within each line only grow, as every known generator writes them.
    sorted: bool,
}

/// A place in the original sources; `source` and `name` are indices into the lists of the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Original {
    pub source: u32,
    pub line: u32,
    pub column: u32,
    pub name: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Segment {
    line: u32,
    column: u32,
    original: Option<Original>,
}

/// The position of a segment and the state of the decoder before it.
#[derive(Debug)]
struct Checkpoint {
    line: u32,
    column: u32,
    decoder: Decoder,
}

/// Each field of a segment is the difference to the same field before; these are the running sums.
#[derive(Debug, Clone, Copy, Default)]
struct Decoder {
    offset: u32,
    line: u32,
    column: u32,
    source: u32,
    original_line: u32,
    original_column: u32,
    name: u32,
}

impl Mappings {
    /// Decodes `text` once to check it and to place the checkpoints.
    pub fn new(text: String) -> Result<Self, MapDefect> {
        if u32::try_from(text.len()).is_err() {
            return Err(MapDefect::Mappings {
                offset: 0,
                reason: "longer than 4 GiB",
            });
        }
        let mut decoder = Decoder::default();
        let mut checkpoints: Vec<Checkpoint> = Vec::new();
        let mut sorted = true;
        let mut last = (0, 0);
        loop {
            let before = decoder;
            let Some(segment) = decoder.next(text.as_bytes())? else {
                break;
            };
            let position = (segment.line, segment.column);
            sorted &= position >= last;
            last = position;
            let due = checkpoints
                .last()
                .map_or(0, |c| c.decoder.offset as usize + CHECKPOINT_BYTES);
            if before.offset as usize >= due {
                checkpoints.push(Checkpoint {
                    line: segment.line,
                    column: segment.column,
                    decoder: before,
                });
            }
        }
        Ok(Self {
            text: text.into_boxed_str(),
            checkpoints: checkpoints.into_boxed_slice(),
            sorted,
        })
    }

    /// The last segment of `line` that begins at or before `column`, as `originalPositionFor` of
    /// npm `source-map` answers with its default bias. (Asked for a place where several segments
    /// begin, that package returns whichever its binary search meets first; this returns the last
    /// one.)
    pub fn lookup(&self, line: u32, column: u32) -> Option<Original> {
        let mut decoder = self.start(line, column)?;
        let mut best: Option<Segment> = None;
        // An error cannot come: `new` decoded the whole text.
        while let Ok(Some(segment)) = decoder.next(self.text.as_bytes()) {
            if segment.line > line
                || (self.sorted && segment.line == line && segment.column > column)
            {
                break;
            }
            let closer = best.is_none_or(|best| segment.column >= best.column);
            if segment.line == line && segment.column <= column && closer {
                best = Some(segment);
            }
        }
        best?.original
    }

    /// The same by looking at every segment.
    #[cfg(any(test, feature = "fuzzing"))]
    pub fn lookup_in_all(&self, line: u32, column: u32) -> Option<Original> {
        let mut decoder = Decoder::default();
        let mut best: Option<Segment> = None;
        while let Ok(Some(segment)) = decoder.next(self.text.as_bytes()) {
            let closer = best.is_none_or(|best| segment.column >= best.column);
            if segment.line == line && segment.column <= column && closer {
                best = Some(segment);
            }
        }
        best?.original
    }

    /// The decoder at the last checkpoint from which the wanted segment can still come.
    fn start(&self, line: u32, column: u32) -> Option<Decoder> {
        let after = if self.sorted {
            self.checkpoints
                .partition_point(|c| (c.line, c.column) <= (line, column))
        } else {
            self.checkpoints.partition_point(|c| c.line < line).max(1)
        };
        Some(self.checkpoints.get(after.checked_sub(1)?)?.decoder)
    }

    pub fn held_bytes(&self) -> usize {
        self.text.len() + size_of_val(&*self.checkpoints)
    }
}

impl Decoder {
    /// Decodes up to and including the next segment; `None` at the end of `text`.
    fn next(&mut self, text: &[u8]) -> Result<Option<Segment>, MapDefect> {
        while let Some(byte) = text.get(self.offset as usize) {
            match byte {
                b';' => {
                    self.line = self
                        .line
                        .checked_add(1)
                        .ok_or(self.broken("too many lines"))?;
                    self.column = 0;
                    self.offset += 1;
                }
                b',' => self.offset += 1,
                _ => return self.segment(text).map(Some),
            }
        }
        Ok(None)
    }

    /// A segment has one field (nothing original), four, or five (with a name).
    fn segment(&mut self, text: &[u8]) -> Result<Segment, MapDefect> {
        self.column = self.field(text, self.column)?;
        let mut original = None;
        if self.more(text) {
            self.source = self.field(text, self.source)?;
            self.original_line = self.field(text, self.original_line)?;
            self.original_column = self.field(text, self.original_column)?;
            let mut name = None;
            if self.more(text) {
                self.name = self.field(text, self.name)?;
                name = Some(self.name);
            }
            original = Some(Original {
                source: self.source,
                line: self.original_line,
                column: self.original_column,
                name,
            });
        }
        if self.more(text) {
            return Err(self.broken("a segment of more than five fields"));
        }
        Ok(Segment {
            line: self.line,
            column: self.column,
            original,
        })
    }

    fn more(&self, text: &[u8]) -> bool {
        !matches!(text.get(self.offset as usize), None | Some(b',' | b';'))
    }

    fn field(&mut self, text: &[u8], before: u32) -> Result<u32, MapDefect> {
        let (difference, length) =
            vlq::decode(&text[self.offset as usize..]).map_err(|reason| self.broken(reason))?;
        let sum = u32::try_from(i64::from(before) + difference)
            .map_err(|_| self.broken("a sum outside 0 to 2^32"))?;
        self.offset += length;
        Ok(sum)
    }

    fn broken(&self, reason: &'static str) -> MapDefect {
        MapDefect::Mappings {
            offset: self.offset as usize,
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mappings(text: &str) -> Mappings {
        Mappings::new(text.to_owned()).unwrap()
    }

    fn reason(text: &str) -> &'static str {
        match Mappings::new(text.to_owned()) {
            Err(MapDefect::Mappings { reason, .. }) => reason,
            other => panic!("expected broken mappings, got {other:?}"),
        }
    }

    fn original(line: u32, column: u32) -> Option<Original> {
        Some(Original {
            source: 0,
            line,
            column,
            name: None,
        })
    }

    #[test]
    fn the_greatest_lower_bound_within_the_line_is_taken() {
        // Line 0: columns 0 and 4 (original 0:0 and 0:2). Line 1: nothing. Line 2: column 2
        // (original 1:2).
        let map = mappings("AAAA,IAAE;;EACA");
        assert_eq!(map.lookup(0, 0), original(0, 0));
        assert_eq!(map.lookup(0, 3), original(0, 0));
        assert_eq!(map.lookup(0, 400), original(0, 2));
        assert_eq!(map.lookup(1, 5), None);
        assert_eq!(map.lookup(2, 1), None);
        assert_eq!(map.lookup(2, 2), original(1, 2));
        assert_eq!(map.lookup(3, 0), None);
    }

    #[test]
    fn a_segment_of_one_field_hides_the_one_before() {
        let map = mappings("AAAA,E");
        assert_eq!(map.lookup(0, 1), original(0, 0));
        assert_eq!(map.lookup(0, 2), None);
    }

    #[test]
    fn columns_out_of_order_are_found_all_the_same() {
        // Columns 8 (original 0:1), then 0 (original 0:2).
        let map = mappings("QAAC,RAAC");
        assert!(!map.sorted);
        assert_eq!(map.lookup(0, 3), original(0, 2));
        assert_eq!(map.lookup(0, 9), original(0, 1));
    }

    #[test]
    fn every_checkpoint_answers_like_decoding_from_the_start() {
        // 2,000 segments on each of two lines, every second column.
        let line = vec!["EAAE"; 2_000].join(",");
        let map = mappings(&format!("{line};{line}"));
        assert!(map.checkpoints.len() > 10);
        for index in 0..2_000 {
            let first = 2 * (index + 1);
            assert_eq!(map.lookup(0, first), original(0, first));
            assert_eq!(map.lookup(0, first + 1), original(0, first));
            assert_eq!(map.lookup(1, first + 1), original(0, 4_000 + first));
        }
    }

    #[test]
    fn broken_text_is_refused_with_a_reason() {
        assert_eq!(reason("AAA"), "it ends within a number");
        assert_eq!(reason("A A"), "a character that is not base64");
        assert_eq!(reason("AAAAAA"), "a segment of more than five fields");
        assert_eq!(reason("D"), "a sum outside 0 to 2^32");
        assert_eq!(reason("AAg"), "it ends within a number");
        assert_eq!(reason("ggggggggggggggB"), "a number above 2^32");
    }
}
