# Burdock: `make demo` runs the demo, `make test` the tests; each sets up all that it needs.
#
# Work and tests use cargo's profile dev, in which our own crates compile quickly and have all checks on; `make dist` builds the
# binary that is shipped.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
.DEFAULT_GOAL := help

# Options for every cargo command that compiles; continuous integration adds --locked.
CARGO_FLAGS :=
everything := --workspace --all-targets $(CARGO_FLAGS)
target_dir := $(abspath $(or $(CARGO_TARGET_DIR),target))
binary := $(target_dir)/debug/burdock
npm := npm --prefix workflows run --silent
stage := scripts/stage.sh
# The worker binary and the Temporal CLI, for the scripts of workflows/.
programs = BURDOCK_BIN=$(binary) BURDOCK_TEMPORAL_CLI="$$(scripts/setup-temporal.sh --quiet)"

.PHONY: help setup build dist demo test conformance coverage deny fuzz v8 fmt

help: ## Show the targets
	@sed -n 's/^\([a-z0-9]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

demo: setup build ## Run the conversation demo against a real development server
	@$(programs) $(npm) demo

test: setup ## Check formatting, lints and types, and run all tests
	@$(stage) 'tests of the set-up' scripts/test-setup.sh
	@$(stage) 'rustfmt' cargo fmt --all --check
	@$(stage) 'clippy' cargo clippy $(everything) -- -D warnings
	@$(stage) 'build' cargo build $(everything)
	@$(stage) 'one build for all' scripts/check-rebuilds.sh $(CARGO_FLAGS)
	@$(stage) 'unit tests' scripts/unit-tests.sh $(CARGO_FLAGS)
	@$(stage) 'tests of the sandbox scripts' node --test worker/tests-js/
	@$(stage) 'architecture map' node scripts/check-architecture.mjs
	@$(programs) $(stage) 'generated documents' node scripts/docs.mjs --check
	@$(stage) 'TypeScript lints' $(npm) lint
	@$(stage) 'TypeScript types' $(npm) check
	@$(programs) $(stage) 'integration tests' $(npm) test
	@$(programs) $(stage) 'conformance' $(npm) conformance -- --matrix ci --check-table
	@$(programs) $(stage) 'random programs' $(npm) random

conformance: setup build ## Run every conformance case with every worker, and write docs/conformance.md
	@$(programs) $(npm) conformance -- --matrix full --write-table

build: setup ## Build the worker binary for work and tests, target/debug/burdock
	cargo build --package burdock-cli $(CARGO_FLAGS)

dist: setup ## Build the binary that is shipped, target/dist/burdock
	cargo build --profile dist --package burdock-cli $(CARGO_FLAGS)

coverage: ## Measure which lines the unit tests reach
	@scripts/coverage.sh

deny: ## Check licences, advisories and duplicates of dependencies (cargo-deny)
	cargo deny check

# The fuzz target and for how long: `make fuzz TARGET=source_map SECONDS=3600`.
TARGET := bundle
SECONDS := 60
fuzz: ## Fuzz a reader of foreign input
	@scripts/fuzz.sh $(TARGET) $(SECONDS)

fmt: ## Format the Rust, TypeScript and JavaScript sources
	cargo fmt --all
	$(npm) fmt

setup: ## Set up Rust, V8, the Temporal CLI and the npm packages
	@scripts/setup-rust.sh
	@scripts/setup-v8.sh
	@scripts/setup-temporal.sh >/dev/null
	@scripts/setup-npm.sh

v8: ## Build V8's static library from source (Debian, about an hour)
	@scripts/setup-rust.sh
	@scripts/build-v8.sh
