# Everything happens inside this folder; the plain commands behind each target are in the README.
SHELL := /bin/bash
PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export DVC_SITE_CACHE_DIR := $(CURDIR)/.dvc/tmp/site
export MPLCONFIGDIR := $(CURDIR)/.cache/matplotlib
export PIP_CACHE_DIR := $(CURDIR)/.cache/pip

.PHONY: repro test test-all check setup bench whole-job quality book time-machine sweep compare-md readme clean
JOBS ?= 1
repro: setup           ## run every stage that is not up to date; with JOBS=2, two trainings at a time
ifneq ($(JOBS),1)
	dvc repro generate_series build_vocab
	dvc stage list --name-only | grep ^train_ | sort -r \
	  | xargs -n 1 -P $(JOBS) dvc --wait-for-lock repro --single-item
endif
	dvc repro

test: setup            ## the tests that are quick
	python -m pytest -m 'not slow' -n 2 --dist worksteal

test-all: setup        ## every test, with those that kill, serve, share and repeat whole pipelines
	python -m pytest -n 2 --dist worksteal

check: setup           ## lint, format and types
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

book: setup            ## the book's models with the book's settings; writes benchmarks/book.json
	python -m benchmarks.book

# On the full text, split 80/10/10: an LSTM alone and mixed with 12-grams. About ten minutes on two cores.
time-machine: setup    ## the best language model of the full Time Machine, as the experiment time-machine
	dvc exp run --name time-machine \
	  -S corpus.name=time_machine -S tokens.n_train=-1 -S tokens.n_val=17343 -S tokens.n_test=17343 \
	  -S 'models.ngram=[1,2,6,12]' -S 'models.rnn=[lstm]' -S rnn.num_layers=2 -S rnn.readout=all -S rnn.forget_bias=1 \
	  -S rnn.num_steps=32 -S rnn.batch_size=16 -S rnn.optimizer=adamw -S rnn.lr=0.01 -S rnn.schedule=cosine \
	  -S rnn.lr_warmup=100 -S rnn.epochs=26 -S rnn.patience=26 -S rnn.dropout_recurrent=0.2 \
	  -S rnn.dropout_layers=0.4 -S rnn.dropout_output=0.4 \
	  evaluate_perplexity generate_text

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

readme: setup          ## fill the README's tables from the tracked files
	python -m docs.fill

setup: .venv/.ready

.venv/.ready: pyproject.toml constraints.txt
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:                 ## forget the environment and DVC's cache of results
	rm -rf .venv .dvc/cache .dvc/tmp .cache
