"""The reforms that a scenario lists: by name, by path or in place; parents first, none twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sim.scenario.changes import Context, read_reform
from sim.scenario.cursor import Cursor
from sim.scenario.errors import shown
from sim.scenario.library import check_stem, find_named, identity
from sim.scenario.models import Change, Reform
from sim.scenario.yaml_source import read_yaml


@dataclass
class ReformList:
    """The reforms of a chain of scenarios, in order.

    Parameters
    ----------
    library : Path
    context : Context
        What changes are checked against.
    files : list of str
        Files read; grows.
    """

    library: Path
    context: Context
    files: list[str]
    reforms: dict[str, Reform] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    _read: set[str] = field(default_factory=set)

    def add(self, scenario: Cursor, folder: Path) -> None:
        """Append the reforms that a scenario file lists; problems are noted.

        A reform that a parent lists already stays where it is.

        Parameters
        ----------
        scenario : Cursor
            The whole file.
        folder : Path
            The folder of the file.
        """
        if not isinstance(scenario.value.get("reforms"), list):
            return
        here: set[str] = set()
        for item in scenario.at("reforms").each():
            if isinstance(item.value, dict):
                self._append(item, item, inline=True)
            elif isinstance(item.value, str):
                self._add_file(item, folder, here)

    def _add_file(self, item: Cursor, folder: Path, here: set[str]) -> None:
        path = find_named(item, "reform", self.library, folder)
        if path is None:
            return
        file = identity(path)
        if file in here:
            item.report(f"{shown(item.value)} is listed twice", "each reform once")
        here.add(file)
        if file in self._read:
            return
        self._read.add(file)
        document = read_yaml(path, item.problems)
        if document is not None:
            self.files.append(document.file)
            top = Cursor.top(document, item.problems)
            check_stem(path, top, "reform", self.library)
            self._append(item, top, inline=False)

    def _append(self, item: Cursor, top: Cursor, inline: bool) -> None:
        reform, changes = read_reform(top, self.context, inline)
        if reform is None:
            return
        if reform.name in self.reforms:
            first = self.reforms[reform.name].origin
            item.report(f"a second reform called '{reform.name}'", f"the first stands in {first}")
        self.reforms[reform.name] = reform
        self.changes += changes
