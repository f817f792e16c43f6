# Two commands: `make demo` runs the product, `make test` proves the checkout.
# Needs Python 3.11 or newer and nothing else. PORT=8010 picks another port.

PORT ?= 8000
export PORT

PY := .venv/bin/python
BASE := .venv/.requirements
DEV := .venv/.requirements-dev
PIP := $(PY) -m pip install -qq --disable-pip-version-check --require-hashes
TESTING := DJANGO_SETTINGS_MODULE=tests.settings
CODE := accounts benchmarks credits messaging reporting tests textengage manage.py

# A heading, the command, and how long it took: $(call step,Heading,command)
step = @printf '\n== %s\n' '$(1)'; began=$$(date +%s); code=0; { $(2); } || code=$$?; \
	printf '== %s: %s in %s s\n' '$(1)' "$$(test $$code -eq 0 && echo ok || echo FAILED)" \
	"$$(( $$(date +%s) - began ))"; exit $$code

.NOTPARALLEL:
.PHONY: help demo demo-reset setup test check lint types migrations deploy unit journeys browser \
	storm bench bench-all audit traffic format

help:
	@printf '%s\n' 'make demo        the whole product on http://127.0.0.1:$(PORT)' \
	'make demo-reset  the same, from an empty database' \
	'make test        everything that proves the checkout' \
	'make check       the quick half: style, layers, types' \
	'make bench       three benchmarks, short runs; make bench-all: all of them' \
	'make prove       the long proofs: storm, planted bugs, and three more (docs/proofs.md)' \
	'make setup       only the environment for both' \
	'make traffic     a conversation in the running demo' \
	'make audit       the invariants, over the demo'"'"'s data'

demo: $(BASE)
	@exec $(PY) -m textengage.demo

demo-reset: $(BASE)
	@$(PY) -m textengage.demo --reset
	@exec $(PY) -m textengage.demo

setup: $(BASE) $(DEV)

test: lint types migrations deploy unit journeys browser storm bench

check: lint types

lint: $(DEV)
	$(call step,Style,$(PY) -m ruff check $(CODE) && $(PY) -m ruff format --check $(CODE))
	$(call step,Layers,.venv/bin/lint-imports --no-logo)

types: $(DEV)
	$(call step,Types,$(PY) -m mypy)

migrations: $(DEV)
	$(call step,Migrations,$(TESTING) $(PY) manage.py makemigrations --check --dry-run)

# A server's environment: nothing is contacted, so the addresses need not exist.
deploy: $(DEV)
	$(call step,Deployment,PUBLIC_URL=https://textengage.example DATABASE_URL=postgres:///none \
	SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(64))') SECRETS_KEYS=a PEPPER=b \
	$(PY) manage.py check --deploy --fail-level WARNING)

unit: $(DEV)
	$(call step,Unit tests,$(PY) -m pytest -q -n 2 --ignore tests/journeys --ignore tests/browser)

# Journeys and browser tests share one running product, so they keep the order they are written in.
journeys: $(DEV)
	$(call step,Journeys,$(PY) -m pytest -q -p no:randomly tests/journeys)

browser: $(DEV)
	$(call step,Browser,$(PY) -m pytest -q -p no:randomly tests/browser)

# Side by side with the usual way; they fail for what is lost or doubled, never for being slow.
BENCH = $(call step,Benchmark $(1),$(PY) manage.py bench $(1) --quick --json)

# Real processes under seeded faults, and interleavings inside one; the carrier's own log judges.
storm: $(DEV)
	$(call step,Storm,$(PY) -m tests.storm --schedules 20 --interleavings 1000 --seed 1 --json)

bench: $(DEV)
	$(call BENCH,dispatch)
	$(call BENCH,webhooks)
	$(call BENCH,pace)

bench-all: bench
	$(call BENCH,growth)
	$(call BENCH,reply-under-campaign)

# Long: an hour or two on two cores, none of it in `make test`. Each ends with a line of JSON.
PROOF = $(call step,Proof $(1),$(PY) -m tests.storm.proofs $(1) --json)

prove: $(DEV)
	$(call step,Storm,$(PY) manage.py storm --schedules 600 --interleavings 50000 --seed 1 --json)
	$(call step,Planted bugs,$(PY) -m tests.storm.planted --json)
	$(call PROOF,stop-race)
	$(call PROOF,campaign)
	$(call PROOF,memory)

# A conversation in the running demo, so that the audit has everything to look at.
traffic: $(BASE)
	@$(PY) manage.py traffic --port $(PORT)

# Of the demo's data, running or not. An empty database shows nothing and fails, so in
# `make test` the journeys audit what they sent instead.
audit: $(BASE)
	$(call step,Audit,$(PY) manage.py audit --json)

format: $(DEV)
	@$(PY) -m ruff check --fix --quiet $(CODE); $(PY) -m ruff format $(CODE)

$(PY):
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	found=$$python; break; fi; done; \
	if test -z "$$found"; then echo 'TextEngage needs Python 3.11 or newer: PYTHON=/path/to/python3.12 make demo' >&2; exit 1; fi; \
	echo "Making .venv with $$($$found --version)"; \
	$$found -m venv .venv || { rm -rf .venv; echo 'On Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }

$(BASE): requirements.txt | $(PY)
	@echo 'Installing what the product runs on (about a minute the first time)'
	@$(PIP) -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt $(BASE)
	@echo 'Installing what proves it'
	@$(PIP) -r requirements-dev.txt
	@touch $@
