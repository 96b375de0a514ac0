"""The settings in presets/ are params, and each says something."""

from pathlib import Path

import pytest

from benchmarks.clone import ROOT, preset
from tests.project import DEFAULTS


@pytest.mark.parametrize("path", sorted((ROOT / "presets").iterdir()), ids=lambda path: path.name)
def test_a_preset_holds_params_that_differ_from_their_defaults(path: Path) -> None:
    settings = preset(path.name)
    assert path.read_text(encoding="utf-8").count("-S ") == len(settings)
    for key, value in settings.items():
        section, _, name = key.partition(".")
        assert DEFAULTS[section][name] != value, key


def test_the_book_has_these_settings() -> None:
    """D2l 8.5 and 8.6: batches of 32 × 35 tokens, SGD at 1, clipped to norm 1, 500 epochs, no validation."""
    section = DEFAULTS["rnn"] | {key.removeprefix("rnn."): value for key, value in preset("book").items()}
    book = {"batch_size": 32, "num_steps": 35, "num_hiddens": 256, "num_layers": 1, "sampling": "sequential"}
    book |= {"optimizer": "sgd", "lr": 1, "schedule": "constant", "lr_warmup": 0, "epochs": 500, "patience": 0}
    book |= {"clip": "norm", "clip_bound": 1, "embedding_size": 0, "forget_bias": 0}
    assert {key: section[key] for key in book} == book
    assert not any(value for key, value in section.items() if key.startswith("dropout"))
    assert section["corpus.name"] == "time_machine"
    assert section["tokens.n_val"] == 0
    assert DEFAULTS["tokens"]["n_train"] == 10000
