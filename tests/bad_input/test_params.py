"""params.yaml as people get it wrong."""

import math
from typing import Any

import pytest
import yaml

from tests.bad_input.battery import after, fails, replaced, results
from tests.project import ROOT, Project


@pytest.mark.parametrize(
    ("changes", "stage", "message"),
    [
        ({"tau": 700}, "train_networks", "tau = 700 needs more than 200 training steps (series.n_train); lower tau"),
        ({"tau": 0}, "train_networks", "tau = 0, but it must be auto or a whole number, 1 or more"),
        ({"tau": "eight"}, "train_networks", "tau = 'eight', but it must be auto or a whole number"),
        ({"tau": 700}, "train_linear", "tau = 700 needs more than 200 training steps"),
        ({"tau": 700}, "train_networks", "tau = 700 needs more than 200 training steps"),
        ({"tau": 4.5}, "train_linear", "tau = 4.5, but it must be auto or a whole number"),
        ({"tau": None}, "train_linear", "tau = null, but it must be auto or a whole number"),
        ({"tau": [4]}, "train_linear", "tau = [4], but it must be auto or a whole number"),
        ({"tau": True}, "train_linear", "tau = True, but it must be auto or a whole number"),
        ({"tau": "\x1b[31m4"}, "train_linear", "tau = '\\x1b[31m4', but it must be auto or a whole number"),
        ({"windows.pad": "repeat"}, "train_linear", "windows.pad = 'repeat', but it must be one of drop, zero"),
        (
            {"series.length": 1e30},
            "generate_series",
            "series.length = 1e+30, but it must be a whole number, 2 or more, up to",
        ),
        ({"series.frequency": math.nan}, "generate_series", "series.frequency = nan, but it must be a number"),
        ({"series.frequency": math.inf}, "generate_series", "series.frequency = inf, but it must be a number"),
        (
            {"series.noise_std": "loud"},
            "generate_series",
            "series.noise_std = 'loud', but it must be a number 0 or more",
        ),
        ({"series.reverse": "yes"}, "generate_series", "series.reverse = 'yes', but it must be true or false"),
        ({"series.name": 7}, "generate_series", "series.name = 7, but it must be a non-empty text"),
        ({"series.name": ""}, "generate_series", "series.name = '', but it must be a non-empty text"),
        ({"series.column": 1.5}, "generate_series", "series.column = 1.5, but it must be null or a non-empty text"),
        ({"series.seed": -1}, "generate_series", "series.seed = -1, but it must be a whole number, 0 or more"),
        ({"seed": "abc"}, "train_networks", "seed = 'abc', but it must be a whole number, 0 or more"),
        ({"lvar.order": 0}, "train_lvar", "lvar.order = 0, but it must be a whole number"),
        ({"lvar.order": 150}, "train_lvar", "lvar.order = 150"),
        ({"tokens.n_train": -2}, "build_vocab", "tokens.n_train = -2, but it must be a whole number, -1 or more"),
        ({"tokens.n_val": -1}, "build_vocab", "tokens.n_val = -1, but it must be a whole number, 0 or more"),
        ({"tokens.n_val": "all"}, "build_vocab", "tokens.n_val = 'all', but it must be a whole number, 0 or more"),
        ({"tokens.normalize": "upper"}, "tokenize", "tokens.normalize = 'upper', but it must be one of letters"),
        (
            {"tokens.bpe_vocab_size": 10},
            "tokenize",
            "tokens.bpe_vocab_size = 10, but it must be a whole number from 256",
        ),
        ({"vocab.reserved": ["<unk>"]}, "build_vocab", "vocab.reserved = ['<unk>'] names <unk>"),
        ({"vocab.reserved": ["a", "a"]}, "build_vocab", "vocab.reserved = ['a', 'a'], but it must be a list without"),
        ({"vocab.reserved": "a"}, "build_vocab", "vocab.reserved = 'a', but it must be a list"),
        ({"vocab.min_freq": -1}, "build_vocab", "vocab.min_freq = -1, but it must be a whole number, 0 or more"),
        ({"mlp.lr": 1e50}, "train_networks", "mlp.lr = 1e+50: the loss stopped being a finite number"),
        (
            {"models.linear": ["arima"]},
            "train_linear",
            "models.linear = ['arima'], but it must be a list, each entry one",
        ),
        (
            {"models.recurrent": ["elman"]},
            "train_networks",
            "models.recurrent = ['elman'], but it must be a list, each",
        ),
        ({"models.rnn": ["a b"]}, "generate_series", "models.rnn has the entry 'a b', but an entry must be letters"),
        (
            {},
            "train_rnn transformer",
            "models.rnn has the entry 'transformer'; choose from scratch, rnn, gru, gru_reset",
        ),
        ({}, "train_rnn", "train_rnn runs one entry of models.rnn at a time; name it to DVC: dvc repro train_rnn@"),
        ({"series.name": "cosine"}, "generate_series", "series.name = 'cosine'"),
        ({"series.n_train": 300}, "generate_series", "series.n_train = 300"),
        ({"series.length": 1}, "generate_series", "series.length = 1, but it must be a whole number, 2 or more"),
        ({"series.noise_std": -0.1}, "generate_series", "series.noise_std = -0.1, but it must be a number 0 or more"),
        ({"kstep.horizons": [1, 101]}, "evaluate_kstep", "kstep.horizons = 101 at most, but only 100"),
        ({"kstep.horizons": []}, "evaluate_kstep", "kstep.horizons = [], but it must be a list of at least one entry"),
        ({"tokens.kind": "syllable"}, "tokenize", "tokens.kind = 'syllable', but it must be one of char, word"),
        ({"tokens.n_train": 100000}, "build_vocab", "tokens.n_train = 100000, n_val = 500 and n_test = 500 need"),
        ({"vocab.min_freq": 100000}, "build_vocab", "vocab.min_freq = 100000 leaves no token"),
        ({"rnn.batch_size": 200}, "train_rnn rnn", "rnn.batch_size = 200 and rnn.num_steps = 20 need"),
        ({"rnn.num_steps": 3000}, "train_rnn rnn", "rnn.batch_size = 16 and rnn.num_steps = 3000 need"),
        ({"rnn.lr": 1e20, "rnn.clip": "none"}, "train_rnn rnn", "rnn.lr = 1e+20: the loss is no longer"),
        ({"rnn.lr": 1e300}, "train_rnn rnn", "rnn.lr = 1e+300, but it must be a number above 0, at most 1e+30"),
        ({"rnn.lr": 1e30, "rnn.weight_decay": 1e30}, "train_rnn rnn", "rnn.lr = 1e+30: the loss is no longer finite"),
        ({"rnn.n_seeds": 1000, "rnn.num_hiddens": 20000}, "train_rnn rnn", "rnn.n_seeds = 1,000 networks of 401,"),
        ({"evaluate.dynamic_lr": 1e300}, "evaluate_perplexity", "evaluate.dynamic_lr = 1e+300, but it must be a"),
        ({"rnn.num_layers": 2}, "train_rnn scratch", "rnn.num_layers = 2, but scratch has one layer"),
        ({"device": "cuda"}, "train_rnn rnn", "device = cuda, but torch finds no CUDA device here"),
        ({"device": "tpu"}, "train_rnn rnn", "device = 'tpu', but it must be one of auto, cpu, cuda"),
        (
            {"rnn.epoch": 5},
            "train_rnn rnn",
            "rnn.epoch is no param that train_rnn, which declares its section, reads; did you mean rnn.epochs?",
        ),
        ({"extra": 1}, "plot_text", "extra is no param that any stage in dvc.yaml reads"),
    ],
)
def test_a_param_that_is_not_allowed(changes: dict[str, Any], stage: str, message: str, broken: Project) -> None:
    fails(after(broken, changes, *stage.split()), message)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("tau: 4\n", "", "params.yaml: tau is missing"),
        ("tau: 4\n", "tau: 4\ntua: 5\n", "params.yaml: tua is no param that any stage in dvc.yaml reads; did you mean"),
        ("tau: 4\n", "tau: [4\n", "params.yaml line"),
        ("tau: 4\n", "tau: 4\n\ttab: 1\n", "params.yaml line"),
        ("tau: 4\n", "tau: {a: 4}\n", "params.yaml: tau.a is no param"),
        ("tau: 4\n", "tau: 010\n", "params.yaml line 3 has 010, which can be read in more than one way"),
        ("tau: 4\n", "tau: 4\ntau: 8\n", "params.yaml line 4 has the key tau a second time"),
        ("tau: 4\n", "tau: 4\nwindows.pad: zero\n", "params.yaml: at the top stands 'windows.pad', but a name"),
        ("tau: 4\n", "tau: &t [*t]\n", "params.yaml line 3 has *t, but no complete &t before it"),
        ("tau: 4\n", f"tau: {'[' * 9999}\n", "params.yaml line 3 has more than 50 brackets inside each other"),
        ("tau: 4\n", "tau: !!python/object/apply:os.getcwd []\n", "params.yaml line"),
        ("tau: 4\n", "tau: 4\n7: 4\n", "params.yaml: at the top stands 7, but a name"),
        ("tau: 4\n", "tau: 4\nnull: 4\n", "params.yaml: at the top stands null, but a name"),
        ("tau: 4\n", "tau: \x07\n", "params.yaml"),
        ("tau: 4\n", "tau: 0x\n", "tau = '0x', but it must be auto or a whole number"),
    ],
)
def test_a_file_that_is_not_right(old: str, new: str, message: str, broken: Project) -> None:
    path = broken.folder / "params.yaml"
    content = path.read_text(encoding="utf-8")
    assert old in content
    before = results(broken)
    with replaced(path, content.replace(old, new).encode()):
        fails(broken.stage("train_linear"), message)
    assert results(broken) == before


