import numpy as np
import pytest
import torch

from stepahead.text.rnn.architecture import CELLS, Architecture
from stepahead.text.rnn.neural import build_network
from stepahead.text.scoring.gradient_flow import MAX_LAG, gradient_norms, spectral_radius, windows

CPU = torch.device("cpu")


def test_windows_are_as_long_as_the_text_allows() -> None:
    assert windows(np.arange(11)).tolist() == [list(range(11))]
    pieces = windows(np.arange(10000))
    assert pieces.shape[1] == 2 * MAX_LAG + 1
    assert (np.diff(pieces, axis=1) == 1).all()
    assert (pieces.min(), pieces.max()) == (0, 9999)


def test_a_linear_chain_by_hand() -> None:
    """With tiny weights tanh is the identity, so the gradient k steps back is W^k times that of the readout."""
    network = build_network(Architecture("scratch", 4, 3), torch.Generator().manual_seed(0), CPU)
    weights = {name: weight.detach() for name, weight in network.parameters().items()}
    piece = np.array([[0, 1, 2, 3, 2, 1, 0]])
    delta = weights["W_hq"] @ (torch.full((4,), 0.25) - torch.eye(4)[0])  # of logits that are nearly equal
    for norm in gradient_norms(network, piece):
        delta = weights["W_hh"] @ delta
        assert norm == pytest.approx(float(delta.norm()), rel=0.01)


@pytest.mark.parametrize("cell", CELLS)
def test_gradients_agree_with_finite_differences(cell: str) -> None:
    network = build_network(Architecture(cell, 5, 6), torch.Generator().manual_seed(1), CPU)
    for weight in network.parameters().values():
        weight.data = weight.data.double() * (30 if cell == "scratch" else 2)
    piece = np.array([[0, 1, 2, 3, 4, 2, 1, 0, 4]])
    tokens = torch.from_numpy(piece.T)

    @torch.no_grad()
    def loss(k: int, nudge: torch.Tensor) -> float:
        state = tuple(part.double() for part in network.initial_state(1))
        _, state = network.hidden(tokens[: 8 - k], state)
        state = ((state[0] + nudge.view_as(state[0])), *state[1:])
        read, _ = network.hidden(tokens[8 - k : 8], state)
        return float(torch.nn.functional.cross_entropy(network.readout(read[-1]), tokens[-1]))

    original = network.initial_state
    network.initial_state = lambda n: tuple(part.double() for part in original(n))  # type: ignore[method-assign]
    for k, norm in enumerate(gradient_norms(network, piece), start=1):
        nudges = 1e-5 * torch.eye(6, dtype=torch.double)
        slopes = [(loss(k, nudge) - loss(k, -nudge)) / 2e-5 for nudge in nudges]
        assert norm == pytest.approx(np.linalg.norm(slopes), rel=1e-4)


def test_an_lstm_that_remembers_by_default_carries_gradients_further() -> None:
    def lost(cell: str, forget_bias: float = 0.0) -> float:
        """The log of the share of the gradient 5 steps back that is lost another 30 steps back."""
        architecture = Architecture(cell, 20, 64, forget_bias=forget_bias)
        network = build_network(architecture, torch.Generator().manual_seed(0), CPU)
        norms = gradient_norms(network, windows(np.random.default_rng(0).integers(0, 20, 2000)))
        return float(np.log(norms[4] / norms[34]))

    assert lost("rnn") > 1.5 * lost("lstm", forget_bias=2)
    assert lost("lstm") > 1.5 * lost("lstm", forget_bias=2)


@pytest.mark.parametrize("cell", CELLS)
def test_the_radius_is_that_of_the_jacobian_torch_gives(cell: str) -> None:
    network = build_network(Architecture(cell, 5, 6), torch.Generator().manual_seed(1), CPU)
    for weight in network.parameters().values():
        weight.data *= 30 if cell == "scratch" else 2
    piece = np.array([[0, 1, 2, 3, 4]])
    with torch.no_grad():
        _, (hidden, *memory) = network.hidden(torch.from_numpy(piece[0, :2, None]), network.initial_state(1))

    def step(state: torch.Tensor) -> torch.Tensor:
        return network.hidden(torch.tensor([[2]]), (state, *memory))[1][0]

    jacobian = torch.autograd.functional.jacobian(step, hidden).reshape(6, 6)
    assert spectral_radius(network, piece) == pytest.approx(float(torch.linalg.eigvals(jacobian).abs().max()), rel=1e-5)


def test_a_network_that_forgets_at_once_has_radius_zero() -> None:
    network = build_network(Architecture("rnn", 5, 6), torch.Generator().manual_seed(1), CPU)
    network.parameters()["weight_hh_l0"].data.zero_()
    assert spectral_radius(network, np.array([[0, 1, 2, 3, 4]])) == 0
