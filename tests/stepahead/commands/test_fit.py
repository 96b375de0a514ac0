"""python -m stepahead fit: a file anywhere, and nothing else."""

import argparse
import csv
import shlex
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stepahead.commands import fit as command
from stepahead.core.errors import StepaheadError

T = np.arange(96)
SALES = np.exp(4 + 0.01 * T + 0.3 * np.sin(np.pi * T / 6) + np.random.default_rng(0).normal(0, 0.02, 96))
MONTHS = [f"{2010 + i // 12}-{i % 12 + 1:02}" for i in T]


@pytest.fixture
def fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Callable[..., str]:
    """Runs the command on a file of these rows, in an empty folder, and gives what it says."""
    monkeypatch.chdir(tmp_path)

    def run(rows: list[str], *options: str) -> str:
        Path("sales.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        command.run(parser.parse_args(["sales.csv", *options]))
        return str(capsys.readouterr().out)

    return run


def dated(values: np.ndarray) -> list[str]:
    return ["month,sales", *(f"{month},{value:.1f}" for month, value in zip(MONTHS, values, strict=True))]


def test_it_says_what_was_chosen_and_writes_the_forecast_and_a_picture(fit: Callable[..., str]) -> None:
    said = fit(dated(SALES))
    assert said.startswith("sales.csv: 96 values from 2010-01 to 2017-12, a month each, a season of 12\n")
    assert "% of that of seasonal_naive, the best naive row." in said
    for naive in ("persistence", "mean", "drift", "seasonal_naive"):
        assert f"\n{naive} " in said
    with Path("sales.forecast.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["date"] for row in rows] == [f"2018-{month:02}" for month in range(1, 13)]
    expected = np.exp(4 + 0.01 * np.arange(96, 108) + 0.3 * np.sin(np.pi * np.arange(96, 108) / 6))
    np.testing.assert_allclose([float(row["forecast"]) for row in rows], expected, rtol=0.1)
    for row in rows:
        assert float(row["low_95"]) <= float(row["low_80"]) <= float(row["forecast"]) <= float(row["high_80"])
    picture = Path("sales.forecast.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 10_000


def test_the_command_for_the_pipeline_has_the_settings_that_were_chosen(fit: Callable[..., str]) -> None:
    said = fit(dated(SALES))
    words = shlex.split(said.split("data/local/: ")[1])
    assert words[:5] == ["dvc", "exp", "run", "-S", "series.name=sales.csv"]
    chosen = said.split("To train ")[1].split(" in the pipeline")[0]
    assert f"\n{chosen} " in said  # in the table
    for word in words:
        if word.startswith("tau="):
            assert f"tau {word.removeprefix('tau=')}" in chosen
        if word.startswith("series.transform="):
            assert all(name in chosen for name in word.removeprefix("series.transform=").strip("[]").split(","))


def test_where_naive_wins_it_says_so(fit: Callable[..., str]) -> None:
    walk = 50 + np.random.default_rng(2).normal(size=96).cumsum()
    said = fit(dated(walk), "--season", "1", "--steps", "3")
    assert "Chosen: persistence, which learns nothing. The mean of the best models is not better by a tenth." in said
    assert "dvc exp run" not in said


def test_files_are_written_where_they_are_wanted(fit: Callable[..., str], tmp_path: Path) -> None:
    fit(["sales", *map(str, SALES)], "--steps", "2", "--out", str(tmp_path / "there/next.csv"))
    assert sorted(path.name for path in (tmp_path / "there").iterdir()) == ["next.csv", "next.png"]
    header = (tmp_path / "there/next.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header.startswith("step,forecast,low_80")  # without dates in the file there are none to go on


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        (["y", *"123456789"], [], "has 9 values, and it takes 20"),
        (
            dated(SALES),
            ["--steps", "25"],
            "25 steps ahead cannot be tried on the last quarter of 96 values",
        ),
        (["a,b", *(f"{i * i},{i % 7}" for i in range(30))], [], "2 columns of numbers .a, b.; name one with --column"),
        (["y", *map(str, range(30)), "", "n/a"], [], "use --fill skip, previous, linear or seasonal"),
        (dated(SALES)[:1] + dated(SALES)[:0:-1], [], "--order newest_first"),
    ],
)
def test_a_mistake_is_one_line_with_the_option_that_helps(
    rows: list[str], options: list[str], message: str, fit: Callable[..., str]
) -> None:
    with pytest.raises(StepaheadError, match=message) as raised:
        fit(rows, *options)
    assert "series." not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_options_that_read_a_file_are_taken(fit: Callable[..., str]) -> None:
    rows = [row.replace(",", ";").replace(".", ",") for row in dated(SALES)]
    said = fit(rows[:1] + rows[:0:-1], "--order", "newest_first", "--decimal", "comma", "--column", "sales")
    assert "-S series.order=newest_first -S series.decimal=comma" in said
