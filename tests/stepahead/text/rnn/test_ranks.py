import pytest
import torch

from stepahead.core.errors import StepaheadError
from stepahead.text.rnn.ranks import Ranks, tournament


@pytest.mark.parametrize("size", [1, 2, 4, 8])
def test_the_sum_does_not_depend_on_who_adds_what(size: int) -> None:
    parts = [*torch.randn(8, 100_000, generator=torch.Generator().manual_seed(0))]
    shares = [Ranks(rank, size).own(8) for rank in range(size)]
    assert [shard for share in shares for shard in share] == [*range(8)]
    by_rank = [tournament([parts[shard] for shard in share]) for share in shares]
    assert torch.equal(tournament(by_rank), tournament(parts))
    torch.testing.assert_close(tournament(parts), torch.stack(parts).sum(0))


def test_in_another_order_it_would() -> None:
    parts = [*torch.randn(8, 100_000, generator=torch.Generator().manual_seed(0))]
    assert not torch.equal(tournament(parts), sum(parts[1:], parts[0]))


def test_shards_that_cannot_be_shared_out_are_refused() -> None:
    with pytest.raises(StepaheadError, match=r"rnn\.shards = 4, which 3 processes cannot share out evenly"):
        Ranks(0, 3).own(4)


def test_alone_there_is_nobody_to_ask() -> None:
    alone = Ranks()
    assert alone.writes
    assert alone.furthest("mine", len) == "mine"
    alone.leave()
