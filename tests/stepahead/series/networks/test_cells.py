import numpy as np
import pytest
import torch

from stepahead.series.networks.cells import CELLS, present
from tests.stepahead.series.networks import torch_cells

SEEDS, STARTS, SERIES, STEPS, HIDDENS = 3, 2, 5, 7, 6


def drawn(cell):
    mask = present(cell, HIDDENS)
    return mask * np.random.default_rng(0).uniform(-1, 1, (SEEDS, *mask.shape))


@pytest.mark.parametrize("cell", CELLS)
def test_the_state_is_that_of_torchs_cell_from_every_start(cell):
    weight, inputs = drawn(cell), np.random.default_rng(1).normal(size=(STEPS, SEEDS, 1, SERIES))
    read = np.ones((SEEDS, HIDDENS + 2, STARTS, SERIES))
    state = [read[:, :HIDDENS], *np.zeros((CELLS[cell].arrays - 1, SEEDS, HIDDENS, STARTS, SERIES))]
    state[0][:] = 0
    for t in range(STEPS):
        read[:, -1] = inputs[t]
        started = 1 + (t >= 2)  # the second start comes two steps later
        part = [array[:, :, :started] for array in state]
        gates = np.einsum("scr,srwn->scwn", weight, read[:, :, :started])
        CELLS[cell].forward(gates, part, part)
    for s in range(SEEDS):
        for start, begins in enumerate((0, 2)):
            windows = torch.from_numpy(inputs[begins:, s, 0].T.copy())
            for expected, ours in zip(
                torch_cells.states(cell, torch.from_numpy(weight[s]), windows), state, strict=False
            ):
                np.testing.assert_allclose(ours[s, :, start].T, expected, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_in_place_is_the_same_as_beside(cell):
    rng = np.random.default_rng(2)
    before = rng.uniform(-1, 1, (CELLS[cell].arrays, SEEDS, HIDDENS, SERIES))
    after, gates = np.empty_like(before), rng.normal(size=(SEEDS, CELLS[cell].blocks * HIDDENS, SERIES))
    CELLS[cell].forward(gates.copy(), [*before], [*after])
    CELLS[cell].forward(gates.copy(), [*before], [*before])
    np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("sign", [1, -1])
def test_large_inputs_saturate_without_a_warning(cell, sign):
    state = np.zeros((CELLS[cell].arrays, 1, 2, 3), np.float32)
    CELLS[cell].forward(np.full((1, CELLS[cell].blocks * 2, 3), sign * 1e8, np.float32), [*state], [*state])
    assert np.isfinite(state).all()
