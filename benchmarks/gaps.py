"""How well networks that read both ways fill gaps: `python -m benchmarks.gaps` (9.4; about two minutes).

Each token of the test span is hidden in turn and predicted from the others: from those to its left, from those to its
right, or from both. It takes the text of the last `dvc repro`, and trains as params.yaml says.

A network that reads both ways is no language model. p(x_1) p(x_2 | x_1) … is the probability of a text, because each
factor knows only what is to the left. A product of factors that also know what is to the right is the probability of
nothing, and exp of their mean loss is no perplexity. (A language model can fill gaps, though: the likeliest token is
the one that makes the passage likeliest.)
"""

import dataclasses
from functools import partial
from pathlib import Path
from typing import Any

from stepahead.core import numerics

numerics.pin()

import numpy as np  # noqa: E402
import numpy.typing as npt  # noqa: E402
import torch  # noqa: E402
import yaml  # noqa: E402
from numpy.lib.stride_tricks import sliding_window_view  # noqa: E402
from torch import Tensor  # noqa: E402

from stepahead.core.artifacts import Ids, read_array, read_json  # noqa: E402
from stepahead.core.errors import StepaheadError  # noqa: E402
from stepahead.report.text_table import aligned  # noqa: E402
from stepahead.text.ngram.ngram import NGram  # noqa: E402
from stepahead.text.rnn import runtime  # noqa: E402
from stepahead.text.rnn.architecture import Architecture  # noqa: E402
from stepahead.text.rnn.dropout import Dropout  # noqa: E402
from stepahead.text.rnn.neural import Network, build_network  # noqa: E402
from stepahead.text.rnn.recurrent import LayerRNN  # noqa: E402
from stepahead.text.rnn.training import Settings, train  # noqa: E402
from stepahead.text.tokens.vocab import Vocabulary  # noqa: E402

Floats = npt.NDArray[np.float64]
ORDER = 6  # of the n-gram
PATIENCE = 5  # epochs without a better validation loss; the weights of the best one are kept
PREFIX, CONTINUED = "time traveller", 50


