from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml

from stepahead.report import run_summary as facts
from stepahead.report.run_summary import Setting
from stepahead.series.data.dataset import Series
from stepahead.series.data.scale import Scale


def test_settings_are_compared_with_their_defaults_leaf_by_leaf() -> None:
    params = {"tau": 8, "rnn": {"cells": ["rnn"], "lr": 1}, "corpus": {"name": "é.txt"}, "own": None}
    defaults = {"tau": 4, "rnn": {"cells": ["rnn", "gru"], "lr": 1}, "corpus": {"name": "bundled"}}
    found = facts.settings(params, defaults)
    assert found == [
        Setting("tau", "8", "4", "-S tau=8"),
        Setting("rnn.cells", '["rnn"]', '["rnn", "gru"]', "-S 'rnn.cells=[rnn]'"),
        Setting("rnn.lr", "1", "1", "-S rnn.lr=1"),
        Setting("corpus.name", "é.txt", "bundled", "-S 'corpus.name=\"é.txt\"'"),
        Setting("own", "null", None, "-S own=null"),
    ]
    assert [s.key for s in found if s.changed] == ["tau", "rnn.cells", "corpus.name"]


def test_the_command_sets_what_was_changed() -> None:
    found = facts.settings(
        {"tau": 8, "corpus": {"name": "a b'"}, "seed": 0}, {"tau": 4, "corpus": {"name": "x"}, "seed": 0}
    )
    assert facts.command(found) == """dvc exp run -S tau=8 -S 'corpus.name="a b'"'"'"'"""
    assert facts.command(found[2:]) == "dvc repro"


def test_every_param_has_a_default(root: Path) -> None:
    def keys(path: Path) -> set[str]:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {setting.key for setting in facts.settings(tree, {})}

    defaults = root / "stepahead/report/template/defaults.yaml"
    assert keys(root / "params.yaml") == keys(defaults), "make readme copies the committed params.yaml there"


def test_the_series_in_a_sentence() -> None:
    series = Series(
        "gs10", np.arange(3.0), None, ["2001-01-01", "2001-02-01", "2001-03-01"], None, Scale(), 2, "percent"
    )
    assert facts.series_fact(series) == (
        "gs10: 3 steps, the first 2 to learn from, 2001-01-01 to 2001-03-01, in percent"
    )
    assert ", 1,200 missing values filled in, in percent" in facts.series_fact(replace(series, filled=1200))


def test_months_days_or_minutes_stand_for_time_steps() -> None:
    months = Series("gs10", np.arange(3.0), None, ["2001-01-01", "2001-02-01", "2001-03-01"], None, Scale(), 2)
    days = Series("own", np.arange(3.0), None, ["2001-01-30", "2001-01-31 12:00", "2001-02-01"], None, Scale(), 2)
    assert facts.date_labels(months, (2, 3)) == ["2001-02", "2001-03"]
    assert facts.date_labels(days, (1, 2)) == ["2001-01-30", "2001-01-31 12:00"]


def test_every_test_is_said_with_its_model_where_it_has_one() -> None:
    stationarity = {"test": np.array(["ADF"]), "verdict": np.array(["a unit root"])}
    residuals = {"model": np.array(["ols"]), "test": np.array(["Ljung–Box"]), "verdict": np.array(["correlated"])}
    assert facts.checks(stationarity, residuals) == ["ADF: a unit root", "ols, Ljung–Box: correlated"]


def test_versions_are_the_pinned_ones() -> None:
    assert facts.pinned_versions("# all\nnumpy==2.4.6\nnumpy-financial==1\ntorch==2.13.0\n") == {
        "numpy": "2.4.6",
        "torch": "2.13.0",
    }
