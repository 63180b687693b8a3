# Everything a fresh machine needs is set up by `make setup`, which every other target asks for.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run care demo test check audit bench format setup browser clean

setup: $(STAMP)

$(STAMP): pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $(STAMP)

# What you loaded yourself stays out of the examples and the figures.
run care bench: export ANODYNE_HOME := $(VENV)/home

run: setup
	@$(BIN)/anodyne check examples/day.837 --history examples/history.837 --as-of 2026-11-21 --fail-on never

# A made-up month of care management, closed.
care: setup
	@$(BIN)/anodyne care close --month 2026-10 --time examples/care_time.csv \
		--enrolments examples/care_enrolments.csv --fail-on never

test: setup browser
	$(BIN)/pytest -n 2

browser:
	@tools/browser.sh

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/audit.py

audit: setup
	$(BIN)/python tools/audit.py

# A made-up practice with a year behind it, in a browser.
demo: setup
	$(BIN)/anodyne demo

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/care.py
	$(BIN)/python benchmarks/remits.py

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
