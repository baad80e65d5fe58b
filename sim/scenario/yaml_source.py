"""YAML read with line numbers, and read safely.

Only what a scenario file needs: mappings, lists, text, numbers, ``true``, ``false`` and nothing, by
the core rules of YAML 1.2 (so ``yes`` and ``no`` are text, and dates stay text until a field wants
a date). Tags, anchors, aliases, repeated keys and files of more than one megabyte are refused. The
tree is built from parse events without recursion, so that deep nesting cannot exhaust the stack.

Source: YAML 1.2.2 specification, section 10.3, core schema.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml

from sim.scenario.errors import Problems, shown

Keys = tuple[str | int, ...]
"""Where a value stands in its file: keys and places in lists, outermost first."""

LARGEST_FILE: Final = 1_000_000
DEEPEST: Final = 20
_PARSER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE: Final = re.compile(r"[-+]?[0-9]{1,18}")
_NUMBER: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_UNPRINTABLE: Final = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)


@dataclass(frozen=True)
class Document:
    """The content of one file and the line of every key and list item.

    Parameters
    ----------
    file : str
        The file as messages name it.
    data : Any
        Mappings, lists and scalars; the keys of a mapping are always text.
    lines : dict
        Line (from 1) by place.
    """

    file: str
    data: Any
    lines: dict[Keys, int] = field(default_factory=dict)

    def known(self, keys: Keys) -> Keys:
        """The part of ``keys`` that stands in the file (a validator may add steps of its own)."""
        found: Keys = ()
        for key in keys:
            if (*found, key) in self.lines:
                found = (*found, key)
        return found

    def place(self, keys: Keys) -> str:
        """A value as messages name it."""
        return dotted(keys)

    def line(self, keys: Keys) -> int | None:
        """Line of a value, or of the innermost value around it that is in the file."""
        return self.lines.get(self.known(keys))


class _RefusedError(Exception):
    """Reading cannot go on; the problem is noted."""


def read_yaml(path: Path, problems: Problems) -> Document | None:
    """Read one YAML file; None, with the problems noted, if it cannot be used.

    Parameters
    ----------
    path : Path
    problems : Problems
        Where problems are noted.

    Returns
    -------
    Document or None
        Its data is a mapping.
    """
    file = display(path)
    try:
        text = _decoded(_content(path, file, problems), file, problems)
        document = _Builder(file, problems).build(text)
    except _RefusedError:
        return None
    if not isinstance(document.data, dict):
        given = "the file is empty" if document.data is None else f"{shown(document.data)} given"
        problems.add(
            file, document.line(()), "", given, "the file must be a mapping of keys to values"
        )
        return None
    return document


def display(path: Path) -> str:
    """A path as a user would name it: relative where it lies below the working directory."""
    try:
        text = str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError, RuntimeError):
        text = str(path)
    return text if text.isprintable() else text.encode("unicode_escape").decode()


def _content(path: Path, file: str, problems: Problems) -> bytes:
    def refuse(given: str, allowed: str = "") -> _RefusedError:
        problems.add(file, None, "", given, allowed)
        return _RefusedError()

    try:
        if path.is_dir():
            raise refuse("is a directory", "give a YAML file")
        if not path.exists():
            raise refuse("there is no such file")
        if not path.is_file():
            raise refuse("is not a regular file", "give a YAML file")
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refuse(f"cannot be read: {reason}") from error
    if len(content) > LARGEST_FILE:
        raise refuse("the file is larger than 1 MB", "a file of at most 1 MB")
    return content


def _decoded(content: bytes, file: str, problems: Problems) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problems.add(file, line, "", "the file is not UTF-8 text", "save the file as UTF-8")
        raise _RefusedError from error
    if match := _UNPRINTABLE.search(text):
        line = text.count("\n", 0, match.start()) + 1
        problems.add(file, line, "", f"a control character ({shown(match[0])})", "plain text")
        raise _RefusedError
    return text


@dataclass
class _Open:
    """A mapping or list that is being filled; ``key`` is the key that waits for its value."""

    content: dict[str, Any] | list[Any]
    keys: Keys
    key: str | None = None

    @property
    def wants_key(self) -> bool:
        return isinstance(self.content, dict) and self.key is None


class _Builder:
    """Builds a document from parse events."""

    def __init__(self, file: str, problems: Problems) -> None:
        self.document = Document(file, None)
        self.problems = problems
        self.open: list[_Open] = []
        self.root: Any = None

    def build(self, text: str) -> Document:
        try:
            for event in yaml.parse(text, Loader=_PARSER):
                self.take(event)
        except yaml.YAMLError as error:
            line, given, allowed = _syntax(error, text)
            self.report(line, given, allowed)
            raise _RefusedError from error
        return Document(self.document.file, self.root, self.document.lines)

    def take(self, event: yaml.Event) -> None:
        mark = event.start_mark
        line = mark.line + 1 if mark else 1
        self.check(event, line)
        match event:
            case yaml.DocumentStartEvent() if () in self.document.lines:
                self.report(line, "a second document ('---') begins", "one document in a file")
                raise _RefusedError
            case yaml.ScalarEvent() if self.open and self.open[-1].wants_key:
                self.start_key(event.value, line)
            case yaml.ScalarEvent():
                plain = event.implicit[0]
                self.place(_resolved(event.value) if plain else event.value, line)
            case yaml.MappingStartEvent():
                self.descend({}, line)
            case yaml.SequenceStartEvent():
                self.descend([], line)
            case yaml.CollectionEndEvent():
                self.open.pop()

    def check(self, event: yaml.Event, line: int) -> None:
        if isinstance(event, yaml.AliasEvent):
            self.report(
                line, f"an alias (*{event.anchor})", "aliases are not read; repeat the value"
            )
            raise _RefusedError
        if anchor := getattr(event, "anchor", None):
            self.report(line, f"an anchor (&{anchor})", "take it out")
        if tag := getattr(event, "tag", None):
            short = tag.replace("tag:yaml.org,2002:", "!!")
            self.report(line, f"a tag ({shown(short)[1:-1]})", "take it out")

    def start_key(self, key: str, line: int) -> None:
        mapping = self.open[-1]
        mapping.key = key
        keys = (*mapping.keys, key)
        if key in mapping.content:
            first = self.document.lines[keys]
            self.report(
                line, f"the key {shown(key)} is repeated", f"it stands on line {first} already"
            )
        else:
            self.document.lines[keys] = line

    def place(self, value: Any, line: int) -> Keys:
        """Put a value where the open mapping or list wants it; returns the place."""
        if not self.open:
            self.root = value
            self.document.lines[()] = line
            return ()
        parent = self.open[-1]
        if isinstance(parent.content, list):
            keys: Keys = (*parent.keys, len(parent.content))
            parent.content.append(value)
            self.document.lines[keys] = line
            return keys
        assert parent.key is not None
        keys = (*parent.keys, parent.key)
        parent.content[parent.key] = value
        parent.key = None
        return keys

    def descend(self, content: dict[str, Any] | list[Any], line: int) -> None:
        if self.open and self.open[-1].wants_key:
            self.report(line, f"{shown(content)} used as a key", "a key is plain text")
            raise _RefusedError
        if len(self.open) >= DEEPEST:
            self.report(line, f"nested deeper than {DEEPEST} levels", f"at most {DEEPEST} levels")
            raise _RefusedError
        self.open.append(_Open(content, self.place(content, line)))

    def report(self, line: int, given: str, allowed: str) -> None:
        keys = self.open[-1].keys if self.open else ()
        self.problems.add(self.document.file, line, dotted(keys), given, allowed)


def as_read(value: Any) -> Any:
    """A value given in Python as a file would hold it: text for keys, plain numbers and lists."""
    if isinstance(value, Mapping):
        return {str(key): as_read(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value


def dotted(keys: Keys) -> str:
    """A place as messages name it, such as ``changes[2].value.lcwra``; list items count from 1."""
    text = ""
    for key in keys:
        if isinstance(key, int):
            text += f"[{key + 1}]"
        else:
            text += ("." if text else "") + shown(key)[1:-1]
    return text


def _resolved(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        return float(text)
    if _NOT_FINITE.fullmatch(text):
        return float(text.replace(".", ""))
    return text


_LINE_UP: Final = ("the line does not fit its neighbours", "line up keys, and items of a list")
_PLAIN_WORDS: Final = {
    "mapping values are not": ("a colon where none can stand", "put text with ': ' in quotes"),
    "unexpected end of stream": ("a quotation mark is not closed", "close it"),
    "cannot start any token": ("text begins with a character of YAML", "put the text in quotes"),
    "expected ',' or": ("a bracket or comma is missing", "close each [ and {"),
    "expected ':'": ("a key without a colon", "write 'key: value'"),
    "did not find expected '-'": _LINE_UP,
    "did not find expected key": _LINE_UP,
    "expected <block end>": _LINE_UP,
}


def _syntax(error: yaml.YAMLError, text: str) -> tuple[int, str, str]:
    """Line of an error of the parser, what is wrong and what would be right."""
    mark = getattr(error, "problem_mark", None)
    began = getattr(error, "context_mark", None)
    said = getattr(error, "problem", None) or "the text is not YAML"
    line = mark.line + 1 if mark else 1
    if mark and "\t" in _indent(text, mark.index):
        return line, "a tab is used to indent", "indent with spaces"
    since = f" (in what begins on line {began.line + 1})" if began and began.line + 1 < line else ""
    for words, (given, allowed) in _PLAIN_WORDS.items():
        if words in said:
            return line, given + since, allowed
    return line, f"not valid YAML: {said}{since}", ""


def _indent(text: str, index: int) -> str:
    """The white space at the beginning of the line that holds a character."""
    line = text[text.rfind("\n", 0, index) + 1 :].partition("\n")[0]
    return line[: len(line) - len(line.lstrip())]
