import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from stepahead.series.networks.gradient_surgery import cosines, project_conflicts


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def by_the_paper(gradients: torch.Tensor, orders: list[list[int]]) -> torch.Tensor:
    """Algorithm 1 of Yu et al. (2020), loop for loop: the surgered gradients (tasks, P)."""
    surgered = []
    for task, order in enumerate(orders):
        g = gradients[task].clone()
        for other in order:
            if g @ gradients[other] < 0:
                g -= (g @ gradients[other]) / (gradients[other] @ gradients[other]) * gradients[other]
        surgered.append(g)
    return torch.stack(surgered)


def test_two_tasks_by_hand() -> None:
    # (1, 0) loses its part along (−1, 1): (1, 0) + ½ (−1, 1) = (½, ½). (−1, 1) loses its part along (1, 0): (0, 1).
    gradients = torch.tensor([[1.0, 0.0], [-1.0, 1.0]])

    torch.testing.assert_close(project_conflicts(gradients, seeded()), torch.tensor([0.5, 1.5]))


def test_agreeing_tasks_are_summed() -> None:
    gradients = torch.tensor([[1.0, 0.0], [1.0, 2.0], [0.0, 1.0]])

    torch.testing.assert_close(project_conflicts(gradients, seeded()), torch.tensor([2.0, 3.0]))


def test_opposite_gradients_cancel_and_zero_ones_do_no_harm() -> None:
    opposite = torch.tensor([[1.0, -2.0], [-2.0, 4.0]])
    torch.testing.assert_close(project_conflicts(opposite, seeded()), torch.zeros(2))

    with_zero = torch.tensor([[0.0, 0.0], [3.0, 4.0]])
    torch.testing.assert_close(project_conflicts(with_zero, seeded()), torch.tensor([3.0, 4.0]))
    torch.testing.assert_close(cosines(with_zero), torch.tensor([[0.0, 0.0], [0.0, 1.0]]))


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_last_projection_leaves_no_conflict(seed: int) -> None:
    # Three tasks have two possible orders each, so the result is one of the eight the paper's loops can give; and
    # in those, no task has a negative dot product with the one it was projected against last.
    gradients = torch.randn(3, 5, generator=seeded(seed), dtype=torch.float64)
    possible = []
    for choice in range(8):
        orders = [[1, 2], [0, 2], [0, 1]]
        orders = [order[:: -1 if choice >> task & 1 else 1] for task, order in enumerate(orders)]
        surgered = by_the_paper(gradients, orders)
        possible.append(surgered.sum(0))
        for task, order in enumerate(orders):
            assert surgered[task] @ gradients[order[-1]] >= -1e-9

    result = project_conflicts(gradients, seeded(seed))

    assert min((result - candidate).abs().max() for candidate in possible) < 1e-9


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 40))
def test_two_tasks_never_lose(seed: int, size: int) -> None:
    gradients = torch.randn(2, size, generator=seeded(seed), dtype=torch.float64)

    result = project_conflicts(gradients, seeded())

    assert (gradients @ result >= -1e-9).all()


def test_orders_are_random_and_repeat_with_the_generator() -> None:
    gradients = torch.randn(4, 3, generator=seeded(1))

    results = torch.stack([project_conflicts(gradients, seeded(i)) for i in range(20)])

    assert len(results.unique(dim=0)) > 1
    torch.testing.assert_close(project_conflicts(gradients, seeded(7)), results[7], rtol=0, atol=0)


def test_seeds_are_independent() -> None:
    gradients = torch.randn(6, 2, 10, generator=seeded(2))  # two tasks: the order is no choice

    together = project_conflicts(gradients, seeded())

    alone = torch.stack([project_conflicts(g, seeded()) for g in gradients])
    torch.testing.assert_close(together, alone)
    assert together.shape == (6, 10)


def test_one_task_is_left_alone() -> None:
    gradients = torch.tensor([[1.0, -2.0]])

    torch.testing.assert_close(project_conflicts(gradients, seeded()), gradients[0])


def test_cosines_match_torch() -> None:
    gradients = torch.randn(5, 4, 7, generator=seeded(3))

    expected = torch.nn.functional.cosine_similarity(gradients[:, :, None], gradients[:, None], dim=-1)

    torch.testing.assert_close(cosines(gradients), expected)
    assert cosines(torch.tensor([[1.0, 0.0], [1.0, 1.0]]))[0, 1].item() == pytest.approx(0.5**0.5)
