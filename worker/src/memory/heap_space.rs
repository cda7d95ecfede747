//! One of the spaces that V8 divides a heap into.

/// What V8 says of one space, in bytes (`v8::HeapSpaceStatistics`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeapSpace {
    /// V8's name of it, such as `old_space`.
    pub name: &'static str,
    /// Objects in it, garbage included.
    pub used_bytes: u64,
    /// Committed pages.
    pub size_bytes: u64,
    /// What it could take without more pages.
    pub available_bytes: u64,
    /// Resident pages.
    pub physical_bytes: u64,
}

impl HeapSpace {
    /// Whether it holds machine code.
    #[must_use]
    pub fn holds_code(&self) -> bool {
        matches!(self.name, "code_space" | "code_large_object_space")
    }

    /// Whether it holds bytecode and the other objects that V8 trusts.
    #[must_use]
    pub fn holds_bytecode(&self) -> bool {
        matches!(self.name, "trusted_space" | "trusted_large_object_space")
    }

    /// Whether each object in it has pages for itself.
    #[must_use]
    pub fn holds_large_objects(&self) -> bool {
        self.name.ends_with("large_object_space")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space(name: &'static str) -> HeapSpace {
        HeapSpace {
            name,
            used_bytes: 1,
            size_bytes: 4,
            available_bytes: 2,
            physical_bytes: 3,
        }
    }

    #[test]
    fn the_name_tells_what_is_in_it() {
        let tell = |name| {
            let space = space(name);
            let holds_large = space.holds_large_objects();
            (space.holds_code(), space.holds_bytecode(), holds_large)
        };
        assert_eq!(tell("old_space"), (false, false, false));
        assert_eq!(tell("new_large_object_space"), (false, false, true));
        assert_eq!(tell("code_space"), (true, false, false));
        assert_eq!(tell("code_large_object_space"), (true, false, true));
        assert_eq!(tell("trusted_large_object_space"), (false, true, true));
    }
}
