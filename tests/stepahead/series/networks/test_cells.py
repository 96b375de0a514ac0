import numpy as np
import pytest
import torch

from stepahead.series.networks import cells

LAYERS = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}
SEEDS, STARTS, SERIES, STEPS, HIDDENS = 3, 2, 5, 7, 6


@pytest.mark.parametrize("cell", LAYERS)
def test_the_state_is_that_of_torchs_layer_from_every_start(cell):
    torch.manual_seed(0)
    layers = [LAYERS[cell](1, HIDDENS, dtype=torch.float64) for _ in range(SEEDS)]
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    weights = {name: np.stack([getattr(layer, f"{name}_l0").detach() for layer in layers]) for name in names}
    inputs = np.random.default_rng(0).normal(size=(STEPS, SEEDS, 1, SERIES))
    state = cells.zero_state(cell, weights, (STARTS, SERIES))
    for t in range(STEPS):
        # the second start comes two steps later
        cells.advance(cell, weights, inputs[t], [part[:, :, : 1 + (t >= 2)] for part in state])
    for s, layer in enumerate(layers):
        for start, begins in enumerate((0, 2)):
            _, final = layer(torch.from_numpy(inputs[begins:, s, 0, :, None]))
            final = final if cell == "lstm" else (final,)
            assert len(final) == len(state)
            for expected, ours in zip(final, state, strict=True):
                np.testing.assert_allclose(ours[s, :, start].T, expected[0].detach(), atol=1e-12)


@pytest.mark.parametrize("cell", LAYERS)
def test_large_inputs_saturate_without_a_warning(cell):
    gates = cells.GATES[cell]
    shapes = {
        "weight_ih": (2 * gates, 1),
        "weight_hh": (2 * gates, 2),
        "bias_ih": (2 * gates,),
        "bias_hh": (2 * gates,),
    }
    weights = {name: np.full((1, *shape), 1e4, dtype=np.float32) for name, shape in shapes.items()}
    for sign in (1, -1):
        state = cells.zero_state(cell, weights, (1, 3))
        cells.advance(cell, weights, np.full((1, 1, 3), sign * 1e8, dtype=np.float32), state)
        assert all(np.isfinite(part).all() and part.dtype == np.float32 for part in state)
