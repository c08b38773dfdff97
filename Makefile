# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The verbs of this checkout. Each is a line or two over a playbook or a script; `make` alone lists them.

.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

renderer := .cache/toolchain/parts/index.json
bin := .venv/ansible/bin

# Everything that Ansible, npm and Python keep lies in the checkout.
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
export ANSIBLE_HOME := $(CURDIR)/.ansible
export ANSIBLE_REMOTE_TEMP := $(CURDIR)/.ansible/tmp
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/.collections
export HYPERFRAMES_TOOLCHAIN_DIR := $(CURDIR)/.cache/toolchain
export HYPERFRAMES_CACHE_DIR := $(CURDIR)/.cache/unpacked
export npm_config_cache := $(CURDIR)/.cache/npm
export npm_config_update_notifier := false
# Compiled Python too: Ansible starts often, and takes twice as long when it compiles itself every time.
export PYTHONPYCACHEPREFIX := $(CURDIR)/.cache/pycache
unexport PYTHONDONTWRITEBYTECODE

play = $(bin)/ansible-playbook
# What is the same on every machine sees nothing of what its user has set up; what talks to AWS needs the user's account.
clean = $(bin)/python scripts/clean_environment.py
with_aws = scripts/with_aws

# $(call require,VARIABLE,what it names): a sentence, and an end before anything is done, when it is not given.
require = $(if $($(1)),,$(error $(1) is not given ($(2)); for example: make $(firstword $(MAKECMDGOALS)) $(3)))
ifneq ($(filter render local,$(MAKECMDGOALS)),)
$(call require,PROJECT,the folder of the composition,PROJECT=examples/demo OUTPUT=out/demo.mp4)
$(call require,OUTPUT,the video to write,PROJECT=examples/demo OUTPUT=out/demo.mp4)
endif
ifneq ($(filter report,$(MAKECMDGOALS)),)
$(call require,NAME,the name of the render,NAME=demo-0f3a9c1be2d4 OUTPUT=out/report.html)
$(call require,OUTPUT,the page to write,NAME=demo-0f3a9c1be2d4 OUTPUT=out/report.html)
endif
ifneq ($(filter conformance,$(MAKECMDGOALS)),)
$(call require,CASES,a folder of cases,CASES=../cases)
endif

##@ The product
demo: ## everything at once: set-up, embedded AWS, deploy, render the example to out/demo.mp4
	@scripts/demo

up: setup ## start the embedded AWS (nothing when AWS_ENDPOINT_URL is set)
	@$(play) playbooks/local_up.yml $(EXTRA)

deploy: setup ## build the handler's ZIP and deploy it with all that a render needs
	@$(with_aws) $(play) playbooks/deploy.yml $(EXTRA)

render: setup ## render PROJECT (a folder) to OUTPUT (a file) on the deployed stack
	@$(with_aws) $(play) playbooks/render.yml -e "render_project='$$(realpath -ms -- "$(PROJECT)")'" \
		-e "render_output='$$(realpath -ms -- "$(OUTPUT)")'" $(EXTRA)

report: setup $(renderer) ## write OUTPUT (an HTML file), a page about the render NAME on the deployed stack
	@$(with_aws) $(play) playbooks/report.yml -e "report_name='$(NAME)'" \
		-e "report_output='$$(realpath -ms -- "$(OUTPUT)")'" \
		-e "report_ffmpeg='$$(PYTHONPATH=files/handler $(bin)/python -c \
			'from hyperframes_lambda.toolchain import load_toolchain; print(load_toolchain().ffmpeg)')'" $(EXTRA)

destroy: setup ## remove the stack; the bucket with the finished videos stays unless EXTRA says otherwise
	@$(with_aws) $(play) playbooks/destroy.yml $(EXTRA)

down: ## stop the embedded AWS with all that it started, and remove its files
	@if [ -x $(play) ]; then $(play) playbooks/local_down.yml $(EXTRA); fi

local conformance: export PYTHONPATH := files/handler:tests
bench: export PYTHONPATH := files/handler:.
local: $(renderer) ## render PROJECT to OUTPUT on this machine, without AWS
	@$(bin)/python -m hyperframes_lambda render "$(PROJECT)" "$(OUTPUT)" $(ARGS)

conformance: $(renderer) ## compare renders of CASES (a folder of cases) with their reference videos
	@$(bin)/python -m conformance "$(CASES)" $(ARGS)

bench: $(renderer) ## time renders beside HyperFrames' and Remotion's, pair by pair; wants an idle machine and two hours
	@$(bin)/python -m benchmarks $(ARGS)

##@ Development
setup: ## make the virtual environments; quick when they are there
	@scripts/setup

build: setup ## build the handler's ZIP, and with it the renderer of this machine
	@$(clean) $(play) playbooks/build.yml $(EXTRA)

# What renders on this machine: made once, and again when what it is made of changes.
$(renderer): files/handler/requirements.txt files/handler/sources.json | setup
	@$(clean) $(play) playbooks/build.yml
	@touch $@

test: setup-test build ## every check and test, as CI runs them
	@tests/run.sh all $(ARGS)

lint: setup-test ## the static checks: ruff, yamllint, ansible-lint, ansible-test sanity, docs, changelog
	@tests/run.sh lint

unit: setup-test ## the tests that need neither Chromium nor AWS, and the checks that take seconds
	@tests/run.sh fast $(ARGS)

molecule: setup-test build ## the scenarios of extensions/molecule, each a stack of its own; ARGS go to molecule test
	@tests/run_molecule.sh $(ARGS)

integration: setup-test build ## the tests against the embedded AWS; ARGS go to pytest
	@tests/run.sh pytest tests/integration $(ARGS)

setup-test:
	@scripts/setup --test

lock: setup-test ## resolve requirements/*.in anew into the hashed lock files
	@scripts/lock

clean: down ## remove all that set-up, builds and tests made
	@rm -rf .venv .cache .collections .ansible .local_aws build out .pytest_cache .ruff_cache .hypothesis

help: ## this list
	@awk -f scripts/help.awk $(firstword $(MAKEFILE_LIST))

.PHONY: demo up deploy render report destroy down local conformance bench setup build test lint unit molecule \
	integration setup-test lock clean help
