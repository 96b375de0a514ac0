"""Networks as the page holds them."""

import base64

import numpy as np
import pytest

from stepahead.report import networks

ABOUT = {
    "activation": "tanh",
    "cell": "rnn",
    "num_hiddens": 2,
    "num_layers": 1,
    "embedding_size": 0,
    "tied": False,
    "readout": "top",
    "device": "cpu",
}
RNN = {"weight_hh_l0": np.array([[0.1, -2], [3, 4]], np.float32), "bias": np.array([1e-7, 5], np.float32)}
SCRATCH = {
    "W_xh": np.arange(6, dtype=np.float32).reshape(3, 2),
    "W_hh": np.arange(4, dtype=np.float32).reshape(2, 2),
    "b_h": np.ones(2, np.float32),
    "W_hq": np.arange(6, dtype=np.float32).reshape(2, 3),
    "b_q": np.zeros(3, np.float32),
}


def test_weights_come_back_as_float16_has_them() -> None:
    found = networks.exported({"rnn": (RNN, ABOUT)})["rnn"]
    assert found["tensors"] == [["bias", 2, 1], ["weight_hh_l0", 2, 2]]
    assert "device" not in found
    values = np.frombuffer(base64.b64decode(found["weights"]), "<f2")
    assert values.tolist() == [*RNN["bias"].astype("f2"), *RNN["weight_hh_l0"].astype("f2").ravel()]


def test_scratch_is_written_as_an_rnn_and_left_out_beside_one() -> None:
    about = {**ABOUT, "cell": "scratch"}
    found = networks.exported({"scratch": (SCRATCH, about)})["scratch"]
    assert ["weight_ih_l0", 2, 3] in found["tensors"]
    assert ["weight", 3, 2] in found["tensors"]
    assert list(networks.exported({"scratch": (SCRATCH, about), "rnn": (RNN, ABOUT)})) == ["rnn"]


def test_what_is_too_long_for_the_page_or_too_large_for_float16_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert networks.exported({"rnn": ({**RNN, "bias": np.array([7e4])}, ABOUT)}) == {}
    one = len(networks.exported({"rnn": (RNN, ABOUT)})["rnn"]["weights"])
    monkeypatch.setattr(networks, "MAX_WEIGHTS", 2 * one - 1)
    assert list(networks.exported({"rnn": (RNN, ABOUT), "gru": (RNN, ABOUT)})) == ["rnn"]


def test_a_long_training_text_or_no_order_leaves_nothing_to_count() -> None:
    train = np.array([3, 1, 2], np.uint8)
    assert networks.counted(train, 0) is None
    assert networks.counted(np.zeros(networks.MAX_COUNTED + 1, np.uint8), 3) is None
    found = networks.counted(train, 3)
    assert found is not None
    assert np.frombuffer(base64.b64decode(found["ids"]), "<u2").tolist() == [3, 1, 2]
