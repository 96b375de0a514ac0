"""Training a recurrent network by truncated back-propagation through time (d2l 9.5.6)."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from stepahead.core import memory
from stepahead.core.artifacts import Array, Ids
from stepahead.core.errors import StepaheadError
from stepahead.text.rnn.architecture import HELD_GATES
from stepahead.text.rnn.batches import SAMPLING, check_length
from stepahead.text.rnn.checkpoint import State
from stepahead.text.rnn.dropout import Dropout
from stepahead.text.rnn.fast_perplexity import rows_perplexity
from stepahead.text.rnn.flat import FlatParameters
from stepahead.text.rnn.neural import Network
from stepahead.text.rnn.optim import SGD, AdamW
from stepahead.text.rnn.ranks import Ranks

OPTIMIZERS = ("sgd", "adamw")
SCHEDULES = ("constant", "cosine")
CLIPPING = ("norm", "value", "none")
ALONE = Ranks()


@dataclass(frozen=True)
class Settings:
    """How to train; the names are those in the section rnn of params.yaml."""

    batch_size: int
    num_steps: int
    sampling: str
    optimizer: str
    lr: float
    epochs: int
    clip: str
    clip_bound: float
    weight_decay: float = 0.0
    schedule: str = "constant"
    lr_warmup: int = 0
    dropout_input: float = 0.0
    dropout_recurrent: float = 0.0
    dropout_layers: float = 0.0
    dropout_output: float = 0.0
    patience: int = 0
    shards: int = 1


class Epoch(NamedTuple):
    """Result of an epoch: the book's running perplexity, then that of the validation span, where there is one."""

    perplexity: float
    val: float | None


def kept_epoch(history: Sequence[Epoch]) -> int:
    """The number, from 1 on, of the epoch whose weights are kept: the one with the lowest validation perplexity, the
    first of several; without a validation span the last one, as in the book. 0 before the first epoch."""
    watched = [epoch.val for epoch in history if epoch.val is not None]
    return watched.index(min(watched)) + 1 if watched else len(history)


def train(
    network: Network,
    ids: Ids,
    val: Ids,
    settings: Settings,
    rng: np.random.Generator,
    generator: torch.Generator,
    state: State | None = None,
    save: Callable[[Callable[[], State]], None] = lambda _: None,
    ranks: Ranks = ALONE,
) -> Iterator[Epoch]:
    """Update the network's weights in place, yielding after each epoch; at the end they are those of `kept_epoch`.

    With `patience`, training stops when the validation perplexity has not fallen for so many epochs.

    Args:
        val: is watched after each epoch, unless it is empty.
        rng: draws the minibatches, `generator` the dropout masks.
        state: where an earlier call got to; its epochs are yielded at once, and the rest gives the same bytes.
        save: is called after each epoch with a function that gives the state by then.
        ranks: share out the shards of each minibatch, each calling this with the same arguments.

    Raises:
        StepaheadError: the shards cannot be shared out, too few tokens for one minibatch, no validation span where one
            is needed, or a loss that stops being finite.
    """
    check_length(len(ids), settings.batch_size, settings.num_steps)
    check_shards(settings.shards, settings.batch_size)
    shape, n_tokens = network.architecture, settings.batch_size * settings.num_steps
    memory.check(
        4 * n_tokens * (8 * shape.num_hiddens * shape.num_layers + 4 * shape.vocab_size),
        f"rnn.batch_size = {settings.batch_size:,} and rnn.num_steps = {settings.num_steps:,} with this network",
        "lower one of them",
    )
    if settings.patience and len(val) == 0:
        raise StepaheadError(
            f"rnn.patience = {settings.patience} stops by a validation span, but tokens.n_val = 0 leaves none; use "
            "rnn.patience=0 or raise tokens.n_val"
        )
    if settings.weight_decay and shape.cell in HELD_GATES:
        raise StepaheadError(
            f"rnn.weight_decay = {settings.weight_decay:g} would set the gate of {shape.cell} free that a bias "
            "holds; use rnn.weight_decay=0"
        )
    learner = Learner(network, ids, settings, rng, generator, ranks)
    if state is not None:
        learner.restore(*state)
    yield from learner.history
    while len(learner.history) < settings.epochs and not 0 < settings.patience <= learner.waited:
        result = learner.epoch(val)
        save(learner.state)
        yield result
    learner.parameters.values.copy_(learner.kept)


def check_shards(shards: int, batch_size: int) -> None:
    """Raise StepaheadError unless the rows split into so many equal parts, which are 1, 2, 4, …"""
    if shards & (shards - 1) or batch_size % shards:
        raise StepaheadError(
            f"rnn.shards = {shards}, but it must be 1, 2, 4, … and divide rnn.batch_size = {batch_size}; change either"
        )


