use std::fs;

use tempfile::TempDir;

use super::*;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("conversation.db")
}

/// A store in a file with the lead `lead-1`.
async fn store(folder: &TempDir) -> ConversationStore {
    let store = ConversationStore::open(file(folder)).unwrap();
    store.load_lead("lead-1".into()).await.unwrap();
    store
}

async fn send(store: &ConversationStore, lead_id: &str, step: &str) -> Result<String, StoreError> {
    store
        .send_email(lead_id.into(), step.into(), "subject".into(), "body".into())
        .await
}

async fn reply(
    store: &ConversationStore,
    message_id: &str,
    text: &str,
) -> Result<(String, Sentiment), StoreError> {
    store
        .record_reply("lead-1".into(), message_id.into(), text.into())
        .await
}

async fn history(store: &ConversationStore) -> (u64, u64, u64) {
    let history = store.lead_history("lead-1".into()).await.unwrap();
    (history.messages, history.replies, history.calls)
}

#[tokio::test]
async fn a_lead_is_made_once_and_survives_reopening() {
    let folder = folder();
    let first = store(&folder)
        .await
        .load_lead("lead-1".into())
        .await
        .unwrap();
    assert_eq!(first, lead::derived("lead-1"));
    let reopened = ConversationStore::open(file(&folder)).unwrap();
    assert_eq!(
        reopened
            .lead_history("lead-1".into())
            .await
            .unwrap()
            .messages,
        0
    );
    assert_eq!(reopened.load_lead("lead-1".into()).await.unwrap(), first);
}

#[tokio::test]
async fn a_stored_lead_wins_over_a_derived_one() {
    let folder = folder();
    let store = store(&folder).await;
    let other = Connection::open(file(&folder)).unwrap();
    other
        .execute("UPDATE leads SET campaign = 'other'", [])
        .unwrap();
    assert_eq!(
        store.load_lead("lead-1".into()).await.unwrap().campaign,
        "other"
    );
}

#[tokio::test]
async fn an_email_is_sent_once_per_lead_and_step() {
    let folder = folder();
    let first = {
        let store = store(&folder).await;
        let first = send(&store, "lead-1", "1").await.unwrap();
        assert_eq!(send(&store, "lead-1", "1").await.unwrap(), first);
        assert_ne!(send(&store, "lead-1", "2").await.unwrap(), first);
        store.load_lead("lead-2".into()).await.unwrap();
        assert_ne!(send(&store, "lead-2", "1").await.unwrap(), first);
        first
    };
    let reopened = ConversationStore::open(file(&folder)).unwrap();
    assert_eq!(send(&reopened, "lead-1", "1").await.unwrap(), first);
    assert_eq!(history(&reopened).await, (2, 0, 0));
}

#[tokio::test]
async fn the_first_text_of_an_email_stays() {
    let folder = folder();
    let store = store(&folder).await;
    send(&store, "lead-1", "1").await.unwrap();
    store
        .send_email("lead-1".into(), "1".into(), "other".into(), "other".into())
        .await
        .unwrap();
    let subject: String = Connection::open(file(&folder))
        .unwrap()
        .query_row("SELECT subject FROM messages", [], |row| row.get(0))
        .unwrap();
    assert_eq!(subject, "subject");
}

#[tokio::test]
async fn a_reply_is_recorded_once_per_message_and_text() {
    let folder = folder();
    let store = store(&folder).await;
    let message = send(&store, "lead-1", "1").await.unwrap();
    let yes = reply(&store, &message, "yes").await.unwrap();
    assert_eq!(yes.1, Sentiment::Positive);
    assert_eq!(reply(&store, &message, "yes").await.unwrap(), yes);
    let no = reply(&store, &message, "no").await.unwrap();
    assert_eq!(no.1, Sentiment::Negative);
    assert_ne!(no.0, yes.0);
    let later = send(&store, "lead-1", "2").await.unwrap();
    assert_ne!(reply(&store, &later, "yes").await.unwrap().0, yes.0);
    assert_eq!(history(&store).await, (2, 3, 0));
}

#[tokio::test]
async fn a_lead_is_called_once() {
    let folder = folder();
    let store = store(&folder).await;
    let call = |reason: &str| store.place_call("lead-1".into(), reason.into());
    let first = call("a").await.unwrap();
    assert_eq!(first.1, CallOutcome::Voicemail);
    assert_eq!(call("b").await.unwrap(), first);
    assert_eq!(history(&store).await, (0, 0, 1));
}

