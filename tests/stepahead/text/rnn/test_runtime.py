import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from stepahead.core.artifacts import Array
from stepahead.text.rnn import runtime
from stepahead.text.rnn.architecture import CELLS, Architecture
from stepahead.text.rnn.dynamic import dynamic_nll
from stepahead.text.rnn.fast_perplexity import rows_perplexity
from stepahead.text.rnn.neural import NeuralLM, build_network, load_network
from stepahead.text.rnn.training import Learner, Settings
from stepahead.text.scoring.generation import generate
from stepahead.text.scoring.gradient_flow import gradient_norms, spectral_radius, windows

Weights = dict[str, Array]
IDS = np.random.default_rng(0).integers(0, 6, 800).astype(np.uint8)


needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")


@pytest.fixture(autouse=True)
def settings_of_torch() -> Iterator[None]:
    threads, mode = torch.get_num_threads(), torch.get_deterministic_debug_mode()
    fill = torch.utils.deterministic.fill_uninitialized_memory
    yield
    torch.set_num_threads(threads)
    torch.set_deterministic_debug_mode(mode)
    torch.utils.deterministic.fill_uninitialized_memory = fill


def trained(cell: str, device: torch.device) -> tuple[Learner, list[float]]:
    """A learner after three epochs; their running perplexities, and last the perplexity with the weights fixed."""
    generator = torch.Generator().manual_seed(0)
    network = build_network(Architecture(cell, 6, 16), generator, device)
    settings = Settings(4, 9, "sequential", "sgd", 1.0, 3, "norm", 1.0)
    learner = Learner(network, IDS, settings, np.random.default_rng(0), generator)
    perplexities = [learner.epoch(IDS[:0]).perplexity for _ in range(3)]
    return learner, [*perplexities, float(np.exp(NeuralLM(network, device).nll(IDS).mean()))]


def weights_of(cell: str) -> Weights:
    network = trained(cell, torch.device("cpu"))[0].network
    return {name: weight.detach().numpy() for name, weight in network.parameters().items()}


@pytest.mark.parametrize("cell", CELLS)
def test_training_reads_no_memory_that_it_has_not_written(cell: str) -> None:
    """Fresh memory is left as it is, for speed; were it read, a NaN in all of it would show."""
    runtime.prepare("cpu", threads=1)
    assert not torch.utils.deterministic.fill_uninitialized_memory
    found = weights_of(cell)
    torch.utils.deterministic.fill_uninitialized_memory = True
    assert torch.empty(3).isnan().all()
    expected = weights_of(cell)
    for name, weight in expected.items():
        np.testing.assert_array_equal(found[name], weight)
        assert np.isfinite(weight).all()


@pytest.mark.skipif(torch.cuda.is_available(), reason="falls back only where there is no CUDA device")
def test_auto_is_the_cpu_where_there_is_nothing_else() -> None:
    assert runtime.prepare("auto", threads=1) == torch.device("cpu")


@needs_cuda
@pytest.mark.parametrize("cell", CELLS)
def test_an_accelerator_learns_what_a_cpu_does(cell: str) -> None:
    learner, perplexities = trained(cell, runtime.prepare("cuda", threads=1))
    assert learner.tokens.is_cuda
    assert all(weight.is_cuda for weight in learner.network.parameters().values())
    np.testing.assert_allclose(perplexities, trained(cell, torch.device("cpu"))[1], rtol=1e-3)


@needs_cuda
@pytest.mark.parametrize("cell", CELLS)
def test_an_accelerator_scores_continues_and_probes_as_a_cpu(cell: str) -> None:
    """The same weights on either: what the stages after the training do with them."""
    weights, shape = weights_of(cell), dataclasses.asdict(Architecture(cell, 6, 16))
    found = []
    for device in (torch.device("cpu"), runtime.prepare("cuda", threads=1)):
        network = load_network(weights, shape, device)
        model = NeuralLM(network, device)
        text = [*generate(model, IDS[:20], 30, 0.0, None, np.random.default_rng(0))]
        pieces = windows(IDS)
        probes = [*gradient_norms(network, pieces), spectral_radius(network, pieces)]
        learning = dynamic_nll(network, IDS[:600], IDS[590:600], IDS[600:], 1e-3, 1e-3)
        found.append((model.nll(IDS), rows_perplexity(network, IDS[:600], IDS[600:]), text, probes, learning))
    (nll, fast, text, probes, learning), (nll_there, fast_there, text_there, probes_there, learning_there) = found
    np.testing.assert_allclose(nll_there, nll, rtol=1e-4, atol=1e-5)
    assert fast_there == pytest.approx(fast, rel=1e-4)
    assert text_there == text
    np.testing.assert_allclose(probes_there, probes, rtol=1e-2, atol=1e-7)
    np.testing.assert_allclose(learning_there, learning, rtol=1e-3, atol=1e-4)
