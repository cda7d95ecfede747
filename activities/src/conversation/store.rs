//! The store itself: one SQLite connection, one call at a time.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::lead::{self, Lead};
use super::outcome::{CallOutcome, Sentiment, call_outcome, sentiment};
use super::schema;
use super::step::Step;

/// How long a call waits for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the store did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be opened or is no store: choose another path.
    #[error("cannot open the conversation store {}: {source}; check the path and its permissions", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The file was written by another version of this crate: use that version or a new file.
    #[error("the conversation store {} has schema version {found}, this worker reads {}; use another file", path.display(), schema::VERSION)]
    SchemaVersion {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
    },
    /// No lead of that id: call `loadLead` first.
    #[error("no lead {lead_id:?} in the store; loadLead creates it")]
    UnknownLead {
        /// The id asked for.
        lead_id: String,
    },
    /// The lead never got a message of that id.
    #[error(
        "lead {lead_id:?} has no message {message_id:?}; use the messageId that sendEmail returned"
    )]
    UnknownMessage {
        /// The lead.
        lead_id: String,
        /// The id asked for.
        message_id: String,
    },
    /// SQLite failed, for example for want of disk space: another attempt may work.
    #[error("the conversation store failed: {0}")]
    Sql(#[from] rusqlite::Error),
    /// The runtime is going down.
    #[error("the conversation store was interrupted: {0}")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// How much the store holds for one lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadHistory {
    /// Messages sent.
    pub messages: u64,
    /// Replies recorded.
    pub replies: u64,
    /// Calls placed.
    pub calls: u64,
}

/// Leads, messages, replies and calls in one SQLite file. Cloning shares the connection.
#[derive(Debug, Clone)]
pub struct ConversationStore {
    // An async lock: callers wait as tasks, so that one blocking thread is enough for all.
    connection: Arc<Mutex<Connection>>,
}

impl ConversationStore {
    /// Opens a file, and makes it if it does not exist.
    ///
    /// # Errors
    /// [`StoreError::Open`] and [`StoreError::SchemaVersion`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        Self::prepared(path, Connection::open(path))
    }

    /// A store that is gone with its last handle.
    ///
    /// # Errors
    /// Not expected.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::prepared(Path::new(":memory:"), Connection::open_in_memory())
    }

    fn prepared(path: &Path, opened: rusqlite::Result<Connection>) -> Result<Self, StoreError> {
        let open_error = |source| StoreError::Open {
            path: path.to_owned(),
            source,
        };
        let mut connection = opened.map_err(open_error)?;
        let found = prepare(&mut connection).map_err(open_error)?;
        if found != schema::VERSION {
            return Err(StoreError::SchemaVersion {
                path: path.to_owned(),
                found,
            });
        }
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
        })
    }

    /// The lead of that id, made up from the id if there is none.
    ///
    /// # Errors
    /// [`StoreError::Sql`].
    pub async fn load_lead(&self, lead_id: String) -> Result<Lead, StoreError> {
        self.write(move |tx| load_lead(tx, &lead_id)).await
    }

    /// Sends a message for a step, once. Returns the message's id.
    ///
    /// # Errors
    /// [`StoreError::UnknownLead`] and [`StoreError::Sql`].
    pub async fn send_email(
        &self,
        lead_id: String,
        step: Step,
        subject: String,
        body: String,
    ) -> Result<String, StoreError> {
        self.write(move |tx| send_email(tx, &lead_id, &step, &subject, &body))
            .await
    }

    /// Records a reply to a message, once. Returns the reply's id and tone.
    ///
    /// # Errors
    /// [`StoreError::UnknownLead`], [`StoreError::UnknownMessage`] and [`StoreError::Sql`].
    pub async fn record_reply(
        &self,
        lead_id: String,
        message_id: String,
        text: String,
    ) -> Result<(String, Sentiment), StoreError> {
        self.write(move |tx| record_reply(tx, &lead_id, &message_id, &text))
            .await
    }

    /// Calls a lead, once. Returns the call's id and how it ended.
    ///
    /// # Errors
    /// [`StoreError::UnknownLead`] and [`StoreError::Sql`].
    pub async fn place_call(
        &self,
        lead_id: String,
        reason: String,
    ) -> Result<(String, CallOutcome), StoreError> {
        self.write(move |tx| place_call(tx, &lead_id, &reason))
            .await
    }

    /// Counts what there is for a lead.
    ///
    /// # Errors
    /// [`StoreError::UnknownLead`] and [`StoreError::Sql`].
    pub async fn lead_history(&self, lead_id: String) -> Result<LeadHistory, StoreError> {
        self.write(move |tx| lead_history(tx, &lead_id)).await
    }

    /// Runs `work` in a transaction of its own, off the async threads. Nothing of it stays if it
    /// fails. Immediate, because an upgrade from read to write can fail where waiting would not.
    async fn write<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let mut connection = Arc::clone(&self.connection).lock_owned().await;
        tokio::task::spawn_blocking(move || {
            let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&tx)?;
            tx.commit()?;
            Ok(done)
        })
        .await?
    }
}

