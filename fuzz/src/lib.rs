//! The generators of the property tests, driven by the fuzzer's bytes.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

const SEED_BYTES: usize = 32;

/// The value that `strategy` makes when `bytes` begin with the seed of its random numbers; nothing if it rejects them.
///
/// Not with the bytes as the numbers themselves (`RngAlgorithm::PassThrough`): when they are used up it answers 0 for
/// ever, which `rand` rejects for ever.
pub fn draw<S: Strategy>(strategy: &S, bytes: &[u8]) -> Option<S::Value> {
    let mut seed = [0; SEED_BYTES];
    let length = bytes.len().min(SEED_BYTES);
    seed[..length].copy_from_slice(&bytes[..length]);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    Some(strategy.new_tree(&mut runner).ok()?.current())
}

/// Checks `bytes` as they are, and what `strategy` makes of them: the first finds what only a parser's own branches
/// lead to, the second what takes a whole document to begin with.
pub fn check_both<S: Strategy<Value = Vec<u8>>>(bytes: &[u8], strategy: &S, check: impl Fn(&[u8])) {
    check(bytes);
    if let Some(made) = draw(strategy, bytes) {
        check(&made);
    }
}
