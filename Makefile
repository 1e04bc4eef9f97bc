# make run: set up and start. make test, check, bench: for those who build it. make help: the list.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
VENV   ?= .venv
BIN    := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test check bench format lock messages clean help

run: $(VENV)/.installed ## set up what is missing and start the program
	@exec $(BIN)/quartierbote run

test: $(VENV)/.installed-dev ## set up what the tests need and run them (ARGS="-k name" for some)
	@tests/set-up
	$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.installed-dev ## lint, format, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.installed-dev ## the benchmarks, each beside its peers (ARGS="sends" for one)
	$(BIN)/python -m tests.bench $(ARGS)

format: $(VENV)/.installed-dev ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: $(VENV)/.installed-dev ## collect new texts from the code into the catalogues
	$(BIN)/python -m locales.update

lock: ## pin the newest versions that pyproject.toml allows (needs uv)
	uv pip compile --universal --python-version 3.11 --no-header --no-annotate -q pyproject.toml -o requirements.txt --upgrade
	uv pip compile --universal --python-version 3.11 --no-header --no-annotate -q --extra dev pyproject.toml -o requirements-dev.txt --upgrade

clean: ## remove what setting up made; data/ stays
	rm -rf $(VENV) build

help: ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*## /: /'

$(BIN)/python:
	@[ -n "$(PYTHON)" ] || { echo "Quartierbote needs Python 3.11 or newer. Name one: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is older than Python 3.11. Name another: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) can't make a virtual environment. On Debian and Ubuntu: sudo apt-get install python3-venv"; exit 1; }

$(VENV)/.installed: requirements.txt pyproject.toml | $(BIN)/python
	@echo "Setting up $(VENV) (once, about a minute) …"
	@$(BIN)/python -m pip install -qq -r requirements.txt
	@$(BIN)/python -m pip install -qq --no-deps -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Setting up what the tests need (once, about a minute) …"
	@$(BIN)/python -m pip install -qq -r requirements-dev.txt
	@touch $@