#[tokio::test]
async fn only_loading_makes_a_lead() {
    let store = ConversationStore::in_memory().unwrap();
    let unknown = |error: StoreError| {
        assert!(
            matches!(&error, StoreError::UnknownLead { lead_id } if lead_id == "x"),
            "{error}"
        );
    };
    unknown(send(&store, "x", "1").await.unwrap_err());
    unknown(
        store
            .record_reply("x".into(), "message-1".into(), String::new())
            .await
            .unwrap_err(),
    );
    unknown(
        store
            .place_call("x".into(), String::new())
            .await
            .unwrap_err(),
    );
    unknown(store.lead_history("x".into()).await.unwrap_err());
}

#[tokio::test]
async fn a_reply_needs_a_message_of_its_lead() {
    let folder = folder();
    let store = store(&folder).await;
    store.load_lead("lead-2".into()).await.unwrap();
    let of_other = send(&store, "lead-2", "1").await.unwrap();
    for wrong in [
        of_other.as_str(),
        "message-99",
        "reply-1",
        "1",
        "message-x",
        "",
    ] {
        let error = reply(&store, wrong, "yes").await.unwrap_err();
        assert!(
            matches!(error, StoreError::UnknownMessage { .. }),
            "{wrong:?}: {error}"
        );
    }
    assert_eq!(history(&store).await, (0, 0, 0));
}

#[tokio::test]
async fn foreign_keys_hold_and_the_journal_is_a_wal() {
    let folder = folder();
    let store = store(&folder).await;
    let connection = store.connection.lock().await;
    let orphan = connection.execute(
        "INSERT INTO calls (lead_id, reason, outcome) VALUES ('x', '', '')",
        [],
    );
    assert!(
        orphan.unwrap_err().to_string().contains("FOREIGN KEY"),
        "not the expected refusal"
    );
    let journal: String = connection
        .query_row("PRAGMA journal_mode", [], |row| row.get(0))
        .unwrap();
    assert_eq!(journal, "wal");
}

#[tokio::test]
async fn two_stores_on_one_file_see_each_other() {
    let folder = folder();
    let (one, two) = (store(&folder).await, store(&folder).await);
    let id = send(&one, "lead-1", "1").await.unwrap();
    assert_eq!(send(&two, "lead-1", "1").await.unwrap(), id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn racing_executions_send_each_email_once() {
    const STEPS: u64 = 100;
    let folder = folder();
    let stores = [store(&folder).await, store(&folder).await];
    let [one, other] = stores.clone().map(|store| {
        tokio::spawn(async move {
            let mut ids = Vec::new();
            for step in 0..STEPS {
                ids.push(send(&store, "lead-1", &step.to_string()).await.unwrap());
            }
            ids
        })
    });
    assert_eq!(one.await.unwrap(), other.await.unwrap());
    assert_eq!(history(&stores[0]).await, (STEPS, 0, 0));
}

#[tokio::test]
async fn a_call_holds_the_file_from_its_first_read() {
    let folder = folder();
    let store = store(&folder).await;
    let path = file(&folder);
    let intruder = store.write(move |tx| {
        require_lead(tx, "lead-1")?;
        let other = Connection::open(path)?;
        other.busy_timeout(Duration::ZERO)?;
        Ok(other.execute("UPDATE leads SET campaign = 'other'", []))
    });
    let refused = intruder.await.unwrap().unwrap_err();
    assert_eq!(
        refused.sqlite_error_code(),
        Some(rusqlite::ErrorCode::DatabaseBusy)
    );
}

#[test]
fn a_file_of_another_version_is_refused_and_named() {
    let folder = folder();
    let newer = Connection::open(file(&folder)).unwrap();
    newer.pragma_update(None, "user_version", 7).unwrap();
    drop(newer);
    let error = ConversationStore::open(file(&folder)).unwrap_err();
    assert!(
        matches!(error, StoreError::SchemaVersion { found: 7, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("conversation.db"), "{error}");
}

#[test]
fn a_path_that_cannot_be_opened_is_named() {
    let folder = folder();
    fs::write(
        file(&folder),
        "no database, but long enough to be read as one",
    )
    .unwrap();
    for path in [
        file(&folder),
        folder.path().join("missing").join("conversation.db"),
    ] {
        let error = ConversationStore::open(&path).unwrap_err();
        assert!(matches!(error, StoreError::Open { .. }), "{error}");
        assert!(error.to_string().contains("conversation.db"), "{error}");
    }
}
