//! Modules that all runs of a context share: which objects they consist of, what a run changed in them, and how it is undone.
//!
//! The policy is in `js/host/shared_modules.js`. This part sees what JavaScript cannot: it finds all objects and contexts that
//! modules lead to, compares every word of them with a copy of their pristine state whenever another run is entered, and reads and
//! writes variables of closures and private fields.

mod baseline;
mod contexts;
mod decision;
mod graph;
mod handles;
mod instance;
mod kinds;
mod natives;
mod private_fields;
mod tables;
#[cfg(test)]
mod tests;

pub(super) use natives::define_natives;
