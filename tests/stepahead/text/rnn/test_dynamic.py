import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from stepahead.core.errors import StepaheadError
from stepahead.text.rnn.architecture import CELLS, Architecture
from stepahead.text.rnn.batches import sequential_batches
from stepahead.text.rnn.dynamic import DAMPING, ROWS, STEPS, dynamic_nll
from stepahead.text.rnn.neural import Network, NeuralLM, build_network

State = tuple[Tensor, ...]
CPU = torch.device("cpu")
RNG = np.random.default_rng(0)
TRAIN, IDS = RNG.integers(0, 6, 500).astype(np.uint8), RNG.integers(0, 6, 70).astype(np.uint8)


def network(cell: str = "gru") -> Network:
    return build_network(Architecture(cell, 6, 8), torch.Generator().manual_seed(3), CPU)


def weights(of: Network) -> np.ndarray:
    return np.concatenate([weight.detach().numpy().flatten() for weight in of.parameters().values()])


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("n_context", [0, 1, 30])
def test_without_learning_it_is_the_network_as_it_was_trained(cell: str, n_context: int) -> None:
    fixed = NeuralLM(network(cell), CPU).nll(np.concatenate([TRAIN[:n_context], IDS]))[n_context:]
    found = dynamic_nll(network(cell), TRAIN, TRAIN[:n_context], IDS, lr=0, decay=0)
    np.testing.assert_allclose(found, fixed, rtol=1e-5)


@pytest.mark.parametrize("t", [0, 19, 20, 45, 69])
def test_a_token_is_scored_before_anything_learns_from_it(t: int) -> None:
    """A change of token t leaves the probability of every token before it, and of every choice for t, as it was."""
    scores = []
    for token in range(6):
        ids = IDS.copy()
        ids[t] = token
        scores.append(dynamic_nll(network(), TRAIN, TRAIN[-10:], ids, lr=0.05, decay=0.01))
    for each in scores:
        np.testing.assert_array_equal(each[:t], scores[0][:t])
    assert sum(np.exp(-each[t]) for each in scores) == pytest.approx(1, abs=1e-6)
    assert not np.array_equal(scores[0][t + 1 :], scores[1][t + 1 :]) or t == len(IDS) - 1


def test_it_learns_what_it_reads_and_comes_back_to_what_it_was() -> None:
    repeated, learner = np.tile(IDS[:7], 60), network()
    before = weights(learner).copy()
    nll = dynamic_nll(learner, TRAIN, TRAIN[:0], repeated, lr=0.02, decay=0)
    assert nll[-40:].mean() < 0.7 * nll[:40].mean()
    np.testing.assert_array_equal(weights(learner), before)
    held = dynamic_nll(learner, TRAIN, TRAIN[:0], repeated, lr=0.02, decay=1)  # pulled back as far as it went
    assert held[-40:].mean() > nll[-40:].mean()


def test_the_update_is_the_papers_parameter_by_parameter() -> None:
    lr, decay, learner = 0.01, 0.3, network("scratch")
    found = dynamic_nll(learner, TRAIN, TRAIN[-5:], IDS, lr, decay)
    parameters = [*learner.parameters().values()]

    def gradients(inputs: Tensor, targets: Tensor, state: State) -> tuple[Tensor, tuple[Tensor, ...], State]:
        hidden, last = learner.hidden(inputs, state)
        nll = cross_entropy(learner.readout(hidden).flatten(0, 1), targets.flatten(), reduction="none")
        return nll.detach(), torch.autograd.grad(nll.mean(), parameters), tuple(part.detach() for part in last)

    state, squares = learner.initial_state(ROWS), []
    for inputs, targets in sequential_batches(torch.from_numpy(TRAIN), ROWS, STEPS, np.random.default_rng(0)):
        _, grads, state = gradients(inputs.mT, targets.mT.contiguous(), state)
        squares.append([grad.square() for grad in grads])
    sizes = [torch.stack(each).mean(0).sqrt() for each in zip(*squares, strict=True)]
    mean = torch.cat([size.flatten() for size in sizes]).mean()
    trained = [parameter.detach().clone() for parameter in parameters]
    tokens = torch.from_numpy(np.concatenate([TRAIN[-5:], IDS]).astype(np.int64))[:, None]
    _, state = learner.hidden(tokens[:4], learner.initial_state(1))
    expected = []
    for start in range(4, len(tokens) - 1, STEPS):
        inputs, targets = tokens[start:-1][:STEPS], tokens[start + 1 :][:STEPS]
        nll, grads, state = gradients(inputs, targets, tuple(part.detach() for part in state))
        expected.append(nll)
        for parameter, grad, size, origin in zip(parameters, grads, sizes, trained, strict=True):
            moved = parameter.data - lr * grad / (size + DAMPING * mean)
            parameter.data = moved + (decay * size / mean).clamp(max=1) * (origin - moved)
    np.testing.assert_allclose(found, torch.cat(expected).numpy(), rtol=2e-5)


def test_too_short_a_training_text_is_refused() -> None:
    with pytest.raises(StepaheadError, match="dynamic_lr needs 341 training tokens"):
        dynamic_nll(network(), TRAIN[:340], TRAIN[:0], IDS, lr=0.01, decay=0)
