//! A lead made up from its id, the same one whenever it is asked for.

use serde::{Deserialize, Serialize};

const FIRST_NAMES: [&str; 8] = [
    "Ada", "Bela", "Carla", "Dimitri", "Elif", "Femi", "Grete", "Hana",
];
const LAST_NAMES: [&str; 8] = [
    "Abel", "Brandt", "Costa", "Dvorak", "Ekman", "Ferrari", "Gruber", "Horvat",
];

/// The campaign that every lead starts in.
const CAMPAIGN: &str = "introduction";

/// Somebody to talk to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lead {
    /// Chosen by the caller.
    pub lead_id: String,
    /// First and last name.
    pub name: String,
    /// In a domain that no mail reaches (RFC 2606).
    pub email: String,
    /// A number reserved for fiction (555-0100 to 555-0199).
    pub phone: String,
    /// The campaign that the lead belongs to.
    pub campaign: String,
}

/// The lead that belongs to an id.
pub(super) fn derived(lead_id: &str) -> Lead {
    let hash = fnv1a(lead_id.as_bytes());
    let first = pick(&FIRST_NAMES, hash);
    let last = pick(&LAST_NAMES, hash >> 16);
    Lead {
        lead_id: lead_id.to_owned(),
        name: format!("{first} {last}"),
        email: format!(
            "{}.{}.{hash:016x}@example.com",
            first.to_lowercase(),
            last.to_lowercase()
        ),
        phone: format!("+1-202-555-01{:02}", (hash >> 32) % 100),
        campaign: CAMPAIGN.to_owned(),
    }
}

fn pick(names: &[&'static str; 8], bits: u64) -> &'static str {
    names[(bits % 8) as usize]
}

/// 64-bit FNV-1a. The standard library's hasher may change between releases; leads must not.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv1a() {
        // Vectors of the FNV reference page.
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn a_lead_depends_on_its_id_alone() {
        let lead = derived("lead-1");
        assert_eq!(lead, derived("lead-1"));
        assert_ne!(lead.email, derived("lead-2").email);
        assert!(lead.email.ends_with("@example.com"), "{lead:?}");
        assert_eq!(lead.campaign, "introduction");
        assert_eq!(lead.phone.len(), "+1-202-555-0100".len());
    }
}
