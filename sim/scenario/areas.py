"""Areas by code, by name or by group, from ``data/areas.csv`` of the library."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sim.scenario.cursor import Cursor
from sim.scenario.errors import Problems, shown
from sim.scenario.tables import Axis, plain
from sim.scenario.yaml_source import display

AREAS_FILE: Final = Path("data", "areas.csv")
_REQUIRED: Final = ("code", "name", "short_name")
_GROUPED_BY_TEXT: Final = ("country", "nhs_region")
EVERYWHERE: Final = "england_and_wales"


@dataclass(frozen=True)
class Areas:
    """The areas of the model.

    Parameters
    ----------
    codes : tuple of str
        In the order of the file.
    names : dict
        Codes by name in small letters: a code, a full or short name, or a group.
    groups : tuple of str
        Names of groups, as a user would write them.
    short_names : tuple of str
        One by code.
    """

    codes: tuple[str, ...]
    names: dict[str, tuple[str, ...]]
    groups: tuple[str, ...]
    short_names: tuple[str, ...]

    def axis(self) -> Axis:
        """Areas as a dimension of a table, labelled by code; names and groups stand for codes."""
        return Axis("area", self.codes, self.names)

    def find(self, cursor: Cursor) -> tuple[str, ...]:
        """Codes of the areas that a name or a list of names stands for, as the file orders them."""
        items = list(cursor.each()) if isinstance(cursor.value, list) else [cursor]
        if not items:
            cursor.report("an empty list", "name at least one area, or leave the key out")
        found: set[str] = set()
        for item in items:
            codes = self.names.get(plain(item.value)) if isinstance(item.value, str) else None
            if codes is None:
                self._unknown(item)
            else:
                found.update(codes)
        return tuple(code for code in self.codes if code in found)

    def _unknown(self, item: Cursor) -> None:
        allowed = "an area's code or name, or a group: " + ", ".join(self.groups)
        if isinstance(item.value, str):
            names = (*self.groups, *self.short_names, *self.codes)
            item.report(f"unknown area {shown(item.value)}", allowed, (item.value, names))
        else:
            item.report(f"{shown(item.value)} given", allowed)


def load_areas(library: Path, problems: Problems) -> Areas | None:
    """Read the areas of a library; None, with the problems noted, if the file cannot be used."""
    path = library / AREAS_FILE
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        problems.add(display(path), None, "", f"the table of areas cannot be read: {reason}")
        return None
    missing = [column for column in _REQUIRED if not rows or not rows[0].get(column)]
    if missing:
        problems.add(display(path), 1, "", f"no column {', '.join(missing)}, or no areas below it")
        return None
    return _areas(rows)


def _areas(rows: Sequence[dict[str, str]]) -> Areas:
    codes = tuple(row["code"] for row in rows)
    groups: dict[str, tuple[str, ...]] = {EVERYWHERE: codes}
    for column in _GROUPED_BY_TEXT:
        for value in dict.fromkeys(row.get(column) or "" for row in rows):
            if value:
                groups[value] = tuple(row["code"] for row in rows if row.get(column) == value)
    for column in rows[0]:
        if column is not None and {row[column] for row in rows} <= {"0", "1"}:
            groups[column] = tuple(row["code"] for row in rows if row[column] == "1")
    names = {plain(group): members for group, members in groups.items()}
    # A group is named after what one area is; its plural reads better in a list of places.
    names |= {plain(group) + "s": members for group, members in groups.items()}
    for row in rows:
        for column in _REQUIRED:
            names[plain(row[column])] = (row["code"],)
    return Areas(codes, names, tuple(groups), tuple(row["short_name"] for row in rows))
