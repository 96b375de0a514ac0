"""Reading a run, whatever lies in its files."""

import json

import pytest

from stepahead.compare import runs

LOCKS = [
    *("", "7", "stages: 5", "stages: {a: 3}", "stages: {a: {params: 3}}", "stages: {a: {params: {params.yaml: [1]}}}"),
    *("stages: {a: {outs: 5}}", "stages: {1: {}, null: {}}", "[" * 5000, "\xff", "&a [*a]"),
]


def read(files: dict[str, str]) -> tuple[runs.Run, list[str]]:
    return runs._read_run("old", lambda path: files[path].encode("latin-1"))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_may_hold_anything(lock: str) -> None:
    found, remarks = read({"params.yaml": "tau: 4", "dvc.lock": lock})
    assert found.params == {"tau": 4}
    assert len(remarks) == 1  # that there are no metrics


@pytest.mark.parametrize("score", ["NaN", "Infinity", "1e999", "null", "[]", '"0.5"'])
def test_a_score_that_is_no_finite_number_is_none(score: str) -> None:
    metrics = {f"reports/metrics/{part}.json": f'{{"m": {{"k1": {score}}}}}' for part in ("kstep", "perplexity")}
    found, (remark,) = read({"params.yaml": "tau: 4", **metrics})
    assert (found.kstep, found.perplexity) == ({}, {})
    assert remark.startswith("without reports/metrics/kstep.json, reports/metrics/perplexity.json (")


def test_losses_of_another_kind_are_none() -> None:
    metrics = {"reports/metrics/kstep.json": json.dumps({"m": {"k1": 0.5}})}
    found, (remark,) = read({"params.yaml": "tau: 4", **metrics, "reports/losses/kstep.safetensors": "no tensors"})
    assert found.losses == {}
    assert "reports/losses/kstep.safetensors" in remark