class Bidirectional:
    """Two networks, the second of which reads the text from its end, and one readout of both states (d2l 9.4).

    Row t of `hidden` is for predicting token t + 1: the state after tokens … t beside that after tokens … t + 2, read
    backwards. (With two layers, each network has its own: a layer that read both states below it would be told of the
    token that is to be predicted.)
    """

    def __init__(self, architecture: Architecture, generator: torch.Generator, device: torch.device) -> None:
        self.architecture = architecture
        self.forward, self.backward = (LayerRNN(architecture, generator, device) for _ in range(2))

    def parameters(self) -> dict[str, Tensor]:
        ways = {"forward": self.forward, "backward": self.backward}
        return {f"{way}_{name}": weight for way, one in ways.items() for name, weight in one.parameters().items()}

    def initial_state(self, batch_size: int) -> tuple[Tensor, ...]:
        return self.forward.initial_state(batch_size)

    def hidden(
        self, ids: Tensor, state: tuple[Tensor, ...], dropout: Dropout | None = None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Tokens (T, B) and the forward network's state to both states (T, B, 2 · readout_size), and its next."""
        ahead, after = self.forward.hidden(ids, state, dropout)
        back, _ = self.backward.hidden(ids.flip(0), self.backward.initial_state(ids.shape[1]), dropout)
        nothing = back.new_zeros(2, *back.shape[1:])  # to the right of the last token, and of the one after it
        return torch.cat([ahead, torch.cat([nothing, back])[: len(ids)].flip(0)], dim=-1), after

    def readout(self, hidden: Tensor) -> Tensor:
        """Both states (…, 2 · readout_size) to logits (…, V): a readout of both is the sum of one of each."""
        ahead, back = hidden.chunk(2, dim=-1)
        return self.forward.readout(ahead) + self.backward.readout(back)


def trained(kind: Any, shape: Architecture, train_ids: Ids, val: Ids, settings: Settings) -> Any:
    """A network of that kind and shape, trained from weight seed 0."""
    network = kind(shape, torch.Generator().manual_seed(0), torch.device("cpu"))
    for _ in train(network, train_ids, val, settings, np.random.default_rng(0), torch.Generator().manual_seed(0)):
        pass
    return network


@torch.no_grad()
def log_probs(network: Network, ids: Ids) -> Floats:
    """What the network expects at each of the tokens (T,), of the first with nothing read: (T, V)."""
    hidden, _ = network.hidden(torch.from_numpy(ids.astype(np.int64))[:, None], network.initial_state(1))
    before = torch.cat([torch.zeros_like(hidden[:1]), hidden[:-1]])  # row t − 1 is for token t
    found: Floats = network.readout(before[:, 0]).double().log_softmax(-1).numpy()
    return found


def ngram_log_probs(model: NGram, ids: Ids) -> tuple[Floats, Floats]:
    """What the n-gram expects at each of the tokens (T,) but the first and last `order` − 1, (T − 2 order + 2, V): from
    those to its left, and from both sides.

    By Bayes' rule p(x_t | all others) is proportional to the probability of the passage with x_t in its place.
    """
    n, each = model.order, []
    for token in range(model.vocab_size):
        passages = sliding_window_view(ids, 2 * n - 1).copy()  # (N, 2n − 1), the hidden token in the middle
        passages[:, n - 1] = token
        each.append(-model.nll(passages.ravel()).reshape(passages.shape)[:, n - 1 :])
    terms = np.stack(each, axis=1)  # (N, V, n): of the hidden token, and of those that have it in their history
    passage: Floats = terms.sum(-1)
    return terms[..., 0], passage - np.logaddexp.reduce(passage, axis=1, keepdims=True)


@torch.no_grad()
def continued(network: Network, ids: Ids, length: int) -> Ids:
    """`ids` and the likeliest tokens after them, one by one, with nothing to their right."""
    for _ in range(length):
        hidden, _ = network.hidden(torch.from_numpy(ids.astype(np.int64))[:, None], network.initial_state(1))
        ids = np.append(ids, network.readout(hidden[-1, 0]).argmax().numpy())
    return ids


def refusal(vocab_size: int) -> str:
    """What models.rnn says to a network that reads both ways."""
    try:
        Architecture("bigru", vocab_size, 1)
    except StepaheadError as error:
        return str(error)
    raise AssertionError("a network that reads both ways was taken for a language model")


def row(name: str, expected: Floats, ids: Ids) -> list[str]:
    """Of log-probabilities (N, V) of the tokens (N,): how many were the likeliest, and their mean loss."""
    loss = -expected[np.arange(len(ids)), ids].mean()
    return [name, f"{(expected.argmax(1) == ids).mean():.1%}", f"{loss:.3f}", f"{np.exp(loss):.2f}"]


def main() -> None:
    runtime.prepare("cpu", 1)
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))["rnn"]
    recipe = Settings(**{field.name: params[field.name] for field in dataclasses.fields(Settings)})
    settings = dataclasses.replace(recipe, patience=PATIENCE)
    vocabulary = Vocabulary(**read_json(Path("data/vocab/vocab.json")))
    train_ids, val, test = (read_array(Path(f"data/vocab/{span}.npy")).copy() for span in ("train", "val", "test"))
    shape = partial(Architecture, "gru", len(vocabulary.tokens), params["num_hiddens"])
    forward = trained(build_network, shape(), train_ids, val, settings)
    backward = trained(build_network, shape(), train_ids[::-1].copy(), val[::-1].copy(), settings)
    both = trained(Bidirectional, shape(), train_ids, val, settings)
    deep = trained(Bidirectional, shape(num_layers=2), train_ids, val, settings)
    frequencies, ngram = NGram(1, len(vocabulary.tokens)), NGram(ORDER, len(vocabulary.tokens))
    frequencies.fit(train_ids)
    ngram.fit(train_ids)

    inner = slice(ORDER - 1, 1 - ORDER)  # the tokens that have a passage of the n-gram around them
    hidden, (left, filled) = test[inner], ngram_log_probs(ngram, test)
    rows = [
        row("frequencies alone", np.tile(frequencies.log_probs(frequencies.start()), (len(hidden), 1)), hidden),
        row("GRU, from the left", log_probs(forward, test)[inner], hidden),
        row("GRU, from the right", log_probs(backward, test[::-1])[::-1][inner], hidden),
        row("GRUs, from both sides", log_probs(both, test)[inner], hidden),
        row("GRUs, from both sides, two layers", log_probs(deep, test)[inner], hidden),
        row(f"ngram_{ORDER}, from the left", left, hidden),
        row(f"ngram_{ORDER}, the likeliest passage", filled, hidden),
    ]
    print("\n".join(aligned([[f"{len(hidden):,} hidden tokens", "right", "loss (nats)", "exp(loss)"], *rows])))
    for name, network in {"the left": forward, "both sides": both}.items():
        text = vocabulary.decode(continued(network, vocabulary.encode_text(PREFIX), CONTINUED).tolist())
        print(f"Continued from {name}: {text}")
    print(f"From both sides, exp(loss) is no perplexity: {refusal(len(vocabulary.tokens))}")


if __name__ == "__main__":
    main()
