"""A language model is used with the vocabulary that it was trained with, or not at all."""

import hashlib
import json
from pathlib import Path

import pytest

from stepahead.commands.arguments import VOCABULARY, vocabulary_of
from stepahead.core.artifacts import write_json
from stepahead.core.errors import StepaheadError

MODELS = [Path("models/text/rnn/gru.safetensors"), Path("models/text/ngram/ngram_2.safetensors")]
CONTENT = {"tokens": ["<unk>", "a", "b"], "kind": "char", "normalize": "letters", "merges": []}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_json(VOCABULARY, CONTENT)
    return tmp_path


def lock(md5: str) -> None:
    deps = [{"path": str(VOCABULARY), "md5": md5}]
    outs = {"train_rnn@gru": "models/text/rnn/gru.safetensors", "train_ngram": "models/text/ngram"}
    stages = {name: {"deps": deps, "outs": [{"path": out, "md5": "0" * 32}]} for name, out in outs.items()}
    Path("dvc.lock").write_text(json.dumps({"schema": "2.0", "stages": stages}), encoding="utf-8")


@pytest.mark.parametrize("model", MODELS)
def test_the_vocabulary_is_that_of_the_model(model: Path) -> None:
    lock(hashlib.md5(VOCABULARY.read_bytes()).hexdigest())
    assert vocabulary_of([model]).decode([1, 2]) == "ab"
    write_json(VOCABULARY, CONTENT | {"tokens": ["<unk>", "b", "a"]})
    with pytest.raises(StepaheadError, match=rf"{model} was trained with another vocabulary than .*; run dvc repro$"):
        vocabulary_of([model])


@pytest.mark.parametrize("content", [None, "", "stages: {train_ngram: {outs: 7, deps: [8]}}", "stages: {other: {}}"])
def test_where_dvc_knows_nothing_of_the_model_neither_does_the_command(content: str | None) -> None:
    if content is not None:
        Path("dvc.lock").write_text(content, encoding="utf-8")
    assert len(vocabulary_of(MODELS)) == 3
