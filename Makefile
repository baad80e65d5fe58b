# fitflow: `make run` and `make test` need nothing but Python 3.11, 3.12 or 3.13.
# Everything is installed into .venv, at the versions that the lock files pin.

# What `make run` computes.
RUN = compare baseline package workwell_pilots fit_note_reform stronger_sanctions wca_reform --detail area --brief

# The Python that makes .venv. Left alone, the first suitable one is taken.
PYTHON ?=
# How the tests are spread over the processors. `make test PYTEST_ARGS=-x` runs them one by one.
PYTEST_ARGS ?= -n auto --maxprocesses 8 --dist loadfile

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.DEFAULT_GOAL := help
.PHONY: help run test published verify readback bench lint format lock clean
.DELETE_ON_ERROR:

help: ## Show what can be made.
	@sed -n 's/^\([a-z]*\):[^#]*## /    make \1	/p' Makefile

run: $(VENV)/installed ## Compare the reforms with the baseline and write the results.
	$(BIN)/fitflow $(RUN)

test: $(VENV)/installed-dev ## Run the tests.
	$(BIN)/python -m pytest $(PYTEST_ARGS)

verify: $(VENV)/installed-dev ## Compare the engine with theory and other engines; write docs/verification.md.
	$(BIN)/python -m tests.verification

readback: $(VENV)/installed-dev ## Read event logs with pm4py, kept apart for its licence.
	$(BIN)/python -m venv $(VENV)-pm4py
	$(VENV)-pm4py/bin/python -m pip --disable-pip-version-check install --quiet pm4py
	FITFLOW_PM4PY_PYTHON=$(VENV)-pm4py/bin/python $(BIN)/python -m pytest tests/results/test_event_log.py

published: $(VENV)/installed ## Make the published results of the announced package anew.
	$(BIN)/python -m sim.cli.published

bench: $(VENV)/installed-dev ## Measure speed and scale.
	$(BIN)/python -m benchmarks

lint: $(VENV)/installed-dev ## Check style, types and the direction of imports.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(VENV)/installed-dev ## Format the code and order its imports.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/installed-dev ## Choose new versions for the lock files (see CONTRIBUTING.md).
	$(PIP) uv
	$(BIN)/uv pip compile pyproject.toml $(LOCK_ARGS) --upgrade -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml $(LOCK_ARGS) --upgrade --extra dev --extra calibration \
		-c requirements.lock -o requirements-dev.lock

LOCK_ARGS = --quiet --universal --python-version 3.11 --fork-strategy fewest --no-annotate \
	--custom-compile-command "make lock"

clean: ## Remove .venv and what the tools leave behind; finished runs are kept.
	rm -rf $(VENV) $(VENV)-pm4py .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A file in .venv marks each step that is done, so that nothing is installed twice.

$(VENV)/made:
	@chosen=; \
	for python in $(if $(PYTHON),"$(PYTHON)",python3 python3.13 python3.12 python3.11 python); do \
		if "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
			2>/dev/null; then chosen=$$python; break; fi; \
	done; \
	if [ -z "$$chosen" ]; then \
		echo "fitflow needs Python 3.11, 3.12 or 3.13, and found none of them" \
			"$(if $(PYTHON),under the name $(PYTHON).,on this computer.)" >&2; \
		echo "Install one, or name it: make run PYTHON=/path/to/python3.12" >&2; \
		exit 1; \
	fi; \
	echo "Making $(VENV) with $$("$$chosen" --version) ..."; \
	rm -rf $(VENV); \
	if ! "$$chosen" -m venv $(VENV); then \
		echo "This Python cannot make a virtual environment." \
			"On Debian and Ubuntu: apt-get install python3-venv" >&2; \
		rm -rf $(VENV); exit 1; \
	fi
	@touch $@

$(VENV)/installed: $(VENV)/made requirements.lock pyproject.toml
	@echo "Installing fitflow and the libraries it needs into $(VENV) ..."
	$(PIP) -r requirements.lock
	$(PIP) --no-deps -e .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.lock
	@echo "Installing the tools for tests and checks ..."
	$(PIP) -r requirements-dev.lock
	@touch $@
