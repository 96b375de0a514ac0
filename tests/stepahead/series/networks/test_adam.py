import numpy as np
import torch

from stepahead.series.networks.adam import Adam


def test_its_steps_are_torchs():
    gradients = np.random.default_rng(0).normal(size=(25, 6)) * np.logspace(-6, 3, 6)
    gradients[:, 0] = 0
    values, leaf = np.ones(6), torch.ones(6, dtype=torch.float64, requires_grad=True)
    ours, theirs = Adam(values, 0.05), torch.optim.Adam([leaf], lr=0.05)
    for gradient in gradients:
        ours.step(gradient)
        leaf.grad = torch.from_numpy(gradient)
        theirs.step()
    assert values[0] == 1
    np.testing.assert_allclose(values, leaf.detach(), rtol=1e-12)
