# Everything happens inside this folder; the plain commands behind each target are in the README.
SHELL := /bin/bash
PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export DVC_SITE_CACHE_DIR := $(CURDIR)/.dvc/tmp/site
export MPLCONFIGDIR := $(CURDIR)/.cache/matplotlib
export PIP_CACHE_DIR := $(CURDIR)/.cache/pip

.PHONY: repro test test-all check setup bench book readme clean
repro: setup           ## run every stage that is not up to date
	dvc repro

test: setup            ## the tests that are quick
	python -m pytest -m 'not slow'

test-all: setup        ## every test, with those that kill, serve, share and repeat whole pipelines
	python -m pytest

check: setup           ## lint, format and types
	ruff check .
	ruff format --check .
	mypy

bench: setup           ## time the pipeline on this machine
	python -m benchmarks.pipeline

book: setup            ## the book's models with the book's settings; writes benchmarks/book.json
	python -m benchmarks.book

readme: setup          ## fill the README's tables from the tracked files
	python -m stepahead.report.readme

setup: .venv/.ready

.venv/.ready: pyproject.toml constraints.txt
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:                 ## forget the environment and DVC's cache of results
	rm -rf .venv .dvc/cache .dvc/tmp .cache
