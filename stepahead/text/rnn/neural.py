"""A recurrent network as a language model, and as an artifact."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from stepahead.core import memory
from stepahead.text.rnn.architecture import Architecture
from stepahead.text.rnn.dropout import Dropout
from stepahead.text.rnn.recurrent import LayerRNN
from stepahead.text.rnn.scratch import ScratchRNN

# Scoring reads a long sequence in pieces of this many tokens, which bounds memory and changes nothing else.
PIECE = 4096


class Network(Protocol):
    """A recurrent network over tokens; the first entry of a state is the hidden state."""

    architecture: Architecture

    def parameters(self) -> dict[str, Tensor]: ...

    def initial_state(self, batch_size: int) -> tuple[Tensor, ...]: ...

    def hidden(
        self, ids: Tensor, state: tuple[Tensor, ...], dropout: Dropout | None = None
    ) -> tuple[Tensor, tuple[Tensor, ...]]: ...

    def readout(self, hidden: Tensor) -> Tensor: ...


def build_network(architecture: Architecture, generator: torch.Generator, device: torch.device) -> Network:
    """A network with fresh weights drawn from `generator`.

    Raises:
        StepaheadError: there is no memory for them and what training adds: gradients, moments and copies.
    """
    a = architecture
    network = f"a network of {a.n_weights:,} weights (rnn.num_hiddens = {a.num_hiddens:,}, num_layers = {a.num_layers})"
    memory.check(32 * a.n_weights, network, "lower one of them")
    return (ScratchRNN if a.cell == "scratch" else LayerRNN)(architecture, generator, device)


def load_networks(
    weights: Mapping[str, npt.NDArray[np.float32]], about: Mapping[str, Any], device: torch.device
) -> list[Network]:
    """The networks of an artifact, one for each of its S weight seeds; `weights` are (S, …).

    Raises:
        KeyError, ValueError: as `load_network`.
    """
    n_seeds = about["n_seeds"]
    if not (isinstance(n_seeds, int) and n_seeds >= 1) or {w.shape[:1] for w in weights.values()} != {(n_seeds,)}:
        raise ValueError(f"the weights are not those of {n_seeds} networks")
    return [load_network({name: w[s] for name, w in weights.items()}, about, device) for s in range(n_seeds)]


def load_network(
    weights: Mapping[str, npt.NDArray[np.float32]], about: Mapping[str, Any], device: torch.device
) -> Network:
    """The network whose architecture is among what `about` says, with the given weights.

    Raises:
        KeyError, ValueError: something is missing, or the weights are not of that architecture.
    """
    architecture = Architecture(**{field.name: about[field.name] for field in dataclasses.fields(Architecture)})
    network = build_network(architecture, torch.Generator(), device)
    parameters = network.parameters()
    found = {name: (weight.shape, weight.dtype.name) for name, weight in weights.items()}
    # a smaller tensor would be broadcast in silence
    if found != {name: (tuple(parameter.shape), "float32") for name, parameter in parameters.items()}:
        raise ValueError(f"the weights are not those of this {architecture.cell}")
    for name, parameter in parameters.items():
        parameter.data.copy_(torch.from_numpy(weights[name]))
    return network


class State(NamedTuple):
    """What a network has read: its own state, and the logits (V,) of the next token."""

    network: tuple[Tensor, ...]
    logits: Tensor


@dataclass(frozen=True)
class NeuralLM:
    """The LanguageModel of a network. Before any token the hidden state is zero, so the first token's distribution is
    what the readout makes of that: the softmax of its bias."""

    network: Network
    device: torch.device

    @torch.no_grad()
    def nll(self, ids: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        state = self.start()
        nll = np.empty(len(ids))
        for start in range(0, len(ids), PIECE):
            piece = self._tensor(ids[start : start + PIECE])
            hidden, network_state = self._read(piece, state.network)
            logits = self.network.readout(hidden)  # (N, V): row i predicts token i + 1
            before = torch.cat([state.logits[None], logits[:-1]])
            found = torch.nn.functional.cross_entropy(before, piece, reduction="none")
            nll[start : start + PIECE] = found.cpu().numpy()
            state = State(network_state, logits[-1])
        return nll

    @torch.no_grad()
    def start(self) -> State:
        nothing = torch.zeros(self.network.architecture.readout_size, device=self.device)
        return State(self.network.initial_state(1), self.network.readout(nothing))

    @torch.no_grad()
    def advance(self, state: State, ids: npt.NDArray[Any]) -> State:
        if len(ids) == 0:
            return state
        hidden, network_state = self._read(self._tensor(ids), state.network)
        return State(network_state, self.network.readout(hidden[-1]))

    def log_probs(self, state: State) -> npt.NDArray[np.float64]:
        log_probs: npt.NDArray[np.float64] = state.logits.double().log_softmax(-1).cpu().numpy()
        return log_probs

    def _tensor(self, ids: npt.NDArray[Any]) -> Tensor:
        return torch.from_numpy(ids.astype(np.int64)).to(self.device)

    def _read(self, tokens: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        hidden, last = self.network.hidden(tokens[:, None], state)
        return hidden[:, 0], last  # (N, H)
