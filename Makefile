# Everything sets itself up: a Python 3.11 or newer, make and the package registries are all it needs.
# `make` alone tells the targets.

UV_VERSION := 0.13.9
BIN := .venv/bin
READY := .venv/.ready
SOURCES := schemas streams sql tests

.DEFAULT_GOAL := help
.PHONY: help run test test-deep test-all check fmt bench cases chaos soak fairness mutations generate lock clean

help: ## these lines
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(READY) ## a real broker and engine, a simulated week, its month; until Ctrl-C
	@$(BIN)/zecto-sla demo

# Three at a time on two cores, in the order they are collected in: many of the slow ones wait for sessions to end and
# clocks to pass. Property tests draw the same examples in `test` each time, and new ones in `test-deep`.
PYTEST = $(BIN)/pytest --numprocesses 3 --dist loadgroup --no-loadscope-reorder
test: $(READY) ## the tests of every day, in minutes, fast ones first
	$(PYTEST) -m "not deep" --hypothesis-profile $(if $(CI),ci,fast) $(PYTEST_ARGS)

test-deep: $(READY) ## the long ones: chaos, seeds, raw views, fresh stacks, new examples
	$(PYTEST) -m "$(if $(CI),deep and not not_in_ci,deep or examples)" --hypothesis-profile $(if $(CI),ci,deep) $(PYTEST_ARGS)

test-all: test test-deep ## both

check: $(READY) ## lint, format, types, import direction, generated files
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry --no-ansi .
	$(BIN)/python -m schemas.generate --check
	$(BIN)/python tests/docs_pages/generate.py --check

fmt: $(READY) ## format and mend what can be mended
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

RESULTS := tests/results/benchmarks
CHARTS := docs/reference/benchmarks
bench: $(READY) ## this pipeline beside Faust, Quix Streams, Bytewax and Kafka Streams (BENCH_ARGS="--rounds 5")
	$(BIN)/python -m tests.bench --json $(RESULTS)/compare.json --chart $(CHARTS)/compare.svg $(BENCH_ARGS)
	$(BIN)/python tests/docs_pages/generate.py

cases: $(READY) ## the cases of ../shared/cases beside what the contract answers (CASES="rules-a", CASES_ARGS="--json")
	@$(BIN)/python -m tests.cases.run $(CASES) $(CASES_ARGS)

chaos: $(READY) ## kill, stop and deceive real parts, then audit (RUNS=20, CHAOS_ARGS="--first 100")
	$(BIN)/python -m tests.chaos --runs $(or $(RUNS),4) $(CHAOS_ARGS)

soak: $(READY) ## the ledger simulated under faults, seed by seed (SEEDS=20000, SOAK_ARGS="--engine")
	$(BIN)/python -m tests.simulation --seeds $(or $(SEEDS),1000) --out .zecto/soak.json $(SOAK_ARGS)

fairness: $(READY) ## no number rises unlisted: random spans with one change each (SPANS=100000, MONTHS=300)
	$(BIN)/python -m tests.fairness --spans $(or $(SPANS),2000) --months $(or $(MONTHS),3) --processes 2

mutations: $(READY) ## break each rule of the contract on purpose and see its test turn red
	$(BIN)/python -m tests.mutations $(MUTATION_ARGS)

generate: $(READY) ## JSON Schemas, AsyncAPI document, reference pages
	$(BIN)/python -m schemas.generate
	$(BIN)/python tests/docs_pages/generate.py

LOCKED = --quiet pyproject.toml --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11
lock: .uv/bin/uv ## pin every dependency anew, by name, version and hash
	.uv/bin/uv pip compile --upgrade $(LOCKED) --all-extras --group dev -o requirements.lock
	.uv/bin/uv pip compile --constraint requirements.lock $(LOCKED) --extra web -o requirements-production.lock

clean: ## what was installed and built here
	rm -rf .venv .uv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# The first Python that is new enough; PYTHON=... overrides.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

# A registry that fails for a moment is asked again: by pip and uv file by file, then by these pauses for everything.
PAUSES ?= 5 20
export UV_HTTP_RETRIES ?= 5
again = for pause in $(PAUSES) no; do $(1) && exit 0; test $$pause = no || { \
	echo "a download failed: trying again in $$pause s" >&2; sleep $$pause; }; done; exit 1

.uv/bin/uv:
	@test -n "$(PYTHON)" || { echo "zecto-sla needs Python 3.11 or newer; none was found" >&2; exit 1; }
	@echo "setting up: uv $(UV_VERSION)"
	@$(PYTHON) -m venv .uv
	@$(call again,.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION))

# Compiled once here: where PYTHONDONTWRITEBYTECODE is set, every start of the program would compile all of it anew.
# The lock holds names, versions and hashes, but no addresses: any index that serves these files will do.
$(READY): .uv/bin/uv requirements.lock pyproject.toml
	@echo "setting up: the project's environment"
	@.uv/bin/uv venv --quiet --allow-existing --python "$(PYTHON)" .venv
	@$(call again,VIRTUAL_ENV=.venv .uv/bin/uv pip sync --quiet --require-hashes --compile-bytecode requirements.lock)
	@$(call again,VIRTUAL_ENV=.venv .uv/bin/uv pip install --quiet --no-deps --editable .)
	@$(BIN)/python -m compileall -q schemas streams sql
	@touch $@
