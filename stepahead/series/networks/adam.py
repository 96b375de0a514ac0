"""Adam in NumPy, over all weights at once."""

import numpy as np

from stepahead.core.artifacts import Array


class Adam:
    """Adam (Kingma & Ba 2015, algorithm 1) on a buffer of weights (P,), in place, with the paper's defaults."""

    def __init__(self, values: Array, lr: float, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8) -> None:
        self.values, self.lr, self.betas, self.eps = values, lr, betas, eps
        self.mean, self.square = np.zeros_like(values), np.zeros_like(values)
        self.steps = 0

    def step(self, gradient: Array) -> None:
        beta1, beta2 = self.betas
        self.steps += 1
        self.mean += (1 - beta1) * (gradient - self.mean)
        self.square += (1 - beta2) * (gradient**2 - self.square)
        scale = np.sqrt(self.square / (1 - beta2**self.steps)) + self.eps
        self.values -= self.lr / (1 - beta1**self.steps) * self.mean / scale
