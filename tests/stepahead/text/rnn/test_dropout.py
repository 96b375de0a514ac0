import pytest
import torch

from stepahead.text.rnn.dropout import Dropout

ONES = torch.ones(50, 40, 30)  # (T, B, H)


def dropout(**rates: float) -> Dropout:
    every = {"input": 0.0, "recurrent": 0.0, "layers": 0.0, "output": 0.0} | rates
    return Dropout(**every, generator=torch.Generator().manual_seed(0))


def test_a_whole_input_token_is_dropped_or_kept() -> None:
    dropped = dropout(input=0.25).drop_tokens(ONES)
    assert torch.equal(dropped, dropped[:, :, :1].expand_as(dropped))
    assert dropped.unique().tolist() == pytest.approx([0, 4 / 3])
    assert (dropped[..., 0] == 0).float().mean() == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize(("top", "rate"), [(False, "layers"), (True, "output")])
def test_a_unit_is_dropped_for_all_steps_of_a_row(top: bool, rate: str) -> None:
    dropped = dropout(**{rate: 0.5}).drop_units(ONES, top=top)
    assert torch.equal(dropped, dropped[:1].expand_as(dropped))
    assert (dropped[0] == 0).float().mean() == pytest.approx(0.5, abs=0.05)
    assert dropout(**{rate: 0.5}).drop_units(ONES, top=not top) is ONES


def test_the_expected_value_stays() -> None:
    weights = torch.ones(400, 100)
    assert dropout(recurrent=0.3).drop_weights(weights).mean() == pytest.approx(1, abs=0.01)
