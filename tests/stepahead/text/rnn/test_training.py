import math
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from stepahead.core.artifacts import Ids
from stepahead.core.errors import StepaheadError
from stepahead.text.rnn.architecture import CELLS, Architecture
from stepahead.text.rnn.checkpoint import Checkpoint, State
from stepahead.text.rnn.fast_perplexity import rows_perplexity
from stepahead.text.rnn.neural import Network, build_network
from stepahead.text.rnn.training import Epoch, Settings, kept_epoch, train

IDS = np.tile(np.array([0, 1, 2, 3, 2, 1], dtype=np.uint8), 60)
SETTINGS: dict[str, Any] = {"batch_size": 4, "num_steps": 6, "sampling": "sequential"}
SETTINGS |= {"optimizer": "sgd", "lr": 0.5, "clip": "norm", "clip_bound": 1.0}


def fresh(cell: str) -> Network:
    return build_network(Architecture(cell, 4, 16), torch.Generator().manual_seed(0), torch.device("cpu"))


def history(network: Network, val: Ids = IDS[:0], **changes: Any) -> Iterator[Epoch]:
    settings = Settings(**{**SETTINGS, **changes})
    return train(network, IDS, val, settings, np.random.default_rng(0), torch.Generator().manual_seed(1))


def perplexities(cell: str, epochs: int, **changes: Any) -> list[float]:
    return [epoch.perplexity for epoch in history(fresh(cell), epochs=epochs, **changes)]


def flat(network: Network) -> torch.Tensor:
    return torch.cat([weight.detach().flatten() for weight in network.parameters().values()])


