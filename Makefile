# Needs Python 3.11 with venv, and make. Nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
POSTGRESQL ?= postgresql://$(shell id -un)@127.0.0.1/zhibu
BASE := $(VENV)/.base
TEST := $(VENV)/.test
ANALYTICS := $(VENV)/.analytics
# A folder of wheels (make wheels) to install from instead of an index: make setup WHEELS=wheels
WHEELS ?=
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
INSTALL := $(PIP) install $(if $(WHEELS),--no-index --find-links $(WHEELS))

# The tests start hundreds of processes: compile the code once, whatever the shell says.
test check bench: export PYTHONDONTWRITEBYTECODE =

.PHONY: setup demo wheels test check bench clean

setup: $(if $(WHEELS),$(BASE),$(ANALYTICS))

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(BASE): $(BIN)/python requirements/base.txt pyproject.toml
	$(INSTALL) --require-hashes -r requirements/base.txt
	$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(TEST): $(BASE) requirements/test.txt
	$(INSTALL) --require-hashes -r requirements/test.txt
	@touch $@

# Evaluating the whole tree in columns: 500 MB that most installations do without.
$(ANALYTICS): $(TEST) requirements/analytics.txt
	$(INSTALL) --require-hashes -r requirements/analytics.txt
	@touch $@

# A county to play with on http://127.0.0.1:8000, in ./.demo.
demo: $(BASE)
	ZHIBU_HOME=$(CURDIR)/.demo $(BIN)/zhibu demo

# Everything an installation without network needs, into wheels/.
wheels: $(BASE)
	$(PIP) wheel --require-hashes -r requirements/base.txt --wheel-dir wheels
	$(PIP) wheel --no-deps --no-build-isolation --wheel-dir wheels .

# Nothing of a test has to outlive the server: it need not wait for the disk.
HASTE := PGOPTIONS="-c synchronous_commit=off"

# Everything on SQLite; again on PostgreSQL when a server answers; browser tests when there is Chromium.
test: $(ANALYTICS)
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not browser and not slow"
	@if $(BIN)/python -m tests.servers postgresql "$(POSTGRESQL)"; then \
	  ZHIBU_DATABASE="$(POSTGRESQL)" $(HASTE) $(BIN)/python -m pytest -n auto --dist worksteal -m "not browser and not slow"; \
	else echo "没有 PostgreSQL，跳过。"; fi
	@if $(BIN)/python -m tests.servers chromium; then \
	  $(BIN)/python -m pytest -n auto --dist worksteal -m "browser and not slow"; \
	else echo "没有 Chromium，跳过浏览器测试。"; fi

check: $(ANALYTICS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@mkdir -p $(VENV)/check
	ZHIBU_HOME=$(VENV)/check $(BIN)/python -m django makemigrations --check --dry-run \
	  --settings zhibu.config.settings
	ZHIBU_HOME=$(VENV)/check $(BIN)/zhibu check-pack src/zhibu/packs/shipped/*/*/

bench: $(ANALYTICS)
	@for script in benchmarks/*.py; do echo "$$script"; $(BIN)/python $$script || exit 1; done

clean:
	rm -rf $(VENV) .demo wheels
