# Every job has one verb; `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
VENV := .venv
# What is rehearsed; left out, it is the first that can be.
ENVIRONMENT ?=
USE_CASE ?=
# All use cases of the environment in one deployment.
ALL ?=
# short, or full: years of house sales, with a version that takes over and one that is taken back.
STORY ?= short
CHOICE = --environment "$(ENVIRONMENT)" --use-case "$(USE_CASE)"
# Continuous delivery, where nobody can answer, says never.
APPROVAL ?= broadening
# What make deploy takes instead of synthesizing: the assembly that another job has tested.
ASSEMBLY ?=
SYNTHESIZED = $(or $(ASSEMBLY),$(CDK_OUTPUT),cdk.out)
# The commit that make review compares with.
BASE ?= main
# What make smoke compares an account with; CHANGE=yes lets it change production too.
REHEARSED ?= rehearsal/observations.json
CHANGE ?=
# What make init is told, on its command line only: variables of a shell, such as EMAIL, are no answers.
ANSWERED = ANSWERS ORG ACCOUNTS REGION EMAIL PROJECT REPOSITORY SIGN_IN PEOPLE USE_CASES OPTIONS TAGS
SAID = $(foreach name,$(ANSWERED),$(if $(findstring command,$(origin $(name))),"$(name)=$($(name))"))
# Where make update-from-template finds the template: a remote of git, and its branch.
TEMPLATE ?= template/main
export PATH := $(CURDIR)/$(VENV)/bin:$(CURDIR)/node_modules/.bin:$(PATH)
# Without bytecode files the CDK libraries take two to three times as long to import.
unexport PYTHONDONTWRITEBYTECODE
# Nothing here may look for an account that happens to be configured on this machine.
export AWS_EC2_METADATA_DISABLED := true
export CDK_DISABLE_CLI_TELEMETRY := true

.PHONY: help
help: ## List the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-20s %s\n", $$1, $$2}'

.PHONY: environment
environment:
	@test -n "$(ENVIRONMENT)" || { echo "Say which environment: make $(firstword $(MAKECMDGOALS)) ENVIRONMENT=dev" >&2; exit 2; }

.PHONY: setup
setup: $(VENV)/.ready node_modules/.ready ## Install everything into this folder (the other verbs do it when needed)

$(VENV)/.ready: requirements/dev.txt tools/setup.sh
	@tools/setup.sh python $(VENV) "$(PYTHON)"
	@touch $@

node_modules/.ready: package.json package-lock.json $(VENV)/.ready
	@tools/setup.sh cdk
	@touch $@

$(VENV)/checkov/.ready: requirements/checkov.txt $(VENV)/.ready
	@tools/setup.sh checkov $(VENV)
	@touch $@

$(VENV)/image/.ready: requirements/build.txt requirements/image.txt $(VENV)/.ready
	@tools/setup.sh image $(VENV)
	@touch $@

$(VENV)/sdk/.ready: requirements/sdk.txt $(VENV)/.ready
	@tools/setup.sh sdk $(VENV)
	@touch $@

$(VENV)/spark/.ready: requirements/spark.txt $(VENV)/image/.ready
	@tools/setup.sh spark $(VENV)
	@touch $@

$(VENV)/mlflow/.ready: requirements/mlflow.txt $(VENV)/.ready
	@tools/setup.sh mlflow $(VENV)
	@touch $@

$(VENV)/docs/.ready: requirements/docs.txt requirements/docs/package-lock.json $(VENV)/.ready
	@tools/setup.sh docs $(VENV)
	@touch $@

$(VENV)/maintenance/.ready: requirements/maintenance.txt $(VENV)/.ready
	@tools/setup.sh maintenance $(VENV)
	@touch $@

$(VENV)/.deploy-ready: requirements/deploy.txt tools/setup.sh
	@tools/setup.sh deploy $(VENV) "$(PYTHON)"
	@touch $@

.PHONY: setup-deploy
setup-deploy: $(VENV)/.deploy-ready ## Install only what deploying an assembly needs: make deploy ASSEMBLY=cdk.out does it
	@test -x node_modules/.bin/cdk || tools/setup.sh cdk

