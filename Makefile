# Two commands from nothing but Python 3.11+ and make:
#   make serve   set up, load the starter graph the first time, and serve it on http://localhost:8080
#   make test    what CI runs: format, lint, types, tests

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8080

NPM := PATH="$(abspath $(BIN)):$$PATH" npm
EDITOR := service/static/editor/editor.js

.PHONY: serve test lint types check bench editor wheel lock clean

serve: $(VENV)/serve.stamp
	@$(MAKE) --no-print-directory $(EDITOR) || printf '\n%s\n%s\n\n' \
	  '*** THE QUERY EDITOR COULD NOT BE BUILT (can npm fetch its packages?):' \
	  '*** /sparql is a plain form until `make editor` succeeds. Everything else is served as always.' >&2
	$(BIN)/trivium serve --port $(PORT)

test: lint types $(EDITOR)
	$(BIN)/pytest -n auto --dist loadfile

lint: $(VENV)/test.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/test.stamp
	$(BIN)/mypy

bench: $(VENV)/test.stamp
	$(BIN)/python tests/benchmark.py
	$(BIN)/python tests/benchmark_validation.py

editor: $(EDITOR)

wheel: $(VENV)/test.stamp $(EDITOR)
	$(BIN)/python -m hatchling build -t wheel

lock:
	$(NPM) install --package-lock-only
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make lock" pyproject.toml --extra build -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make lock" pyproject.toml --extra build --group dev -o requirements-dev.lock

clean:
	rm -rf $(VENV) dist node_modules $(dir $(EDITOR)) .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/serve.stamp: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/test.stamp: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@ $(VENV)/serve.stamp

$(EDITOR): $(wildcard service/editor/*) package-lock.json .npmrc | $(VENV)/serve.stamp
	$(NPM) ci --loglevel=error
	$(NPM) run --silent build
	touch $@
