# `make` alone lists the targets. The only tools needed are make, sh and Python 3.11 to 3.13.
# Everything that is installed goes into .venv; a stamp file there records each finished step, so a
# second run installs nothing unless pyproject.toml has changed since.

VENV := .venv
BIN := $(VENV)/bin
LOG := $(VENV)/install.log
# The speed benchmark's own environment, made by the same rules.
BENCH_VENV := .venv-bench

# The interpreter .venv is made from; empty: the first suitable one found in PATH.
PYTHON ?=

# An environment whose interpreter has gone (a system upgrade, a moved folder) is made again.
VENV_RUNS := $(shell $(BIN)/python -c '' 2>/dev/null && echo yes)

.DEFAULT_GOAL := help
.PHONY: help demo test lint format check docs gallery bench lock clean FORCE

help: ## list these targets
	@echo "Usage: make TARGET [PYTHON=python3.12]"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1 \2/p' Makefile | \
	  while read -r target text; do printf '  %-8s %s\n' "$$target" "$$text"; done

demo: $(VENV)/.run ## compare LSTM and GRU on real sequences, within a budget of 60 s
	@$(BIN)/rnnselect demo

# Two processes: most of the time is compilation, which uses one core, and one process would come
# close to the number of compiled programs of which the package warns.
test: $(VENV)/.test ## run the tests and doctests (make check: the slow ones, too)
	@echo "Running the tests."
	@$(BIN)/python -m pytest --durations=10 -n 2 --dist loadfile -m "not slow" $(PYTEST_ARGS)

lint: $(VENV)/.lint ## ruff, import contracts, types
	@echo "Checking style (ruff check)."
	@$(BIN)/ruff check .
	@echo "Checking format (ruff format)."
	@$(BIN)/ruff format --check .
	@echo "Checking the direction of imports (import-linter)."
	@$(BIN)/lint-imports
	@echo "Checking types (mypy)."
	@$(BIN)/mypy

format: $(VENV)/.lint ## put every file into the house format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

check: ## the whole gate, as continuous integration runs it
	@bash .ci/run

docs: $(VENV)/.docs ## build the documentation into docs/_build, warnings as errors
	@$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	@echo "Built docs/_build/html/index.html."

gallery: $(VENV)/.docs ## the same, with changed examples run and their output kept in docs/gallery: minutes
	@$(BIN)/sphinx-build -W --keep-going -q -b html -D plot_gallery=True docs docs/_build/html
	@echo "Built docs/_build/html/index.html, and kept in docs/gallery what the examples print and draw."

bench: ## time training against SciKeras, skorch and plain Keras, and write docs/speed.md
	@$(MAKE) --silent --no-print-directory VENV=$(BENCH_VENV) $(BENCH_VENV)/.bench
	@$(BENCH_VENV)/bin/python benchmarks/speed/run.py --write $(BENCH_ARGS)

# The gate does not install from it, because it runs on the newest releases.
lock: $(VENV)/.test ## write down the versions that the tests run with, into .ci/locked.txt
	@sed -n '/^#/p' .ci/locked.txt >$(VENV)/locked.txt
	@$(BIN)/python -m pip freeze --exclude-editable >>$(VENV)/locked.txt
	@mv $(VENV)/locked.txt .ci/locked.txt

clean: ## remove .venv, caches and build output
	@rm -rf $(VENV) $(BENCH_VENV) build dist docs/_build docs/examples docs/generated .ci/artefacts .hypothesis
	@rm -rf .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name .git -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +

# --- the environment ------------------------------------------------------------------------------

