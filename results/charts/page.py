"""The page of a chart: title, subtitle, source and notes around the room in which data are drawn.

All lengths are points from the lower left corner. Margins follow from the measured text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from results import style
from results.charts.chart import Words
from results.style import POINTS, Size, wrap

MARGIN: Final = 7.0
LEADING: Final = 1.22
"""Distance of lines of text, in sizes of the letters."""


class Page:
    """A figure with its words; ``left``, ``right``, ``bottom`` and ``top`` bound the room inside.

    Parameters
    ----------
    words : Words
    size : Size
    room : float
        Height of the room for the data in points; the height of the figure follows.
    """

    def __init__(self, words: Words, size: Size, room: float) -> None:
        self.size = size
        width = size.width - 2 * MARGIN
        title = [] if size.bare else wrap(words.title, width, size.title, bold=True)
        subtitle = [] if size.bare else wrap(words.subtitle, width, size.text)
        foot = [] if size.bare else footer(words, width, size.notes)
        self.left, self.right = MARGIN, size.width - MARGIN
        self.bottom = MARGIN + len(foot) * LEADING * size.notes + size.text
        self.top = self.bottom + room
        head = len(title) * LEADING * size.title + 5 + len(subtitle) * LEADING * size.text
        self.height = self.top + 0.9 * size.text + head + MARGIN
        self.figure = Figure(
            figsize=(size.width / POINTS, self.height / POINTS),
            dpi=size.dots_per_inch,
            facecolor="white",
        )
        FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, size.width), ylim=(0, self.height))
        self.axes.axis("off")
        self._head(title, subtitle)
        self._foot(foot)

    @property
    def line_height(self) -> float:
        """Distance of two lines of text."""
        return LEADING * self.size.text

    def write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float | None = None,
        bold: bool = False,
        align: str = "left",
        colour: str = style.TEXT,
    ) -> None:
        """Write a line of text with its baseline at ``y``."""
        self.axes.text(
            x, y, text, size=size or self.size.text, weight="bold" if bold else "normal",
            ha=align, va="baseline", color=colour,
        )  # fmt: skip

    def write_up(self, lines: Sequence[str], x: float, y: float) -> None:
        """Write lines of text that end at ``x``, the last of them with its baseline at ``y``."""
        for k, text in enumerate(reversed(lines)):
            self.write(x, y + k * self.line_height, text, align="right")

    def line(self, x: Sequence[float], y: Sequence[float], name: str, **pen: Any) -> None:
        """Draw a line; a name that begins with ``decoration`` needs no contrast."""
        given: dict[str, Any] = {
            "color": style.GRID,
            "linewidth": 0.6,
            "solid_capstyle": "butt",
        } | pen
        self.axes.plot(x, y, gid=name, **given)

    def bar(
        self, x: float, y: float, width: float, height: float, colour: str, name: str, **pen: Any
    ) -> None:
        """Draw a filled rectangle from its lower left corner; sizes below 0 go the other way."""
        self.axes.add_patch(
            Rectangle(
                (min(x, x + width), min(y, y + height)), abs(width), abs(height),
                facecolor=colour, gid=name, **({"linewidth": 0} | pen),
            )
        )  # fmt: skip

    def band(
        self, x: Sequence[float], low: Sequence[float], high: Sequence[float], name: str, **pen: Any
    ) -> None:
        """Shade between two lines."""
        given: dict[str, Any] = {"color": style.BAND, "linewidth": 0} | pen
        self.axes.fill_between(x, low, high, gid=f"decoration-{name}", **given)

    def _head(self, title: Sequence[str], subtitle: Sequence[str]) -> None:
        size, y = self.size, self.height - MARGIN
        for text in title:
            self.write(MARGIN, y - 0.95 * size.title, text, size=size.title, bold=True)
            y -= LEADING * size.title
        y -= 5
        for text in subtitle:
            self.write(MARGIN, y - 0.95 * size.text, text)
            y -= LEADING * size.text

    def _foot(self, foot: Sequence[str]) -> None:
        size = self.size.notes
        for k, text in enumerate(foot):
            below = (len(foot) - 1 - k) * LEADING * size
            self.write(MARGIN, MARGIN + 0.25 * size + below, text, size=size)


def footer(words: Words, width: float, size: float) -> list[str]:
    """Source and notes in lines that are at most so wide."""
    return [*wrap(words.source, width, size), *wrap(words.notes, width, size)]
