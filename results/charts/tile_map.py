"""A tile map of the boards: a square each, with the difference in people and as a rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray

from results import style
from results.breakdown import Breakdown
from results.charts.chart import NB, ChartError, Words, month_text, quoted
from results.charts.page import Page
from results.differences import MONTE_CARLO_NOTE
from results.numbers import MINUS, plain
from results.outcomes import OUTCOMES
from results.places import area_names, tiles
from results.style import PAGE, Size

F64 = NDArray[np.float64]

PER = 10_000
"""A rate is of so many people of working age."""
STEP, RATE_STEP = 10.0, 0.1
LOW, MIDDLE, HIGH = "#F9A87C", "#F3F2F1", "#7FA6CC"
"""Fewer, no difference, more: black text reads on all of them, and signs are printed."""


@dataclass(frozen=True)
class TileMap:
    """Differences at the end of a run by board, in people and per 10,000 people of working age."""

    outcome: str
    scenario: str
    base: str
    month: str
    codes: tuple[str, ...]
    difference: F64
    low: F64
    high: F64
    people: F64
    pairs: int
    run: str

    @property
    def rate(self) -> F64:
        """Difference per 10,000 people of working age."""
        return PER * self.difference / self.people

    @property
    def words(self) -> Words:
        """Title, subtitle, notes and source."""
        rate, most = self.rate, int(np.argmax(np.abs(self.rate)))
        names = [area_names()[code] for code in self.codes]
        return Words(
            kind="Tile map",
            title=beyond_chance(self.scenario, self.outcome, self.low, self.high),
            subtitle=(
                f"{OUTCOMES[self.outcome].label}: difference from {self.base} at the end of "
                f"{month_text(self.month)}, people and (in brackets) per {PER:,}{NB}people of "
                "working age, integrated care boards of England"
            ),
            notes=(
                "Notes: Each square is a board, placed near its neighbours whatever its size. Blue: "
                "more; orange: fewer; the stronger, the larger the rate. Means of "
                f"{self.pairs} pairs of runs, rounded to {STEP:.0f} people. Numbers of single boards are "
                f"uncertain: bold where the 95% interval leaves out zero. {MONTE_CARLO_NOTE}"
            ),
            ends=(
                "Squares stand for boards and are shaded by the rate. The largest rate is "
                f"{plain(rate[most], RATE_STEP)} per {PER:,} in {names[most]}."
            ),
            run=self.run,
        )

    @property
    def table(self) -> pd.DataFrame:
        """A row a board, at full precision."""
        return pd.DataFrame(
            {
                "area": self.codes,
                "name": [area_names()[code] for code in self.codes],
                "outcome": self.outcome,
                "month": self.month,
                "difference": self.difference,
                "low": self.low,
                "high": self.high,
                "people": self.people,
                "rate": self.rate,
            }
        )

    def draw(self, size: Size = PAGE) -> Figure:
        """Draw it at its final width."""
        with style.settings():
            grid = [tiles()[code] for code in self.codes]
            rows = max(tile.row for tile in grid) + 1
            across = max(tile.column for tile in tiles().values()) + 1
            height = 3.9 * size.text
            page = Page(self.words, size, rows * height)
            width = (page.right - page.left) / across
            largest = float(np.abs(self.rate).max()) or 1.0
            for k, tile in enumerate(grid):
                x = page.left + tile.column * width
                y = page.top - (tile.row + 1) * height
                bold = bool(self.low[k] > 0 or self.high[k] < 0)
                page.bar(
                    x + 1, y + 1, width - 2, height - 2,
                    shade(float(self.rate[k]) / largest), f"tile-{tile.code}",
                    linewidth=0.6, edgecolor=style.GREY,
                )  # fmt: skip
                texts = (
                    tile.label,
                    signed(self.difference[k], STEP),
                    f"({signed(self.rate[k], RATE_STEP)})",
                )
                for line, text in enumerate(texts):
                    page.write(
                        x + width / 2, y + height - (line + 1) * 1.16 * style.SMALLEST * size.text / 11,
                        text, align="center", bold=bold and line > 0, size=self._letters(size),
                    )  # fmt: skip
            return page.figure

    def _letters(self, size: Size) -> float:
        return max(style.SMALLEST, size.text - 1)


def beyond_chance(scenario: str, outcome: str, low: F64, high: F64) -> str:
    """In how many areas the difference is more than chance, as a headline."""
    phrase, number = OUTCOMES[outcome].phrase, len(low)
    up, down = int((low > 0).sum()), int((high < 0).sum())
    if not up and not down:
        return f"{scenario}: in no single area is the difference in {phrase} more than chance"
    if up and down:
        return f"{scenario} would raise {phrase} beyond chance in {up} and lower it in {down} of {number} areas"
    verb, count = ("raise", up) if up else ("lower", down)
    return f"{scenario} would {verb} {phrase} beyond chance in {count} of {number} areas"


def shade(share: float) -> str:
    """Colour of a difference that is ``share`` (-1 to 1) of the largest."""
    end = np.array(to_rgb(HIGH if share > 0 else LOW))
    middle = np.array(to_rgb(MIDDLE))
    return to_hex(tuple(middle + (end - middle) * min(abs(share), 1.0)))


def signed(value: float, step: float) -> str:
    """A rounded number with its sign, and 0 without one."""
    text = plain(value, step)
    if not text.strip(f"0.{MINUS}"):
        return text.strip(MINUS)
    return text if text.startswith(MINUS) else f"+{text}"


def tile_map(
    run: Breakdown,
    outcome: str,
    base: str,
    scenario: str,
    titles: dict[str, str],
    run_name: str,
) -> TileMap:
    """Make the map of one scenario from a breakdown by area.

    Raises
    ------
    ChartError
        When areas were not told apart, or the outcome is not a number of people at a moment.
    """
    if OUTCOMES[outcome].kind != "stock":
        raise ChartError(f"A map shows people at a moment, and {quoted(outcome)} is none.")
    (codes,) = run.labels
    if len(codes) < 2 or any(code not in tiles() for code in codes):
        raise ChartError(
            "The run does not tell areas apart. Run it again with --detail area to draw a map."
        )
    found = run.difference(outcome, base, scenario)
    people = run.people(base)[:, -1]
    return TileMap(
        outcome, titles[scenario], titles[base], run.months[-1], tuple(codes),
        found.mean[:, -1], found.low[:, -1], found.high[:, -1], people, found.pairs, run_name,
    )  # fmt: skip
