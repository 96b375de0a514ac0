import pytest
import torch

from stepahead.text.rnn.architecture import ACTIVATIONS, Architecture
from stepahead.text.rnn.recurrences import PlainRecurrence, plain_loop
from stepahead.text.rnn.scratch import ScratchRNN


def tensors(dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    shapes = [(5, 2, 3), (3, 3), (2, 3)]
    inputs, weight, initial = (torch.randn(s, generator=generator, dtype=dtype).requires_grad_() for s in shapes)
    return inputs, weight, initial


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_backward_agrees_with_finite_differences(activation: str) -> None:
    def run(inputs: torch.Tensor, *rest: torch.Tensor) -> torch.Tensor:
        return PlainRecurrence.apply(inputs.clone(), *rest, activation)

    assert torch.autograd.gradcheck(run, tensors(torch.float64))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_forward_and_backward_agree_with_the_loop_under_autograd(activation: str) -> None:
    inputs, weight, initial = tensors(torch.float64)
    expected = plain_loop(inputs, weight, initial, activation)
    found = PlainRecurrence.apply(inputs.clone(), weight, initial, activation)  # it writes over what it is given
    torch.testing.assert_close(found, expected)
    upstream = torch.randn(expected.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    leaves = (inputs, weight, initial)
    torch.testing.assert_close(
        torch.autograd.grad(found, leaves, upstream), torch.autograd.grad(expected, leaves, upstream)
    )


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_network_agrees_with_torchs_layer(activation: str) -> None:
    network = ScratchRNN(
        Architecture("scratch", 7, 5, activation=activation), torch.Generator().manual_seed(0), torch.device("cpu")
    )
    layer = torch.nn.RNN(7, 5, nonlinearity=activation)
    layer.weight_ih_l0.data = network.W_xh.detach().T.clone()
    layer.weight_hh_l0.data = network.W_hh.detach().T.clone()
    layer.bias_ih_l0.data = network.b_h.detach().clone()
    layer.bias_hh_l0.data.zero_()
    ids = torch.tensor([[0, 3], [6, 1], [2, 2]])  # (T, B)
    hidden, (state,) = network.hidden(ids, network.initial_state(2))
    expected, last = layer(torch.nn.functional.one_hot(ids, 7).float())
    torch.testing.assert_close(hidden, expected)
    torch.testing.assert_close(state, last[0])


def test_concatenating_input_and_hidden_is_the_same_cell() -> None:
    """The notes write i2h(concat(x, h)) and i2o(h); that is the usual cell with its two weights side by side."""
    network = ScratchRNN(Architecture("scratch", 4, 3), torch.Generator().manual_seed(0), torch.device("cpu"))
    i2h = torch.nn.Linear(4 + 3, 3)
    i2h.weight.data = torch.cat([network.W_xh, network.W_hh]).detach().T.clone()
    i2h.bias.data = network.b_h.detach().clone()
    token, state = torch.tensor([[2]]), torch.rand(1, 3, generator=torch.Generator().manual_seed(1))
    one_hot = torch.nn.functional.one_hot(token[0], 4).float()
    expected = torch.tanh(i2h(torch.cat([one_hot, state], dim=1)))
    torch.testing.assert_close(network.hidden(token, (state,))[0][0], expected)


def test_weights_are_small_and_biases_zero() -> None:
    network = ScratchRNN(Architecture("scratch", 50, 100), torch.Generator().manual_seed(0), torch.device("cpu"))
    assert 0.009 < network.W_hh.std() < 0.011
    assert not network.b_h.any()
    assert not network.b_q.any()
