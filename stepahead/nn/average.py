"""The exponential moving average of a network's weights."""

from collections.abc import Iterator
from contextlib import contextmanager

from stepahead.nn.flat import FlatParameters


class Average:
    """Weights averaged over the updates: nearer a minimum than any of them (Polyak & Juditsky 1992).

    The decay grows to its value over the first updates, so that the random start is soon forgotten.
    """

    def __init__(self, parameters: FlatParameters, decay: float) -> None:
        self.parameters = parameters
        self.decay = decay
        self.values = parameters.values.clone()
        self.steps = 0

    def update(self) -> None:
        self.steps += 1
        self.values.lerp_(self.parameters.values, 1 - min(self.decay, self.steps / (9 + self.steps)))

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let the network have the average's weights for a while."""
        own = self.parameters.values.clone()
        self.parameters.values.copy_(self.values)
        try:
            yield
        finally:
            self.parameters.values.copy_(own)
