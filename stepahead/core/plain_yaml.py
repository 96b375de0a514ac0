"""YAML read as DVC reads it, by the rules of YAML 1.2; what two readers could take for two things is refused.

DVC writes into dvc.lock what *it* reads in params.yaml. Were a stage to read the same characters as something else
(by the rules of YAML 1.1 `010` is 8 and `NO` is false), its result would be kept under a value that it was not made
with. DVC's own reader, ruamel.yaml, takes five times as long, at every start of a stage; a test compares the two.
"""

import re
from collections.abc import Iterator
from typing import Any, NoReturn

import yaml
from yaml import events as is_a

from stepahead.core.errors import StepaheadError

MAX_DEPTH = 50
"""lists and sections inside each other"""
MAX_VALUES = 10**6
"""with those that aliases repeat"""

_WORDS: dict[str, bool | None] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_WORDS |= {word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,999})")
_NUMBER = re.compile(
    r"[-+]?(0|[1-9][0-9]*)(\.[0-9]*|(\.[0-9]*)?[eE][-+]?[0-9]+)|[-+]?\.[0-9]+([eE][-+][0-9]+)?"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
_AMBIGUOUS = re.compile(  # the rest of what YAML takes for a number or a date, or gives a meaning of its own
    r"[-+]?0b[01_]+|[-+]?0o[0-7_]+|[-+]?0x[0-9a-fA-F_]+|(?!_)[-+]?[0-9_]+"
    r"|[-+]?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|[-+]?\.[0-9_]+([eE][-+][0-9]+)?"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?|=|<<"
)


def parse(text: str, name: str) -> Any:
    """The values in a YAML document; None where it has none.

    Raises:
        StepaheadError: `text`, the content of the file `name`, is not YAML, or can be read in more than one way.
    """
    try:
        return _Reader(yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)), name).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or " ".join(str(error).split())
        raise StepaheadError(f"{name}{where} is not valid YAML ({problem}); correct it") from None


class _Reader:
    """Builds values from the events of PyYAML's parser, which knows nothing of numbers or of what a name stands for."""

    def __init__(self, events: Iterator[Any], name: str) -> None:
        self.events, self.name = events, name
        self.anchors: dict[str, tuple[Any, int]] = {}  # what each stands for, and how many values that holds
        self.n_values = 0

    def document(self) -> Any:
        next(self.events)  # the stream starts
        start = next(self.events)
        if isinstance(start, is_a.StreamEndEvent):
            return None
        if start.version or start.tags:
            self.refuse(start, "a line that starts with %", "delete it")
        value = self.value(next(self.events), 0)
        next(self.events)  # the document ends
        if not isinstance(after := next(self.events), is_a.StreamEndEvent):
            self.refuse(after, "a second document", "delete it, from the line --- on")
        return value

    def value(self, event: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            self.refuse(event, f"more than {MAX_DEPTH} brackets inside each other", "take some out")
        if isinstance(event, is_a.AliasEvent):
            return self.repeated(event)
        if event.tag is not None:
            self.refuse(event, f"the tag {event.tag}", "take it out")
        before = self.n_values
        self.n_values += 1
        value: Any
        if isinstance(event, is_a.ScalarEvent):
            value = self.plain(event) if event.implicit[0] else event.value  # else it is in quotes
        elif isinstance(event, is_a.SequenceStartEvent):
            value = [self.value(entry, depth + 1) for entry in self.until(is_a.SequenceEndEvent)]
        else:
            value = self.mapping(depth + 1)
        if event.anchor:
            if event.anchor in self.anchors:
                self.refuse(event, f"&{event.anchor} a second time", "give it another name")
            self.anchors[event.anchor] = value, self.n_values - before
        return value

    def mapping(self, depth: int) -> dict[Any, Any]:
        values: dict[Any, Any] = {}
        for event in self.until(is_a.MappingEndEvent):
            key = self.value(event, depth)
            if isinstance(key, list | dict):
                self.refuse(event, "a list or a section as a key", "use a word")
            if key in values:
                self.refuse(event, f"the key {key} a second time", "keep one of them")
            values[key] = self.value(next(self.events), depth)
        return values

    def until(self, end: type) -> Iterator[Any]:
        while not isinstance(event := next(self.events), end):
            yield event

    def repeated(self, event: Any) -> Any:
        value, size = self.anchors.get(event.anchor, (None, 0))
        if not size:
            self.refuse(event, f"*{event.anchor}, but no complete &{event.anchor} before it", "write the values out")
        self.n_values += size
        if self.n_values > MAX_VALUES:
            self.refuse(event, f"more than {MAX_VALUES:,} values, with those that *{event.anchor} repeats", "use fewer")
        return value

    def plain(self, event: Any) -> Any:
        text = event.value
        if text in _WORDS:
            return _WORDS[text]
        if text[0] not in "-+.0123456789=<":
            return text
        if _WHOLE.fullmatch(text):
            return int(text)
        if _NUMBER.fullmatch(text):
            return float(re.sub(r"\.(?=[in])", "", text.lower()))  # Python writes inf and nan without the dot
        if _AMBIGUOUS.fullmatch(text):
            way_out = "write it as a plain number, such as 10 or 0.5, or in quotes if it is a text"
            self.refuse(event, f"{text}, which can be read in more than one way", way_out)
        return text

    def refuse(self, event: Any, found: str, way_out: str) -> NoReturn:
        raise StepaheadError(f"{self.name} line {event.start_mark.line + 1} has {found}; {way_out}")
