# The two commands are `make run` and `make test`; `make help` lists the rest.
# Each step leaves a stamp and is done again only when what it depends on has changed.

PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
PIP    := $(PY) -m pip install --quiet --disable-pip-version-check

RUN_STAMP  := $(VENV)/.run
TEST_STAMP := $(VENV)/.test
NODE_STAMP := node_modules/.fetched
MESSAGES   := $(patsubst %.po,%.mo,$(wildcard lezhi/locale/*/LC_MESSAGES/*.po))

export PORT ?= 8000

.PHONY: help run test bench mutate lint lock messages makemessages tools format installed

.NOTPARALLEL:

help:
	@echo "make run           the system with demo data on http://localhost:$(PORT) (PORT=8001 for another port)"
	@echo "make test          all tests: SQLite, then PostgreSQL, Redis and a worker where they are installed; seconds by suite"
	@echo "make bench         every figure of the site at city scale beside bare floors (PostgreSQL; about 25 minutes)"
	@echo "make mutate        what the tests do not notice: small mistakes put into a copy (slow; not in CI)"
	@echo "make lint          style, imports, migrations, translations, production settings"
	@echo "make format        rewrite Python, templates, styles and scripts in the usual format"
	@echo "make makemessages  collect the strings to translate (needs gettext)"
	@echo "make lock          write the pinned locks anew from requirements*.txt"

run: tools
	@$(PYTHON) deploy/serve.py --check
	@$(MAKE) --no-print-directory $(RUN_STAMP) $(NODE_STAMP) messages
	@$(PY) manage.py prepare
	@exec $(PY) deploy/serve.py

test: $(TEST_STAMP) $(NODE_STAMP) messages
	@$(PY) -m tests.run $(ARGS)

mutate: $(TEST_STAMP) $(NODE_STAMP) messages
	@nice -n 19 $(PY) -m tools.mutation $(ARGS)

installed: $(TEST_STAMP) $(NODE_STAMP) messages
	@:

bench: $(TEST_STAMP) $(NODE_STAMP) messages
	@$(PY) -m benchmarks $(ARGS)

lint: $(TEST_STAMP) $(NODE_STAMP) messages
	@sh deploy/lint.sh $(PY)

format: $(TEST_STAMP) $(NODE_STAMP)
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	@sh deploy/format_pages.sh $(PY)

lock:
	@sh deploy/lock.sh

messages: $(MESSAGES)
	@:

makemessages: $(TEST_STAMP)
	$(PY) -m tools.catalogue --write

tools:
	@sh deploy/check_tools.sh $(PYTHON)

$(VENV)/.made: | tools
	@echo "Making the virtualenv ..."
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(RUN_STAMP): requirements.lock $(VENV)/.made
	@echo "Installing the packages of requirements.lock ..."
	@$(PIP) -r requirements.lock
	@touch $@

$(TEST_STAMP): requirements-dev.lock $(VENV)/.made
	@echo "Installing the packages of requirements-dev.lock ..."
	@$(PIP) -r requirements-dev.lock
	@touch $@

$(NODE_STAMP): package-lock.json | $(VENV)/.made
	@echo "Fetching the front-end packages ..."
	@sh deploy/fetch_front_end.sh $(VENV)
	@touch $@

%.mo: %.po
	@$(PY) -m babel.messages.frontend compile -i $< -o $@
