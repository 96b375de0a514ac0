"""Whether the random offset reads every token equally often: `python -m benchmarks.offsets` (8.3, exercise 5)."""

import numpy as np
import torch

from stepahead.text.rnn.batches import SAMPLING

LENGTH, BATCH, STEPS, EPOCHS = 1000, 4, 20, 4000


def shares(sampling: str) -> np.ndarray:
    """In which share of the epochs each token is an input (LENGTH,)."""
    ids, rng, counts = torch.arange(LENGTH), np.random.default_rng(0), np.zeros(LENGTH)
    for _ in range(EPOCHS):
        for inputs, _ in SAMPLING[sampling](ids, BATCH, STEPS, rng):
            counts[inputs.numpy().ravel()] += 1
    return counts / EPOCHS


def main() -> None:
    for sampling in SAMPLING:
        found = shares(sampling)
        middle = found[STEPS:-STEPS]
        print(
            f"{sampling}: the first token is read in {found[0]:.0%} of the epochs, one in the middle in "
            f"{middle.min():.0%} to {middle.max():.0%}, the last in {found[-1]:.0%}"
        )


if __name__ == "__main__":
    main()
