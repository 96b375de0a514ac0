"""Many series get what each of them gets from the pipeline."""

import gc
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stepahead.core.artifacts import read_columns
from stepahead.core.errors import StepaheadError
from tests.project import ROOT, Done, Project, default_params

pytest.importorskip("distributed", reason="needs the extra: pip install --editable '.[cluster]'")
pytest.importorskip("pyarrow", reason="needs the extra: pip install --editable '.[cluster]'")

from stepahead.cluster import many
from stepahead.cluster.engine import environment
from stepahead.cluster.panel import Entry, read_panel
from stepahead.cluster.summary import Summary

CONFIG = many.Config(4, "drop", ("ols", "yule_walker"), ("lvar",), 2, 10, (1, 4), 0, 0.604, 1, ())


def panel(n: int, length: int = 100) -> pd.DataFrame:
    values = np.cumsum(np.random.default_rng(0).normal(size=(n, length)), axis=1)
    names, dates = [f"s{i:03}" for i in range(n)], pd.date_range("2020-01-01", periods=length)
    return pd.DataFrame({"unique_id": np.repeat(names, length), "ds": np.tile(dates, n), "y": values.ravel()})


def score_many(folder: Path, *arguments: str) -> Done:
    return Project(folder).run(sys.executable, "-m", "stepahead", "score-many", *arguments, PYTHONPATH=str(ROOT))


def scored(frame: pd.DataFrame, path: Path) -> many.Scores:
    frame.to_parquet(path)
    (part,) = read_panel(path)
    return many.score_part(part, CONFIG, environment(many.CODE))


@pytest.mark.slow
def test_each_series_gets_what_the_pipeline_gives_it(tmp_path: Path) -> None:
    project = Project.copy(ROOT, tmp_path / "project")
    frame = panel(2)
    frame.to_parquet(tmp_path / "panel.parquet")
    own = frame[frame["unique_id"] == "s001"][["ds", "y"]].rename(columns={"y": "value"})
    (project.folder / "data/local").mkdir(exist_ok=True)
    own.to_csv(project.folder / "data/local/own.csv", index=False, date_format="%Y-%m-%d")
    project.set({"series.name": "own.csv", "series.n_train": 0.604, "kstep.horizons": [1, 4], "series.season": 1})
    for stage in ("generate_series", "train_linear", "train_lvar", "evaluate_kstep"):
        assert (done := project.stage(stage)).code == 0, done.output
    done = score_many(project.folder, str(tmp_path / "panel.parquet"), "--out", str(tmp_path / "out"))
    assert done.code == 0, done.output
    found = pd.read_parquet(tmp_path / "out/scores.parquet").set_index(["unique_id", "model", "k"])
    errors, intervals = (pd.DataFrame(read_columns(project.folder / f"reports/tables/{name}.csv")) for name in TABLES)
    wanted = errors.set_index(["model", "k"])["mse"]
    models = {"persistence", "mean", "drift", "ols", "yule_walker", "lvar"}
    assert set(errors["model"]) == models
    for model in models:
        for k in (1, 4):
            row = found.loc["s001", model, k]
            assert row["mse"] == pytest.approx(wanted[model, k], rel=1e-12)
            of_model = intervals[(intervals["model"] == model) & (intervals["method"] == "adaptive")]
            here = of_model[of_model["k"] == k].set_index("level")
            for level in here.index:
                assert row[f"coverage_{100 * level:.0f}"] == pytest.approx(here["coverage"][level], rel=1e-12)
                assert row[f"width_{100 * level:.0f}"] == pytest.approx(here["width"][level], rel=1e-12)
    assert (tmp_path / "out/summary.svg").exists()


TABLES = ("kstep", "intervals")


