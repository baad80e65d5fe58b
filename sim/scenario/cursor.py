"""A place in a file, with its value and a way to say what is wrong there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sim.scenario.errors import Problems, listed, shown
from sim.scenario.yaml_source import Document, Keys

_PER_CENT: Final = re.compile(r"([-+]?[0-9.]+) ?%")


@dataclass(frozen=True)
class Cursor:
    """One value of a document.

    Parameters
    ----------
    document : Document
    problems : Problems
        Where problems are noted.
    keys : Keys
        The place of the value.
    value : Any
    """

    document: Document
    problems: Problems
    keys: Keys
    value: Any

    @classmethod
    def top(cls, document: Document, problems: Problems) -> Cursor:
        """The whole of a document."""
        return cls(document, problems, (), document.data)

    def at(self, *keys: str | int) -> Cursor:
        """The value below this one at ``keys``."""
        value = self.value
        for key in keys:
            value = value[key]
        return Cursor(self.document, self.problems, self.keys + keys, value)

    def each(self) -> Iterator[Cursor]:
        """The values of this mapping or list, in order."""
        steps = self.value if isinstance(self.value, dict) else range(len(self.value))
        return (self.at(step) for step in steps)

    @property
    def key(self) -> str:
        """The last step to this value."""
        return str(self.keys[-1])

    @property
    def origin(self) -> str:
        """``file:line`` of this value."""
        line = self.document.line(self.keys)
        return self.document.file if line is None else f"{self.document.file}:{line}"

    @property
    def place(self) -> tuple[str, int | None, str]:
        """File, line and key path of this value, as problems tell them."""
        return self.document.file, self.document.line(self.keys), self.document.place(self.keys)

    def report(
        self,
        given: str,
        allowed: str = "",
        nearest: tuple[str, Iterable[str]] | None = None,
    ) -> None:
        """Note a problem here."""
        self.problems.add(*self.place, given, allowed, nearest)

    def unknown(self, kind: str, names: Iterable[str], name: str | None = None) -> None:
        """Note that ``name`` (by default the last key) is none of the valid ``names``."""
        names = list(names)
        name = self.key if name is None else name
        self.report(f"unknown {kind} {shown(name)}", f"allowed: {listed(names)}", (name, names))


def advice_on_number(value: Any) -> str:
    """What to write instead of text that was meant as a number; empty if it was not."""
    if not isinstance(value, str):
        return ""
    text = value.strip()
    try:
        if share := _PER_CENT.fullmatch(text):
            return f"write {float(share[1]) / 100:g}"
        plain = re.sub("[,_£ ]", "", text)
        float(plain)
    except ValueError:
        return ""
    return f"write {plain}"
