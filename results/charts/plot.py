"""A rectangle of a page with scales along its sides."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from results import style
from results.charts.page import Page
from results.numbers import number
from results.placing import nice_ticks
from results.style import text_width

F64 = NDArray[np.float64]


class Plot:
    """Data between ``left`` and ``right``, ``bottom`` and ``top`` of a page.

    Parameters
    ----------
    page : Page
    box : (left, bottom, right, top)
        Points on the page.
    x, y : (low, high)
        What the sides stand for.
    """

    def __init__(
        self,
        page: Page,
        box: tuple[float, float, float, float],
        x: tuple[float, float],
        y: tuple[float, float],
    ) -> None:
        self.page = page
        self.left, self.bottom, self.right, self.top = box
        self._x, self._y = x, y

    def x(self, value: Any) -> Any:
        """Place of a value along the page, in points."""
        low, high = self._x
        return self.left + (np.asarray(value, float) - low) / (high - low) * (
            self.right - self.left
        )

    def y(self, value: Any) -> Any:
        """Place of a value up the page, in points."""
        low, high = self._y
        return self.bottom + (np.asarray(value, float) - low) / (high - low) * (
            self.top - self.bottom
        )

    def rows(self, ticks: Sequence[float], texts: Sequence[str], name: str = "") -> None:
        """Lines across at the ticks, labelled on the left where there is a text."""
        for k, (tick, text) in enumerate(zip(ticks, texts, strict=True)):
            place = float(self.y(tick))
            self.page.line(
                [self.left - 4, self.right], [place, place], f"decoration-row-{name}-{k}",
                color=style.GRID if tick else style.GREY, linewidth=0.6 if tick else 1.0, zorder=1,
            )  # fmt: skip
            if text:
                y = place - 0.35 * self.page.size.text
                self.page.write(self.left - 7, y, text, align="right")

    def columns(self, ticks: Sequence[float], texts: Sequence[str], name: str = "") -> None:
        """Lines up at the ticks, labelled below where there is a text."""
        for k, (tick, text) in enumerate(zip(ticks, texts, strict=True)):
            place = float(self.x(tick))
            self.page.line(
                [place, place], [self.bottom - 4, self.top], f"decoration-column-{name}-{k}",
                color=style.GRID if tick else style.GREY, linewidth=0.6 if tick else 1.0, zorder=1,
            )  # fmt: skip
            if text:
                y = self.bottom - 5 - self.page.size.text
                self.page.write(place, y, text, align="center")

    def line(self, x: Any, y: Any, name: str, **pen: Any) -> None:
        """Draw a line through values."""
        self.page.line(self.x(x).tolist(), self.y(y).tolist(), name, **pen)


def ticks_of(
    low: float, high: float, smallest: float = 0.0, divisor: int = 1, most: int = 7
) -> tuple[list[float], list[str]]:
    """Round ticks that enclose an interval, and how they read in units of ``divisor``."""
    ticks, step = nice_ticks(low, high, smallest, most)
    exact = Decimal(repr(step))
    return ticks, [number(Decimal(repr(tick)), exact, divisor) for tick in ticks]


def room_for(texts: Sequence[str], size: float, bold: bool = False) -> float:
    """Width of the widest text, in points."""
    return max((text_width(text, size, bold) for text in texts), default=0.0)
