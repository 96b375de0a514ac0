"""Bundle the scripts that draw the page's charts, once for all pages."""

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from stepahead.core import artifacts, params, stage
from stepahead.core.errors import StepaheadError


@dataclass(frozen=True)
class Config:
    """The package's version is all there is to choose."""


def main() -> None:
    import vl_convert

    params.load(Config)
    pin = f"vl-convert-python=={version('vl-convert-python')}"
    if pin not in artifacts.read_text(Path("constraints.txt")).split():
        raise StepaheadError(f"{pin} is installed, but constraints.txt pins another version; make setup installs that")
    artifacts.write_text(
        Path("reports/vega.js"), vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").rstrip() + "\n"
    )


if __name__ == "__main__":
    stage.run(main)
