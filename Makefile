# Fieldwright. `make demo` and `make test` need only Python 3.11+, pip and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
export PROJ_NETWORK := OFF
export FIELDWRIGHT_VAR ?= $(CURDIR)/var

.PHONY: setup demo test check bench serve clean
.DELETE_ON_ERROR:

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if (3,11) <= sys.version_info < (3,14) else "Fieldwright needs Python 3.11, 3.12 or 3.13; this is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	$(BIN)/fieldwright doctor --warm
	touch $@

demo: setup
	$(BIN)/fieldwright demo --out out/demo

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy -p territory -p optimizer -p data -p maps -p api
	$(BIN)/lint-imports

test: check
	$(BIN)/pytest -n auto --dist loadfile

bench: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements-peers.txt
	$(BIN)/python -m benchmarks all

serve: setup
	$(BIN)/fieldwright serve

clean:
	rm -rf $(VENV) out dist build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
