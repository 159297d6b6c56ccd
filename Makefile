# Cordée. `make` alone lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON := $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
STAMP := .venv/.installed
export PYTHONPATH := .
SHOTS := $(or $(CORDEE_SHOTS),tests/shots)
SHOWN := demo-firm-home-fr demo-hr-home-fr demo-manager-home-phone-fr demo-community-phone-fr import-fr roster-fr invoice-fr

.PHONY: help run test lint types translations compile shots bench bench-catalogue bench-identity lock clean services

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Cordée needs Python 3.11 or later: " + sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what requirements.lock names (once)…"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

run: $(STAMP) ## the product with its demo firm, on this machine alone
	@exec $(BIN)/python -m local run

services: $(STAMP) ## PostgreSQL and Redis alone
	@exec $(BIN)/python -m local services

compile: $(STAMP)
	@$(BIN)/pybabel --quiet compile -d translations

test: $(STAMP) compile lint types ## everything: linters, arrows, types, translations, tests
	$(BIN)/pytest -n 2

lint: $(STAMP) ## style, arrows, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/djlint saas --lint --quiet

types: $(STAMP) ## mypy, strict
	$(BIN)/mypy

translations: $(STAMP) ## take new texts from the code into translations/
	$(BIN)/pybabel extract -F babel.cfg -k _l -k lazy_gettext -k lazy_ngettext:1,2 --no-wrap --add-location=file --sort-by-file --project=Cordee --version=1 -o translations/messages.pot .
	$(BIN)/pybabel update -i translations/messages.pot -d translations -l fr --no-wrap --no-fuzzy-matching --ignore-pot-creation-date --ignore-obsolete

shots: $(STAMP) compile ## tell the main job in a browser, and take the pictures that README.md and docs/ show from it
	CORDEE_BROWSER=required $(BIN)/pytest tests/browser
	@mkdir -p docs/shots && cp $(SHOWN:%=$(SHOTS)/%.png) docs/shots/

bench: $(STAMP) compile ## pages, an import of 10,000 people and enrolments a second, beside bare Flask and psycopg
	$(BIN)/python -m bench

bench-catalogue: $(STAMP) compile ## the public catalogue with 10 and 1,000 programmes, beside bare Flask
	$(BIN)/python -m bench.catalogue

bench-identity: $(STAMP) compile ## whether time tells who has an account, signing in by each way, and knowing who looks
	$(BIN)/python -m bench.identity

lock: ## resolve pyproject.toml into requirements.lock
	$(PYTHON) -m venv .venv-lock && .venv-lock/bin/pip install --quiet pip-tools
	.venv-lock/bin/python -c 'import tomllib; d = tomllib.load(open("pyproject.toml", "rb")); print("\n".join(d["project"]["dependencies"] + d["dependency-groups"]["dev"]))' > .venv-lock/all.in
	.venv-lock/bin/pip-compile --quiet --generate-hashes --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-annotate --no-header --allow-unsafe -o requirements.lock .venv-lock/all.in

clean: ## the environment and the caches; not the data
	rm -rf .venv .venv-lock .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
