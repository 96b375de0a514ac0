"""The copy that tests run in has the checkout's code, and neither the params nor the results of its user."""

import shutil
from pathlib import Path

import yaml

from tests.project import DEFAULTS, SMALL, Project, default_params, keys


def test_a_copy_has_what_a_developer_changed_and_not_what_a_user_did(root: Path, tmp_path: Path) -> None:
    checkout = Project(root).clone(tmp_path / "checkout")
    checkout.set({"tau": 8, "models.rnn": [], "series.name": "my.csv"})
    (checkout.folder / "data/local/my.csv").write_text("x\n1\n", encoding="utf-8")
    shutil.rmtree(checkout.folder / "reports")
    (checkout.folder / "README.md").write_text("edited", encoding="utf-8")
    (checkout.folder / "stages/new.py").touch()
    (checkout.folder / "LICENSE").unlink()
    copy = Project.copy(checkout.folder, tmp_path / "copy").folder
    params = yaml.safe_load((copy / "params.yaml").read_text(encoding="utf-8"))
    assert (params["tau"], params["n_seeds"]) == (DEFAULTS["tau"], SMALL["n_seeds"])
    assert (params["models"], params["series"]["name"]) == (DEFAULTS["models"], DEFAULTS["series"]["name"])
    assert [path.name for path in (copy / "data/local").iterdir()] == ["README.md"]
    assert (copy / "reports/training/.gitkeep").exists()
    assert (copy / "README.md").read_text(encoding="utf-8") == "edited"
    assert (copy / "stages/new.py").exists()
    assert not (copy / "LICENSE").exists()


def test_a_key_that_a_developer_added_is_a_default_before_make_readme(root: Path, tmp_path: Path) -> None:
    checkout = Project(root).clone(tmp_path / "checkout").folder
    before = default_params(checkout)
    with (checkout / "params.yaml").open("a", encoding="utf-8") as file:
        file.write("new:\n  key: 1\n")
    assert keys(default_params(checkout)) - keys(before) == {"new.key"}
