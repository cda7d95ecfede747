//! Which objects a walk has seen: one bit for each possible start of an object, in pages that come as they are needed.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Objects start at multiples of this.
const OBJECT_ALIGN_BYTES: usize = 8;
/// The size of V8's regular pages; any other would do.
const PAGE_BITS: usize = 18;
const WORDS: usize = (1 << PAGE_BITS) / OBJECT_ALIGN_BYTES / 64;

type Page = [u64; WORDS];

/// A set of object addresses; costs an eighth of a word for each word of the heap pages that were seen.
#[derive(Default)]
pub(in crate::engine) struct Marks {
    index: HashMap<usize, usize, BuildHasherDefault<PageHasher>>,
    pages: Vec<Box<Page>>,
    /// The page asked for last, and its place.
    last: Option<(usize, usize)>,
}

impl Marks {
    /// Adds an address; false if it was there.
    pub(in crate::engine) fn mark(&mut self, address: usize) -> bool {
        let place = self.place(address >> PAGE_BITS);
        let object = (address & ((1 << PAGE_BITS) - 1)) / OBJECT_ALIGN_BYTES;
        let word = &mut self.pages[place][object / 64];
        let bit = 1 << (object % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// Bytes that the set itself takes.
    #[cfg(test)]
    pub(in crate::engine) fn own_bytes(&self) -> usize {
        self.pages.len() * size_of::<Page>()
    }

    fn place(&mut self, page: usize) -> usize {
        match self.last {
            Some((last, place)) if last == page => place,
            _ => {
                let pages = &mut self.pages;
                let place = *self.index.entry(page).or_insert_with(|| {
                    pages.push(Box::new([0; WORDS]));
                    pages.len() - 1
                });
                self.last = Some((page, place));
                place
            }
        }
    }
}

/// Page numbers are spread well enough by one multiplication (Fibonacci hashing).
#[derive(Default)]
struct PageHasher(u64);

impl Hasher for PageHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize(usize::from(*byte));
        }
    }

    fn write_usize(&mut self, number: usize) {
        self.0 = (self.0 ^ number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_new_once() {
        let mut marks = Marks::default();
        let addresses = [0x10_0000, 0x10_0008, 0x14_0000, 0x7fff_ffff_fff8];
        assert!(addresses.iter().all(|address| marks.mark(*address)));
        assert!(!addresses.iter().any(|address| marks.mark(*address)));
        assert!(marks.mark(0x10_0010), "its neighbours are marked");
    }

    #[test]
    fn a_page_costs_a_sixty_fourth_of_what_it_covers() {
        let mut marks = Marks::default();
        for address in (0..1 << PAGE_BITS).step_by(OBJECT_ALIGN_BYTES) {
            marks.mark(0x4000_0000 + address);
        }
        assert_eq!(marks.own_bytes(), (1 << PAGE_BITS) / 64);
    }
}
