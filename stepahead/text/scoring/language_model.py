"""What scoring and generation know of a language model."""

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt


class LanguageModel(Protocol):
    """A distribution over token sequences. A state stands for all tokens read so far; its type is the model's own."""

    def nll(self, ids: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Minus the log-probability (nats) of each token (N,) given all before it."""

    def start(self) -> Any:
        """The state before any token."""

    def advance(self, state: Any, ids: npt.NDArray[Any]) -> Any:
        """The state after reading more tokens (N,)."""

    def log_probs(self, state: Any) -> npt.NDArray[np.float64]:
        """Log-probabilities (V,) of the next token, in nats."""