.PHONY: setup-image
setup-image: $(VENV)/image/.ready ## Install the libraries of AWS's image, which some tests run (make test does it)

.PHONY: setup-sdk
setup-sdk: $(VENV)/sdk/.ready ## Install the SageMaker Python SDK 3 and smclarify, which some tests run (make test does it)

.PHONY: setup-spark
setup-spark: $(VENV)/spark/.ready ## Install Spark and a Java, which some tests run (make test does it)

.PHONY: setup-mlflow
setup-mlflow: $(VENV)/mlflow/.ready ## Install the MLflow of the embedded AWS (make rehearse does it)

.PHONY: rehearse
rehearse: setup $(VENV)/mlflow/.ready ## Deploy to the embedded AWS and live a model's whole life there: no account, no Docker
	@python -m tools.rehearse $(CHOICE) --story "$(STORY)" $(if $(ALL),--all)

.PHONY: local-aws
local-aws: setup $(VENV)/mlflow/.ready ## The same, and keep the embedded AWS running for your own calls
	@python -m tools.rehearse $(CHOICE) --story "$(STORY)" --keep

.PHONY: init
init: setup $(VENV)/mlflow/.ready ## Make this the fork of your organisation: make init, or with ORG=acme ACCOUNTS="dev=… prod=…" REGION=… EMAIL=…
	@python -m tools.fork.init $(SAID)
	@$(MAKE) --no-print-directory snapshots
	@echo "Next: git add --all, read the difference, make test, commit; then docs/first-deployment.md"

.PHONY: update-from-template
update-from-template: setup ## Bring what the template has learnt since: git remote add template <address>, make update-from-template
	@python -m tools.fork.update "$(TEMPLATE)"
	@$(MAKE) --no-print-directory snapshots
	@echo "Next: make test, make review BASE=HEAD, and commit"

.PHONY: new-use-case
new-use-case: setup ## Look at a table and write a use case: make new-use-case NAME=loans DATA=loans.csv TARGET=repaid
	@test -n "$(NAME)" -a -n "$(DATA)" -a -n "$(TARGET)" || { echo "Say what: make new-use-case NAME=loans DATA=loans.csv TARGET=repaid" >&2; exit 2; }
	@python -m tools.new_use_case --name "$(NAME)" --data "$(DATA)" --target "$(TARGET)" --environment "$(ENVIRONMENT)"

.PHONY: lint
lint: $(VENV)/.ready ## ruff and mypy
	@ruff check .
	@ruff format --check .
	@mypy

# Three processes would each compile the tests at the same time.
.PHONY: collected
collected: $(VENV)/.ready
	@pytest --collect-only -q > /dev/null

# The longest of the groups that stay together is the rehearsal: it comes first, and mostly waits, so that others share two cores.
.PHONY: test
test: setup lint $(VENV)/checkov/.ready $(VENV)/image/.ready $(VENV)/mlflow/.ready $(VENV)/sdk/.ready $(VENV)/spark/.ready collected ## Every check and every test
	@pytest -n 3 --dist loadgroup --no-loadscope-reorder

# What a change of config/ can break: not what tests of the code prove with a configuration of their own.
.PHONY: check
check: setup ## Check the configuration, and that what it deploys keeps all promises, in seconds; `make test` checks all
	@pytest -q tests/config/test_shipped_files.py tests/promises tests/stacks/test_snapshots.py tests/security/test_exceptions.py \
		tests/test_docs.py::test_the_diagrams_are_drawn_from_the_templates \
		tests/test_docs.py::test_the_costs_are_those_of_the_templates -k "not sample and not matrix"

.PHONY: check-security
check-security: setup $(VENV)/checkov/.ready ## The security gate alone, as a table; `make test` contains it
	@pytest -q tests/security tests/promises/test_permissions.py tests/promises/test_storage.py tests/stacks/training/test_pipeline_definition.py

.PHONY: synth
synth: setup ## Write the templates to cdk.out; of one environment, of one use case in it: make synth ENVIRONMENT=dev USE_CASE=loans
	@cdk synth --quiet $(NARROWED)

