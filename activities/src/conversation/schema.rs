//! The tables of the store.

use rusqlite::{Connection, TransactionBehavior};

/// Kept in SQLite's `user_version`. 0 is an empty file.
pub(super) const VERSION: i64 = 1;

/// The unique keys are what makes the activities idempotent.
const TABLES: &str = "
CREATE TABLE leads (
    lead_id  TEXT PRIMARY KEY,
    name     TEXT NOT NULL,
    email    TEXT NOT NULL,
    phone    TEXT NOT NULL,
    campaign TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
    id      INTEGER PRIMARY KEY,
    lead_id TEXT NOT NULL REFERENCES leads (lead_id),
    step    TEXT NOT NULL,
    subject TEXT NOT NULL,
    body    TEXT NOT NULL,
    UNIQUE (lead_id, step)
) STRICT;

CREATE TABLE replies (
    id         INTEGER PRIMARY KEY,
    message_id INTEGER NOT NULL REFERENCES messages (id),
    text       TEXT NOT NULL,
    sentiment  TEXT NOT NULL,
    UNIQUE (message_id, text)
) STRICT;

CREATE TABLE calls (
    id      INTEGER PRIMARY KEY,
    lead_id TEXT NOT NULL UNIQUE REFERENCES leads (lead_id),
    reason  TEXT NOT NULL,
    outcome TEXT NOT NULL
) STRICT;
";

/// Creates the tables in an empty file, and returns the file's schema version.
pub(super) fn create_if_empty(connection: &mut Connection) -> rusqlite::Result<i64> {
    // Immediate: of two processes that open one new file, the second waits and sees the tables.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut version = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version == 0 {
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
        version = VERSION;
    }
    transaction.commit()?;
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_made_once() {
        let mut connection = Connection::open_in_memory().unwrap();
        assert_eq!(create_if_empty(&mut connection).unwrap(), VERSION);
        assert_eq!(create_if_empty(&mut connection).unwrap(), VERSION);
        let tables: i64 = connection
            .query_row(
                "SELECT count(*) FROM sqlite_schema WHERE type = 'table'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(tables, 4);
    }
}
