import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepahead.series.networks.gradient_surgery import cosines, random_orders, shares_after_surgery

TWO = np.array([[1], [0]])  # two tasks: the order is no choice


def by_the_paper(gradients: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """Algorithm 1 of Yu et al. (2020), loop for loop: the surgered gradients (tasks, P)."""
    surgered = []
    for task, order in enumerate(orders):
        g = gradients[task].copy()
        for other in order:
            if g @ gradients[other] < 0:
                g -= (g @ gradients[other]) / (gradients[other] @ gradients[other]) * gradients[other]
        surgered.append(g)
    return np.stack(surgered)


def operated(gradients: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """The sum over tasks after surgery, (P,)."""
    return shares_after_surgery(gradients @ gradients.T, orders) @ gradients


def test_two_tasks_by_hand() -> None:
    # (1, 0) loses its part along (−1, 1): (1, 0) + ½ (−1, 1) = (½, ½). (−1, 1) loses its part along (1, 0): (0, 1).
    np.testing.assert_allclose(operated(np.array([[1.0, 0.0], [-1.0, 1.0]]), TWO), [0.5, 1.5])


def test_agreeing_tasks_are_summed() -> None:
    gradients = np.array([[1.0, 0.0], [1.0, 2.0], [0.0, 1.0]])

    np.testing.assert_allclose(operated(gradients, np.array([[1, 2], [0, 2], [0, 1]])), [2.0, 3.0])


def test_opposite_gradients_cancel_and_zero_ones_do_no_harm() -> None:
    np.testing.assert_allclose(operated(np.array([[1.0, -2.0], [-2.0, 4.0]]), TWO), [0.0, 0.0], atol=1e-15)

    with_zero = np.array([[0.0, 0.0], [3.0, 4.0]])
    np.testing.assert_allclose(operated(with_zero, TWO), [3.0, 4.0])
    np.testing.assert_allclose(cosines(with_zero @ with_zero.T), [[0.0, 0.0], [0.0, 1.0]])


@settings(max_examples=100)
@given(seed=st.integers(0, 2**32 - 1), tasks=st.integers(1, 5), size=st.integers(1, 8))
def test_it_is_the_papers_algorithm_for_every_network_and_order(seed: int, tasks: int, size: int) -> None:
    generators = np.random.default_rng(seed).spawn(3)
    gradients = np.random.default_rng(seed).normal(size=(3, tasks, size))
    orders = random_orders(tasks, generators)
    shares = shares_after_surgery(gradients @ gradients.mT, orders)
    for s in range(3):
        surgered = by_the_paper(gradients[s], orders[s])
        np.testing.assert_allclose(shares[s] @ gradients[s], surgered.sum(0), atol=1e-9)
        for task, order in enumerate(orders[s]):  # no conflict is left with the one met last
            assert all(surgered[task] @ gradients[s, last] >= -1e-9 for last in order[-1:])


@settings(max_examples=50)
@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 40))
def test_two_tasks_never_lose(seed: int, size: int) -> None:
    gradients = np.random.default_rng(seed).normal(size=(2, size))

    assert (gradients @ operated(gradients, TWO) >= -1e-9).all()


def test_orders_are_random_leave_out_the_task_and_come_from_each_networks_generator() -> None:
    orders = np.stack([random_orders(3, np.random.default_rng(i).spawn(2)) for i in range(40)])
    for task, others in enumerate(([1, 2], [0, 2], [0, 1])):
        found = {tuple(order) for order in orders[:, :, task].reshape(-1, 2).tolist()}
        assert found == {tuple(others), tuple(others[::-1])}
    few, many = (random_orders(4, np.random.default_rng(0).spawn(n)) for n in (2, 5))
    np.testing.assert_array_equal(few, many[:2])


def test_cosines_by_hand() -> None:
    gradients = np.array([[1.0, 0.0], [1.0, 1.0], [-2.0, 0.0]])

    found = cosines(gradients @ gradients.T)

    np.testing.assert_allclose(found[0], [1, 0.5**0.5, -1])
    assert found[1, 2] == pytest.approx(-(0.5**0.5))
