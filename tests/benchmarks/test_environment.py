"""The peer's environment where it cannot be made."""

from pathlib import Path

import pytest

from benchmarks.peer import environment


@pytest.mark.slow
def test_without_a_package_index_one_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "HOME", tmp_path / "peer")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(SystemExit) as ended:
        environment.prepare()
    message = str(ended.value)
    assert message.startswith("error: d2l==0.17.6, or what it imports, cannot be installed (ERROR: ")
    assert message.endswith("; connect to the internet, or set PIP_INDEX_URL to a package index that can be reached")
    assert message.isprintable()
    assert not (tmp_path / "peer/ready.txt").exists()  # the next run tries again
