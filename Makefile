# The two commands that everybody needs are `make demo` and `make test`; both set up what they need.

PYTHON := python3
BIN := .venv/bin

.PHONY: demo test soak bench bundle dev fmt check golden journeys lock clean

demo: .venv/run  ## set up, and carry a cohort from the form to month 12
	@$(BIN)/sadari demo

test: .venv/dev .venv/weaknesses  ## set up, and pass all tests
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

soak: .venv/dev  ## a thousand storms over the seats, and twenty on the emulators; takes half an hour
	@$(BIN)/python -m pytest -q -m soak tests/soak

bench: .venv/dev  ## measure the rush for seats, the largest round, the last minute before the close, the console's lists, partners and a cold start
	@$(BIN)/python -m tests.bench
	@$(BIN)/python -m tests.bench.deadline
	@$(BIN)/python -m tests.bench.bench_console
	@$(BIN)/python -m tests.bench.partners
	@$(BIN)/python -m tests.bench.backlog
	@$(BIN)/python -m tests.bench.cold_start

bundle:  ## stage what is deployed, as build/bundle.zip: the same bytes wherever it is built
	@$(PYTHON) scripts/bundle.py

dev: .venv/dev  ## start the local stack; Ctrl-C ends it
	@$(BIN)/sadari up

journeys: .venv/run  ## run 748 real journeys
	@$(BIN)/sadari journeys tests/data/oulad

fmt: .venv/dev  ## format the code
	@$(BIN)/ruff check -q --fix-only . ; $(BIN)/ruff format -q .

check: .venv/dev .venv/terraform  ## format, lint, types, import rules, workflows, Terraform
	@$(BIN)/ruff format --check -q .
	@$(BIN)/ruff check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports > .venv/lint-imports.log || (cat .venv/lint-imports.log; exit 1)
	@$(BIN)/sadari definitions check > .venv/workflows.log || (cat .venv/workflows.log; exit 1)

golden: .venv/dev  ## rewrite the generated pages, diagrams and fingerprints
	@$(BIN)/python tests/golden/rewrite.py

lock: .venv/dev  ## pin and hash what requirements*.in name
	@for name in requirements requirements-dev requirements-checkov; do \
		$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
			--python-version 3.11 $$name.in -o $$name.txt; done

clean:  ## remove what was made here
	rm -rf .venv .sadari .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info

.venv/run: requirements.txt pyproject.toml scripts/setup
	@scripts/setup $(PYTHON) requirements.txt && touch $@

.venv/dev: requirements-dev.txt pyproject.toml scripts/setup
	@scripts/setup $(PYTHON) requirements-dev.txt && touch $@ .venv/run

# Run again only when something of it has changed.
.venv/terraform: .venv/dev $(shell find infra tests/infra -type f ! -name '*.pyc')
	@$(BIN)/python -m tests.infra.check && touch $@

.venv/weaknesses: .venv/dev .venv/checkov/done $(shell find infra -type f) tests/infra/checkov.py
	@CHECKOV=.venv/checkov/bin/checkov $(BIN)/python -m tests.infra.checkov && touch $@

.venv/checkov/done: .venv/dev requirements-checkov.txt
	@$(BIN)/python -m venv .venv/checkov
	@.venv/checkov/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements-checkov.txt && touch $@
