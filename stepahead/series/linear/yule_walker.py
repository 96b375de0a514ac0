"""AR coefficients from autocovariances."""

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError


def yule_walker(series: Array, order: int) -> tuple[Array, float]:
    """Solve the Yule–Walker equations on the mean-removed series.

    The autocovariances are the biased ones (sums over T − lag products, divided by T), so the matrix is positive
    definite and the fitted process stationary (Brockwell & Davis 1991, section 8.1).

    Args:
        series: (T,).
        order: number of lags.

    Returns:
        Coefficients (order,), lag 1 first, of the deviations from the mean; and the noise variance.

    Raises:
        StepaheadError: the series has no more than `order` values, or is constant.
    """
    if len(series) <= order:
        raise StepaheadError(
            f"tau = {order} needs more than {order} training steps, and there are {len(series)}; "
            "lower tau or raise series.n_train"
        )
    deviations = series - series.mean()
    products = [deviations[lag:] @ deviations[: len(series) - lag] for lag in range(order + 1)]
    autocovariances = np.array(products) / len(series)
    if np.ptp(series) == 0:
        raise StepaheadError("series: the training part is constant, so it has no lags to learn; choose another series")
    lags = np.arange(order)
    coefficients = np.linalg.solve(autocovariances[np.abs(lags[:, None] - lags)], autocovariances[1:])
    return coefficients, float(autocovariances[0] - coefficients @ autocovariances[1:])
