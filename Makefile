# make run   sets up its own environment and opens the console on a demo site
# make test  sets up and runs everything that CI runs
# make bench measures, as ratios in one run (see BENCHMARKS.md)

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PIP    := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: run test lint types borders bench screenshots clean

run: $(READY)
	@$(BIN)/ocpp-console demo

# Can be interrupted and begun again: what is there and works is kept, a half-made environment is made anew.
# A Python without ensurepip (Debian's) gets pip from the package index, as a wheel that runs itself.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	@echo "ocpp-console: setting up $(VENV) (once; about a minute)"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) >/dev/null 2>&1 || \
	    { $(PYTHON) -m venv --clear --without-pip $(VENV) && $(BIN)/python .ci/get_pip.py; }
	@echo "ocpp-console: installing (1/2) build tools"
	@$(PIP) install --quiet --upgrade pip
	@echo "ocpp-console: installing (2/2) ocpp-console and what it needs"
	@rm -f $(VENV)/.failed
	@{ $(PIP) install --progress-bar off --constraint constraints.txt --editable '.[dev]' || touch $(VENV)/.failed; } | \
	    sed -n -e 's/^Collecting \([^ ]*\).*/  \1/p' -e 's/^Installing collected.*/  unpacking them all/p'
	@test ! -e $(VENV)/.failed || { echo "ocpp-console: the set-up failed (see above); run make again to go on"; exit 1; }
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
