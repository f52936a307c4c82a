# What is there to type?  `make` alone lists it.  Nothing is needed but Python 3.11 or later, with venv and pip.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.setup-done
BENCH_READY := .venv/bench/.setup-done
COMPILED := .venv/compiled/.done
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url --no-emit-find-links
PYTEST := $(BIN)/pytest --numprocesses 2 --dist loadgroup

.DEFAULT_GOAL := help
.PHONY: help setup lock format check test test-long test-compiled faults demo compile bench

# Every target that a person types has two hash signs and a sentence behind it: that sentence is printed here.
help: ## List what there is to type
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F '|' '{ printf "%-16s %s\n", $$1, $$2 }'

# The stamp lies in the environment: whoever deletes that deletes both.
setup: $(READY) ## Make .venv: what the lock file pins, and the project itself

# Again whenever the lock or the project's settings are newer.  All that is built is the project, by what the lock pins.
$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'make: $(PYTHON) is not Python 3.11 or later; name one that is: make PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo 'make: $(PYTHON) lacks venv; install it (Debian, Ubuntu: apt-get install python3-venv)' >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# Keeps the versions that still fit; `make lock UPGRADE=--upgrade` takes the newest.  The second file is the first without
# what only development and backtests need: the container image is made from it.  The third is what the benchmarks are measured beside, whose
# pins do not agree with the first.
lock: $(READY) ## Write the lock files anew, after a change of pyproject.toml
	$(COMPILE) $(UPGRADE) --all-extras pyproject.toml --output-file requirements.txt
	$(COMPILE) --constraint requirements.txt --extra api --extra notify pyproject.toml --output-file requirements-run.txt
	$(COMPILE) $(UPGRADE) --group bench --output-file requirements-bench.txt

# What `make check` finds wrong with the form, this puts right.
format: $(READY) ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# From the quickest to the slowest.
check: $(READY) ## Form, types, direction of imports, freshness of the schemas
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/shopwatch topics schema --check
	$(BIN)/mypy

# Two processes share one Kafka (tests/kafka_fixture.py).
test: $(READY) ## Unit, property, Kafka and browser tests, in about 10 minutes on 2 cores
	$(PYTEST) -m 'not long and not faults'

# The marker alone: what `make test` runs need not run again.
test-long: $(READY) ## Thousands of generated streams against the oracle, every benchmark at toy size
	$(PYTEST) -m long --timeout 0

# The tests of numbers again, on the engine as machine code.  `tests` comes from here, all else from where that lies.
test-compiled: $(COMPILED) ## The engine's tests on the compiled engine
	SHOPWATCH_ENGINE=compiled PYTHONPATH=.venv/compiled $(PYTEST) --import-mode append -m 'not long and not faults' tests/engine tests/conformance tests/properties tests/policy tests/worker/test_partition.py

# One at a time, and not captured: how long each took to recover is printed.
faults: $(READY) ## Workers and broker killed, stopped, away: each by itself, in 17 minutes
	$(BIN)/pytest -m faults --capture no

# Ends by itself after DEMO_SECONDS, if the environment has that.
demo: $(READY) ## A marketplace on a real Kafka, watched live; Ctrl-C ends it
	$(BIN)/shopwatch demo

# Wants a C compiler and Python's headers (Debian, Ubuntu: gcc, libc6-dev, python3-dev).  The wheel in dist/ is for this platform;
# what it holds lies unpacked in .venv/compiled, for who is measured or tested with it.
compile: $(COMPILED) ## Make a wheel with the engine compiled to machine code

$(COMPILED): $(READY) hatch_build.py $(shell find stream topics -name '*.py')
	rm -rf .venv/compiled dist
	HATCH_BUILD_HOOK_ENABLE_CUSTOM=true $(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-index --target .venv/compiled dist/shopwatch-*.whl
	@touch $@

# What it is measured beside, in an environment of its own within the other.
$(BENCH_READY): requirements-bench.txt $(READY)
	$(PYTHON) -m venv .venv/bench
	.venv/bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-bench.txt
	@touch $@

# A full run writes its figures to benchmarks/results.json and docs/performance.md, a quick one nowhere.
bench: $(BENCH_READY) $(COMPILED) ## Measure, beside others, in 25 minutes; with QUICK=1 in 4
	$(BIN)/python -m benchmarks --size $(if $(QUICK),quick,full) $(BENCH)