@pytest.mark.slow
def test_workers_give_what_this_process_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of the panel, whatever order they end in; from CSV as from Parquet."""
    frame = panel(30)
    expected = scored(frame, tmp_path / "panel.parquet").rows
    frame.to_csv(tmp_path / "panel.csv", index=False)
    monkeypatch.setattr("stepahead.cluster.panel.PART", 700)
    for name in ("panel.parquet", "panel.csv"):
        from stepahead.cluster.engine import connected

        with connected(None, None, many.CODE) as client:
            found = list(many.score_all(client, read_panel(tmp_path / name), CONFIG))
        assert len(found) == 5
        assert [row for scores in found for row in scores.rows] == expected


@pytest.mark.slow
def test_series_that_have_been_scored_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here and in the scheduler, which by itself keeps what it has sent: memory does not grow with the panel."""
    from stepahead.cluster.engine import connected

    panel(150).to_parquet(tmp_path / "panel.parquet")
    monkeypatch.setattr("stepahead.cluster.panel.PART", 100)
    with connected(None, None, many.CODE) as client:
        assert len(list(many.score_all(client, read_panel(tmp_path / "panel.parquet"), CONFIG))) == 150
        assert sum(type(each) is Entry for each in gc.get_objects()) < 75


def test_a_series_that_cannot_be_scored_is_told_and_the_others_are_scored(tmp_path: Path) -> None:
    frame = panel(5)
    y = frame["y"].to_numpy(copy=True)
    y[100:200], y[250] = 3.0, np.nan
    times = frame["ds"].to_numpy(copy=True)
    times[[300, 301]] = times[[301, 300]]
    short = panel(1, length=5).assign(unique_id="short")
    scores = scored(pd.concat([frame.assign(y=y, ds=times), short]), tmp_path / "panel.parquet")
    assert {row[0] for row in scores.rows} == {"s000", "s004"}
    reasons = dict(scores.refused)
    assert reasons.keys() == {"s001", "s002", "s003", "short"}
    assert "there is nothing to fit" in reasons["s001"]
    assert reasons["s002"] == "s002: its y number 51 is missing or not finite; fill it, or leave the series out"
    assert reasons["s003"] == "s003: ds does not rise from row to row; sort the file by unique_id and ds"
    assert "kstep.horizons = 4 at most, but of the 5 steps" in reasons["short"]
    assert scores.windows == 2 * 6 * (100 - 60 - 4 + 1)


def test_what_is_no_panel_is_refused(tmp_path: Path) -> None:
    frame = panel(2)
    for name, content, told in (
        ("none.parquet", None, "is no panel"),
        ("other.csv", frame.drop(columns="y"), "is no panel"),
        ("words.csv", frame.assign(y="high"), "is no panel"),
        ("apart.csv", pd.concat([frame, frame]), "the rows of s000 are apart"),
    ):
        if content is not None:
            content.to_csv(tmp_path / name, index=False)
        with pytest.raises(StepaheadError, match=told):
            list(read_panel(tmp_path / name))


@pytest.mark.slow
def test_the_command_says_what_is_wrong_in_one_line(tmp_path: Path) -> None:
    panel(2).to_parquet(tmp_path / "panel.parquet")
    for arguments, told in (
        (["panel.parquet", "-S", "tau"], "DVC cannot take tau"),
        (["panel.parquet", "-S", "tau=-1"], "params.yaml: tau = -1, but it must be"),
        (["panel.parquet"], "no series of panel.parquet can be scored; the first that cannot: kstep.horizons = 64 at"),
        (["none.csv"], "none.csv is no panel"),
    ):
        refused = score_many(checkout(tmp_path), *arguments)
        assert refused.code == 1
        assert len(refused.output.splitlines()) == 1, refused.output
        assert refused.output.startswith("error: ")
        assert told in refused.output
    assert not [path for path in (tmp_path / "reports").rglob("*") if path.is_file()]


def checkout(folder: Path) -> Path:
    (folder / "params.yaml").write_text(default_params(ROOT), encoding="utf-8")
    return folder


def test_a_summary_holds_quantiles_to_half_a_percent(tmp_path: Path) -> None:
    rows: list[tuple[Any, ...]] = scored(panel(40), tmp_path / "panel.parquet").rows
    summary = Summary()
    for start in range(0, 40, 10):  # in pieces, as they come
        summary.add(row for row in rows if start <= int(row[0][1:]) < start + 10)
    by_series = pd.DataFrame(rows, columns=many.COLUMNS).pivot(index=["unique_id", "k"], columns="model", values="mse")
    ratios = by_series.xs(4, level="k").pipe(lambda table: table["ols"] / table["persistence"])
    exact = np.sort(ratios)[19]
    assert summary.n_series == 40
    assert summary.quantile("ols", 4, 0.5) == pytest.approx(exact, rel=0.004)
    assert summary.table().keys() == {"mean", "drift", "ols", "yule_walker", "lvar"}
