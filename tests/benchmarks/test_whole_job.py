"""What the whole job reads off a run of the pipeline."""

from pathlib import Path

import yaml

from benchmarks.clone import set_params
from benchmarks.whole_job import LEAST, NETWORKS, TARGETS, stages
from tests.project import DEFAULTS


def test_a_stage_takes_until_the_next_one_starts() -> None:
    lines = [
        (0.5, "'data/local.dvc' didn't change, skipping\n"),
        (1.0, "Running stage 'train_rnn@rnn':\n"),
        (1.1, "> python -m stages.train_rnn\n"),
        (4.0, "Running stage 'plot_text':\n"),
    ]
    assert stages(lines, 9.0) == {"train_rnn@rnn": 3.0, "plot_text": 5.0}


def test_its_settings_are_params_and_its_targets_stages(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(DEFAULTS), encoding="utf-8")
    set_params(path, LEAST)
    after = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert after.keys() == DEFAULTS.keys()
    assert {key: set(after[key]) for key in after if isinstance(after[key], dict)} == {
        key: set(DEFAULTS[key]) for key in DEFAULTS if isinstance(DEFAULTS[key], dict)
    }
    pipeline = yaml.safe_load((root / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    assert {target for cell, _ in NETWORKS for target in TARGETS[cell]} <= pipeline.keys()
