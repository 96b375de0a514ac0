"""The benchmark's own side: it computes what a plain torch loop does, and counts its work."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy, one_hot

from benchmarks import ours
from benchmarks.compare import TOLERANCE, disagreement
from benchmarks.d2l import flops_per_token, tokens_of

HIDDENS, VOCAB, EPOCHS, SEED = 8, 5, 3, 1


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """What a training starts from: a tiny text and the weights of a torch layer."""
    torch.manual_seed(0)
    layer, linear = nn.RNN(VOCAB, HIDDENS), nn.Linear(HIDDENS, VOCAB)
    weights = {name: weight.detach().numpy() for part in (layer, linear) for name, weight in part.named_parameters()}
    ids = np.random.default_rng(0).integers(VOCAB, size=2600).astype(np.uint8)
    np.savez(tmp_path / "start.npz", ids=ids, vocab_size=VOCAB, **weights)
    return tmp_path / "start.npz"


def by_plain_torch(path: Path) -> list[float]:
    """The book's loop (d2l 8.5.6) over torch's modules."""
    start = np.load(path)
    layer, linear = nn.RNN(VOCAB, HIDDENS), nn.Linear(HIDDENS, VOCAB)
    for part in (layer, linear):
        part.load_state_dict({name: torch.from_numpy(start[name]) for name in part.state_dict()})
    parameters = [*layer.parameters(), *linear.parameters()]
    rng, ids, perplexities = np.random.default_rng(SEED), torch.from_numpy(start["ids"].astype(np.int64)), []
    for _ in range(EPOCHS):
        offset = int(rng.integers(36))
        width = (len(ids) - offset - 1) // 32
        inputs, targets = (ids[offset + d : offset + d + 32 * width].reshape(32, width).T for d in (0, 1))
        state, losses = torch.zeros(1, 32, HIDDENS), []
        for t in range(0, width - 34, 35):
            hidden, state = layer(one_hot(inputs[t : t + 35], VOCAB).float(), state.detach())
            loss = cross_entropy(linear(hidden).flatten(0, 1), targets[t : t + 35].flatten())
            layer.zero_grad()
            linear.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 1)
            with torch.no_grad():
                for parameter in parameters:
                    parameter -= parameter.grad
            losses.append(loss.item())
        perplexities.append(float(np.exp(np.mean(losses))))
    return perplexities


def test_both_sides_of_the_check_agree_on_a_tiny_text(tiny: Path) -> None:
    done = ours.train(str(tiny), "rnn", HIDDENS, SEED, EPOCHS)
    assert disagreement(done["perplexities"], by_plain_torch(tiny)) <= TOLERANCE
    assert done["seconds"] > 0


def test_the_check_notices_another_start(tiny: Path) -> None:
    other = ours.train(str(tiny), "rnn", HIDDENS, SEED + 1, EPOCHS)
    assert disagreement(other["perplexities"], by_plain_torch(tiny)) > TOLERANCE


def test_tokens_are_those_that_the_minibatches_hold() -> None:
    # at any offset 10,000 tokens in 32 rows are 311 or 312 wide: eight minibatches of 35 steps
    assert tokens_of(10_000, seed=0, epochs=3) == 3 * 8 * 32 * 35


def test_flops_are_three_products_for_each_weight() -> None:
    assert flops_per_token("rnn", 256, 28) == 3 * 2 * (256 * 256 + 256 * 28)
    assert flops_per_token("lstm", 256, 28) == 3 * 2 * (4 * 256 * 256 + 256 * 28)


def test_products_alone_have_a_rate() -> None:
    assert ours.gemm("gru", 16, 5, seconds=0) > 0
