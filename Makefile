# onevisit: `make run` plans and serves a made-up district, `make test` runs every test; both set
# everything up.
# Every cargo call uses the release profile, so that HiGHS (C++) is built once.

CARGO ?= cargo
DEMO ?= onevisit-demo
LISTEN ?= 127.0.0.1:8080

.PHONY: help run real test test-pure lint fuzz api-fuzz bench bench-kernel worst import-figures filing-figures service-figures torture torture-little supply tools

SECONDS ?= 60
EXAMPLES ?= 25
KILLS ?= 20
SEED ?=

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

run: tools ## Plan a made-up district, show what joint visits save, and serve it
	@[ -x target/release/onevisit ] || echo "Building; the first time takes up to fifteen minutes, some of them for HiGHS"
	$(CARGO) run --release --locked -- demo --out $(DEMO) --listen $(LISTEN)

real: tools ## Plan the shipped real week
	$(CARGO) run --release --locked -- demo --real --seconds 10 --out target/demo

test: ## Run all tests, on SQLite and on a PostgreSQL of their own
	@sh .ci/tools test
	sh .ci/with-postgres $(CARGO) test --release --locked

test-pure: ## Run the tests of tiny problems on the pure-Rust solver (needs no C++)
	$(CARGO) test --release --locked --no-default-features --features microlp tiny

lint: tools ## Check format, clippy and documentation
	$(CARGO) fmt --all --check
	$(CARGO) clippy --release --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --release --locked --no-deps --document-private-items

fuzz: tools ## Fuzz the readers guided by coverage, SECONDS each (else longer property runs)
	@sh .ci/fuzz $(SECONDS)

api-fuzz: tools ## Hold the interface against its OpenAPI document with schemathesis, EXAMPLES a route
	$(CARGO) build --release --locked
	@sh .ci/api-fuzz $(EXAMPLES)

bench: tools ## Plan the benchmark set and write benches/results; ARGS="--help" lists the options
	$(CARGO) bench --locked --profile release --bench suite -- $(ARGS)

bench-kernel: tools ## Time the exact solution of one enterprise, by its number of requests
	$(CARGO) bench --locked --profile release --bench kernel

worst: ## Read and file the worst accepted input of each kind; show seconds and memory, fail over the budgets
	MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=65536 MALLOC_TRIM_THRESHOLD_=65536 \
		$(CARGO) test --release --locked --test it figures_of_the_worst -- --ignored --nocapture

import-figures: ## Import 100,000 enterprises with 50 planted defects; show seconds and memory
	sh .ci/with-postgres $(CARGO) test --release --locked --test it figures_of_an_import -- --ignored --nocapture

filing-figures: ## File into a register of 1,000,000 requests; show latencies, a batch, and the building of a problem
	sh .ci/with-postgres $(CARGO) test --release --locked --test it figures_of_filing -- --ignored --nocapture

service-figures: ## Measure the service where people wait, beside another build that ONEVISIT_PROGRAM names
	$(CARGO) test --release --locked --test it figures_of_the_service -- --ignored --nocapture

torture-little: ## Ten rounds of each kind of torture, and the figures on a small register
	sh .ci/with-postgres $(CARGO) test --release --locked --test it -- --include-ignored what_was_answered_is_kept a_small_register

torture: SECONDS = 900
torture: ## Kill, starve and lock out the service KILLS times a kind, SECONDS at most, by SEED; hold it to its answers
	ONEVISIT_TORTURE_KILLS=$(KILLS) ONEVISIT_TORTURE_SECONDS=$(SECONDS) ONEVISIT_TORTURE_SEED=$(SEED) \
		$(CARGO) test --release --locked --test it torture_at_length -- --ignored --nocapture

supply: ## Check licences, duplicate crates and sources of dependencies
	@if $(CARGO) deny --version >/dev/null 2>&1; then \
		$(CARGO) deny --locked check bans licenses sources; \
	else \
		echo "cargo-deny is not here; checking over cargo metadata instead"; \
		$(CARGO) test --release --locked --test it supply; \
	fi

# What HiGHS needs to build: a C++ compiler, cmake and libclang.
tools:
	@sh .ci/tools
