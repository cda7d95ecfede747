//! One client setting from all its sources.

use super::profile::LoadedProfile;
use crate::config::environment::Environment;
use crate::config::findings::{Findings, Taken};
use crate::config::given::{Entry, Given};
use crate::config::key::Element;

/// Everything that client settings are read from.
pub(super) struct Reader<'a> {
    pub(super) given: &'a Given,
    pub(super) environment: &'a Environment,
    /// Nothing where the profile could not be loaded.
    pub(super) profile: Option<&'a LoadedProfile>,
}

impl Reader<'_> {
    /// Flag, variable, `burdock.toml`, then what the loader found in `temporal.toml` under
    /// `file_key`.
    pub(super) fn take<E: Element>(
        &self,
        file_key: &str,
        loaded: Option<&str>,
        findings: &mut Findings,
    ) -> Taken<E::Value> {
        // Where there is a variable, the loader's value is that variable's, which has its place
        // in line already.
        let is_from_variable = self.given.layers[1].contains_key(E::KEY.name);
        let last = loaded
            .filter(|_| !is_from_variable)
            .zip(self.profile.and_then(|profile| profile.source(file_key)))
            .map(|(text, source)| Entry {
                text: text.to_owned(),
                source,
            });
        findings.take_or::<E>(self.given, last.as_ref())
    }
}
