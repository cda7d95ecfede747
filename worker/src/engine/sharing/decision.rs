//! What was decided for the modules of a bundle, for the log.

use parking_lot::Mutex;

/// What was decided for the modules of a bundle.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) off: Option<String>,
    pub(super) shared: u32,
    pub(super) objects: u32,
    /// [module, reason, ...].
    pub(super) per_run: Vec<String>,
}

impl Decision {
    /// All isolates decide alike, so the log is told once.
    pub(super) fn log(self) {
        static LAST: Mutex<Option<Decision>> = Mutex::new(None);
        let mut last = LAST.lock();
        if last.as_ref() == Some(&self) {
            return;
        }
        for module in self.per_run.chunks_exact(2) {
            tracing::debug!(
                module = module[0],
                reason = module[1],
                "module is evaluated per run"
            );
        }
        match &self.off {
            Some(reason) => tracing::warn!(reason, "modules are not shared between runs"),
            None => tracing::info!(
                shared = self.shared,
                per_run = self.per_run.len() / 2,
                objects = self.objects,
                "modules are shared between runs"
            ),
        }
        *last = Some(self);
    }
}
