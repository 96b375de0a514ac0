# Everything happens inside this folder; the plain commands behind each target are in the README.
SHELL := /bin/bash
PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export DVC_SITE_CACHE_DIR := $(CURDIR)/.dvc/tmp/site
export PIP_CACHE_DIR := $(CURDIR)/.cache/pip

# How many stages run at a time, where they need nothing from each other; 1 is plain dvc.
ifndef JOBS
JOBS := $(shell nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 1)
endif
DVC := $(if $(filter 1,$(JOBS)),dvc,python -m stepahead.parallel $(JOBS))

.PHONY: repro exp test test-all test-cluster check bench whole-job quality outside book exercises time-machine \
  tiny-shakespeare sweep compare-md exps readme setup setup-dev clean help
repro: setup           ## run every stage that is not up to date
	$(DVC) repro

exp: setup             ## an experiment with other params: make exp S="tau=8 seed=1"
	$(DVC) exp run $(foreach set,$(S),--set-param '$(set)')

test: setup-dev        ## the tests that are quick
	python -m pytest -m 'not slow' -n 2 --dist worksteal

test-all: setup-dev    ## every test, with those that kill, serve, share and repeat whole pipelines
	python -m pytest -n 2 --dist worksteal

test-cluster: setup-dev ## the part of test-all on several machines, which are network namespaces where that is permitted
	python -m pytest -n 2 --dist worksteal tests/stepahead/cluster

check: setup-dev       ## lint, format and types
	ruff check .
	ruff format --check .
	mypy

bench: setup           ## time the pipeline, long texts, and trainings beside the book's own code and on a busy machine
	python -m benchmarks.pipeline
	python -m benchmarks.big_text
	python -m benchmarks.d2l
	python -m benchmarks.load

whole-job: setup       ## the book's whole chapter, with its own code and here; about ten minutes
	python -m benchmarks.whole_job

quality: setup         ## the two recipes for much quality in little time; writes benchmarks/quality.json
	python -m benchmarks.quality

outside: setup         ## five series beside statsforecast's automatic models; writes benchmarks/outside.json
	python -m benchmarks.outside

book: setup            ## the book's models with the book's settings (presets/book); writes benchmarks/book.json
	python -m benchmarks.book

# On the full text, split 80/10/10: LSTMs from two seeds, averaged, mixed with 12-grams, and learning as they read.
time-machine: setup    ## the best language model of the full Time Machine, as the experiment time-machine
	dvc exp run --name time-machine $$(cat presets/time-machine) evaluate_perplexity generate_text

# The first 90 % to train on, the last 10 % to validate, a character a token: as nanoGPT splits it. About five minutes.
tiny-shakespeare: setup ## a GRU of 384 units on tiny shakespeare, as the experiment tiny-shakespeare
	dvc exp run --name tiny-shakespeare $$(cat presets/tiny-shakespeare) evaluate_perplexity generate_text

exercises: setup       ## the command of every exercise of the book; writes benchmarks/exercises.json
	python -m benchmarks.exercises
	python -m docs.fill

# Trains only what it is about, and the perceptron, which is quick. About two minutes on two cores.
sweep: setup           ## tau from 2 to 128 for the linear and the latent model, two at a time, compared
	dvc repro bundle_vega
	for tau in 2 4 8 16 32 64 128; do \
	  dvc exp run --queue --force --name tau-$$tau -S tau=$$tau \
	    -S 'models.linear=[ols]' -S 'models.direct=[]' -S 'models.recurrent=[]' evaluate_kstep || exit; \
	done
	dvc exp run --run-all --jobs 2
	python -m stepahead compare HEAD $(patsubst %,tau-%,2 4 8 16 32 64 128)

BASE ?= HEAD
compare-md: setup      ## what changed since BASE, as Markdown for a pull request
	@python -m stepahead compare --markdown $(BASE)

exps: setup            ## the experiments, a line each: the params that vary and the scores that changed
	@python -m stepahead exps

readme: setup          ## fill the README's tables from the tracked files
	python -m docs.fill

setup: .venv/.ready    ## install what the stages need
setup-dev: .venv/.dev  ## install what the tests and checks need too

INSTALL := python -m pip install --disable-pip-version-check --constraint constraints.txt --editable
.venv/.ready: pyproject.toml constraints.txt
	@git rev-parse --git-dir >/dev/null 2>&1 || { echo "error: DVC needs a git repository, and this folder is in none;" \
	  "git clone the project, or here: git init && git add --all && git commit --message start"; exit 1; }
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	$(INSTALL) .
	touch $@

.venv/.dev: .venv/.ready
	$(INSTALL) '.[dev]'
	touch $@

clean:                 ## forget the environment and DVC's cache of results
	rm -rf .venv .dvc/cache .dvc/tmp .cache

help:                  ## this list
	@sed -En 's/^([a-z-]+):[^#]*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22
