"""Accessible workbooks: one marked-up table a sheet, with a cover, contents and notes.

A thin wrapper of gptables, which follows the guidance of the Analysis Function. It mends what that
library leaves undone: numbers are aligned to the right and have commas; a workbook has a title and
a fixed time of creation, so that equal tables give equal files.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd
from gptables import Cover, GPTable, produce_workbook

CREATED: Final = dt.datetime(2000, 1, 1)
"""Time of creation that every workbook states; the run says when it was really made."""
SHORTHAND: Final = {
    "[u]": "low reliability: the simulation error is as large as the value",
    "[x]": "not available",
    "[z]": "not applicable",
}
"""Shorthand of the Analysis Function, as it is used here."""
_DECIMALS: Final = {0: "#,##0", 1: "#,##0.0", 2: "#,##0.00", 3: "#,##0.000"}


@dataclass(frozen=True)
class Sheet:
    """A sheet with one table.

    Parameters
    ----------
    name : str
        On the tab: at most 31 letters.
    title : str
    about : list of str
        Lines between title and table.
    table : DataFrame
        Units in the names of columns; text where a number is missing.
    decimals : dict of int
        Decimal places by name, for columns of numbers.
    """

    name: str
    title: str
    about: Sequence[str]
    table: pd.DataFrame
    decimals: Mapping[str, int] = field(default_factory=dict)


def workbook(
    title: str,
    intro: Sequence[str],
    sheets: Sequence[Sheet],
    notes: Mapping[str, str],
    source: str,
) -> bytes:
    """A workbook in the format of Excel; equal input gives equal bytes.

    Parameters
    ----------
    title : str
    intro : sequence of str
        Paragraphs of the cover.
    sheets : sequence of Sheet
    notes : mapping of str to str
        Text by key; ``$$key$$`` in a title refers to it. Each must be referred to.
    source : str
        Said under every title.
    """
    file = io.BytesIO()
    table_of_notes = pd.DataFrame(
        {"Note reference": list(notes), "Note text": list(notes.values())}
    )
    book = produce_workbook(
        file,
        {sheet.name: _table(sheet, source) for sheet in sheets},
        cover=Cover(title=title, intro=["Introduction", *intro], width=85),
        notes_table=table_of_notes,
    )
    book.set_properties({"title": title, "created": CREATED})
    book.close()
    return file.getvalue()


def _table(sheet: Sheet, source: str) -> GPTable:
    shown = sheet.table.astype(object).where(sheet.table.notna(), "[x]")
    used = {text for text in SHORTHAND if (shown == text).any(axis=None)}
    legend = [f"{text} {SHORTHAND[text]}" for text in SHORTHAND if text in used]
    return GPTable(
        table=shown,
        table_name=sheet.name.lower().replace(" ", "_"),
        title=sheet.title,
        subtitles=list(sheet.about),
        scope="",
        source=f"Source: {source}",
        legend=legend,
        additional_formatting=[
            _number_format(list(sheet.table.columns).index(name), places)
            for name, places in sheet.decimals.items()
        ],
    )


def _number_format(position: int, places: int) -> dict[str, Any]:
    """The format of a column by position: by name it fails where a heading carries a note."""
    wanted = {"align": "right", "num_format": _DECIMALS[places]}
    return {"column": {"columns": [position], "format": wanted, "include_names": False}}
