"""Areas as charts show them: full names, short labels and places on a grid of tiles.

The grid is laid by hand: each integrated care board is one square, near its neighbours and in its
quarter of the country, whatever its size. It shows where, not how far.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import NamedTuple

from sim.people import read_areas


class Tile(NamedTuple):
    """A square of the grid: row 0 is the north, column 0 the west."""

    code: str
    label: str
    row: int
    column: int


@cache
def tiles() -> dict[str, Tile]:
    """The 42 boards of England by code."""
    text = (resources.files("results") / "data" / "tiles.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {r["code"]: Tile(r["code"], r["label"], int(r["row"]), int(r["column"])) for r in rows}


@cache
def area_names() -> dict[str, str]:
    """Names of areas without "NHS", by code."""
    areas = read_areas()
    return dict(zip(areas.code, areas.short_name, strict=True))


def short_label(code: str) -> str:
    """The label of an area where there is little room; its name where it has no tile."""
    found = tiles().get(code)
    return found.label if found else area_names().get(code, code)
