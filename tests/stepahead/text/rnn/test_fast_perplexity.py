import numpy as np
import pytest
import torch

from stepahead.text.rnn import fast_perplexity
from stepahead.text.rnn.architecture import Architecture
from stepahead.text.rnn.fast_perplexity import rows_perplexity
from stepahead.text.rnn.neural import NeuralLM, build_network

CPU = torch.device("cpu")


@pytest.mark.parametrize("length", [40, 512, 1300])
@pytest.mark.parametrize("together", [1, 128])
def test_rows_agree_with_one_pass_over_the_whole_text(
    length: int, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast_perplexity, "TOGETHER", together)
    network = build_network(Architecture("gru", 6, 16), torch.Generator().manual_seed(0), CPU)
    context, ids = np.split(np.random.default_rng(0).integers(0, 6, 300 + length).astype(np.uint8), [300])
    exact = np.exp(NeuralLM(network, CPU).nll(np.concatenate([context, ids]))[300:].mean())
    assert rows_perplexity(network, context, ids) == pytest.approx(exact, rel=1e-5)


def test_a_short_context_is_enough() -> None:
    network = build_network(Architecture("lstm", 6, 16), torch.Generator().manual_seed(0), CPU)
    ids = np.random.default_rng(0).integers(0, 6, 700).astype(np.uint8)
    exact = np.exp(NeuralLM(network, CPU).nll(ids)[9:].mean())
    assert rows_perplexity(network, ids[:9], ids[9:]) == pytest.approx(exact, rel=1e-3)
