# Mingcha: `make run` starts it, `make test` proves it. `make` alone lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
PORT ?= 8000
PYTEST ?= tests
DATA ?= var
BIN := .venv/bin
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1
export NPM_CONFIG_UPDATE_NOTIFIER := false

PWA_SOURCES := $(shell find pwa/src pwa/public -type f 2>/dev/null) pwa/index.html pwa/package.json \
	$(wildcard pwa/*.ts pwa/*.mjs pwa/scripts/*) $(wildcard backend/data/catalogue/*/*.json)

.PHONY: help setup run test check fix types migration lock bench simulate mutants prove docs pictures screens clean

help:  ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

.venv/.run: requirements/run.txt pyproject.toml
	@echo "→ Python packages (locked) into .venv"
	@test -x $(BIN)/python || bash deploy/make-venv.sh $(PYTHON)
	@$(BIN)/python -m pip install -q --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.run requirements/dev.txt
	@echo "→ Python packages for tests (locked) into .venv"
	@$(BIN)/python -m pip install -q --require-hashes -r requirements/dev.txt
	@touch $@

pwa/node_modules/.done: pwa/package-lock.json | .venv/.run
	@echo "→ npm packages (locked) into pwa/node_modules"
	@cd pwa && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

pwa/dist/.done: pwa/node_modules/.done $(PWA_SOURCES)
	@echo "→ building the app"
	@cd pwa && npm run --silent build
	@touch $@

tests/prove/node_modules/.done: tests/prove/package-lock.json | .venv/.run
	@echo "→ npm packages (locked) for the proofs"
	@cd tests/prove && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

setup: .venv/.run pwa/dist/.done  ## prepare everything without starting it

run: setup  ## start Mingcha on http://localhost:8000 with the demo company (PORT=… DATA=… move it)
	@MINGCHA_DATA_DIR="$(DATA)" $(BIN)/mingcha migrate
	@MINGCHA_DATA_DIR="$(DATA)" $(BIN)/mingcha demo --if-empty
	@MINGCHA_DATA_DIR="$(DATA)" exec $(BIN)/mingcha serve --port $(PORT)

test: setup .venv/.dev check  ## run every test
	@echo "→ TypeScript tests"
	@cd pwa && npm test --silent && npm run --silent budget
	@echo "→ real parts for the tests: Chromium, PostgreSQL, MinIO"
	@$(BIN)/python -m tests.support.parts
	@echo "→ Python tests"
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --durations=15 $(PYTEST)

check: .venv/.dev pwa/node_modules/.done  ## format, lint, types, import rules, stale generated files
	@echo "→ format, lint, types, import rules"
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports >/dev/null || $(BIN)/lint-imports
	@cd pwa && npm run --silent check
	@cd pwa && npm run --silent types:check

fix: .venv/.dev pwa/node_modules/.done  ## format and mend what can be mended
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .
	@cd pwa && npm run --silent fix

types: .venv/.run pwa/node_modules/.done  ## OpenAPI → TypeScript types and kinds.json
	@cd pwa && npm run --silent types

docs: .venv/.run  ## tables of docs/ from the code
	@$(BIN)/python -m tests.docs.tables

pictures: setup .venv/.dev  ## screens in docs/images from the demo company
	@$(BIN)/python -m tests.docs.pictures

screens: setup .venv/.dev  ## small pictures of every screen anew, with which the tests compare
	@SCREENS=write $(BIN)/python -m pytest -q -n 0 tests/browser/test_screens.py -k looks

migration: .venv/.run  ## new migration: make migration WHY="add …"
	@test -n "$(WHY)" || { echo 'say why: make migration WHY="add the column …"'; exit 2; }
	@$(BIN)/mingcha migration "$(WHY)"

lock:  ## write requirements/*.txt anew (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements/run.in -o requirements/run.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements/dev.in -o requirements/dev.txt

bench: setup .venv/.dev  ## speed beside the raw driver and others (ONLY=part ROUND_S=2 ROUNDS=5 PROFILE=1)
	@$(BIN)/python -m tests.support.parts
	@ONLY="$(ONLY)" ROUND_S="$(ROUND_S)" ROUNDS="$(ROUNDS)" PROFILE="$(PROFILE)" $(BIN)/python -m tests.bench

simulate: .venv/.dev pwa/node_modules/.done  ## phones under a foul net, and a count (SEEDS=1-50,race OPS=1000 DB=sqlite|postgresql)
	@SEEDS="$(SEEDS)" OPS="$(OPS)" DB="$(DB)" $(BIN)/python -m tests.simulate

mutants: .venv/.dev pwa/node_modules/.done  ## faults switched on one by one; fails when one is missed (MUTANT=name, LEAK=name, UPLOAD=name)
	@test -n "$(LEAK)$(UPLOAD)" || MUTANT="$(MUTANT)" ROUNDS="$(ROUNDS)" $(BIN)/python -m tests.simulate.kill_mutants
	@test -n "$(MUTANT)$(UPLOAD)" || LEAK="$(LEAK)" $(BIN)/python -m tests.integration.secrecy
	@test -n "$(MUTANT)$(LEAK)" || UPLOAD="$(UPLOAD)" $(BIN)/python -m tests.fault.upload_mutants

prove: setup .venv/.dev tests/prove/node_modules/.done  ## the long proofs, a line each with its figure (ONLY=name for one)
	@$(BIN)/python -m tests.support.parts
	@ONLY="$(ONLY)" $(BIN)/python -m tests.prove

clean:  ## remove what was built, not the data
	@rm -rf .venv tests/bench/kinto/.venv tests/bench/pouchdb/node_modules tests/contract/media/clients/node_modules pwa/node_modules tests/prove/node_modules pwa/dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
