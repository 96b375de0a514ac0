# Everything happens inside this folder; the plain commands behind each target are in the README.
SHELL := /bin/bash
PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export DVC_SITE_CACHE_DIR := $(CURDIR)/.dvc/tmp/site
export MPLCONFIGDIR := $(CURDIR)/.cache/matplotlib
export PIP_CACHE_DIR := $(CURDIR)/.cache/pip

.PHONY: repro test test-all check setup bench whole-job quality book time-machine readme clean
repro: setup           ## run every stage that is not up to date
	dvc repro

test: setup            ## the tests that are quick
	python -m pytest -m 'not slow' -n 2 --dist worksteal

test-all: setup        ## every test, with those that kill, serve, share and repeat whole pipelines
	python -m pytest -n 2 --dist worksteal

check: setup           ## lint, format and types
	ruff check .
	ruff format --check .
	mypy

bench: setup           ## time the pipeline on this machine, and the training beside the book's own code
	python -m benchmarks.pipeline
	python -m benchmarks.d2l

whole-job: setup       ## the book's whole chapter, with its own code and here; about ten minutes
	python -m benchmarks.whole_job

quality: setup         ## the two recipes for much quality in little time; writes benchmarks/quality.json
	python -m benchmarks.quality

book: setup            ## the book's models with the book's settings; writes benchmarks/book.json
	python -m benchmarks.book

# On the full text, split 80/10/10: an LSTM alone and mixed with 12-grams. About ten minutes on two cores.
time-machine: setup    ## the best language model of the full Time Machine, as the experiment time-machine
	dvc exp run --name time-machine \
	  -S corpus.name=time_machine -S tokens.n_train=-1 -S tokens.n_val=17343 -S tokens.n_test=17343 \
	  -S 'ngram.orders=[1,2,6,12]' -S 'rnn.cells=[lstm]' -S rnn.num_layers=2 -S rnn.readout=all -S rnn.forget_bias=1 \
	  -S rnn.num_steps=32 -S rnn.batch_size=16 -S rnn.optimizer=adamw -S rnn.lr=0.01 -S rnn.schedule=cosine \
	  -S rnn.lr_warmup=100 -S rnn.epochs=26 -S rnn.patience=26 -S rnn.dropout_recurrent=0.2 \
	  -S rnn.dropout_layers=0.4 -S rnn.dropout_output=0.4 \
	  evaluate_perplexity generate_text

readme: setup          ## fill the README's tables from the tracked files
	python -m stepahead.report.readme

setup: .venv/.ready

.venv/.ready: pyproject.toml constraints.txt
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:                 ## forget the environment and DVC's cache of results
	rm -rf .venv .dvc/cache .dvc/tmp .cache
