# Burdock: `make demo` runs the demo, `make test` the tests; each sets up all that it needs.
#
# There is one cargo profile, release, for everything, so that nothing is compiled twice.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
.DEFAULT_GOAL := help

# Options for every cargo command that compiles; continuous integration adds --locked.
CARGO_FLAGS :=
cargo_flags := --release --workspace $(CARGO_FLAGS)
# Tests bring features into crates that sdk-core uses; built without them, sdk-core would be compiled a second time.
cargo_build := cargo build $(cargo_flags) --all-targets
binary := $(abspath $(or $(CARGO_TARGET_DIR),target))/release/burdock
npm := npm --prefix workflows run --silent
stage := scripts/stage.sh
# The worker binary and the Temporal CLI, for the scripts of workflows/.
programs = BURDOCK_BIN=$(binary) BURDOCK_TEMPORAL_CLI="$$(scripts/setup-temporal.sh --quiet)"

.PHONY: help setup build demo test conformance v8 fmt

help: ## Show the targets
	@sed -n 's/^\([a-z0-9]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

demo: setup build ## Run the conversation demo against a real development server
	@$(programs) $(npm) demo

test: setup ## Check formatting, lints and types, and run all tests
	@$(stage) 'tests of the set-up' scripts/test-setup.sh
	@$(stage) 'rustfmt' cargo fmt --all --check
	@$(stage) 'clippy' cargo clippy $(cargo_flags) --all-targets -- -D warnings
	@$(stage) 'release build' $(cargo_build)
	@$(stage) 'unit tests' cargo test $(cargo_flags)
	@$(stage) 'tests of the sandbox scripts' node --test worker/tests-js/
	@$(stage) 'architecture map' node scripts/check-architecture.mjs
	@$(programs) $(stage) 'generated documents' node scripts/docs.mjs --check
	@$(stage) 'TypeScript types' $(npm) check
	@$(programs) $(stage) 'integration tests' $(npm) test
	@$(programs) $(stage) 'conformance' $(npm) conformance -- --matrix ci --check-table
	@$(programs) $(stage) 'random programs' $(npm) random

conformance: setup build ## Run every conformance case with every worker, and write docs/conformance.md
	@$(programs) $(npm) conformance -- --matrix full --write-table

build: setup ## Build the worker binary
	$(cargo_build)

fmt: ## Format the Rust sources
	cargo fmt --all

setup: ## Set up Rust, V8, the Temporal CLI and the npm packages
	@scripts/setup-rust.sh
	@scripts/setup-v8.sh
	@scripts/setup-temporal.sh >/dev/null
	@scripts/setup-npm.sh

v8: ## Build V8's static library from source (Debian, about an hour)
	@scripts/setup-rust.sh
	@scripts/build-v8.sh