# What is left out has no part in the bytes of the rest. Elsewhere USE_CASE means something else, and a shell's variable means nothing.
NARROWED = $(if $(ENVIRONMENT),--context mlops:environment="$(ENVIRONMENT)") $(if $(filter synth plan deploy,$(MAKECMDGOALS)),$(ONE_USE_CASE))
ONE_USE_CASE = $(if $(filter command,$(firstword $(origin USE_CASE))),--context mlops:use-case="$(USE_CASE)")

.PHONY: snapshots
snapshots: setup $(VENV)/mlflow/.ready ## Renew all that follows from configuration and code: snapshots, schemas, pages, diagrams
	@echo "JSON Schemas of the configuration"
	@python -m config.schema
	@echo "Snapshots, lists, exceptions and diagrams, from the templates"
	@pytest -q $$(grep -rl -e --update-snapshots tests --include='test_*.py') --update-snapshots
	@echo "The page of the notebook, from a rehearsal"
	@python -m tools.notebook

# The program ends with 1 when there is something to read, which is no failure. Python ends so too when it cannot run
# the program at all; then there is no comment.
.PHONY: review
review: setup ## Say what this branch changes in what is deployed, most dangerous first; fails when data would be lost: make review BASE=main
	@rm -rf review
	@python -m tools.review --base "$(BASE)" || { test $$? -eq 1 && test -s review/comment.md; }

.PHONY: docs
docs: $(VENV)/docs/.ready ## Make a site of docs/ that needs no network, and open every page of it in a browser: docs-site/index.html
	@python -m tools.site $(if $(BROWSER),--browser "$(BROWSER)")

.PHONY: lock
lock: $(VENV)/maintenance/.ready ## Renew the locked lists in requirements/ and requirements.txt: versions and hashes
	@tools/lock.sh $(VENV)/maintenance/bin/uv

.PHONY: prices
prices: setup ## Renew the dated prices of reviews and docs/costs.md from AWS's public price list; `make snapshots` renews the page
	@python -m tools.prices

.PHONY: sbom
sbom: setup $(VENV)/maintenance/.ready ## Write the bill of materials (CycloneDX) of what is installed to sbom/
	@mkdir -p sbom
	@$(VENV)/maintenance/bin/cyclonedx-py requirements --output-reproducible --output-file sbom/python.cdx.json requirements/dev.txt
	@npm sbom --sbom-format cyclonedx > sbom/node.cdx.json
	@echo "sbom/python.cdx.json and sbom/node.cdx.json"

.PHONY: forks
forks: setup $(VENV)/checkov/.ready $(VENV)/mlflow/.ready $(VENV)/sdk/.ready ## Make everyday changes in scratch clones and test each (hours; CHANGES="a b" for some)
	@python -m tests.forks $(CHANGES)

.PHONY: benchmarks
benchmarks: setup $(VENV)/mlflow/.ready ## Measure synth, rehearsal and tests against a named peer
	@python -m benchmarks

.PHONY: notebook
notebook: setup $(VENV)/mlflow/.ready ## Run the getting-started notebook against the embedded AWS and renew its page in docs
	@python -m tools.notebook $(CHOICE)

.PHONY: bootstrap
bootstrap: environment setup ## Prepare an account, with an execution role that is scoped: make bootstrap ENVIRONMENT=dev
	@python -m tools.bootstrap "$(ENVIRONMENT)"

.PHONY: images
images: environment setup ## Write down the digests of AWS's images, for images: by-digest: make images ENVIRONMENT=dev
	@python -m tools.images "$(ENVIRONMENT)"

.PHONY: deploy
deploy: environment $(if $(ASSEMBLY),setup-deploy,synth) ## Deploy one environment to its real account: make deploy ENVIRONMENT=dev
	@python -m tools.take_over "$(SYNTHESIZED)/assembly-$(ENVIRONMENT)"
	@$(if $(IMAGE_STACK),$(BUILD_IMAGE))
	@$(DEPLOY) "$(ENVIRONMENT)/*"

