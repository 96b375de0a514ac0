from typing import Any

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from stepahead.text.rnn.architecture import CELLS, Architecture
from stepahead.text.rnn.linear import linear
from stepahead.text.rnn.neural import NeuralLM, build_network
from stepahead.text.rnn.training import Settings, train
from stepahead.text.scoring.gradient_flow import gradient_norms, windows

CPU = torch.device("cpu")
IDS = np.random.default_rng(0).integers(0, 6, 400).astype(np.uint8)

# What MKL computes for torch: matrix products, slow where every processor gets the same bytes, and functions of which
# some (the square root, the logarithm in double precision) never give them.
MKLS = {"mm", "addmm", "bmm", "baddbmm", "mv", "addmv", "dot", "sqrt", "sqrt_", "log", "log_", "tanh", "tanh_"}


@pytest.mark.parametrize("shape", [(3,), (5, 3), (2, 4, 3)])
def test_linear_and_its_gradients_are_torchs(shape: tuple[int, ...]) -> None:
    def drawn(*shape: int, seed: int) -> torch.Tensor:
        generator = torch.Generator().manual_seed(seed)
        return torch.randn(shape, generator=generator, dtype=torch.float64).requires_grad_()

    leaves = drawn(*shape, seed=0), drawn(7, 3, seed=1), drawn(7, seed=2)
    found, expected = linear(*leaves), torch.nn.functional.linear(*leaves)
    torch.testing.assert_close(found, expected)
    upstream = drawn(*expected.shape, seed=3)
    torch.testing.assert_close(
        torch.autograd.grad(found, leaves, upstream), torch.autograd.grad(expected, leaves, upstream)
    )


class Operations(TorchDispatchMode):
    """Notes what torch is asked to do; that it writes into `out` or in place does not matter."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.names.add(func.overloadpacket.__name__)
        return func(*args, **(kwargs or {}))


DEEP = {"num_layers": 2, "embedding_size": 8, "tied": True}


@pytest.mark.parametrize(
    ("cell", "extra"), [(cell, {}) for cell in CELLS] + [(cell, DEEP) for cell in ("rnn", "gru", "lstm")]
)
def test_nothing_is_left_to_mkl(cell: str, extra: dict[str, Any]) -> None:
    generator = torch.Generator().manual_seed(0)
    network = build_network(Architecture(cell, 6, 8, **extra), generator, CPU)
    rates = {f"dropout_{where}": 0.1 for where in ("input", "recurrent", "layers", "output")}
    settings = Settings(4, 9, "sequential", "adamw", 0.01, 1, "norm", 1.0, patience=1, **rates)
    with Operations() as done:
        list(train(network, IDS, IDS[:50], settings, np.random.default_rng(0), generator))
        NeuralLM(network, CPU).nll(IDS[:50])
        gradient_norms(network, windows(IDS))
    assert "_log_softmax" in done.names
    assert not done.names & MKLS