@pytest.mark.parametrize("content", [b"", b"- 1\n- 2\n", b"7", b"\xff\xfe", b"tau: 4"])
def test_a_file_of_another_kind(content: bytes, broken: Project) -> None:
    before = results(broken)
    with replaced(broken.folder / "params.yaml", content):
        fails(broken.stage("train_linear"), "params.yaml")
    assert results(broken) == before


def test_a_param_the_stage_does_not_declare(broken: Project) -> None:
    path = broken.folder / "dvc.yaml"
    pipeline = path.read_bytes()
    with replaced(path, pipeline.replace(b"[seed, n_seeds, tau, windows, mlp,", b"[seed, n_seeds, windows, mlp,")):
        fails(broken.stage("train_networks"), "add tau to params: of train_networks in dvc.yaml")


def test_a_file_the_stage_does_not_declare(broken: Project) -> None:
    path = broken.folder / "dvc.yaml"
    pipeline = path.read_bytes()
    folders = b"stepahead/core, stepahead/series/data, stepahead/series/networks"
    with replaced(path, pipeline.replace(folders, b"stepahead/core, stepahead/series/data")):
        told = "stage train_networks opens stepahead/series/networks/"
        fails(broken.stage("train_networks"), told)


def test_no_command_holds_a_param() -> None:
    """A shell runs it: DVC would put the param's text into the line."""
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    assert all(stage["cmd"] == f"python -m stages.{name}" for name, stage in stages.items())


def test_dvc_removes_a_stages_results_before_it_runs_and_a_failed_stage_puts_them_back(broken: Project) -> None:
    before = results(broken)
    done = broken.dvc("exp", "run", "-S", "tau=700")
    fails(done, "tau = 700 needs more than 200 training steps")
    assert results(broken) == before
    broken.git("checkout", "params.yaml")
    assert broken.dvc("repro").stages == []
