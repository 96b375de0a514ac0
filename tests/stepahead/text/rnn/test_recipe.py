"""The default recipe: with a tenth of the book's epochs its training perplexity, and weights that also predict."""

import dataclasses

import numpy as np
import pytest
import torch

from stepahead.core.artifacts import read_text
from stepahead.text.ngram.ngram import NGram
from stepahead.text.rnn.architecture import Architecture
from stepahead.text.rnn.dynamic import dynamic_nll
from stepahead.text.rnn.neural import NeuralLM, build_network
from stepahead.text.rnn.training import Settings, kept_epoch, train
from stepahead.text.scoring.mixture import average_nll
from stepahead.text.tokens.normalization import normalize
from stepahead.text.tokens.tokens import tokenize
from tests.project import DEFAULTS, ROOT

SETTINGS = Settings(**{field.name: DEFAULTS["rnn"][field.name] for field in dataclasses.fields(Settings)})
SPANS = [DEFAULTS["tokens"][f"n_{span}"] for span in ("train", "val", "test")]


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "bound"), [("scratch", 1.3), ("rnn", 1.3), ("gru", 1.1), ("lstm", 1.1)])
def test_it_reaches_the_books_training_perplexity(cell: str, bound: float) -> None:
    types, ids = tokenize(normalize(read_text(ROOT / "data/bundled/the_tide_clock.txt"), "letters"), "char")
    text, val, test, _ = np.split(ids.copy(), np.cumsum(SPANS))
    shape = Architecture(cell, len(types), DEFAULTS["rnn"]["num_hiddens"])
    network = build_network(shape, torch.Generator().manual_seed(1), torch.device("cpu"))
    history = list(train(network, text, val, SETTINGS, np.random.default_rng(1), torch.Generator()))
    assert history[-1].perplexity <= bound
    assert 5 < kept_epoch(history) < SETTINGS.epochs / 2
    bigram = NGram(2, len(types))
    bigram.fit(text)
    by_network, by_bigram = (
        model.nll(np.concatenate([val, test]))[len(val) :].mean()
        for model in (NeuralLM(network, torch.device("cpu")), bigram)
    )
    assert by_network < by_bigram


@pytest.mark.slow
def test_averaging_two_seeds_and_dynamic_evaluation_each_help() -> None:
    types, ids = tokenize(normalize(read_text(ROOT / "data/bundled/the_tide_clock.txt"), "letters"), "char")
    text, val, test, _ = np.split(ids.copy(), np.cumsum(SPANS))
    cpu, quick = torch.device("cpu"), dataclasses.replace(SETTINGS, patience=3)
    fixed, dynamic = [], []
    for seed in (0, 1):
        generator = torch.Generator().manual_seed(seed)
        network = build_network(Architecture("gru", len(types), 128), generator, cpu)
        list(train(network, text, val, quick, np.random.default_rng(seed), generator))
        fixed.append(NeuralLM(network, cpu).nll(np.concatenate([val, test]))[len(val) :])
        dynamic.append(dynamic_nll(network, text, text[-100:], np.concatenate([val, test]), 2e-4, 1e-3)[len(val) :])
    alone = np.mean(fixed)
    assert average_nll(fixed).mean() < alone - 0.02
    assert np.mean(dynamic) < alone - 0.02
