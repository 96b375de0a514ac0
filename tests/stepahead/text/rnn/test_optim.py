from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from stepahead.text.rnn.flat import FlatParameters
from stepahead.text.rnn.optim import SGD, Adam, AdamW, sqrt_


def trained(step_with: Callable[[list[torch.Tensor]], tuple[Any, Callable[[], None]]]) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    leaves = [torch.randn(s, generator=generator).requires_grad_() for s in [(3, 4), (4,)]]
    features = torch.randn(8, 3, generator=generator)
    optimizer, zero_grad = step_with(leaves)
    for _ in range(25):
        zero_grad()
        ((features @ leaves[0] + leaves[1]).tanh() - 0.5).square().sum().backward()
        optimizer.step()
    return [leaf.detach() for leaf in leaves]


@pytest.mark.parametrize(("ours", "theirs"), [(SGD, torch.optim.SGD), (Adam, torch.optim.Adam)], ids=["sgd", "adam"])
def test_steps_equal_torchs(ours: Any, theirs: Any) -> None:
    def flat(leaves: list[torch.Tensor]) -> tuple[Any, Callable[[], None]]:
        parameters = FlatParameters(leaves)
        return ours(parameters, 0.05), parameters.zero_grad

    def reference(leaves: list[torch.Tensor]) -> tuple[Any, Callable[[], None]]:
        optimizer = theirs(leaves, lr=0.05)
        return optimizer, optimizer.zero_grad

    torch.testing.assert_close(trained(flat), trained(reference))


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_adamw_equals_torchs_with_a_changing_learning_rate(weight_decay: float) -> None:
    def with_rates(optimizer: Any, set_rate: Callable[[float], None]) -> Any:
        rates, step = iter(range(1, 100)), optimizer.step

        def scheduled() -> None:
            set_rate(0.05 / next(rates))
            step()

        optimizer.step = scheduled
        return optimizer

    def flat(leaves: list[torch.Tensor]) -> tuple[Any, Callable[[], None]]:
        parameters = FlatParameters(leaves)
        ours = AdamW(parameters, 0.05, weight_decay)
        return with_rates(ours, lambda lr: setattr(ours, "lr", lr)), parameters.zero_grad

    def reference(leaves: list[torch.Tensor]) -> tuple[Any, Callable[[], None]]:
        theirs = torch.optim.AdamW(leaves, lr=0.05, weight_decay=weight_decay)
        return with_rates(theirs, lambda lr: theirs.param_groups[0].update(lr=lr)), theirs.zero_grad

    torch.testing.assert_close(trained(flat), trained(reference))


@pytest.mark.parametrize("max_norm", [0.1, 1e6])
def test_clipping_equals_torchs(max_norm: float) -> None:
    gradients = [torch.arange(6.0).view(2, 3), torch.ones(3)]
    leaves = [torch.zeros_like(g).requires_grad_() for g in gradients]
    flat = FlatParameters(leaves)
    for leaf, gradient in zip(leaves, gradients, strict=True):
        leaf.backward(gradient)
    flat.clip_norm_(max_norm)
    others = [torch.zeros_like(g).requires_grad_() for g in gradients]
    for other, gradient in zip(others, gradients, strict=True):
        other.grad = gradient.clone()
    torch.nn.utils.clip_grad_norm_(others, max_norm)
    torch.testing.assert_close([leaf.grad for leaf in leaves], [other.grad for other in others])


def test_parameters_are_views_of_one_buffer() -> None:
    leaves = [torch.ones(2, 2).requires_grad_(), torch.zeros(3).requires_grad_()]
    flat = FlatParameters(leaves)
    flat.values.fill_(7)
    assert all((leaf == 7).all() for leaf in leaves)


def test_the_square_root_is_the_nearest_number() -> None:
    values = torch.rand(10_000, generator=torch.Generator().manual_seed(0))
    expected = np.sqrt(values.numpy().astype(np.float64)).astype(np.float32)  # twice the digits round to the same
    np.testing.assert_array_equal(sqrt_(values).numpy(), expected)
