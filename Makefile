# Two commands do everything on a bare machine: `make run` and `make test`.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
PEERS  := $(VENV)/.peers
DOCS   := $(VENV)/.docs
SITE   := build/docs

.PHONY: run test docs fuzz chaos lint bench setup clean
.DEFAULT_GOAL := run

run: $(STAMP)    ## the main job: every spec of data/specs through one Prefect flow
	@$(BIN)/python -m flows

test: $(STAMP)   ## the tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile

docs: $(DOCS)    ## the site, in build/docs: warnings are errors, and every example and the notebook run
	@LC_ALL=C.UTF-8 $(BIN)/python -m sphinx -q -E -W --keep-going -b html docs $(SITE)
	@$(BIN)/python -m pytest -n 2 --dist loadfile -W error --doctest-modules docs taylorkit
	@echo "$(SITE)/index.html"

fuzz: $(STAMP)   ## ten thousand broken specs and hostile artifacts; FUZZ="--seed 1" for others, "--only specs"
	@$(BIN)/python -m tests.fuzz $(FUZZ)

lint: $(STAMP)   ## one formatter, one linter, one type checker
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

bench: $(PEERS)  ## measure against the peers; BENCH="--quick" or "--only NAME" for less
	@$(BIN)/python -m tests.benchmarks $(BENCH)

chaos: $(STAMP)  ## kill runs, damage stores, fail disks: nothing lost, nothing wrong; CHAOS="--quick" or "--only ROW" for less
	@$(BIN)/python -m tests.chaos $(CHAOS)

setup: $(STAMP) $(PEERS)

# Editable, so the checkout is what runs; the constraints are the versions that were tested.
$(STAMP): pyproject.toml constraints.txt
	@echo "Setting up $(VENV): this takes a minute or two the first time"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[flows,dask,llvm,dev]'
	@touch $@

# Apart, because a peer is 100 MB and only the benchmark needs it.
$(PEERS): $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@touch $@

# Apart, because only the site needs it.
$(DOCS): $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[docs]'
	@touch $@

clean:
	rm -rf $(VENV) $(SITE) data/artifacts .prefect
