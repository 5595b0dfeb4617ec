# Daily work on the extractor. All of it needs Python 3.11 or newer and make; the rest is
# installed into .venv on first use.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTEST := $(BIN)/python -m pytest
RUN := $(BIN)/extractor run

# The CommonMark examples come from the source package of a parser that tests itself with them.
SPEC := build/commonmark

.DEFAULT_GOAL := help
.PHONY: help run test lint bench accept format clean
.DELETE_ON_ERROR:

help: ## show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort | expand -t 10

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer was not found; set PYTHON=…" >&2; exit 1; }
	@echo "Make a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@echo "Bring its pip up to date"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@echo "Install extractor and what it is developed with (once, a minute or two)"
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable . --group dev
	@touch $@

$(SPEC): $(READY)
	@echo "Fetch the examples of CommonMark"
	-@$(BIN)/python -m pip download --quiet --no-deps --no-binary markdown-it-py \
		--constraint constraints.txt --dest $(SPEC) markdown-it-py
	@mkdir -p $(SPEC)
	@touch $(SPEC)

run: $(READY) ## extract samples/ into outputs/ and show what came of it
	$(RUN) samples --out outputs
	$(RUN) samples/treatments --out outputs/treatments --schema schemas/treatment.schema.json
	$(RUN) samples/recipes --out outputs/recipes --schema schemas/recipe.schema.json
	$(RUN) samples/faq --out outputs/faq --schema schemas/faq.schema.json

# A file stays with one process: its tests share what its fixtures start and its laws draw.
test: $(READY) $(SPEC) ## run all tests, on all cores
	$(PYTEST) --numprocesses auto --dist loadfile

lint: $(READY) ## ruff (rules and format) and mypy, strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY) ## format the code and sort the imports
	$(BIN)/ruff check --select I --fix .
	$(BIN)/ruff format .

bench: $(READY) ## measure speed and memory, as ratios of one run
	$(BIN)/python -m benchmarks

accept: $(READY) ## accept what the tests saw as the new snapshots; read the diff before you commit
	@test -z "$$CI" || { echo "Snapshots are accepted by people, not in CI." >&2; exit 1; }
	-$(PYTEST) --force-regen
	$(MAKE) run
	git status --short outputs tests

fuzz: $(READY) ## mutate pages and hold them against the laws: SECONDS=600 SEED=…
	$(BIN)/python tests/fuzzing.py --seconds $(or $(SECONDS),600) $(if $(SEED),--seed $(SEED))

clean: ## remove everything that make made
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis
