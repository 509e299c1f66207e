# Everything that is needed is set up on first use; `make` alone lists the targets.
.DEFAULT_GOAL := help
.PHONY: help setup packages up down synth scan unit test test-long test-mysql test-aurora coverage lint format generated permissions bench corpus mutants terrain terrain-plan tofu lock clean

PYTHON := .venv/bin/python
VENV := .venv/.ready
NODE := node_modules/.ready
COMMAND := .venv/bin/bluegreen
PROGRESS := sh scripts/progress.sh
MARIADB := .tools/.mariadb
MUTATION := .tools/mutation
TERRAIN := .tools/terrain
# CDK Terrain needs other versions of the packages beneath it than CDKTF.
TERRAIN_PIPFILE := PIPENV_PIPFILE="$(CURDIR)/scripts/terrain/Pipfile"
# pip would compile everything on one core (0 is how its variable for --no-compile says yes), a third of it
# bindings that nothing imports while trimmed ones are there.
UNUSED := cdktf_cdktf_provider_aws/
PACKAGES := import sysconfig; print(sysconfig.get_path("purelib"))
# Products of their own, in packages/: imported from where they are, through a .pth file of the environment.
SOURCES := from pathlib import Path; print(*sorted(Path.cwd().glob("packages/*/src")), sep="\n")
export PIPENV_VENV_IN_PROJECT := 1
export PIPENV_IGNORE_VIRTUALENVS := 1
export CHECKPOINT_DISABLE := 1
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: packages $(MARIADB) ## install the locked dependencies into this checkout

packages: $(VENV) $(COMMAND) $(NODE) $(TERRAIN)/.ready

up: $(VENV) $(COMMAND) $(MARIADB) ## synthesize, scan, bring the platform up on the embedded AWS, show its status
	DEPLOYMENT=local $(PYTHON) main.py
	$(PYTHON) -m bluegreen scan cdktf.out/stacks/local
	$(PYTHON) -m bluegreen local up

down: $(VENV) ## stop the embedded AWS and remove what it left
	$(PYTHON) -m bluegreen local down

synth: $(VENV) ## write the Terraform JSON of every deployment (DEPLOYMENT=name: of one) to cdktf.out/
	$(SYNTHESIS) main.py

ifeq ($(BLUEGREEN_CDK),cdktn)
SYNTHESIS := $(TERRAIN)/bin/python
synth: $(TERRAIN)/.ready
else
SYNTHESIS := $(PYTHON)
endif

scan: $(VENV) ## scan cdktf.out/ with Checkov and the policy pack, failing closed
	$(PYTHON) -m bluegreen scan

unit: $(VENV) ## run the unit tests: seconds, and no process is started
	$(PYTHON) -m pytest -n auto -m unit

test: setup ## run all tests
	$(PYTHON) -m pytest -n auto

test-long: setup ## run the tests that take hours: every ending of an apply, the upgrade, the tutorial's deployment
	$(PYTHON) -m pytest -n 2 -m long

test-mysql: setup ## run the tests of ledger and rotation on MySQL in the place of MariaDB (half an hour; unpacked on first use, from Debian)
test-aurora: setup ## run them on MySQL with Aurora's procedures and privileges
test-mysql test-aurora:
	sh scripts/mysql.sh .tools/mysql
	BLUEGREEN_TEST_DATABASE=$(@:test-%=%) $(PYTHON) -m pytest -n0 tests/lambda_src/ledger tests/lambda_src/rotation

coverage: setup ## run all tests, and report which branches of the code they reach (at least 95 %)
	@mkdir -p .cache/coverage
	COVERAGE_FILE=.cache/coverage/data $(PYTHON) -m coverage run -m pytest -n auto
	COVERAGE_FILE=.cache/coverage/data $(PYTHON) -m coverage combine --quiet
	COVERAGE_FILE=.cache/coverage/data $(PYTHON) -m coverage report

lint: $(VENV) ## check style, types and the direction of imports
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports --no-cache --no-logo

format: $(VENV) ## rewrite the sources in the project's style
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

generated: synth ## rewrite what is generated: golden file, configuration schema, topology, pages of docs/
	$(PYTHON) -m tests.modules.golden.production
	$(PYTHON) -m bluegreen diagram cdktf.out/stacks/local --out docs/topology.svg
	$(PYTHON) -m bluegreen policies --docs docs/policies.md
	$(PYTHON) -m tools.requirements
	$(PYTHON) -m tools.configuration
	$(PYTHON) -m tools.service_packages
	$(PYTHON) -m tests.documents.costs
	$(PYTHON) -m tests.documents.alarms
	$(PYTHON) -m tests.documents.answers
	$(PYTHON) -m tools.documents
	$(PYTHON) -m tools.permissions --page
	$(PYTHON) -m tools.cli
	$(PYTHON) -m tools.pipeline

permissions: $(VENV) ## record anew which permissions the roles that deploy need (a quarter of an hour), after a change of the stack's resources
	$(PYTHON) -m tools.permissions

bench: $(VENV) $(TERRAIN)/.ready ## measure speed, as ratios against a reference; write docs/speed.md and its plot
	$(PYTHON) -m tools.bench

corpus: $(VENV) ## run the gate over other projects: make corpus DIR…, each a checkout or an output outside the repository
	$(PYTHON) -m tools.corpus $(filter-out corpus,$(MAKECMDGOALS))

mutants: $(MUTATION)/.ready ## change lambda_src/ in small ways (MUTANTS='lambda_src.switch.lock*': of these), and see whether a test notices
	$(MUTATION)/bin/mutmut run --max-children 2 $(MUTANTS)
	$(MUTATION)/bin/mutmut export-cicd-stats

terrain: $(VENV) $(TERRAIN)/.ready ## synthesize with CDKTF and with CDK Terrain, and compare
	$(PYTHON) -m tools.terrain

terrain-plan: $(VENV) $(TERRAIN)/.ready ## plan `local` with CDK Terrain and AWS provider 6, on an embedded AWS
	$(PYTHON) -m tools.terrain.plan

tofu: setup ## run the tests end to end with OpenTofu; TOFU=PATH is its executable
	@$(PYTHON) -m tools.terrain.opentofu "$(TOFU)"
	BLUEGREEN_TERRAFORM="$(TOFU)" $(PYTHON) -m pytest -n 2 -m e2e

lock: $(VENV) $(TERRAIN)/.ready ## resolve the dependencies anew (lock files name no registry)
	.tools/bin/pipenv lock
	VIRTUAL_ENV="$(CURDIR)/$(TERRAIN)" PIPENV_IGNORE_VIRTUALENVS= $(TERRAIN_PIPFILE) .tools/bin/pipenv lock
	$(PYTHON) scripts/strip_sources.py Pipfile.lock scripts/terrain/Pipfile.lock
	npm install --package-lock-only

clean: ## remove everything that was made here
	@if [ -d .local ] && [ -x $(PYTHON) ]; then $(PYTHON) -m bluegreen local down; fi
	rm -rf .venv .tools node_modules cdktf.out .local .cache reports mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV): Pipfile.lock scripts/prerequisites.sh scripts/pipenv.txt $(wildcard packages/*/pyproject.toml)
	@sh scripts/prerequisites.sh
	@test -x .tools/bin/pipenv || { echo "setting up: pipenv"; \
		"$$(sh scripts/prerequisites.sh --python)" -m venv .tools && .tools/bin/python -m pip install --quiet --require-hashes --no-deps -r scripts/pipenv.txt; }
	@test -x $(PYTHON) || "$$(sh scripts/prerequisites.sh --python)" -m venv .venv
	@$(PROGRESS) "Python packages" "$$(grep -c '"version":' Pipfile.lock)" '.venv/lib/python3*/site-packages/*.dist-info' \
		.venv/setup.log env PIP_NO_COMPILE=0 .tools/bin/pipenv sync --dev
	@$(PYTHON) -m compileall -qq -j 2 -x '$(UNUSED)' "$$($(PYTHON) -c '$(PACKAGES)')" || :
	@$(PYTHON) -c '$(SOURCES)' > "$$($(PYTHON) -c '$(PACKAGES)')/packages.pth"
	@touch $@

# The link says to which checkout the command belongs.
$(COMMAND): | $(VENV)
	@ln -s ../../scripts/bluegreen $@

$(MUTATION)/.ready: scripts/mutation.txt $(VENV)
	@echo "setting up: mutmut, in an environment of its own that sees the project's packages"
	@"$$(sh scripts/prerequisites.sh --python)" -m venv $(MUTATION)
	@{ $(PYTHON) -c '$(PACKAGES)'; $(PYTHON) -c '$(SOURCES)'; } > "$$($(MUTATION)/bin/python -c '$(PACKAGES)')/project.pth"
	@$(MUTATION)/bin/python -m pip install --quiet --no-deps -r scripts/mutation.txt
	@touch $@

$(TERRAIN)/.ready: scripts/terrain/Pipfile.lock $(VENV)
	@"$$(sh scripts/prerequisites.sh --python)" -m venv --clear $(TERRAIN)
	@$(TERRAIN_PIPFILE) .tools/bin/pipenv requirements --hash > $(TERRAIN)/requirements.txt
	@$(PROGRESS) "CDK Terrain" "$$(grep -c == $(TERRAIN)/requirements.txt)" '$(TERRAIN)/lib/python3*/site-packages/*.dist-info' \
		$(TERRAIN)/setup.log $(TERRAIN)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --no-compile -r $(TERRAIN)/requirements.txt
	@$(PYTHON) -c '$(SOURCES)' > "$$($(TERRAIN)/bin/python -c '$(PACKAGES)')/packages.pth"
	@touch $@

$(MARIADB): scripts/mariadb.sh
	@mkdir -p .tools
	@sh scripts/mariadb.sh "$(CURDIR)/.tools/mariadb"
	@touch $@

$(NODE): package-lock.json scripts/prerequisites.sh
	@sh scripts/prerequisites.sh
	@mkdir -p .tools
	@$(PROGRESS) cdktf-cli 400 'node_modules/*' .tools/npm.log npm ci --ignore-scripts
	@touch $@