def reference(epochs: int) -> list[float]:
    """The book's loop (d2l 9.5.6), written with torch's own layer, loss, clipping and optimizer."""
    drawn = fresh("rnn").parameters()
    layer, readout = torch.nn.RNN(4, 16), torch.nn.Linear(16, 4)
    layer.load_state_dict({name: drawn[name].detach() for name, _ in layer.named_parameters()})
    readout.load_state_dict({name: drawn[name].detach() for name in ("weight", "bias")})
    everything = [*layer.parameters(), *readout.parameters()]
    sgd, generator, history = torch.optim.SGD(everything, lr=0.5), np.random.default_rng(0), []
    for _ in range(epochs):
        offset = int(generator.integers(7))
        width = (len(IDS) - offset - 1) // 4
        xs = IDS[offset : offset + 4 * width].reshape(4, width).astype(int)
        ys = IDS[offset + 1 : offset + 1 + 4 * width].reshape(4, width).astype(int)
        state, total, count = None, 0.0, 0
        for start in range(0, width // 6 * 6, 6):
            x, y = (torch.tensor(a[:, start : start + 6]).T for a in (xs, ys))
            hidden, state = layer(torch.nn.functional.one_hot(x, 4).float(), state)
            state = state.detach()
            loss = torch.nn.functional.cross_entropy(readout(hidden).reshape(-1, 4), y.reshape(-1))
            sgd.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(everything, 1.0)
            sgd.step()
            total, count = total + loss.item() * y.numel(), count + y.numel()
        history.append(math.exp(total / count))
    return history


def test_training_agrees_with_the_books_loop() -> None:
    np.testing.assert_allclose(perplexities("rnn", 5), reference(5), rtol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("sampling", ["sequential", "random"])
def test_every_cell_learns_a_pattern_it_can_remember(cell: str, sampling: str) -> None:
    found = perplexities(cell, 40, optimizer="adamw", lr=0.01, sampling=sampling)
    assert found[0] > 2.5
    assert found[-1] < 1.5  # with random sampling the first steps of a row have no context to remember


def test_the_same_seeds_give_the_same_numbers() -> None:
    assert perplexities("lstm", 2) == perplexities("lstm", 2)


def test_no_epochs_leave_the_random_weights() -> None:
    network, untouched = fresh("gru"), flat(fresh("gru"))
    assert list(history(network, epochs=0)) == []
    assert torch.equal(flat(network), untouched)


def steps_of(**changes: Any) -> list[torch.Tensor]:
    """How the weights of an rnn move in one epoch of single updates."""
    network = fresh("rnn")
    seen = [flat(network)]
    for _ in history(network, **({"num_steps": 60, "batch_size": 4, "lr": 1.0} | changes)):
        seen.append(flat(network))
    return [after - before for before, after in pairwise(seen)]


def test_clipping_by_norm_bounds_every_step() -> None:
    assert all(0.0099 < step.norm() <= 0.01001 for step in steps_of(epochs=3, clip_bound=0.01))


def test_clipping_by_value_bounds_every_entry_and_leaves_the_small_ones() -> None:
    (free,), (clipped,) = steps_of(epochs=1, clip="none"), steps_of(epochs=1, clip="value", clip_bound=0.003)
    torch.testing.assert_close(clipped, free.clamp(-0.003, 0.003))
    assert free.abs().max() > 0.003


def test_a_cosine_rises_with_the_warm_up_and_ends_at_zero() -> None:
    """With the gradient clipped to one norm, the length of each update is the learning rate."""
    lengths = [float(step.norm()) for step in steps_of(epochs=20, schedule="cosine", lr_warmup=4, clip_bound=1e-3)]
    found = np.array(lengths) / 1e-3
    cosine = (1 + np.cos(np.pi * np.arange(20) / 20)) / 2
    np.testing.assert_allclose(found, cosine * np.minimum(1, np.arange(1, 21) / 4), rtol=1e-3, atol=1e-4)


CONTRARY = np.tile(np.array([3, 3, 0, 0], dtype=np.uint8), 60)
"""contradicts the training span, so that its perplexity soon rises"""


@pytest.mark.parametrize("patience", [0, 3])
def test_the_weights_that_were_best_on_the_validation_span_are_kept(patience: int) -> None:
    network = fresh("gru")
    epochs = list(history(network, CONTRARY, epochs=40, optimizer="adamw", lr=0.01, patience=patience))
    watched = [epoch.val for epoch in epochs]
    assert len(epochs) == (kept_epoch(epochs) + patience if patience else 40)
    assert 0 < kept_epoch(epochs) < 40
    assert rows_perplexity(network, IDS, CONTRARY) == min(watched)


def test_without_a_validation_span_the_last_weights_are_kept() -> None:
    network, blind = fresh("rnn"), fresh("rnn")
    weights = [flat(blind) for _ in history(blind, epochs=3)]
    assert {epoch.val for epoch in history(network, epochs=3)} == {None}
    assert torch.equal(flat(network), weights[-1])


def test_watching_the_validation_span_changes_nothing_in_the_training() -> None:
    watched = [epoch.perplexity for epoch in history(fresh("rnn"), CONTRARY, epochs=3, dropout_output=0.3)]
    assert watched == perplexities("rnn", 3, dropout_output=0.3)


@pytest.mark.parametrize(
    ("watched", "kept"), [([], 0), ([None, None], 2), ([9.0, 7.0, 8.0], 2), ([7.0, 7.0], 1), ([9.0, 8.0], 2)]
)
def test_the_epoch_to_keep_is_the_first_of_the_best_or_the_last(watched: list[float | None], kept: int) -> None:
    assert kept_epoch([Epoch(5.0, val) for val in watched]) == kept


def test_patience_needs_a_validation_span() -> None:
    with pytest.raises(StepaheadError, match=r"rnn.patience = 2 stops by a validation span, but tokens.n_val = 0"):
        list(history(fresh("rnn"), epochs=1, patience=2))


def test_a_loss_that_is_no_longer_finite_is_an_error() -> None:
    with pytest.raises(StepaheadError, match=r"rnn.lr = 1e\+20: the loss is no longer finite after epoch"):
        perplexities("rnn", 3, lr=1e20, clip="none")


@pytest.mark.parametrize(
    "changes",
    [
        {"sampling": "random"},
        {"optimizer": "adamw", "lr": 0.01, "weight_decay": 0.1, "schedule": "cosine", "lr_warmup": 3},
        {"dropout_output": 0.3, "lr": 2.0},
        {"patience": 4},
    ],
)
@pytest.mark.parametrize("val", [IDS[:0], IDS[:100], CONTRARY], ids=["none", "alike", "contrary"])
def test_a_training_that_was_stopped_goes_on_to_the_same_bytes(
    changes: dict[str, Any], val: Ids, tmp_path: Path
) -> None:
    """Its state goes through a file, into a network whose weights are others."""
    if len(val) == 0:
        changes = changes | {"patience": 0}
    settings = Settings(**{**SETTINGS, "epochs": 8, **changes})
    saved = Checkpoint(tmp_path / "state", seconds=0)

    def run(network: Network, state: State | None, epochs: int) -> list[Epoch]:
        randomness = np.random.default_rng(0), torch.Generator().manual_seed(1)
        return list(islice(train(network, IDS, val, settings, *randomness, state, saved.write), epochs))

    whole, resumed = fresh("rnn"), fresh("rnn")
    history = run(whole, None, 99)
    saved.remove()
    run(resumed, None, 3)
    for weight in resumed.parameters().values():
        weight.data.zero_()
    assert run(resumed, saved.read(), 99) == history
    if val is CONTRARY:
        assert kept_epoch(history) <= 3  # the weights to keep come out of the file
    assert torch.equal(flat(resumed), flat(whole))


@pytest.mark.parametrize("sampling", ["sequential", "random"])
@pytest.mark.parametrize("cell", CELLS)
def test_the_shards_gradients_add_up_to_the_minibatchs(cell: str, sampling: str) -> None:
    whole = perplexities(cell, 3, sampling=sampling)
    assert perplexities(cell, 3, sampling=sampling, shards=4) == pytest.approx(whole, rel=1e-5)


def test_each_shard_draws_masks_of_its_own() -> None:
    found = perplexities("lstm", 2, shards=4, dropout_output=0.5)
    assert found == perplexities("lstm", 2, shards=4, dropout_output=0.5)
    assert found != pytest.approx(perplexities("lstm", 2, shards=2, dropout_output=0.5), rel=1e-6)


@pytest.mark.parametrize("shards", [3, 8])
def test_rows_that_do_not_split_are_refused(shards: int) -> None:
    with pytest.raises(StepaheadError, match=rf"rnn\.shards = {shards}, but it must be 1, 2, 4, … and divide"):
        perplexities("rnn", 1, shards=shards)
