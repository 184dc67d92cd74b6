# Thin on purpose: what happens is in scripts/ and in manage.py. `make help` lists the targets.
PYTHON_BIN := .venv/bin/python
MANAGE := $(PYTHON_BIN) manage.py
PYTEST_ARGS ?=
# Half of the time of some tests is waiting; two processes also on a machine of two cores.
TEST_PROCESSES ?= 2
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test lint format bench eval browser

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  PORT (8000), HOST (127.0.0.1), DATA_DIR (./var), DEMO (1) and DEMO_PASSWORD are respected by make run"

setup: ## Make .venv with the locked requirements
	@scripts/setup.sh

setup-dev: ## The same, with what tests and checks need
	@scripts/setup.sh --dev

run: setup ## Start everything; Ctrl-C stops it
	@exec $(MANAGE) up

browser: # Chromium for the browser tests; without it they skip and say so
	@scripts/chromium.sh

test: setup-dev browser ## Run all tests in random order
	@exec $(PYTHON_BIN) -m pytest -n $(TEST_PROCESSES) $(PYTEST_ARGS)

lint: setup-dev ## Style, types and the import contract
	$(PYTHON_BIN) -m ruff check .
	$(PYTHON_BIN) -m ruff format --check .
	$(PYTHON_BIN) -m mypy ragsite retrieval documents hr tenants audit
	.venv/bin/lint-imports

format: setup-dev ## Put the code into the house style
	$(PYTHON_BIN) -m ruff check --fix .
	$(PYTHON_BIN) -m ruff format .

bench: setup ## Measure a whole fresh installation; figures and ratios, kept as JSON in bench-results/
	@exec $(PYTHON_BIN) -m ragsite.bench $(BENCH_ARGS)

eval: setup ## Measure search quality: make eval DATA=folder
	@exec $(MANAGE) evaluate --data $(DATA)