class Learner:
    """A network in training, with its optimizer and its dropout, and what has come of it so far."""

    def __init__(
        self,
        network: Network,
        ids: Ids,
        settings: Settings,
        rng: np.random.Generator,
        generator: torch.Generator,
        ranks: Ranks = ALONE,
    ) -> None:
        self.network, self.ids, self.settings, self.rng, self.generator = network, ids, settings, rng, generator
        self.ranks, self.own, self.seed = ranks, ranks.own(settings.shards), generator.initial_seed()
        self.parameters = FlatParameters(network.parameters().values())
        self.tokens = torch.from_numpy(ids).to(self.parameters.values.device)  # on a CPU the file's map, not a copy
        self.optimizer = (
            SGD(self.parameters, settings.lr)
            if settings.optimizer == "sgd"
            else AdamW(self.parameters, settings.lr, settings.weight_decay)
        )
        s = settings
        rates = (s.dropout_input, s.dropout_recurrent, s.dropout_layers, s.dropout_output)
        self.dropout = Dropout(*rates, generator) if any(rates) else None
        self.updates = 0
        self.history: list[Epoch] = []
        self.kept = self.parameters.values  # of the epoch to keep, so far

    @property
    def waited(self) -> int:
        """Epochs since the one to keep."""
        return len(self.history) - kept_epoch(self.history)

    def state(self) -> State:
        """All that the next epoch depends on."""
        tensors = {"values": self.parameters.values, "kept": self.kept, "generator": self.generator.get_state()}
        if isinstance(self.optimizer, AdamW):
            tensors |= {"mean": self.optimizer.mean, "square": self.optimizer.square}
        about = {
            "history": self.history,
            "updates": self.updates,
            "rng": self.rng.bit_generator.state,
        }
        return {name: tensor.detach().cpu().numpy() for name, tensor in tensors.items()}, about

    def restore(self, tensors: Mapping[str, Array], about: Mapping[str, Any]) -> None:
        """Go back to what `state` gave."""
        loaded = {name: torch.from_numpy(array.copy()) for name, array in tensors.items()}
        self.parameters.values.copy_(loaded["values"])
        self.kept = loaded["kept"].to(self.parameters.values.device)
        self.generator.set_state(loaded["generator"])
        self.history = [Epoch(*epoch) for epoch in about["history"]]
        self.updates = about["updates"]
        self.rng.bit_generator.state = about["rng"]
        if isinstance(self.optimizer, AdamW):
            self.optimizer.mean.copy_(loaded["mean"])
            self.optimizer.square.copy_(loaded["square"])
            self.optimizer.steps = self.updates

    def epoch(self, val: Ids) -> Epoch:
        """One pass over the text, then a look at the validation span.

        Raises:
            StepaheadError: the loss is no longer finite.
        """
        found = Epoch(self._pass(), rows_perplexity(self.network, self.ids, val) if len(val) else None)
        self.history.append(found)
        if not math.isfinite(found.perplexity + (found.val or 0)):
            s = self.settings
            raise StepaheadError(
                f"rnn.lr = {s.lr:g}: the loss is no longer finite after epoch {len(self.history)}; "
                f"lower rnn.lr, or use rnn.clip=norm with a lower rnn.clip_bound (now {s.clip}, {s.clip_bound:g})"
            )
        if self.waited == 0:
            self.kept = self.parameters.values.clone()
        return found

    def _pass(self) -> float:
        """Update on every minibatch; exp of the mean of their losses, each taken before its own update.

        With sequential sampling the state carries over to the next minibatch, detached, so gradients reach back
        `num_steps` tokens; with random sampling every minibatch starts from the zero state.
        """
        s = self.settings
        zero = self.network.initial_state(s.batch_size // s.shards)
        states, losses = [zero for _ in self.own], []
        for inputs, targets in SAMPLING[s.sampling](self.tokens, s.batch_size, s.num_steps, self.rng):
            if s.sampling == "random":
                states = [zero for _ in self.own]
            loss, states = self._update(inputs.mT, targets.mT, states)
            losses.append(loss)
        every = torch.cat([part.mT for part in self.ranks.gather(torch.stack(losses))])  # (shards, updates)
        return float(every.double().mean().exp())

    def _update(
        self, inputs: torch.Tensor, targets: torch.Tensor, states: Sequence[tuple[torch.Tensor, ...]]
    ) -> tuple[torch.Tensor, list[tuple[torch.Tensor, ...]]]:
        """Inputs and targets (T, B) to the losses of this rank's shards before the update, and their states after."""
        parameters, s = self.parameters, self.settings
        losses, gradients, after = [], [], []
        rows = s.batch_size // s.shards
        for shard, state in zip(self.own, states, strict=True):
            columns = slice(shard * rows, (shard + 1) * rows)
            if self.dropout is not None and s.shards > 1:  # the masks of a shard are its own, whoever computes it
                entropy = [self.seed, self.updates, shard]
                self.generator.manual_seed(int(np.random.SeedSequence(entropy).generate_state(1)[0]))
            loss, last = self._gradient(inputs[:, columns], targets[:, columns].flatten(), state)
            losses.append(loss)
            gradients.append(parameters.grad.clone() if s.shards > 1 else parameters.grad)
            after.append(last)
        if s.shards > 1:
            torch.div(self.ranks.sum(gradients), s.shards, out=parameters.grad)
        if s.clip == "norm":
            parameters.clip_norm_(s.clip_bound)
        elif s.clip == "value":
            parameters.grad.clamp_(-s.clip_bound, s.clip_bound)
        self.optimizer.lr = s.lr * self._rate()
        self.optimizer.step()
        self.updates += 1
        return torch.stack(losses), after

    def _gradient(
        self, inputs: torch.Tensor, targets: torch.Tensor, state: tuple[torch.Tensor, ...]
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
        """Inputs (T, B) and targets (T·B,) to their loss, whose gradient is laid down, and the state after them."""
        hidden, last = self.network.hidden(inputs, state, self.dropout)  # (T, B, H)
        logits = self.network.readout(hidden.flatten(0, 1))  # (T·B, V)
        loss = cross_entropy(logits, targets)
        self.parameters.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.detach(), tuple(part.detach() for part in last)

    def _rate(self) -> float:
        """The share of the full learning rate: rising over the first `lr_warmup` updates, then as scheduled.

        A cosine falls to zero with the last update (Loshchilov & Hutter 2017, one cycle).
        """
        s = self.settings
        rising = min(1.0, (self.updates + 1) / s.lr_warmup) if s.lr_warmup else 1.0
        if s.schedule == "constant":
            return rising
        total = s.epochs * max((len(self.ids) - 1) // (s.batch_size * s.num_steps), 1)
        return rising * (1 + math.cos(math.pi * min(self.updates / total, 1))) / 2
