//! The isolate threads of a worker: those that are always there, and the one for runs that are kept apart, which comes up
//! when it is needed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::RwLock;
use tokio::sync::{Mutex, oneshot};

use super::isolate_thread::IsolateThread;
use super::placement::ThreadIndex;
use super::pool::HostingError;
use crate::engine::{EngineError, IsolateSettings};

/// Isolates that may be lost and made anew in a worker's life. Each leaves its memory behind; more than these say that the
/// process should be replaced as a whole.
const REBUILDS_MAX: u64 = 8;

/// What a new thread tells when its bundle is loaded, or why it cannot be.
pub(super) type Loading = oneshot::Receiver<Result<(), EngineError>>;

pub(super) struct Threads {
    always: Vec<RwLock<Arc<IsolateThread>>>,
    apart: RwLock<Option<Arc<IsolateThread>>>,
    /// Held while the one apart comes up.
    opening: Mutex<()>,
    settings: IsolateSettings,
    mailbox_capacity: usize,
    rebuilds: AtomicU64,
}

/// What became of the place of a lost thread.
pub(super) enum Replaced {
    /// This caller was the first to notice. The new thread, where there is one, tells when its bundle is loaded.
    Now(Option<Loading>),
    /// Somebody else was here before.
    Before,
}

impl Threads {
    /// Starts `isolates` threads, which load the bundle side by side.
    pub(super) async fn start(
        isolates: usize,
        mailbox_capacity: usize,
        settings: &IsolateSettings,
    ) -> Result<Self, HostingError> {
        let mut always = Vec::with_capacity(isolates);
        let mut loading = Vec::with_capacity(isolates);
        for index in 0..isolates {
            let (thread, loaded) = spawn(index, settings, mailbox_capacity)?;
            always.push(RwLock::new(Arc::new(thread)));
            loading.push(loaded);
        }
        for (index, loaded) in loading.into_iter().enumerate() {
            wait_for(index, loaded).await?;
        }
        Ok(Self {
            always,
            apart: RwLock::default(),
            opening: Mutex::default(),
            settings: settings.clone(),
            mailbox_capacity,
            rebuilds: AtomicU64::new(0),
        })
    }

    /// Number of the thread for runs that are kept apart: one more than the others have.
    pub(super) fn apart(&self) -> ThreadIndex {
        self.always.len()
    }

    /// All threads there are, that for runs that are kept apart last.
    pub(super) fn all(&self) -> Vec<Arc<IsolateThread>> {
        let always = self.always.iter();
        always
            .map(|thread| Arc::clone(&thread.read()))
            .chain(self.apart.read().clone())
            .collect()
    }

    /// One of them, if it is there.
    pub(super) fn get(&self, index: ThreadIndex) -> Option<Arc<IsolateThread>> {
        match self.always.get(index) {
            Some(thread) => Some(Arc::clone(&thread.read())),
            None => self.apart.read().clone(),
        }
    }

    /// Has the thread for runs that are kept apart come up, if it is not there.
    pub(super) async fn open_apart(&self) -> Result<(), HostingError> {
        let _opening = self.opening.lock().await;
        if self.apart.read().is_some() {
            return Ok(());
        }
        let index = self.apart();
        let (thread, loaded) = spawn(index, &self.settings, self.mailbox_capacity)?;
        wait_for(index, loaded).await?;
        *self.apart.write() = Some(Arc::new(thread));
        Ok(())
    }

    /// Ends that thread after what is in its mailbox. Whether there was one.
    pub(super) fn close_apart(&self) -> bool {
        self.apart.write().take().is_some()
    }

    /// Puts a new thread in the place of `lost`; that of the one apart stays empty until it is needed again.
    pub(super) fn replace(
        &self,
        index: ThreadIndex,
        lost: &Arc<IsolateThread>,
    ) -> Result<Replaced, HostingError> {
        let Some(place) = self.always.get(index) else {
            return self.give_up_apart(lost);
        };
        let mut place = place.write();
        if !Arc::ptr_eq(&place, lost) {
            return Ok(Replaced::Before);
        }
        self.count_rebuild(index)?;
        let (thread, loaded) = spawn(index, &self.settings, self.mailbox_capacity)?;
        *place = Arc::new(thread);
        Ok(Replaced::Now(Some(loaded)))
    }

    fn give_up_apart(&self, lost: &Arc<IsolateThread>) -> Result<Replaced, HostingError> {
        let mut apart = self.apart.write();
        if !apart.as_ref().is_some_and(|there| Arc::ptr_eq(there, lost)) {
            return Ok(Replaced::Before);
        }
        self.count_rebuild(self.apart())?;
        *apart = None;
        Ok(Replaced::Now(None))
    }

    fn count_rebuild(&self, index: ThreadIndex) -> Result<(), HostingError> {
        if self.rebuilds.fetch_add(1, Ordering::Relaxed) >= REBUILDS_MAX {
            return Err(HostingError::Ended(index));
        }
        Ok(())
    }

    /// Isolates that were lost.
    pub(super) fn rebuilds(&self) -> u64 {
        self.rebuilds.load(Ordering::Relaxed)
    }

    /// Ends the threads after what is in their mailboxes. Blocks until then.
    pub(super) fn shut_down(self) {
        let always = self.always.into_iter().map(RwLock::into_inner);
        for thread in always.chain(self.apart.into_inner()) {
            if let Some(thread) = Arc::into_inner(thread) {
                thread.join();
            }
        }
    }
}

fn spawn(
    index: ThreadIndex,
    settings: &IsolateSettings,
    mailbox_capacity: usize,
) -> std::io::Result<(IsolateThread, Loading)> {
    let (sender, loaded) = oneshot::channel();
    let thread = IsolateThread::spawn(index, settings.clone(), mailbox_capacity, sender)?;
    Ok((thread, loaded))
}

/// Waits until the bundle of a new thread is loaded.
pub(super) async fn wait_for(index: ThreadIndex, loaded: Loading) -> Result<(), HostingError> {
    Ok(loaded.await.map_err(|_| HostingError::Ended(index))??)
}