# $(call install,WHAT,REQUIREMENTS): pip install, with one line that says what, and one sentence that
# says why when it fails.
define install
	@echo "Installing $(1)."; \
	if $(BIN)/python -m pip install --quiet --no-input --retries 3 --disable-pip-version-check $(2) \
	  >$(LOG) 2>&1; then exit 0; fi; \
	if grep -qiE 'failed to establish|connection (refused|reset|error|broken)|timed out|ProxyError|name resolution|name or service|network is unreachable|max retries|(Connect|Read) ?Timeout|Remote end closed|SSLError|HTTP error 5[0-9][0-9]' $(LOG); then \
	  echo "error: pip could not reach the package registry: check the network, proxy and pip settings, then run make again (details: $(LOG))."; \
	elif grep -qi 'no space left' $(LOG); then \
	  echo "error: the disk is full: rnnselect and TensorFlow need about 3 GB (details: $(LOG))."; \
	elif grep -qiE 'no matching distribution found for tensorflow' $(LOG); then \
	  echo "error: there is no TensorFlow for $$($(BIN)/python --version) on this machine: run 'make clean', then name a Python from 3.11 to 3.13, as in 'make demo PYTHON=python3.12'."; \
	else \
	  tail -n 15 $(LOG); \
	  echo "error: pip could not install $(1): its last words are above, all of them in $(LOG)."; \
	fi >&2; \
	exit 1
endef

$(VENV)/.run: pyproject.toml $(VENV)/.made
	$(call install,rnnselect and its dependencies (TensorFlow is large: one to three minutes),-e .)
	@touch $@

$(VENV)/.test: $(VENV)/.run
	$(call install,the test tools,--group test)
	@touch $@

$(VENV)/.docs: $(VENV)/.run
	$(call install,the documentation tools,--group docs)
	@touch $@

$(VENV)/.lint: $(VENV)/.run
	$(call install,the lint tools,--group lint)
	@touch $@

# Only `make bench` comes here, with its own VENV. Without a CPU build of PyTorch the benchmark leaves
# out the skorch rows.
$(VENV)/.bench: pyproject.toml $(wildcard benchmarks/speed/requirements*.txt) $(VENV)/.made
	@echo "Installing PyTorch's CPU build."; \
	$(BIN)/python -m pip install --quiet --no-input --retries 1 --disable-pip-version-check \
	  -r benchmarks/speed/requirements-torch.txt >$(LOG) 2>&1 \
	  || echo "No CPU build of PyTorch was found: the rows against skorch will be skipped. Install one into $(VENV) to have them (details: $(LOG))."
	$(call install,rnnselect and what it is compared with (one to three minutes),-r benchmarks/speed/requirements.txt -e .)
	@touch $@

# The first suitable interpreter is one that runs, is new enough and can make environments (Debian
# and Ubuntu keep the venv module in a package of its own).
$(VENV)/.made: $(if $(VENV_RUNS),,FORCE)
	@python= old= bare=; \
	for candidate in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
	  version=$$($$candidate -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) \
	    || continue; \
	  if ! $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    old="$$candidate is Python $$version"; \
	  elif ! $$candidate -c 'import venv, ensurepip' 2>/dev/null; then \
	    bare=$${bare:-$$version}; \
	  else python=$$candidate; break; fi; \
	done; \
	if [ -n "$$python" ]; then \
	  echo "Creating $(VENV) with Python $$version ($$python)."; \
	  $$python -m venv --clear $(VENV) && exit 0; \
	  echo "error: '$$python -m venv $(VENV)' failed: its message is above."; \
	elif [ -n "$$bare" ]; then \
	  echo "error: Python $$bare has no venv module: install it (Debian and Ubuntu: apt install python$$bare-venv), then run make again."; \
	elif [ -n "$$old" ]; then \
	  echo "error: rnnselect needs Python 3.11 or newer, but $$old: install a newer one, or name it, as in 'make demo PYTHON=/path/to/python3.12'."; \
	elif [ -n "$(PYTHON)" ]; then \
	  echo "error: PYTHON=$(PYTHON) does not run: name a Python from 3.11 to 3.13."; \
	else \
	  echo "error: no Python found: install Python 3.11, 3.12 or 3.13, or name it, as in 'make demo PYTHON=/path/to/python3.12'."; \
	fi >&2; \
	rm -rf $(VENV); exit 1
	$(call install,a pip that knows dependency groups,"pip>=25.1")
	@touch $@
