"""What the text part promises, on real runs: floors, tiny and foreign texts, the terminal commands."""

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from stepahead.core.artifacts import read_tensors
from tests.project import Done, Project


def run(project: Project, stages: str, values: dict[str, object]) -> None:
    project.set(values)
    done = project.dvc("repro", *stages.split())
    assert done.code == 0, done.output


def read_table(project: Project) -> list[dict[str, str]]:
    with (project.folder / "reports/tables/perplexity.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_trained_models_come_within_2_percent_of_a_known_floor(project: Project) -> None:
    tokens = {"tokens.n_train": 20000, "tokens.n_val": 1000, "tokens.n_test": 20000}
    rnn = {"models.rnn": ["rnn"], "rnn.num_hiddens": 16, "rnn.optimizer": "adamw", "rnn.lr": 0.02, "rnn.epochs": 8}
    run(project, "evaluate_perplexity", {"corpus.name": "markov_source", **tokens, **rnn, "rnn.schedule": "cosine"})
    floor = project.json("reports/metrics/perplexity.json")["floor"]
    table = {row["model"]: row for row in read_table(project)}
    for model in ("rnn", "ngram_2", "mixture"):  # ngram_6 spends its counts on contexts that tell nothing
        assert float(table[model]["test"]) == pytest.approx(floor, rel=0.02)
    assert float(table["ngram_1"]["test"]) > 1.2 * floor
    for row in table.values():  # a token is a character
        assert float(row["bits_per_char"]) == pytest.approx(float(row["bits_per_token"]))
    assert 0 <= float(table["mixture"]["weight"]) <= 1


@pytest.mark.slow
def test_hello_world_is_learnt_by_heart(project: Project) -> None:
    """With the settings that the README gives for it."""
    tokens = {"tokens.n_train": 11, "tokens.n_val": 0, "tokens.n_test": 0}
    rnn = {"models.rnn": ["rnn"], "rnn.num_hiddens": 256, "rnn.epochs": 200, "rnn.batch_size": 1, "rnn.num_steps": 5}
    generate = {"generate.prefix": "he", "generate.length": 9}
    run(project, "", {"corpus.name": "hello_world", **tokens, **rnn, **generate})
    assert project.json("reports/generated.json")["rnn"]["text"] == "hello world"
    (row,) = (row for row in read_table(project) if row["model"] == "rnn")
    assert float(row["train"]) < float(row["book"]) + 1
    assert row["val"] == row["test"] == row["bits_per_char"] == ""
    assert set(project.json("reports/metrics/perplexity.json")["rnn"]) == {"train"}


def test_the_first_seed_trains_alike_however_many_there_are(project: Project) -> None:
    path = project.folder / "models/text/rnn/rnn.safetensors"
    two, about = read_tensors(path)
    assert (about["n_seeds"], len(about["running"]), len(about["epoch"])) == (2, 2, 2)
    history = (project.folder / "reports/training/rnn.csv").read_bytes()
    run(project, "train_rnn@rnn", {"rnn.n_seeds": 1})
    one, about = read_tensors(path)
    assert len(about["running"]) == 1
    for name, weights in one.items():
        np.testing.assert_array_equal(weights[0], two[name][0])
        assert weights.shape[1:] == two[name].shape[1:]
    assert not np.array_equal(two["weight"][0], two["weight"][1])
    assert (project.folder / "reports/training/rnn.csv").read_bytes() == history


def test_rows_have_a_spread_and_one_seed_has_none(project: Project) -> None:
    rows = {row["model"]: row for row in read_table(project)}
    for cell in ("scratch", "rnn", "gru", "lstm"):
        assert float(rows[cell]["test_std"]) > 0
    assert rows["ngram_6"]["test_std"] == rows["ensemble"]["test_std"] == ""
    one = {"rnn.n_seeds": 1, "models.rnn": ["rnn"], "evaluate.dynamic_lr": 0.001}
    run(project, "evaluate_perplexity", one)
    rows = {row["model"]: row for row in read_table(project)}
    assert rows["rnn"]["test_std"] == ""
    mixtures = "mixture", "adaptive_mixture"
    assert set(rows) == {"rnn", "adaptive_rnn", "ngram_1", "ngram_2", "ngram_6", "adaptive_ngram_6", *mixtures}
    assert (rows["mixture"]["neural"], rows["adaptive_mixture"]["neural"]) == ("rnn", "adaptive_rnn")
    assert float(rows["adaptive_ngram_6"]["test"]) < float(rows["ngram_6"]["test"])


@pytest.mark.slow
def test_a_text_in_another_script_works(project: Project) -> None:
    text = "\n".join(f"{n}. 时间旅行者对我们讲解一个深奥的问题，他的灰色眼睛闪闪发光。" for n in range(80))
    (project.folder / "data/local/mine.txt").write_text(text, encoding="utf-8")
    tokens = {"tokens.normalize": "unicode", "tokens.n_train": 1800, "tokens.n_val": 300, "tokens.n_test": 300}
    run(project, "generate_text evaluate_perplexity", {"corpus.name": "mine.txt", "models.rnn": ["rnn"], **tokens})
    assert project.json("data/vocab/summary.json")["unknown_rate"]["test"] < 0.05
    assert project.json("reports/metrics/perplexity.json")["ngram_6"]["test"] < 3
    assert "旅行者" in project.json("reports/generated.json")["ngram_6"]["text"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["char", "bpe"])
def test_text_survives_the_pipeline_exactly(kind: str, project: Project) -> None:
    from stepahead.core.artifacts import read_array, read_text
    from stepahead.text.tokens.vocab import Vocabulary

    changes = {"tokens.kind": kind, "tokens.normalize": "none", "tokens.n_train": -1, "tokens.bpe_vocab_size": 300}
    project.set(changes)
    for stage in ("tokenize", "build_vocab"):
        done = project.stage(stage)
        assert done.code == 0, done.output
    folder = project.folder / "data/vocab"
    vocabulary = Vocabulary(**json.loads((folder / "vocab.json").read_bytes()))
    spans = [read_array(folder / f"{span}.npy").tolist() for span in ("train", "val", "test")]
    text = read_text(project.folder / "data/corpus/corpus.txt")
    assert "".join(map(vocabulary.decode, spans)) == text
    summary = project.json("data/vocab/summary.json")
    assert [summary["characters"][span] for span in ("train", "val", "test")] == [
        len(vocabulary.decode(ids)) for ids in spans
    ]
    assert set(summary["spelling_bits"].values()) == {0}  # nothing is unknown


def test_a_bidirectional_model_is_refused(finished: Project) -> None:
    done = finished.stage("train_rnn", "bilstm")
    assert done.code == 1
    assert "reads the very token it should predict" in done.output


def stepahead(project: Project, *arguments: str) -> Done:
    return project.run(sys.executable, "-m", "stepahead", *arguments)


def generate(project: Project, *arguments: str) -> Done:
    return stepahead(project, "generate", "--cell", "ngram_6", "--prefix", "time traveller", *arguments)


def test_generate_continues_as_the_report_does(finished: Project) -> None:
    for cell in ("lstm", "ngram_6"):
        done = stepahead(finished, "generate", "--cell", cell, "--prefix", "Time  traveller", "--length", "20")
        assert (done.code, done.output) == (0, finished.json("reports/generated.json")[cell]["text"] + "\n")


def test_generate_draws_by_seed_and_temperature(finished: Project) -> None:
    drawn = [generate(finished, "--temperature", "1", "--seed", seed).output for seed in ("1", "1", "2")]
    assert drawn[0] == drawn[1] != drawn[2]
    assert generate(finished, "--temperature", "1", "--seed", "1", "--top-k", "1").output == generate(finished).output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--cell elman", "error: --cell = 'elman' is no trained model; models/text/ has ngram_1, ngram_2,"),
        ("--cell lstm --length 0", "argument --length: '0', but it must be a whole number, 1 or more"),
        ("--cell lstm --temperature -1", "argument --temperature: '-1', but it must be a number 0 or more"),
    ],
)
def test_generate_refuses_in_one_line(arguments: str, message: str, finished: Project) -> None:
    done = stepahead(finished, "generate", *arguments.split())
    assert done.code != 0
    assert message in done.output
    assert "Traceback" not in done.output


