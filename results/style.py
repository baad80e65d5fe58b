"""The look of charts: size, letters, colours and dashes, and text wrapped by its measured width.

Letters are Liberation Sans, which ships with the package and has the widths of Arial, so that a
chart is laid out alike on every machine. Colours are the categorical palette of the Government
Analysis Function, in its order; every line also has its own dash pattern, for print without colour.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from afcharts.af_colours import get_af_colours
from matplotlib import rc_context
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.textpath import text_to_path

POINTS: Final = 72
"""Points in an inch; all lengths of a chart are in points."""

FAMILY: Final = "Liberation Sans"
FALLBACKS: Final = ("Arial", "Helvetica", "sans-serif")
"""Families for readers of an SVG who lack Liberation Sans; the first two have the same widths."""

SMALLEST: Final = 10.0
"""Smallest letters of a chart, in points."""

TEXT: Final = "#0B0C0C"
GREY: Final = "#505A5F"
GRID: Final = "#C8CCCE"
BAND: Final = "#D5DEE8"
BAND_EDGE: Final = "#8AA0B8"
COLOURS: Final = tuple(get_af_colours("categorical", number_of_colours=6))
DASHES: Final[tuple[Any, ...]] = (
    "solid",
    (0, (4.2, 1.6)),
    (0, (1.4, 1.1)),
    (0, (6.0, 1.4, 1.2, 1.4)),
    (0, (2.4, 1.2)),
    (0, (5.0, 1.2, 1.2, 1.2, 1.2, 1.2)),
)
"""Dash patterns in multiples of the width of the line, in the order of the colours."""

RC: Final[Any] = {
    "font.family": [FAMILY],
    "text.color": TEXT,
    "text.parse_math": False,
    "text.hinting": "no_hinting",
    "axes.unicode_minus": True,
    "path.simplify": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "fitflow",
}


def settings() -> AbstractContextManager[None]:
    """Settings of matplotlib that must hold while a chart is drawn and saved."""
    load_fonts()
    return rc_context(RC)


@dataclass(frozen=True)
class Size:
    """A width that charts are drawn for, in points, and the resolution of their PNG."""

    name: str
    width: float
    dots_per_inch: int
    title: float
    text: float
    notes: float
    plot_height: float
    bare: bool = False
    """Without title, subtitle, source and notes, for a page that has them as text."""


PAGE: Final = Size("page", 16 / 2.54 * POINTS, 300, 14, 11, 10, 190)
"""The text column of an A4 page, 16 cm."""

WEB: Final = Size("web", 960 * 0.75, 192, 18, 14, 12, 300)
"""A web page 960 pixels wide; the PNG has twice as many, for dense screens."""

BARE: Final = Size("bare", 16 / 2.54 * POINTS, 192, 14, 11, 10, 210, bare=True)
"""The drawing alone, 16 cm wide, for pages that carry the words of a chart themselves."""

SIZES: Final = {size.name: size for size in (PAGE, WEB, BARE)}


@cache
def load_fonts() -> None:
    """Make the letters that ship with the package known to matplotlib."""
    for weight in ("Regular", "Bold"):
        font = resources.files("results") / "data" / f"LiberationSans-{weight}.ttf"
        with resources.as_file(font) as path:
            fontManager.addfont(str(path))


@cache
def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width of a line of text in points."""
    font = FontProperties(family=FAMILY, size=size, weight="bold" if bold else "normal")
    load_fonts()
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, False)
    return float(width)


def wrap(text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """Break text at spaces into lines that are at most ``width`` points wide.

    A word that is wider is broken too. No-break spaces hold words together.
    """
    lines: list[str] = []
    for word in _pieces(text, width, size, bold):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _pieces(text: str, width: float, size: float, bold: bool) -> Iterator[str]:
    """Words of a text, those wider than ``width`` in pieces that fit."""
    for word in text.split(" "):
        while len(word) > 1 and text_width(word, size, bold) > width:
            fitting = [n for n in range(1, len(word)) if text_width(word[:n], size, bold) <= width]
            longest = max(fitting, default=1)
            yield word[:longest]
            word = word[longest:]
        yield word
