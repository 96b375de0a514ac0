"""SGD, Adam and AdamW over flat parameters, equal to torch.optim's, whose first use costs a second of imports."""

import numpy as np
import torch
from torch import Tensor

from stepahead.text.rnn.flat import FlatParameters


class SGD:
    """Stochastic gradient descent: w ← w − lr · g."""

    def __init__(self, parameters: FlatParameters, lr: float) -> None:
        self.parameters = parameters
        self.lr = lr

    def step(self) -> None:
        self.parameters.values.add_(self.parameters.grad, alpha=-self.lr)


class Adam:
    """Adam (Kingma & Ba 2015, algorithm 1)."""

    def __init__(
        self, parameters: FlatParameters, lr: float, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8
    ):
        self.parameters = parameters
        self.lr, self.betas, self.eps = lr, betas, eps
        self.steps = 0
        self.mean = torch.zeros_like(parameters.values)
        self.square = torch.zeros_like(parameters.values)

    def step(self) -> None:
        grad = self.parameters.grad
        beta1, beta2 = self.betas
        self.steps += 1
        self.mean.lerp_(grad, 1 - beta1)
        self.square.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
        corrected = sqrt_(self.square / (1 - beta2**self.steps)).add_(self.eps)
        self.parameters.values.addcdiv_(self.mean, corrected, value=-self.lr / (1 - beta1**self.steps))


class AdamW(Adam):
    """Adam whose weights also shrink towards zero, apart from the gradient (Loshchilov & Hutter 2019, algorithm 2)."""

    def __init__(self, parameters: FlatParameters, lr: float, weight_decay: float) -> None:
        super().__init__(parameters, lr)
        self.weight_decay = weight_decay

    def step(self) -> None:
        if self.weight_decay:
            self.parameters.values.mul_(1 - self.lr * self.weight_decay)
        super().step()


def sqrt_(values: Tensor) -> Tensor:
    """√ in place, correctly rounded: torch's own is MKL's on a CPU, one in five of whose last bits are wrong, and not
    the same ones on every processor."""
    if values.device.type != "cpu":
        return values.sqrt_()
    np.sqrt(values.numpy(), out=values.numpy())
    return values
