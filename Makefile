# Everything happens in .venv. `make run` and `make test` install what they need, once.
PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/bin

.PHONY: help run lint test-fast test test-cluster test-desk test-parity bench docs notebooks site

help:  ## say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/installed  ## install if need be, then simulate the city to 2024
	@echo "== sim: the city as it was, to 2024"
	$(BIN)/sim

lint: $(VENV)/installed-lint  ## style, layout and types, as each commit is checked where pre-commit is installed
	@echo "== lint"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test-fast: $(VENV)/installed-test  ## tests of equations, books, settings and structure: under two minutes of a processor
	@echo "== fast tests"
	$(BIN)/python -m pytest -m "not slow and not statistics"

test: $(VENV)/installed-test  ## install with what the tests need, then run them all
	@echo "== tests"
	$(BIN)/python -m pytest -n auto

test-cluster: $(VENV)/installed-test  ## sweeps through a real SLURM of one node and on disks that refuse, for root on Debian
	@echo "== tests of a cluster and of disks"
	$(BIN)/python tests/cluster/disk.py
	$(BIN)/python tests/cluster/slurm.py

test-desk: $(VENV)/installed-test $(VENV)/installed-browser  ## atlas, desk and report in the system's Chromium; SIM_SCREENSHOTS=FOLDER keeps pictures
	@echo "== tests in a browser"
	@command -v "$${CHROMIUM:-chromium}" >/dev/null || { echo "no Chromium: apt-get install chromium"; exit 1; }
	$(BIN)/python -m pytest -n 0 tests/desk

test-parity:  ## the same bits with Python 3.11 to 3.13, lowest and newest versions, with and without AVX: half an hour
	@echo "== parity of environments, in build/parity"
	$(PYTHON) tests/parity/environments.py

bench: $(VENV)/installed  ## measure time and memory of the main job
	@echo "== benchmark, into results/benchmarks"
	$(BIN)/python experiments/benchmark.py

docs: $(VENV)/installed  ## write the parameter tables, the pages of policies and the README's figure; with RUN=FOLDER also the table and figure of docs/calibration.md
	$(BIN)/python docs/parameters.py
	$(BIN)/python docs/policies.py
	$(BIN)/python docs/hero.py
	$(if $(RUN),$(BIN)/python docs/reported.py $(RUN))

site: $(VENV)/installed-site  ## build the documentation site into build/site, without a network, every link checked
	$(BIN)/python -m sphinx -q -W --keep-going -b html -c docs/site . build/site
	@echo "open build/site/index.html"

notebooks: $(VENV)/installed-notebooks  ## run the notebooks and write them as pages with their outputs, into build/notebooks
	$(BIN)/jupytext --to ipynb experiments/notebooks/[0-9A]*.py
	$(BIN)/jupyter nbconvert --to html --execute --output-dir build/notebooks experiments/notebooks/[0-9A]*.ipynb

$(VENV)/bin/python:
	@echo "== new environment in $(VENV), with $$($(PYTHON) --version)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python pyproject.toml
	@echo "== installing the package and what it computes with"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/installed-%: $(VENV)/bin/python pyproject.toml
	@echo "== installing the package and what [$*] asks for"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	@touch $@ $(VENV)/installed
