"""What dvc.yaml says of the stages: which run when a param changes, and which needs what of which."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from stepahead.compare.tables import table


def param_table(root: Path) -> str:
    """Which stages run when a param changes, from the dependencies in dvc.yaml."""
    stages = yaml.safe_load((root / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    params = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))
    followers = {name: _after(name, stages) for name in stages}
    keys: dict[tuple[str, ...], list[str]] = {}
    for key, section in _leaves(params):
        readers = [name for name, stage in stages.items() if _reads(stage, key, section)]
        runs = {follower for name in readers for follower in followers[name]}
        keys.setdefault(tuple(name for name in stages if name in runs), []).append(key)
    lines = [[", ".join(_in_short(those, params)), ", ".join(runs)] for runs, those in keys.items()]
    return table(["change", "and these stages run"], lines)


def stage_picture(root: Path) -> str:
    """The stages and which of them needs what of which, as a flowchart that GitHub draws."""
    text = (root / "dvc.yaml").read_text(encoding="utf-8")
    stages = yaml.safe_load(text)["stages"]
    part, parts = "", dict[str, str]()
    for title, stage in re.findall(r"^  (?:# ── (\w+) ──|(\w+):)$", text, flags=re.MULTILINE):
        part = title or part
        if stage:
            parts[stage] = part
    after = {name: _after(name, stages) - {name} for name in stages}
    lines = ["```mermaid", "flowchart LR"]
    for part in dict.fromkeys(parts.values()):
        lines += [f"  subgraph {part}", *(f"    {name}" for name in stages if parts[name] == part), "  end"]
    for name, following in after.items():
        # an arrow that goes without saying, because others lead there too, is left out
        direct = following - {last for stage in following for last in after[stage]}
        lines += [f"  {name} --> {other}" for other in stages if other in direct]
    return "\n".join([*lines, "```"])


def _leaves(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each param's key, and the section that it stands in, itself where it stands in none."""
    for section, value in params.items():
        keys = [f"{section}.{key}" for key in value] if isinstance(value, dict) else [section]
        yield from ((key, section) for key in keys)


def _reads(stage: Mapping[str, Any], key: str, section: str) -> bool:
    """Whether a stage runs again, or has other entries, when the param changes."""
    entries = "".join(stage.get("matrix", {}).values())
    declared = {*stage.get("params", []), *stage["deps"]}
    return bool({key, section, "params.yaml"} & declared) or f"${{{key}}}" in entries


def _in_short(keys: list[str], params: Mapping[str, Any]) -> list[str]:
    """The keys, with `section.*` for all of a section."""
    short: dict[str, None] = {}
    for key in keys:
        section = key.partition(".")[0]
        whole = [each for each, of in _leaves(params) if of == section]
        short[f"`{section}.*`" if len(whole) > 1 and {*whole} <= {*keys} else f"`{key}`"] = None
    return list(short)


def _after(name: str, stages: Mapping[str, Any]) -> set[str]:
    """The stage and all that depend on what it writes."""
    found, todo = {name}, [name]
    while todo:
        outs = [_path(out) for kind in ("outs", "metrics", "plots") for out in stages[todo[-1]].get(kind, [])]
        todo.pop()
        for other, stage in stages.items():
            if other not in found and any(_overlap(dep, out) for dep in stage.get("deps", []) for out in outs):
                found.add(other)
                todo.append(other)
    return found


def _path(out: str | Mapping[str, Any]) -> str:
    return out if isinstance(out, str) else next(iter(out))


def _overlap(dep: str, out: str) -> bool:
    return dep == out or dep.startswith(f"{out}/") or out.startswith(f"{dep}/")
