"""The colours and dashes of all lines: readable on white and on dark, with and without colour vision."""

import colorsys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

# Okabe and Ito's palette, which people with colour blindness can tell apart; a model keeps its colour in every figure.
COLORS = {
    "ols": "#0072B2",
    "yule_walker": "#88CCEE",
    "ols_coarse": "#44AA99",
    "mlp": "#D55E00",
    "mlp_direct": "#882255",
    "mlp_pcgrad": "#AA4499",
    "rnn": "#009E73",
    "gru": "#CC79A7",
    "gru_reset": "#882255",
    "gru_update": "#117733",
    "lstm": "#E69F00",
    "lvar": "#332288",
    "scratch": "#56B4E9",
    "persistence": "#777777",
    "mean": "#AAAAAA",
    "drift": "#999933",
    "seasonal_naive": "#44AA99",
    "oracle": "#000000",
}
UNNAMED = "#332288"
LIGHT, DARK = "#ffffff", "#14181f"  # the pages' backgrounds
INK = "#e6e9ed"  # what black is on dark
CONTRAST = 3.0  # least contrast of a line that carries meaning (WCAG 2.2, 1.4.11)
PALETTE = ("#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # of lines without a colour
DASHES = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3])  # neighbours in a legend never differ by colour alone
NO_NOTES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Look:
    """How a line looks: its colour (#rrggbb) and its dash (lengths in pixels), and a note on what it stands for."""

    color: str
    dash: list[int] = field(default_factory=lambda: [1, 0])
    note: str = ""

    @property
    def css(self) -> str:
        """The colour as a CSS variable, which has a value for each theme."""
        return f"var(--{variable(self.color)})"


def model_looks(models: Iterable[str], notes: Mapping[str, str] = NO_NOTES) -> dict[str, Look]:
    """A look for each model, in order."""
    return {
        model: Look(COLORS.get(model, UNNAMED), DASHES[i % len(DASHES)], notes.get(model, ""))
        for i, model in enumerate(models)
    }


def line_looks(lines: Iterable[str]) -> dict[str, Look]:
    """A look for each of other lines, in order."""
    return {line: Look(PALETTE[i % len(PALETTE)], DASHES[i % len(DASHES)]) for i, line in enumerate(lines)}


def variable(color: str) -> str:
    """The CSS variable of a colour."""
    return f"c{color.removeprefix('#').lower()}"


def themes(variable: str) -> tuple[str, str]:
    """What a colour's variable is on white and on dark."""
    color = f"#{variable.removeprefix('c')}"
    return readable(color, LIGHT), INK if color == "#000000" else readable(color, DARK)


def readable(color: str, background: str) -> str:
    """`color`, made lighter or darker until it stands out from `background` (both #rrggbb)."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_rgb(color))
    step = -0.02 if _luminance(background) > 0.5 else 0.02
    while contrast(color, background) < CONTRAST and 0 <= lightness <= 1:
        lightness += step
        color = "#" + "".join(f"{round(255 * part):02x}" for part in colorsys.hls_to_rgb(hue, lightness, saturation))
    return color


def contrast(color: str, background: str) -> float:
    """The contrast ratio of two colours, from 1 to 21 (WCAG 2.2)."""
    bright, dim = sorted((_luminance(color), _luminance(background)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _rgb(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _luminance(color: str) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _rgb(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
