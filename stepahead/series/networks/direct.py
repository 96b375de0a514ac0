"""A perceptron that predicts every horizon directly, with one output for each, instead of feeding itself back."""

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError
from stepahead.series.data.scale import cumulate
from stepahead.series.data.windows import lag_windows, windows_before
from stepahead.series.networks import ensemble, perceptron
from stepahead.series.networks.ensemble import Weights
from stepahead.series.networks.gradient_surgery import cosines, random_orders, shares_after_surgery

SURGERY = {"mlp_direct": False, "mlp_pcgrad": True}
"""The direct models by name, and whether each is trained with gradient surgery."""


@dataclass(eq=False)
class DirectMLP:
    """tau-hidden-len(horizons) with ReLU: a shared body, and an output and a task for each of `horizons`.

    Trained with Adam on the sum of the tasks' mean squared errors, from `n_seeds` weight seeds, on the windows that all
    horizons have a label for. Surgery changes neither a network's first weights nor its minibatches.

    Args:
        surgery: train the shared body with PCGrad (stepahead/series/networks/gradient_surgery.py).
        pad, from_last: as in `lag_windows`.
        differences: the lags of the differences that made the series (see `Scale`). A task is then to predict the sum
            of the differences up to its horizon, because those in between have no output of their own.

    `weights` also holds two records of training, (n_seeds, epochs, tasks, tasks) with the tasks in ascending order of
    horizon: `cosines`, between the tasks' gradients of the body, mean over the epoch's steps, and `conflicts`, the
    share of the steps in which it was below zero.
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
    from_last: bool = False
    differences: tuple[int, ...] = ()
    weights: dict[str, Array] = field(init=False, default_factory=dict, repr=False)

    def fit(self, series: Array) -> None:
        """Raises StepaheadError if tau and the longest horizon do not fit or a weight stops being finite."""
        windows, labels = direct_windows(series, self.tau, self.horizons, self.pad, self.from_last, self.differences)
        steps = Steps(self, -(-len(labels) // self.batch_size))
        weights = ensemble.train(
            partial(perceptron.initial_weights, self.tau, self.hidden, len(self.horizons)),
            steps.gradient,
            perceptron.with_ones(windows.T),
            np.ascontiguousarray(labels.T),
            epochs=self.epochs,
            batch_size=self.batch_size,
            lr=self.lr,
            n_seeds=self.n_seeds,
            seed=self.seed,
            section="direct",
            held=(len(self.horizons) + 4) * self.hidden,
        )
        self.weights = {**weights, "cosines": steps.cosines, "conflicts": steps.conflicts}

    def forecast(self, series: Array, origins: Array, horizon: int) -> Array:
        """(n_seeds, len(origins), horizon).

        A trained horizon's forecast is its output. In between it is interpolated linearly, and before the first
        trained horizon from the last value seen; of differences, their sums are.

        Raises:
            StepaheadError: `horizon` is longer than every trained one.
        """
        if horizon > max(self.horizons):
            raise StepaheadError(
                f"kstep.horizons = {horizon} lies beyond {max(self.horizons)}, the longest that the direct model was "
                "trained for; run dvc repro to train it again"
            )
        windows = windows_before(series, origins, self.tau)  # (N, tau)
        last = windows[:, -1:]
        if self.from_last:
            windows = windows - last
        trained = perceptron.outputs(self.weights, perceptron.with_ones(windows.T)).mT  # (S, N, tasks)
        start = np.broadcast_to(0 if self.differences else windows[:, -1:], (*trained.shape[:-1], 1))
        known = [0, *sorted(self.horizons)]
        shares = [np.interp(np.arange(1, horizon + 1), known, unit) for unit in np.eye(len(known))]
        forecast: Array = np.concatenate([start, trained], axis=-1) @ np.stack(shares)  # (S, N, horizon)
        for lag in self.differences:
            forecast[..., lag:] -= forecast[..., :-lag].copy()
        return forecast + last if self.from_last else forecast


class Steps:
    """The gradient that each step of a direct model's training follows, and the record of how the tasks agreed."""

    def __init__(self, model: DirectMLP, per_epoch: int) -> None:
        self.per_epoch, self.taken, tasks = per_epoch, 0, len(model.horizons)
        self.cosines, self.conflicts = np.zeros((2, model.n_seeds, model.epochs, tasks, tasks))
        streams = ensemble.streams(model.seed, model.n_seeds) if model.surgery else []
        self.orders = [np.random.default_rng(stream.spawn(1)[0]) for stream in streams]

    def gradient(self, weights: Weights, inputs: Array, labels: Array, gradients: Weights) -> Array:
        """As `ensemble.Gradient`."""
        losses, shared, output = perceptron.task_gradients(weights, inputs, labels)
        seeds, tasks = losses.shape
        body = shared.reshape(seeds, tasks, -1)
        gram = body @ body.mT  # (S, tasks, tasks)
        epoch, cosine = self.taken // self.per_epoch, cosines(gram)
        self.cosines[:, epoch] += cosine / self.per_epoch
        self.conflicts[:, epoch] += (cosine < 0) / self.per_epoch
        self.taken += 1
        shares = shares_after_surgery(gram, random_orders(tasks, self.orders)) if self.orders else np.ones(losses.shape)
        gradients["hidden"][:] = (shares[:, None] @ body).reshape(gradients["hidden"].shape)
        gradients["output"][:] = output
        total: Array = losses.sum(-1)
        return total


def direct_windows(
    series: Array,
    tau: int,
    horizons: tuple[int, ...],
    pad: str,
    from_last: bool = False,
    differences: tuple[int, ...] = (),
) -> tuple[Array, Array]:
    """Lag windows (N, tau) of `series` (T,) and what each task is to predict, (N, len(horizons)), in ascending order.

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
    features, last = features[:count], features[:count, -1]
    weights = np.eye(max(horizons))[0]
    for lag in differences:
        weights = cumulate(weights, lag)  # of the steps from the last to the first, in the sum up to a horizon
    sums = [np.convolve(following, weights[:k])[k - 1 : k - 1 + count] for k in sorted(horizons)]
    labels = np.stack(sums, axis=1)
    if not from_last:
        return features, labels
    subtracted = np.array([weights[:k].sum() for k in sorted(horizons)])
    return features - last[:, None], labels - last[:, None] * subtracted