# What jobs and endpoints run in has to be there before them.
DEPLOY = cdk deploy --app "$(SYNTHESIZED)" --require-approval $(APPROVAL) --import-existing-resources
IMAGE_STACK = $(wildcard $(SYNTHESIZED)/assembly-$(ENVIRONMENT)/*image[0-9A-F]*.template.json)
BUILD_IMAGE = $(if $(IMAGE_STACK),$(DEPLOY) "$(ENVIRONMENT)/image" && )python -m tools.own_image "$(SYNTHESIZED)/assembly-$(ENVIRONMENT)"

.PHONY: image
image: environment synth ## Build the environment's own image in its account, without Docker here (make deploy does it): make image ENVIRONMENT=dev
	@$(BUILD_IMAGE)

.PHONY: take-over
take-over: environment synth ## Give missing stacks what an earlier deployment has left (make deploy does it): make take-over ENVIRONMENT=dev
	@python -m tools.take_over "$(SYNTHESIZED)/assembly-$(ENVIRONMENT)"

.PHONY: smoke
smoke: environment setup ## Live a model's life in the account you are signed in to; what differs from the rehearsal: make smoke ENVIRONMENT=dev
	@python -m tools.smoke "$(ENVIRONMENT)" --use-case "$(USE_CASE)" --rehearsed $(REHEARSED) $(if $(CHANGE),--change)

.PHONY: ground-truth
ground-truth: setup ## Tell what really happened to requests: make ground-truth USE_CASE=loans BUCKET=<DataBucketName> LABELS=labels.csv
	@test -n "$(USE_CASE)" -a -n "$(BUCKET)" -a -n "$(LABELS)" || { echo "Say what: make ground-truth USE_CASE=loans BUCKET=<DataBucketName> LABELS=labels.csv" >&2; exit 2; }
	@python -m tools.ground_truth "$(LABELS)" --bucket "$(BUCKET)" --use-case "$(USE_CASE)"

.PHONY: promote
promote: environment setup ## Serve a version that is approved there: make promote ENVIRONMENT=prod USE_CASE=loans VERSION=7
	@test -n "$(USE_CASE)" -a -n "$(VERSION)" || { echo "Say what: make promote ENVIRONMENT=prod USE_CASE=loans VERSION=7" >&2; exit 2; }
	@python -m tools.promote "$(ENVIRONMENT)" "$(USE_CASE)" "$(VERSION)"

.PHONY: destroy
destroy: environment setup ## Remove one environment; data, key and model versions stay; DRY_RUN=1 only says so, ORPHANS=1 only what no configuration knows
	@python -m tools.destroy "$(ENVIRONMENT)" $(if $(filter never,$(APPROVAL)),--force) $(if $(DRY_RUN),--dry-run) \
		$(if $(ORPHANS),--orphans) $(if $(filter delete,$(SPACES)),--spaces)

.PHONY: doctor
doctor: $(if $(ENVIRONMENT),synth) ## Say what this machine has and lacks; with ENVIRONMENT=dev, also what its account does
	@$(if $(ENVIRONMENT),python -m tools.doctor "$(SYNTHESIZED)/assembly-$(ENVIRONMENT)",tools/setup.sh doctor $(VENV) "$(PYTHON)")

.PHONY: status
status: environment synth ## Say what runs, on one screen and in status.html: make status ENVIRONMENT=dev
	@python -m tools.status "$(SYNTHESIZED)/assembly-$(ENVIRONMENT)"

.PHONY: verify
verify: environment $(if $(ASSEMBLY),setup-deploy,synth) ## Say whether what was deployed runs as the assembly says, by reading alone; fails where not: make verify ENVIRONMENT=dev
	@python -m tools.verify "$(SYNTHESIZED)/assembly-$(ENVIRONMENT)"

.PHONY: drift
drift: environment $(if $(ASSEMBLY),setup-deploy,synth) ## Say what somebody has changed beside CloudFormation; fails then: make drift ENVIRONMENT=dev
	@python -m tools.drift "$(SYNTHESIZED)/assembly-$(ENVIRONMENT)"

.PHONY: plan
plan: environment synth ## Say in which order stacks are deployed, and how full their templates are: make plan ENVIRONMENT=dev
	@python -m tools.plan "$(SYNTHESIZED)/assembly-$(ENVIRONMENT)"

.PHONY: clean
clean: ## Remove what the verbs made in this folder
	@rm -rf $(VENV) node_modules cdk.out rehearsal review sbom docs-site status.html drift.txt .pytest_cache .mypy_cache .ruff_cache
