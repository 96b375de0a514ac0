"""What torch computes on, and how repeatably."""

import os

import torch

from stepahead.core.errors import StepaheadError

MAX_THREADS = 256


def prepare(device: str, threads: int) -> torch.device:
    """Fix the thread count, ask for deterministic kernels, and resolve `device` ('auto', 'cpu' or 'cuda').

    Raises:
        StepaheadError: 'cuda' is asked for where there is none, or `threads` is larger than any processor.
    """
    if threads > MAX_THREADS:
        raise StepaheadError(f"threads = {threads:,}, but more than {MAX_THREADS} cannot be started; lower it")
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.set_num_threads(threads)
    torch.set_deterministic_debug_mode("error")  # use_deterministic_algorithms does the same and imports for a second
    # that also has all fresh memory filled, which took a tenth of an LSTM's training
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    if device == "cuda" and not torch.cuda.is_available():
        raise StepaheadError("device = cuda, but torch finds no CUDA device here; use -S device=auto or device=cpu")
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(device)
