"""One training by several processes, on one machine or more, started by torchrun: the same bytes as by one alone.

The rows of a minibatch are split into fixed shards, each computed by one of the processes (ranks). Their gradients are
added two by two, as in a tournament: the same sum whoever computed which part. (An all-reduce adds in an order that
depends on how many take part, and a training that is chaotic makes the last bit the first.)
"""

import logging
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
from torch import Tensor

from stepahead.core.errors import StepaheadError

OPTIONS = "STEPAHEAD_TORCHRUN"
"""what to give torchrun, in the environment, because a result does not depend on it"""
PATIENCE = timedelta(minutes=5)
"""for another rank that says nothing; one that ends is noticed at once"""


@dataclass(frozen=True)
class Ranks:
    """The processes of a training, or this one alone."""

    rank: int = 0
    size: int = 1

    @property
    def writes(self) -> bool:
        """Whether this process tells and writes what comes of it: one on each machine, which may have a disk of its
        own."""
        return self.size == 1 or os.environ["LOCAL_RANK"] == "0"

    def own(self, shards: int) -> range:
        """The shards that this rank computes.

        Raises:
            StepaheadError: they cannot be shared out evenly.
        """
        if shards % self.size:
            raise StepaheadError(
                f"rnn.shards = {shards}, which {self.size} processes cannot share out evenly; use -S rnn.shards="
                f"{self.size}, or start 1, 2, 4, … up to {shards} of them"
            )
        each = shards // self.size
        return range(self.rank * each, (self.rank + 1) * each)

    def sum(self, parts: Sequence[Tensor]) -> Tensor:
        """The sum of all ranks' shards, of which `parts` are this one's."""
        return tournament(self.gather(tournament(parts)))

    def gather(self, part: Tensor) -> Sequence[Tensor]:
        """What each rank has, by rank."""
        if self.size == 1:
            return [part]
        every = [torch.empty_like(part, memory_format=torch.contiguous_format) for _ in range(self.size)]
        with _talking():
            torch.distributed.all_gather(every, part.contiguous())
        return every

    def furthest(self, state: Any, progress: Callable[[Any], int]) -> Any:
        """The state of the rank that has got furthest; a machine that is new or was away may have none."""
        if self.size == 1:
            return state
        every: list[Any] = [None] * self.size
        chosen = [state]
        with _talking():
            torch.distributed.all_gather_object(every, progress(state))
            torch.distributed.broadcast_object_list(chosen, every.index(max(every)))
        return chosen[0]

    def leave(self) -> None:
        """Wait until all have done their part, and part."""
        if self.size > 1:
            with _talking():
                torch.distributed.barrier()
            torch.distributed.destroy_process_group()


@contextmanager
def _talking() -> Iterator[None]:
    """Raises StepaheadError where another rank is gone; torchrun then ends all, and starts them again if it may."""
    try:
        yield
    except RuntimeError as error:
        raise StepaheadError(
            f"another process of this training is gone ({str(error).splitlines()[0]}); with --max-restarts torchrun "
            "goes on from the last checkpoint, and so does dvc repro"
        ) from None


def tournament(parts: Sequence[Tensor]) -> Tensor:
    """The sum of 1, 2, 4, … tensors, neighbours first."""
    while len(parts) > 1:
        parts = [left + right for left, right in zip(parts[::2], parts[1::2], strict=True)]
    return parts[0]


def join(device: torch.device) -> Ranks:
    """The ranks that torchrun has started, this one among them, which talk by nccl or gloo; or this process alone.

    On a machine with several GPUs each takes its own.
    """
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        return Ranks()
    if device.type == "cuda":
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    torch.distributed.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE)
    return Ranks(torch.distributed.get_rank(), torch.distributed.get_world_size())


def launched(module: str) -> bool:
    """Run `module` by torchrun where STEPAHEAD_TORCHRUN says how, and say whether it has been done.

    Raises:
        SystemExit: it failed; its ranks have said why, or torchrun which option it does not know.
        StepaheadError: torchrun cannot take an option's value.
    """
    if OPTIONS not in os.environ or "TORCHELASTIC_RUN_ID" in os.environ:
        return False
    os.environ["TORCH_DISABLE_SHARE_RDZV_TCP_STORE"] = "1"  # or gloo waits on the port of a rank that was killed
    from torch.distributed import run as torchrun
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

    logging.getLogger("torch.distributed").setLevel(logging.CRITICAL)  # a page about each rank that ends
    try:
        torchrun.main([*shlex.split(os.environ[OPTIONS]), "-m", module])
    except ChildFailedError:
        sys.exit(1)
    except ValueError as error:
        raise StepaheadError(f"{OPTIONS} = {os.environ[OPTIONS]}: {error}; see torchrun --help") from None
    return True
