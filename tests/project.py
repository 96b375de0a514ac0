"""A copy of the checkout to run and break: small settings, a git repository of its own, and every stage watched.

Code and pages are those of the checkout; what its user's runs and edits change, params and results, is as in git.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.clone import set_params
from stepahead.core import numerics
from stepahead.core.params import leaves

ROOT = Path(__file__).parent.parent
USERS = (".dvc/config", "data/local/", "models/", "reports/")
"""what git has of a user's own settings, files and results, beside params.yaml and dvc.lock"""


def default_params(root: Path) -> str:
    """params.yaml without the values that a user set: the defaults that the page compares with.

    A key that they lack was added by a developer who has not run `make readme` yet: then params.yaml as it stands.
    """
    own, defaults = (
        (root / name).read_text(encoding="utf-8") for name in ("params.yaml", "stepahead/report/template/defaults.yaml")
    )
    return own if keys(own) - keys(defaults) else defaults


def keys(params: str) -> set[str]:
    return {key for key, _ in leaves(yaml.safe_load(params))}


DEFAULTS: dict[str, Any] = yaml.safe_load(default_params(ROOT))

# Settings under which the whole pipeline runs in seconds; whatever is not named here keeps its default.
SMALL = {
    "n_seeds": 2,
    "series.length": 300,
    "series.n_train": 200,
    "mlp.epochs": 2,
    "recurrent.epochs": 1,
    "direct.epochs": 2,
    "lvar.iterations": 20,
    "recurrent.num_hiddens": 4,
    "kstep.horizons": [1, 4, 16],
    "tokens.n_train": 2000,
    "tokens.n_val": 500,
    "tokens.n_test": 500,
    "rnn.epochs": 2,
    "rnn.num_hiddens": 8,
    "generate.length": 20,
}

# Python imports a module of this name at start-up; it notes what a stage opens, and says so in a file a stage.
WATCH = """
import os, sys
if "DVC_STAGE" in os.environ and "STEPAHEAD_WATCH" in os.environ:
    import atexit, json
    root = os.path.realpath(os.getcwd()) + os.sep
    opened = {"read": set(), "written": set()}

    def note(event, arguments):
        if event == "open" and isinstance(arguments[0], (str, bytes, os.PathLike)):
            mode = arguments[1] or ""
            writes = any(c in mode for c in "wax+") or (not mode and arguments[2] & (os.O_WRONLY | os.O_RDWR))
            path = os.path.realpath(os.fsdecode(arguments[0]))
            if path.startswith(root):
                opened["written" if writes else "read"].add(path[len(root):])
        elif event == "os.rename":
            old, new = (os.path.realpath(os.fsdecode(a))[len(root):] for a in arguments[:2])
            opened["written"].discard(old)
            opened["written"].add(new)

    def tell():
        modules = {getattr(m, "__file__", None) or "" for m in list(sys.modules.values())}
        imported = sorted(f[len(root):] for f in map(os.path.realpath, filter(None, modules)) if f.startswith(root))
        out = os.path.join(os.environ["STEPAHEAD_WATCH"], os.environ["DVC_STAGE"] + ".json")
        content = {"imported": imported, "modules": sorted(sys.modules), **{k: sorted(v) for k, v in opened.items()}}
        with open(out, "w") as file:
            json.dump(content, file)

    sys.addaudithook(note)
    atexit.register(tell)
"""


@dataclass(frozen=True)
class Done:
    """A finished command."""

    code: int
    output: str

    @property
    def stages(self) -> list[str]:
        """The stages that DVC ran (not those it skipped or took from its run cache)."""
        return re.findall(r"Running stage '([^']+)'", self.output)


class Project:
    """A copy of the checkout in a folder of its own."""

    def __init__(self, folder: Path, watched: Path | None = None) -> None:
        self.folder = folder
        held = numerics.settings()  # here; the stages are to do it for themselves
        environment = {
            k: v for k, v in os.environ.items() if not k.startswith(("DVC_", "STEPAHEAD_")) and k not in held
        }
        environment |= {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}",
            "DVC_SITE_CACHE_DIR": str(folder / ".dvc/tmp/site"),
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        if watched:
            environment |= {"PYTHONPATH": str(watched), "STEPAHEAD_WATCH": str(watched)}
            environment["PYTHONDONTWRITEBYTECODE"] = "1"  # so that an import opens the module itself, which is noted
        self.environment = environment

    @classmethod
    def copy(cls, root: Path, folder: Path, watched: Path | None = None) -> "Project":
        """What git would take of the checkout, as the first commit of a new repository, with small settings."""
        listing = subprocess.check_output(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root, text=True
        )
        for name in filter(None, listing.split("\0")):
            if (root / name).exists() and name != "dvc.lock" and not name.startswith(USERS):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, folder / name)
        committed = subprocess.check_output(["git", "archive", "HEAD", *USERS], cwd=root)
        subprocess.run(["tar", "-x", "-C", folder], input=committed, check=True)
        (folder / "params.yaml").write_text(default_params(root), encoding="utf-8")
        if watched:
            watched.mkdir(exist_ok=True)
            (watched / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
        project = cls(folder, watched)
        project.set(SMALL)
        project.git("init", "--quiet")
        project.git("config", "user.name", "test")
        project.git("config", "user.email", "test@example.org")
        project.commit()
        return project

    def duplicate(self, folder: Path) -> "Project":
        """All of it once more, but DVC's databases of this folder, which another test may be writing just now."""
        shutil.copytree(self.folder, folder, symlinks=True, ignore=shutil.ignore_patterns("site"))
        return Project(folder)

    def set(self, values: dict[str, Any]) -> None:
        """Change keys of params.yaml, as a person would."""
        set_params(self.folder / "params.yaml", values)

    def clone(self, folder: Path) -> "Project":
        """What a second person gets: the last commit, and nothing that DVC keeps outside git."""
        self.git("clone", "--quiet", str(self.folder), str(folder))
        return Project(folder)

    def start(self, *command: str, log: Path, **environment: str) -> subprocess.Popen[bytes]:
        """Start a command in a process group of its own, as a terminal does, with its output in the file `log`."""
        with log.open("wb") as file:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment | environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def run(self, *command: str, **environment: str) -> Done:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        return Done(done.returncode, done.stdout)

    def dvc(self, *arguments: str, **environment: str) -> Done:
        return self.run("dvc", *arguments, **environment)

    def stage(self, name: str, entry: str = "", **environment: str) -> Done:
        """Run a stage's script as DVC does, of a matrix one entry."""
        named = {"DVC_STAGE": f"{name}@{entry}"} if entry else {}
        return self.run(sys.executable, "-m", f"stages.{name}", **environment | named)

    def git(self, *arguments: str) -> Done:
        done = self.run("git", *arguments)
        assert done.code == 0, done.output
        return done

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "as it is")

    def json(self, name: str) -> Any:
        return json.loads((self.folder / name).read_bytes())

    def pipeline(self) -> dict[str, Any]:
        return self._stages("dvc.yaml")

    def lock(self) -> dict[str, Any]:
        """dvc.lock's entries: what DVC resolved and recorded of each stage and each entry of a matrix."""
        return self._stages("dvc.lock")

    def _stages(self, name: str) -> dict[str, Any]:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the other takes half a second for a lock file
        stages: dict[str, Any] = yaml.load((self.folder / name).read_text(encoding="utf-8"), Loader=loader)["stages"]
        return stages
