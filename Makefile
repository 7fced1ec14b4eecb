# onevisit: `make run` plans a real week, `make test` runs every test; both set everything up.
# Every cargo call uses the release profile, so that HiGHS (C++) is built once, in about five minutes.

CARGO ?= cargo
DEMO_SECONDS ?= 10

.PHONY: help run test test-pure lint bench supply tools

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

run: tools ## Plan the shipped real week and show what joint visits save
	@[ -x target/release/onevisit ] || echo "Building; the first time takes some minutes, most of them for HiGHS"
	$(CARGO) run --release --locked -- demo --real --seconds $(DEMO_SECONDS) --out target/demo

test: tools ## Run all tests
	$(CARGO) test --release --locked

test-pure: ## Run the tests of tiny problems on the pure-Rust solver (needs no C++)
	$(CARGO) test --release --locked --no-default-features --features microlp tiny

lint: tools ## Check format, clippy and documentation
	$(CARGO) fmt --all --check
	$(CARGO) clippy --release --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --release --locked --no-deps --document-private-items

bench: tools ## Time the optimiser on the real week and on made-up problems
	$(CARGO) bench --locked --profile release --bench optimise

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