def test_generate_continues_unknown_characters_only_if_asked(project: Project) -> None:
    path = project.folder / "data/vocab/vocab.json"
    (project.folder / "dvc.lock").unlink()  # which tells one vocabulary from another
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"normalize": "none"}), encoding="utf-8")
    refused = generate(project, "--prefix", "Où\x1b[2J")
    assert refused.code == 1
    assert refused.output.startswith("error: --prefix = 'Où\\x1b[2J' holds what the training span does not: '\\x1b', ")
    asked = generate(project, "--prefix", "Où\x1b[2J", "--allow-unknown", "--length", "5")
    assert asked.code == 0
    assert asked.output.startswith("<unk>" * 2)
    assert "\x1b" not in asked.output


def test_a_file_of_another_shape_is_named(project: Project) -> None:
    (project.folder / "data/vocab/vocab.json").write_text("[]", encoding="utf-8")
    done = generate(project)
    assert done.code == 1
    assert done.output.startswith("Traceback")  # such an error is ours too
    told = done.output.splitlines()[-1]
    assert told == "error: data/vocab/vocab.json is not what dvc.lock records; delete it and run dvc repro"


def test_forecast_writes_a_csv_with_intervals(finished: Project, tmp_path: Path) -> None:
    lvar = ("forecast", "--model", "lvar", "--steps", "16", "data/series/series.csv", "--column", "value")
    done = stepahead(finished, *lvar)
    assert done.code == 0, done.output
    note, *lines = done.output.splitlines(keepends=True)
    series = finished.json("data/series/series.json")
    first = series["n_train"] + 1
    assert note == f"intervals from the errors on the values from step {first} on, which follow those of training\n"
    rows = list(csv.DictReader(lines))
    assert [row["step"] for row in rows] == [str(k) for k in range(1, 17)]
    for row in rows:
        low, inner_low, forecast, inner_high, high = (
            float(row[name]) for name in ("low_95", "low_80", "forecast", "high_80", "high_95")
        )
        assert low <= inner_low < forecast < inner_high <= high
    out = tmp_path / "out.csv"
    assert stepahead(finished, *lvar, "--out", str(out)).output == note
    assert out.read_text(encoding="utf-8") == "".join(lines)


@pytest.mark.parametrize(
    ("content", "model", "message"),
    [
        ("x\n1\n2\n", "ols", "the file has 2 values, but the model looks at 4; give it more"),
        (
            "x\n1\n\nx\n",
            "ols",
            "series.csv line 4: 'x' is one cell and no number; name what separates cells with --delimiter",
        ),
        ("x,y\n1,2\n3,4\n", "lvar", "/series.csv has 2 columns of numbers (x, y); name one with --column"),
        ("x\n1\n2\n", "arima", "--model = 'arima' is no trained model; models/series/ has ols, "),
    ],
)
def test_forecast_refuses_in_one_line(
    content: str, model: str, message: str, finished: Project, tmp_path: Path
) -> None:
    (tmp_path / "series.csv").write_text(content, encoding="utf-8")
    done = stepahead(finished, "forecast", "--model", model, str(tmp_path / "series.csv"))
    assert done.code == 1
    assert message in done.output
    assert len(done.output.splitlines()) == 1
