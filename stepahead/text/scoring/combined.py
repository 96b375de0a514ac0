"""Trained language models together: all networks averaged, what learns as it reads, and a network with an n-gram."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from stepahead.core.artifacts import Ids
from stepahead.text.ngram.adaptive import adaptive_nll
from stepahead.text.scoring.mixture import average_nll, mix_nll, mixture_weight
from stepahead.text.scoring.perplexity import Floats

Scores = Mapping[str, Floats]
"""span -> the nll of each of its tokens (T,)"""

HELD_OUT = ("val", "test")


class Scored(NamedTuple):
    """The models of one file, one for each weight seed, and what each scored."""

    models: Sequence[Any]
    scores: Sequence[Scores]

    def mean(self) -> Scores:
        """The mean nll over the weight seeds, of the held-out spans."""
        return {span: np.mean([each[span] for each in self.scores], axis=0) for span in HELD_OUT}


class Combined(NamedTuple):
    """What models score together; of a mixture also the network that is in it, and that one's weight."""

    scores: Scores
    neural: str | None = None
    weight: float | None = None


class Dynamic(NamedTuple):
    """How networks learn as they read: the settings of `dynamic_nll`, and the training tokens that they read first."""

    lr: float
    decay: float
    warmup: int


def combine(
    networks: Mapping[str, Scored], ngrams: Mapping[str, Scored], spans: Mapping[str, Ids], dynamic: Dynamic
) -> dict[str, Combined]:
    """What the models give together on the held-out spans, by the names in reports/tables/perplexity.csv.

    Args:
        ngrams: the lowest order first; the last one is combined.
        spans: the tokens of train, val and test.
        dynamic: with a learning rate of 0 no network learns as it reads.
    """
    if not len(spans["val"]) + len(spans["test"]):
        return {}
    found = dict[str, Combined]()
    seeds = [pair for each in networks.values() for pair in zip(*each, strict=True)]
    neural = "ensemble" if len(seeds) > 1 else next(iter(networks), None)
    counted = [None, *ngrams][-1]
    if neural == "ensemble":
        found[neural] = Combined({span: average_nll([scores[span] for _, scores in seeds]) for span in HELD_OUT})
    if counted:
        text, model = np.concatenate([*spans.values()]), ngrams[counted].models[0]
        found[f"adaptive_{counted}"] = Combined(_held_out(adaptive_nll(text, model.order, model.vocab_size), spans))
    if neural and dynamic.lr:
        read_on = _dynamic_nll([model for model, _ in seeds], spans, dynamic)
        found[f"adaptive_{neural}"] = Combined(_held_out(read_on, spans))
    if neural and counted and len(spans["val"]):
        alone = found[neural].scores if neural in found else networks[neural].mean()
        found["mixture"] = _mixed(neural, alone, ngrams[counted].mean())
        if f"adaptive_{neural}" in found:
            neural, alone = f"adaptive_{neural}", found[f"adaptive_{neural}"].scores
        found["adaptive_mixture"] = _mixed(neural, alone, found[f"adaptive_{counted}"].scores)
    return found


def _mixed(neural: str, network: Scores, ngram: Scores) -> Combined:
    """The two with the weight that fits the validation span best."""
    weight = mixture_weight(network["val"], ngram["val"])
    spans = [span for span in HELD_OUT if len(network[span])]
    mixed = {span: mix_nll(network[span], ngram[span], weight) for span in spans}
    return Combined(dict.fromkeys(HELD_OUT, np.zeros(0)) | mixed, neural, weight)


def _dynamic_nll(models: Sequence[Any], spans: Mapping[str, Ids], dynamic: Dynamic) -> Floats:
    """The nll of the validation span, then of the test span, by the networks averaged, each learning as it reads."""
    from stepahead.text.rnn.dynamic import dynamic_nll  # takes torch, which n-grams need not wait for

    context = spans["train"][max(len(spans["train"]) - dynamic.warmup, 0) :]
    text, settings = np.concatenate([spans[span] for span in HELD_OUT]), (dynamic.lr, dynamic.decay)
    return average_nll([dynamic_nll(each.network, spans["train"], context, text, *settings) for each in models])


def _held_out(nll: Floats, spans: Mapping[str, Ids]) -> Scores:
    """The validation and the test span's part of the nll of a text that ends with them."""
    read_on = nll[len(nll) - len(spans["val"]) - len(spans["test"]) :]
    return dict(zip(HELD_OUT, np.split(read_on, [len(spans["val"])]), strict=True))
