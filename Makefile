# `make` alone lists the targets. VENV=folder uses another virtual environment, PYTEST_ARGS=… adds to pytest.
.DEFAULT_GOAL := help
.PHONY: help run test acceptance lint bench bench-pages lock clean
.DELETE_ON_ERROR:
SHELL := /bin/sh

VENV ?= .venv
BIN := $(VENV)/bin
WORKERS ?= 2
PYTEST_ARGS ?=

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'

run: $(VENV)/runtime.stamp ## Serve on http://HOST:PORT; sets up the database, and demo records on the first run
	@MALLOC_ARENA_MAX=$${MALLOC_ARENA_MAX:-1} MALLOC_MMAP_THRESHOLD_=$${MALLOC_MMAP_THRESHOLD_:-1048576} $(BIN)/python serve.py --prepare

test: $(VENV)/tools.stamp ## Run the test suite on SQLite and PostgreSQL
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not acceptance" $(PYTEST_ARGS)

acceptance: $(VENV)/tools.stamp ## Run the long matrix: every real file, both encodings, both databases
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m acceptance $(PYTEST_ARGS)

lint: $(VENV)/tools.stamp ## Check style, types and the directions of imports
	$(BIN)/ruff check .
	$(BIN)/mypy --strict models backoffice config.py wsgi.py serve.py
	$(BIN)/lint-imports --no-logo

bench: $(VENV)/tools.stamp ## Measure bulk exchange against others; BENCH_ROWS=1000000 chooses the size
	$(BIN)/python -m benchmarks

bench-pages: $(VENV)/tools.stamp ## Measure pages against others with a million records; BENCH_ROWS=10000 is a quick one
	$(BIN)/python -m benchmarks.pages

lock: $(VENV)/tools.stamp ## Compile requirements*.in to pinned requirements*.txt
	$(BIN)/pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --output-file=requirements.txt requirements.in
	$(BIN)/pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --output-file=requirements-dev.txt requirements-dev.in

clean: ## Remove the virtual environment and the caches; the database in instance/ stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# Packages are installed again only when the pinned list has changed.
$(VENV)/runtime.stamp: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/tools.stamp: requirements-dev.txt requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/runtime.stamp

$(BIN)/python:
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Making $(VENV) with $$python"; exec "$$python" -m venv $(VENV); \
		fi; \
	done; echo "Python 3.11 or newer is needed; name it with make PYTHON=/path/to/python3" >&2; exit 1