/// Sets the connection up and returns the schema version of the file.
fn prepare(connection: &mut Connection) -> rusqlite::Result<i64> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // WAL with NORMAL survives the death of the process without a disk sync for each activity; a
    // power cut may lose the last ones. An in-memory database answers "memory" instead: no error.
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "normal")?;
    schema::create_if_empty(connection)
}

fn load_lead(tx: &Transaction<'_>, lead_id: &str) -> Result<Lead, StoreError> {
    let known = tx
        .prepare_cached("SELECT name, email, phone, campaign FROM leads WHERE lead_id = ?1")?
        .query_row([lead_id], |row| {
            Ok(Lead {
                lead_id: lead_id.to_owned(),
                name: row.get(0)?,
                email: row.get(1)?,
                phone: row.get(2)?,
                campaign: row.get(3)?,
            })
        })
        .optional()?;
    if let Some(lead) = known {
        return Ok(lead);
    }
    let lead = lead::derived(lead_id);
    tx.prepare_cached(
        "INSERT INTO leads (lead_id, name, email, phone, campaign) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        lead.lead_id,
        lead.name,
        lead.email,
        lead.phone,
        lead.campaign
    ])?;
    Ok(lead)
}

fn send_email(
    tx: &Transaction<'_>,
    lead_id: &str,
    step: &Step,
    subject: &str,
    body: &str,
) -> Result<String, StoreError> {
    require_lead(tx, lead_id)?;
    tx.prepare_cached("INSERT INTO messages (lead_id, step, subject, body) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING")?
        .execute(params![lead_id, step.as_str(), subject, body])?;
    let id = tx
        .prepare_cached("SELECT id FROM messages WHERE lead_id = ?1 AND step = ?2")?
        .query_row(params![lead_id, step.as_str()], |row| row.get(0))?;
    Ok(public_id(MESSAGE, id))
}

fn record_reply(
    tx: &Transaction<'_>,
    lead_id: &str,
    message_id: &str,
    text: &str,
) -> Result<(String, Sentiment), StoreError> {
    require_lead(tx, lead_id)?;
    let message = require_message(tx, lead_id, message_id)?;
    tx.prepare_cached("INSERT INTO replies (message_id, text, sentiment) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
        .execute(params![message, text, sentiment(text)])?;
    let (id, sentiment) = tx
        .prepare_cached("SELECT id, sentiment FROM replies WHERE message_id = ?1 AND text = ?2")?
        .query_row(params![message, text], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((public_id(REPLY, id), sentiment))
}

fn place_call(
    tx: &Transaction<'_>,
    lead_id: &str,
    reason: &str,
) -> Result<(String, CallOutcome), StoreError> {
    require_lead(tx, lead_id)?;
    tx.prepare_cached(
        "INSERT INTO calls (lead_id, reason, outcome) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )?
    .execute(params![lead_id, reason, call_outcome(lead_id)])?;
    let (id, outcome) = tx
        .prepare_cached("SELECT id, outcome FROM calls WHERE lead_id = ?1")?
        .query_row([lead_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((public_id(CALL, id), outcome))
}

fn lead_history(tx: &Transaction<'_>, lead_id: &str) -> Result<LeadHistory, StoreError> {
    require_lead(tx, lead_id)?;
    let history = tx
        .prepare_cached(
            "SELECT
                (SELECT count(*) FROM messages WHERE lead_id = ?1),
                (SELECT count(*) FROM replies JOIN messages ON messages.id = message_id WHERE lead_id = ?1),
                (SELECT count(*) FROM calls WHERE lead_id = ?1)",
        )?
        .query_row([lead_id], |row| {
            Ok(LeadHistory { messages: row.get(0)?, replies: row.get(1)?, calls: row.get(2)? })
        })?;
    Ok(history)
}

fn require_lead(tx: &Transaction<'_>, lead_id: &str) -> Result<(), StoreError> {
    let known = tx
        .prepare_cached("SELECT 1 FROM leads WHERE lead_id = ?1")?
        .exists([lead_id])?;
    if known {
        Ok(())
    } else {
        Err(StoreError::UnknownLead {
            lead_id: lead_id.to_owned(),
        })
    }
}

fn require_message(
    tx: &Transaction<'_>,
    lead_id: &str,
    message_id: &str,
) -> Result<i64, StoreError> {
    let unknown = || StoreError::UnknownMessage {
        lead_id: lead_id.to_owned(),
        message_id: message_id.to_owned(),
    };
    let id = message_id
        .strip_prefix(MESSAGE)
        .and_then(|number| number.strip_prefix('-'))
        .and_then(|number| number.parse::<i64>().ok())
        .ok_or_else(unknown)?;
    let of_lead = tx
        .prepare_cached("SELECT 1 FROM messages WHERE id = ?1 AND lead_id = ?2")?
        .exists(params![id, lead_id])?;
    if of_lead { Ok(id) } else { Err(unknown()) }
}

const MESSAGE: &str = "message";
const REPLY: &str = "reply";
const CALL: &str = "call";

/// Ids as callers see them name their kind, so that one kind is not taken for another.
fn public_id(kind: &str, id: i64) -> String {
    format!("{kind}-{id}")
}

#[cfg(test)]
mod tests;
