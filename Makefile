# make up ARGS="--port 8123 --state-dir /some/where --no-demo --clock manual"

ARGS ?=
VENV := .venv
RUN := $(VENV)/bin/python
SUITABLE := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
FIND_PYTHON := for python in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$python -c '$(SUITABLE)' 2>/dev/null && echo $$python && break; done

STAGE ?= dev
# The tests of a module share a worker, and what they have started. WORKERS=0, or a single test, needs no workers.
PATHS := $(filter tests/%,$(ARGS))
WORKERS ?= $(if $(findstring ::,$(PATHS)),0,auto)
PARALLEL := -n $(WORKERS) --maxprocesses 8 --dist loadscope --no-loadscope-reorder

.PHONY: up console test test-ci test-exhaustive lint bench package doctor deploy token replay export import destroy clean

up: console
	@$(RUN) -m infra.local $(ARGS)

# chalicelib/console/, when its sources or the API have changed; with PyPI's Node.js where this machine has none.
console: $(VENV)/installed
	@$(RUN) -m infra.console

# All tests, or those of the paths in ARGS: these alone, and the console is built only where one of them needs it.
test: $(if $(PATHS),$(VENV)/installed,console)
	$(RUN) -m pytest -m "not ci and not exhaustive" $(PARALLEL) $(ARGS)
	$(if $(PATHS),,$(RUN) -m infra.console test)

test-ci: console
	$(RUN) -m pytest -m "ci and not exhaustive" $(PARALLEL) $(ARGS)

test-exhaustive: $(VENV)/installed
	$(RUN) -m pytest -m exhaustive $(ARGS)

lint: $(VENV)/installed
	$(RUN) -m ruff check .
	$(RUN) -m mypy
	$(RUN) -m infra.console check

bench: $(VENV)/installed
	$(RUN) -m tests.benchmarks $(ARGS)

# dist/<stage>/template.yaml and deployment.zip; asks package indexes, never AWS.
package: console
	@$(RUN) -m infra.package $(STAGE)

# With your own AWS rights, in the account and Region that AWS_PROFILE and AWS_REGION choose.
doctor: $(VENV)/installed
	@$(RUN) -m infra.operate.doctor $(STAGE) $(ARGS)

deploy: package
	@$(RUN) -m infra.operate.deploy $(STAGE) $(ARGS)

token: $(VENV)/installed
	@$(RUN) -m infra.operate.token $(STAGE) $(ARGS)

# Events that were given up; ARGS=--list only looks.
replay: $(VENV)/installed
	@$(RUN) -m infra.operate.replay $(STAGE) $(ARGS)

# The configuration as one JSON document, over the HTTP API with the admin token in KINTO_TOKEN.
export: $(VENV)/installed
	@$(RUN) -m infra.operate.export $(STAGE) $(if $(FILE),--file $(FILE)) $(ARGS)

import: $(VENV)/installed
	@$(RUN) -m infra.operate.restore $(STAGE) $(if $(FILE),--file $(FILE)) $(ARGS)

destroy: $(VENV)/installed
	@$(RUN) -m infra.operate.destroy $(STAGE) \
		$(if $(filter 1,$(YES)),--yes) $(if $(filter delete,$(TABLE)),--delete-table) $(ARGS)

# The state directory of `make up` stays: remove .kinto by hand to begin anew.
clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis out dist
	rm -rf console/node_modules console/src/api/schema.d.ts chalicelib/console
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/installed: requirements.txt requirements-dev.txt
	@python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then \
		echo "KintoBlocks needs Python 3.11 to 3.14 with its venv module, and none was found." >&2; \
		echo "On Debian and Ubuntu: sudo apt install python3 python3-venv" >&2; \
		exit 1; \
	fi; \
	echo "Installing into $(VENV) with $$python (once)" >&2; \
	$(RUN) -c '$(SUITABLE)' 2>/dev/null || $$python -m venv --clear $(VENV)
	@$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
