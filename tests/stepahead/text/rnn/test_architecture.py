import pytest

from stepahead.core.errors import StepaheadError
from stepahead.text.rnn.architecture import Architecture


@pytest.mark.parametrize("cell", ["birnn", "bigru", "bilstm"])
def test_a_bidirectional_model_is_refused_with_the_reason(cell: str) -> None:
    with pytest.raises(
        StepaheadError, match=rf"'{cell}', but .* reads the very token it should predict.* use {cell[2:]}$"
    ):
        Architecture(cell, 28, 8)


@pytest.mark.parametrize(("name", "value"), [("num_layers", 2), ("embedding_size", 8)])
def test_scratch_refuses_what_it_has_not(name: str, value: int) -> None:
    with pytest.raises(StepaheadError, match=f"rnn.{name} = {value}, but scratch has one layer over one-hot tokens"):
        Architecture("scratch", 28, 8, **{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "sizes",
    [{"embedding_size": 0}, {"embedding_size": 7}, {"embedding_size": 8, "num_layers": 2, "readout": "all"}],
)
def test_weights_are_tied_only_where_sizes_allow(sizes: dict[str, int]) -> None:
    with pytest.raises(StepaheadError, match=r"rnn.tied needs an embedding as wide as what the readout reads"):
        Architecture("lstm", 28, 8, tied=True, **sizes)  # type: ignore[arg-type]
    assert Architecture("lstm", 28, 8, num_layers=2, embedding_size=8, tied=True).readout_size == 8


@pytest.mark.parametrize("cell", ["gru", "gru_reset", "gru_update", "lstm"])
def test_gates_refuse_relu(cell: str) -> None:
    with pytest.raises(StepaheadError, match=rf"rnn.activation = relu, but the gates of {cell} need tanh"):
        Architecture(cell, 28, 8, activation="relu")
