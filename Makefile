# make run   sets up its own environment and opens the console on a demo site
# make test  sets up and runs everything that CI runs
# make bench measures, as ratios in one run (see BENCHMARKS.md)

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: run test lint types borders bench screenshots clean

run: $(READY)
	@$(BIN)/ocpp-console demo

# A Python without ensurepip (Debian's) gets pip from the package index, as a wheel that runs itself.
$(READY): pyproject.toml constraints.txt
	@echo "ocpp-console: setting up $(VENV) (once; about a minute)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 run"; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) 2>/dev/null || { $(PYTHON) -m venv --clear --without-pip $(VENV) && $(BIN)/python .ci/get_pip.py; }
	@echo "ocpp-console: installing (1/2) build tools"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	@echo "ocpp-console: installing (2/2) ocpp-console and what it needs"
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --constraint constraints.txt --editable '.[dev]' | sed -n 's/^Collecting \([^ ]*\).*/  \1/p'
	@touch $(READY)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

borders: $(READY)
	$(BIN)/lint-imports

test: lint types borders
	$(BIN)/pytest -n 2 --dist loadfile

bench: $(READY)
	$(BIN)/python -m tests.bench

screenshots: $(READY)
	$(BIN)/pytest tests/ui -q --snapshot-update

clean:
	rm -rf $(VENV)
