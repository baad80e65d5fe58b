"""Points of a sweep from a CSV file or the first sheet of a spreadsheet: a row a point, a column a factor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import pandas as pd

from sim.scenario.cursor import Cursor
from sim.scenario.yaml_source import display
from sim.sweep.places import Place


@dataclass(frozen=True)
class PointsFile:
    """What stands in a file of points.

    Parameters
    ----------
    file : str
        The file as messages name it.
    names : list of str
        Of the columns.
    rows : list of list
        Values; None where a cell is empty.
    lines : list of int
        Line, or row of the sheet, of the names and then of each row.
    """

    file: str
    names: list[str]
    rows: list[list[Any]]
    lines: list[int]

    def name_places(self) -> Iterator[tuple[str, Place]]:
        """The names of columns, with their places."""
        return ((name, self._place(self.lines[0], name)) for name in self.names)

    def cells(self, row: int) -> Iterator[tuple[str, Any, Place]]:
        """Name, value and place of each cell of a row."""
        line = self.lines[row + 1]
        named = zip(self.names, self.rows[row], strict=True)
        return ((name, value, self._place(line, name)) for name, value in named)

    def _place(self, line: int, name: str) -> Place:
        return Place(self.file, line, f"column {name}")


def read_points(path: Path, cursor: Cursor) -> PointsFile | None:
    """Read a file of points; None, with what is wrong noted, if it cannot be used.

    Parameters
    ----------
    path : Path
    cursor : Cursor
        The value of the sweep file that names it.
    """
    if (frame := _read_table(path, cursor)) is None:
        return None
    if frame.empty:
        cursor.report(f"{display(path)} has no rows", "a row a point")
    cells = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    rows = [[_number_or_text(cell) for cell in row] for row in cells]
    return PointsFile(display(path), list(map(str, frame.columns)), rows, _lines(path, len(rows)))


_WHOLE: Final = re.compile(r"\s*[+-]?(0|[1-9]\d*)\s*")
_DECIMAL: Final = re.compile(r"\s*[+-]?(?=\.?\d)(0|[1-9]\d*)?(\.\d*)?([eE][+-]?\d+)?\s*")
"""Neither `0_5` nor `007` is a number: the one is a slip, the other a label."""


def _number_or_text(cell: Any) -> Any:
    """A cell by itself: one slip makes text of all the numbers of its column."""
    if isinstance(cell, str):
        if _WHOLE.fullmatch(cell):
            return int(cell)
        if _DECIMAL.fullmatch(cell):
            return float(cell)
    return cell


def _lines(path: Path, rows: int) -> list[int]:
    """Lines of the names and of each row; empty lines of a CSV file are no rows."""
    if path.suffix == ".csv":
        text = path.read_text(encoding="utf-8-sig").splitlines()
        filled = [number for number, line in enumerate(text, start=1) if line.strip()]
        if len(filled) == rows + 1:  # else some cell goes over several lines
            return filled
    return list(range(1, rows + 2))


def _read_table(path: Path, cursor: Cursor) -> pd.DataFrame | None:
    """The cells of a file; None, with what is wrong noted, if it cannot be used."""
    file, allowed = display(path), "a .csv or .xlsx file"
    workbook = path.suffix == ".xlsx"
    try:
        if workbook:
            return pd.read_excel(path)
        # Without names a row that is longer than the first is an error; with them its first cells are an index.
        pd.read_csv(path, header=None, dtype=str)
        return pd.read_csv(path)
    except FileNotFoundError:
        there = [each.name for each in path.parent.glob("*") if each.suffix in (".csv", ".xlsx")]
        cursor.report(f"there is no file {file}", allowed, (path.name, there))
    except UnicodeDecodeError:
        cursor.report(f"{file} is not UTF-8 text", "save the file as UTF-8")
    except pd.errors.EmptyDataError:
        cursor.report(f"{file} is empty", "names of factors in the first row, then a row a point")
    except pd.errors.ParserError as error:
        reason = str(error).rpartition("error: ")[2].strip()
        cursor.report(f"{file} has rows longer than its first ({reason})", "a name for each column")
    except OSError as error:
        cursor.report(f"{file} cannot be read: {error.strerror}", allowed)
    except (ValueError, BadZipFile):
        cursor.report(f"{file} is not {'a workbook' if workbook else 'a table'}", allowed)
    return None
