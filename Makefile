# make run: set up and start. make test / make check / make bench: for those who build it.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test check bench format lock messages clean help

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/'

run: $(VENV)/.installed ## set up what is missing and start the program
	@exec $(BIN)/quartierbote run

test: $(VENV)/.installed-dev ## set up what the tests need and run them
	@BIN=$(BIN) tests/set-up
	$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.installed-dev ## lint, format, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.installed-dev ## the benchmarks, each beside its peer
	$(BIN)/python -m tests.bench

format: $(VENV)/.installed-dev ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: $(VENV)/.installed-dev ## collect new texts from the code into the catalogues
	$(BIN)/python -m locales.update

lock: ## pin the newest versions that pyproject.toml allows (needs uv)
	uv pip compile --universal --python-version 3.11 --no-header --no-annotate -q pyproject.toml -o requirements.txt --upgrade
	uv pip compile --universal --python-version 3.11 --no-header --no-annotate -q --extra dev pyproject.toml -o requirements-dev.txt --upgrade

clean:
	rm -rf $(VENV) build

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Quartierbote needs Python 3.11 or newer. Name one: make run PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt pyproject.toml | $(BIN)/python
	@echo "Setting up $(VENV) (once, about a minute) …"
	$(BIN)/pip install -q -r requirements.txt
	$(BIN)/pip install -q --no-deps -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(BIN)/pip install -q -r requirements-dev.txt
	@touch $@
