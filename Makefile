# Two commands: `make run` shows the living service, `make test` proves it. Everything else is listed by `make help`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export UV_PYTHON_DOWNLOADS := never
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help run week test lint bench setup lock

help: ## Show what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

run: $(READY) ## Start a virtual WeCom, full of life, and the service for it (Ctrl-C stops)
	@$(BIN)/siyu demo

week: $(READY) ## Let a virtual week pass in minutes: flows, a broadcast, a moment, faults; the books must agree
	@$(BIN)/siyu demo --week

test: $(READY) ## Run the whole suite on SQLite, PostgreSQL and Redis (it brings both itself)
	@$(BIN)/pytest -n 2

lint: $(READY) ## Check style, types and who imports whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/deptry .

bench: $(READY) ## Measure throughput, latency and memory as ratios against peers
	@$(BIN)/python -m bench

setup: $(READY) ## Make the Python environment from the locked dependencies

$(READY): requirements-setup.lock requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Siyu needs Python 3.11 or newer; try: make PYTHON=python3.13") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-setup.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $(READY)

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

lock: $(READY) ## Lock the dependencies anew
	printf 'uv\nhatchling\neditables\n' | $(LOCK) - -o requirements-setup.lock
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) --extra dev pyproject.toml -o requirements-dev.lock
