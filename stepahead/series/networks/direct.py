"""A perceptron that predicts every horizon directly, with one output for each, instead of feeding itself back."""

from dataclasses import dataclass, field

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError
from stepahead.series.data.windows import lag_windows, windows_before
from stepahead.series.networks import perceptron

SURGERY = {"mlp_direct": False, "mlp_pcgrad": True}
"""The direct models by name, and whether each is trained with gradient surgery."""


@dataclass(eq=False)
class DirectMLP:
    """tau-hidden-len(horizons) with ReLU: a shared body, and an output and a task for each of `horizons`.

    Trained with Adam on the sum of the tasks' squared errors, from `n_seeds` seeds, `seed` and those after it, on the
    windows that all horizons have a label for. Forecasting needs NumPy only.

    Args:
        surgery: train the shared body with PCGrad (stepahead/series/networks/gradient_surgery.py).
        pad: as in `lag_windows`.

    `weights` also holds `cosines` and `conflicts`, the record of how the tasks' gradients agreed over training, tasks
    in ascending order of horizon (see stepahead/series/networks/multitask.py).
    """

    tau: int
    hidden: int
    horizons: tuple[int, ...]
    epochs: int
    batch_size: int
    lr: float
    n_seeds: int
    seed: int
    surgery: bool
    pad: str
    weights: dict[str, Array] = field(init=False, default_factory=dict, repr=False)

    def fit(self, series: Array) -> None:
        """Raises StepaheadError if tau and the longest horizon do not fit or a weight stops being finite."""
        from stepahead.series.networks import multitask

        self.weights = multitask.train(
            *direct_windows(series, self.tau, self.horizons, self.pad),
            hidden=self.hidden,
            epochs=self.epochs,
            batch_size=self.batch_size,
            lr=self.lr,
            n_seeds=self.n_seeds,
            seed=self.seed,
            surgery=self.surgery,
            section="direct",
        )

    def forecast(self, series: Array, origins: Array, horizon: int) -> Array:
        """(n_seeds, len(origins), horizon).

        A trained horizon's forecast is its output. In between it is interpolated linearly, and before the first
        trained horizon from the last value seen.

        Raises:
            StepaheadError: `horizon` is longer than every trained one.
        """
        if horizon > max(self.horizons):
            raise StepaheadError(
                f"kstep.horizons = {horizon} lies beyond {max(self.horizons)}, the longest that the direct model was "
                "trained for; run dvc repro to train it again"
            )
        windows = windows_before(series, origins, self.tau)  # (N, tau)
        trained = perceptron.outputs(self.weights, windows)  # (S, N, tasks)
        last = np.broadcast_to(windows[:, -1:], (*trained.shape[:-1], 1))
        known = [0, *sorted(self.horizons)]
        shares = [np.interp(np.arange(1, horizon + 1), known, unit) for unit in np.eye(len(known))]
        forecast: Array = np.concatenate([last, trained], axis=-1) @ np.stack(shares)  # (S, N, horizon)
        return forecast


def direct_windows(series: Array, tau: int, horizons: tuple[int, ...], pad: str) -> tuple[Array, Array]:
    """Lag windows (N, tau) of `series` (T,) and the values 1 … steps on, (N, len(horizons)), in ascending order.

    Raises:
        StepaheadError: no window has a label at the longest horizon.
    """
    features, following = lag_windows(series, tau, pad)
    count = len(features) - max(horizons) + 1
    if count < 1:
        raise StepaheadError(
            f"kstep.horizons = {max(horizons)} at most and tau = {tau} need more than {len(series)} training steps "
            "(series.n_train); lower one of them or raise series.n_train"
        )
    labels = np.stack([following[k - 1 : k - 1 + count] for k in sorted(horizons)], axis=1)
    return features[:count], labels
