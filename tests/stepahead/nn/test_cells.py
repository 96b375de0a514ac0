import numpy as np
import pytest
import torch

from stepahead.nn import cells

LAYERS = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}
SEEDS, BATCH, STEPS, HIDDENS = 3, 5, 7, 6


def layers(cell, n_inputs):
    torch.manual_seed(0)
    made = [LAYERS[cell](n_inputs, HIDDENS, dtype=torch.float64) for _ in range(SEEDS)]
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    weights = {name: np.stack([getattr(layer, f"{name}_l0").detach() for layer in made]) for name in names}
    inputs = torch.randn(STEPS, SEEDS, BATCH, n_inputs, dtype=torch.float64)
    return made, weights, inputs


@pytest.mark.parametrize("n_inputs", [1, 4])
@pytest.mark.parametrize("cell", LAYERS)
def test_the_state_is_that_of_torchs_layer(cell, n_inputs):
    made, weights, inputs = layers(cell, n_inputs)
    state = cells.zero_state(cell, weights, (SEEDS, BATCH))
    for step_inputs in inputs.numpy():
        state = cells.step(cell, weights, step_inputs, state)
    for s, layer in enumerate(made):
        _, final = layer(inputs[:, s])
        final = final if cell == "lstm" else (final,)
        assert len(final) == len(state)
        for expected, found in zip(final, state, strict=True):
            np.testing.assert_allclose(found[s], expected[0].detach().numpy(), atol=1e-12)


@pytest.mark.parametrize("cell", LAYERS)
def test_large_inputs_saturate_without_a_warning(cell):
    weights = {
        "weight_ih": np.full((1, cells.GATES[cell] * 2, 1), 1e4, dtype=np.float32),
        "weight_hh": np.ones((1, cells.GATES[cell] * 2, 2), dtype=np.float32),
        "bias_ih": np.zeros((1, cells.GATES[cell] * 2), dtype=np.float32),
        "bias_hh": np.zeros((1, cells.GATES[cell] * 2), dtype=np.float32),
    }
    for sign in (1, -1):
        state = cells.zero_state(cell, weights, (1, 3))
        state = cells.step(cell, weights, np.full((1, 3, 1), sign * 1e4, dtype=np.float32), state)
        assert all(np.isfinite(part).all() and part.dtype == np.float32 for part in state)
