//! One test per rule.

use Parting::{InPeace, Offended};

use super::*;

#[test]
fn a_run_stays_on_its_thread() {
    let mut placement = Placement::new(3);
    let first = placement.place("a");
    placement.place("b");
    placement.place("c");
    assert_eq!(placement.place("a"), first);
    assert_eq!(placement.runs(), 3);
}

#[test]
fn a_new_run_goes_to_the_thread_with_the_fewest_runs() {
    let mut placement = Placement::new(2);
    assert_eq!(
        [
            placement.place("a"),
            placement.place("b"),
            placement.place("c")
        ],
        [0, 1, 0]
    );
    placement.remove("a", InPeace);
    placement.remove("c", InPeace);
    assert_eq!([placement.place("d"), placement.place("e")], [0, 0]);
}

#[test]
fn a_new_run_goes_where_it_fits() {
    let mut placement = Placement::new(2);
    placement.set_share(Some(100));
    assert_eq!([placement.place("large"), placement.place("small")], [0, 1]);
    placement.note("large", 90);
    placement.note("small", 10);
    // Another one of 50 bytes, the mean, fits beside the small run alone; there it counts before it is measured.
    assert_eq!(placement.place("next"), 1);
    assert_eq!(placement.place("over"), 1, "90 and 60 bytes");
    placement.note("next", 70);
    placement.note("over", 70);
    assert_eq!(placement.place("most"), 0, "90 and 150 bytes");
}

#[test]
fn what_left_takes_its_bytes_along() {
    let mut placement = Placement::new(2);
    placement.set_share(Some(100));
    for (run_id, bytes) in [("a", 90), ("b", 80), ("c", 5)] {
        placement.place(run_id);
        placement.note(run_id, 1);
        placement.note(run_id, bytes);
    }
    assert_eq!(placement.remove("b", InPeace), Some(1));
    assert_eq!(placement.clear(0), ["a"]);
    placement.note("a", 1000);
    let left = Load {
        runs: 1,
        measured_runs: 1,
        bytes: 5,
    };
    assert_eq!(placement.threads, [Load::default(), left]);
}

#[test]
fn a_lost_isolate_takes_its_runs_along() {
    let mut placement = Placement::new(2);
    for run_id in ["a", "b", "c"] {
        placement.place(run_id);
    }
    let mut lost = placement.clear(0);
    lost.sort();
    assert_eq!(lost, ["a", "c"]);
    assert_eq!((placement.runs(), placement.thread_of("b")), (1, Some(1)));
    assert_eq!(placement.place("a"), 0);
}

#[test]
fn removing_an_unknown_run_changes_nothing() {
    let mut placement = Placement::new(2);
    placement.place("a");
    assert_eq!(placement.remove("b", InPeace), None);
    assert_eq!(placement.runs(), 1);
}

#[test]
fn who_offended_is_kept_apart_until_it_leaves_in_peace() {
    let mut placement = Placement::new(2);
    placement.keep_offenders_apart();
    assert_eq!((placement.place("a"), placement.place("b")), (0, 1));
    placement.remove("a", Offended);
    assert_eq!((placement.place("a"), placement.runs_apart()), (2, 1));
    assert_eq!(placement.apart_since(Instant::now()), ["a"]);
    placement.remove("a", Offended);
    assert_eq!(placement.place("a"), 2, "it offended there too");
    placement.remove("a", InPeace);
    assert_eq!((placement.place("a"), placement.runs_apart()), (0, 0));
}

#[test]
fn healthy_runs_never_go_where_offenders_are_kept() {
    let mut placement = Placement::new(1);
    placement.keep_offenders_apart();
    placement.set_share(Some(1));
    for run in 0..10 {
        let run_id = run.to_string();
        assert_eq!(placement.place(&run_id), 0);
        placement.note(&run_id, 100);
    }
}

#[test]
fn of_many_offenders_a_few_are_kept_apart() {
    let mut placement = Placement::new(1);
    placement.keep_offenders_apart();
    let run_ids: Vec<String> = (0..=APART_MAX).map(|run| run.to_string()).collect();
    for run_id in &run_ids {
        placement.place(run_id);
        placement.remove(run_id, Offended);
    }
    let threads: Vec<usize> = run_ids
        .iter()
        .map(|run_id| placement.place(run_id))
        .collect();
    assert_eq!(threads, [1, 1, 1, 1, 0]);
}

#[test]
fn nobody_is_kept_apart_unless_that_is_asked_for() {
    let mut placement = Placement::new(1);
    placement.place("a");
    placement.remove("a", Offended);
    assert_eq!(placement.place("a"), 0);
}
