"""Figures as files, drawn side by side: the same bytes for the same content."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from io import BytesIO, StringIO
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from stepahead.core.artifacts import atomic, write_text
from stepahead.core.errors import StepaheadError

Drawing = partial[Figure]
"""Makes a figure, in whichever process calls it: a function of a module, and what it draws."""

# Elsewhere a process cannot be forked safely, and one that starts anew takes as long to import as to draw.
PROCESSES = len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def save(drawings: Mapping[str, Drawing], folder: Path) -> dict[str, str]:
    """Draw the figures and write each as PNG and SVG, without a date; returns the SVGs by name.

    Raises:
        StepaheadError: a file cannot be written, or a process that draws was killed.
    """
    svgs = {}
    for name, (png, svg) in zip(drawings, _drawn([*drawings.values()]), strict=True):
        with atomic(folder / f"{name}.png") as temporary:
            temporary.write_bytes(png)
        write_text(folder / f"{name}.svg", svg)
        svgs[name] = svg
    return svgs


def _drawn(drawings: Sequence[Drawing]) -> list[tuple[bytes, str]]:
    """Each figure as PNG and SVG, drawn by as many processes as there are cores."""
    processes = min(PROCESSES, len(drawings))
    if processes < 2:
        return [_render(draw) for draw in drawings]
    try:
        with ProcessPoolExecutor(processes, multiprocessing.get_context("fork"), _begin) as pool:
            return list(pool.map(_render, drawings))
    except BrokenProcessPool:
        raise StepaheadError(
            "a process that draws figures was killed, most likely for want of memory; free some and run dvc repro"
        ) from None


def _begin() -> None:
    """What a drawing process does first: see to it that it ends, without a word, on Ctrl-C and with its parent."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # the stage's own would put its results back
            signal.signal(number, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _render(draw: Drawing) -> tuple[bytes, str]:
    """The figure as PNG and SVG.

    It is laid out once and drawn once for each format; `savefig` would do all of that twice for each.
    """
    figure, png, svg = draw(), BytesIO(), StringIO()
    FigureCanvasAgg(figure).print_png(png, pil_kwargs={"compress_level": 1})  # type: ignore[no-untyped-call]
    figure.set_layout_engine("none")
    FigureCanvasSVG(figure).print_svg(svg, metadata={"Date": None})  # type: ignore[no-untyped-call]
    return png.getvalue(), svg.getvalue()
