"""A perceptron with one hidden layer for many weight seeds at once, applied by the same code in NumPy and torch."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


def initial_weights(
    n_inputs: int, hidden: int, n_outputs: int, generator: "torch.Generator"
) -> dict[str, "torch.Tensor"]:
    """One seed's weights: Xavier-uniform (Glorot & Bengio 2010, equation 16), biases as torch's Linear draws them."""
    from stepahead.series.networks.ensemble import uniform

    weights = {}
    for layer, fan_in, fan_out in (("hidden", n_inputs, hidden), ("output", hidden, n_outputs)):
        weights[f"{layer}_weight"] = uniform((fan_out, fan_in), math.sqrt(6 / (fan_in + fan_out)), generator)
        weights[f"{layer}_bias"] = uniform((fan_out,), 1 / math.sqrt(fan_in), generator)
    return weights


def outputs(weights: Mapping[str, Any], inputs: Any) -> Any:
    """The outputs (S, B, n_outputs) for `inputs` (S, B, n_inputs) or (B, n_inputs)."""
    hidden = (inputs @ weights["hidden_weight"].mT + weights["hidden_bias"][..., None, :]).clip(
        0
    )  # ReLU, (S, B, hidden)
    return hidden @ weights["output_weight"].mT + weights["output_bias"][..., None, :]
