"""Draws a chart of differences: one line shaded, others dashed, labels and intervals at the end.

All lengths are points. Margins follow from the measured text, so that nothing is clipped; labels at
the end of the lines are moved apart as little as possible.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from results import style
from results.charts import difference
from results.charts.chart import MONTHS
from results.charts.difference import DifferenceChart
from results.charts.page import LEADING, MARGIN, footer
from results.numbers import number
from results.placing import date_ticks, nice_ticks, spread
from results.style import POINTS, Size, text_width, wrap

F64 = NDArray[np.float64]

BAR, SLOT, LEADER, SWATCH = 5.0, 9.0, 16.0, 20.0
"""Width and distance of interval bars; length of leaders and of the samples of lines by labels."""


@dataclass(frozen=True)
class Label:
    """What stands at the end of a line: its name in bold, and its value."""

    name: list[str]
    value: list[str]

    @property
    def lines(self) -> int:
        """Lines of text."""
        return len(self.name) + len(self.value)


@dataclass(frozen=True)
class Frame:
    """Where the parts of a chart are, in points from the lower left corner of the page."""

    width: float
    height: float
    left: float
    right: float
    bottom: float
    top: float
    bars: float
    labels: float


def draw(chart: DifferenceChart, size: Size = style.PAGE) -> Figure:
    """Draw a chart at its final width.

    Returns
    -------
    Figure
        With the resolution of the PNG of this size; its height follows from the text.
    """
    with style.settings():
        return _Drawing(chart, size).figure


class _Drawing:
    def __init__(self, chart: DifferenceChart, size: Size) -> None:
        self.chart, self.size = chart, size
        width = size.width - 2 * MARGIN
        words = chart.words
        self.title = [] if size.bare else wrap(words.title, width, size.title, bold=True)
        self.subtitle = [] if size.bare else wrap(words.subtitle, width, size.text)
        self.footer = [] if size.bare else footer(words, width, size.notes)
        room = 0.27 * size.width
        self.labels = [
            Label(wrap(line.title, room, size.text, bold=True), wrap(value, room, size.text))
            for k, line in enumerate(chart.lines)
            for value in [difference.end_label(chart, k)]
        ]
        self.ticks, self.tick_step = nice_ticks(*self._range(), chart.outcome.step)
        self.frame = self._frame()
        self.figure = Figure(
            figsize=(size.width / POINTS, self.frame.height / POINTS),
            dpi=size.dots_per_inch,
            facecolor="white",
        )
        FigureCanvasAgg(self.figure)
        self.page = self._page()
        self.plot = self._plot()
        self._head()
        self._axis_labels()
        self._lines()
        self._ends()
        self._foot()

    # Layout.

    def _range(self) -> tuple[float, float]:
        first = self.chart.lines[0]
        values = [first.low, first.high]
        values += [
            x for line in self.chart.lines for x in (line.mean, line.low[-1:], line.high[-1:])
        ]
        everything = np.concatenate([[0.0], *values])
        return float(np.nanmin(everything)), float(np.nanmax(everything))

    def _frame(self) -> Frame:
        size, chart = self.size, self.chart
        line = LEADING * size.text
        tick_width = max(text_width(text, size.text) for text in self._tick_texts())
        left = MARGIN + max(tick_width + 8, text_width("Mmm", size.text) / 2)
        label_width = max(
            text_width(text, size.text, bold)
            for label in self.labels
            for texts, bold in ((label.name, True), (label.value, False))
            for text in texts
        )
        labels = size.width - MARGIN - label_width
        bars = labels - self._key_width - LEADER - SLOT * len(chart.lines)
        stack = sum(label.lines for label in self.labels) * line
        plot_height = max(size.plot_height, stack + self._gap * (len(self.labels) - 1))
        bottom = (
            MARGIN
            + len(self.footer) * LEADING * size.notes
            + size.text
            + 2 * line
            + 0.6 * size.text
        )
        top = bottom + plot_height
        head = len(self.title) * LEADING * size.title + 5 + len(self.subtitle) * line
        height = top + 0.6 * size.text + 6 + head + MARGIN
        return Frame(size.width, height, left, bars - 8, bottom, top, bars, labels)

    @property
    def _key_width(self) -> float:
        """Room for the samples of the lines; a single line needs none."""
        return SWATCH + 6 if len(self.labels) > 1 else 0.0

    @property
    def _gap(self) -> float:
        """Least space between two labels."""
        return 0.35 * self.size.text

    def _tick_texts(self) -> list[str]:
        step = Decimal(repr(self.tick_step))
        return [number(Decimal(repr(t)), step, self.chart.divisor) for t in self.ticks]

    def _page(self) -> Axes:
        """Axes over the whole page, in points."""
        axes = self.figure.add_axes((0, 0, 1, 1), zorder=2)
        axes.set(xlim=(0, self.frame.width), ylim=(0, self.frame.height))
        axes.axis("off")
        axes.patch.set_visible(False)
        return axes

    def _plot(self) -> Axes:
        f = self.frame
        axes = self.figure.add_axes(
            (
                f.left / f.width,
                f.bottom / f.height,
                (f.right - f.left) / f.width,
                (f.top - f.bottom) / f.height,
            ),
            zorder=1,
        )
        axes.set(xlim=(0, len(self.chart.months)), ylim=(self.ticks[0], self.ticks[-1]))
        axes.axis("off")
        return axes

    def _height(self, value: float) -> float:
        """Height of a value of the outcome on the page."""
        f, low, high = self.frame, self.ticks[0], self.ticks[-1]
        return f.bottom + (value - low) / (high - low) * (f.top - f.bottom)

    # Drawing.

    def _axis_labels(self) -> None:
        f, size, months = self.frame, self.size, len(self.chart.months)
        for k, (tick, text) in enumerate(zip(self.ticks, self._tick_texts(), strict=True)):
            self.plot.plot(
                [-4 / (f.right - f.left) * months, months], [tick, tick], clip_on=False,
                color=style.GRID if tick else style.GREY, linewidth=0.6 if tick else 1.0,
                solid_capstyle="butt", zorder=3, gid=f"decoration-grid-{k}",
            )  # fmt: skip
            y = self._height(tick) - 0.35 * size.text
            self._write(f.left - 8, y, text, size.text, align="right")
        for month, (name, year) in self._date_ticks():
            x = f.left + month / months * (f.right - f.left)
            self.page.plot(
                [x, x], [f.bottom, f.bottom - 4], color=style.GRID, linewidth=0.6,
                gid=f"decoration-month-{month}",
            )  # fmt: skip
            y = f.bottom - 1.45 * size.text
            self._write(x, y, name, size.text, align="center")
            self._write(x, y - LEADING * size.text, year, size.text, align="center")

    def _date_ticks(self) -> list[tuple[int, tuple[str, str]]]:
        f, months = self.frame, self.chart.months
        room = (f.right - f.left) / len(months)
        needed = text_width("0000", self.size.text) + 4
        year, month = int(months[0][:4]), int(months[0][5:])
        return [
            (k, (MONTHS[(month - 1 + k) % 12][:3], str(year + (month - 1 + k) // 12)))
            for k in date_ticks(month, len(months), math.ceil(needed / room))
        ]

    def _lines(self) -> None:
        chart = self.chart
        start = [0.0] if chart.starts_at_zero else []
        x = np.arange(len(chart.months) + 1)[1 - len(start) :]
        first = chart.lines[0]
        low, high = np.append(start, first.low), np.append(start, first.high)
        self.plot.fill_between(
            x, low, high, color=style.BAND, linewidth=0, zorder=1, gid="decoration-interval"
        )
        for k, edge in enumerate((low, high)):
            self.plot.plot(
                x, edge, color=style.BAND_EDGE, linewidth=0.6, zorder=2, clip_on=False,
                gid=f"decoration-interval-edge-{k}",
            )  # fmt: skip
        for k in reversed(range(len(chart.lines))):
            y = np.append(start, chart.lines[k].mean)
            self.plot.plot(x, y, clip_on=False, zorder=10 - k, gid=f"line-{k}", **pen(k))

    def _ends(self) -> None:
        f, size, chart = self.frame, self.size, self.chart
        line = LEADING * size.text
        heights = [label.lines * line for label in self.labels]
        wanted = [self._height(float(entry.mean[-1])) for entry in chart.lines]
        lowest = min(f.bottom, f.top - sum(heights) - self._gap * (len(heights) - 1))
        centres = spread(wanted, heights, self._gap, lowest, f.top + 0.6 * line)
        for k, (label, centre) in enumerate(zip(self.labels, centres, strict=True)):
            x = f.bars + SLOT * (sum(other > centre for other in centres) + 0.5)
            self._interval(k, x)
            key = f.labels - self._key_width
            top = centre + heights[k] / 2
            height = top - 0.5 * line
            # Level behind all bars, then slanting: leaders in the order of the labels never cross.
            self.page.plot(
                [x, key - LEADER, key - 3], [wanted[k], wanted[k], height], color=style.GREY,
                linewidth=0.6, zorder=1, gid=f"decoration-leader-{k}",
            )  # fmt: skip
            if self._key_width:
                self.page.plot([key, key + SWATCH], [height, height], gid=f"key-{k}", **pen(k))
            for row, text in enumerate([*label.name, *label.value]):
                self._write(
                    f.labels, top - row * line - 0.86 * line + 0.12 * size.text, text, size.text,
                    bold=row < len(label.name),
                )  # fmt: skip

    def _interval(self, k: int, x: float) -> None:
        entry = self.chart.lines[k]
        low, high, mean = (self._height(float(v[-1])) for v in (entry.low, entry.high, entry.mean))
        colour = style.COLOURS[k]
        self.page.add_patch(
            Rectangle(
                (x - BAR / 2, low),
                BAR,
                high - low,
                color=colour,
                linewidth=0,
                zorder=3,
                gid=f"interval-{k}",
            )
        )
        self.page.plot(
            [x], [mean], marker="o", markersize=6.5, markerfacecolor="white", color=colour,
            markeredgewidth=1.6, zorder=4, gid=f"end-{k}",
        )  # fmt: skip

    def _head(self) -> None:
        size = self.size
        y = self.frame.height - MARGIN
        for text in self.title:
            self._write(MARGIN, y - 0.95 * size.title, text, size.title, bold=True)
            y -= LEADING * size.title
        y -= 5
        for text in self.subtitle:
            self._write(MARGIN, y - 0.95 * size.text, text, size.text)
            y -= LEADING * size.text

    def _foot(self) -> None:
        pitch = LEADING * self.size.notes
        lowest = MARGIN + 0.25 * self.size.notes
        for k, text in enumerate(self.footer):
            y = lowest + (len(self.footer) - 1 - k) * pitch
            self._write(MARGIN, y, text, self.size.notes)

    def _write(
        self, x: float, y: float, text: str, size: float, *, bold: bool = False, align: str = "left"
    ) -> None:
        self.page.text(
            x, y, text, size=size, weight="bold" if bold else "normal", ha=align, va="baseline"
        )  # fmt: skip


def pen(k: int) -> dict[str, Any]:
    """Colour, dashes and width of the line with number ``k``."""
    return {
        "color": style.COLOURS[k],
        "linestyle": style.DASHES[k],
        "linewidth": 2.2 if k == 0 else 2.0,
        "dash_capstyle": "butt",
        "solid_capstyle": "butt",
    }
