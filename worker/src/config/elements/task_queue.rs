//! `task-queue`: the task queue that the worker polls.

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::{name, quoted};

/// The queue of `burdock dev` when none is named: its own server has no other user.
pub const DEV_DEFAULT: &str = "burdock-dev";

/// Prefixes that the server keeps for itself: internal queues, and partitions of queues.
const RESERVED_PREFIXES: [&str; 2] = ["__temporal_", "/_sys/"];

/// The task queue. Required: a worker on a queue that nobody meant would take others' work.
pub struct TaskQueue;

impl Element for TaskQueue {
    type Value = String;

    const KEY: Key = Key::worker("task-queue", Group::Connection, Shape::Text)
        .takes("NAME")
        .means("The task queue to poll")
        .required("except by `burdock dev`: burdock-dev");

    fn parse(text: &str) -> Result<String, Problem> {
        let queue = name(text, "conversations")?;
        let reserved = RESERVED_PREFIXES
            .into_iter()
            .find(|prefix| queue.starts_with(prefix));
        match reserved {
            None => Ok(queue),
            Some(prefix) => Err(Problem::new(
                format!(
                    "{} starts with `{prefix}`, which the server keeps for itself",
                    quoted(&queue)
                ),
                "choose a name without that prefix",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_prefixes_are_refused() {
        for text in ["__temporal_sys", "/_sys/q/1"] {
            assert!(
                TaskQueue::parse(text)
                    .unwrap_err()
                    .what
                    .contains("keeps for itself")
            );
        }
        assert_eq!(
            TaskQueue::parse("my__temporal_q").unwrap(),
            "my__temporal_q"
        );
    }

    #[test]
    fn the_dev_default_is_a_valid_queue() {
        assert!(TaskQueue::parse(DEV_DEFAULT).is_ok());
    }
}
