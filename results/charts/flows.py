"""Flows: who moved between labour-market states in a year, without the reform and with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray

from results import style
from results.charts.chart import NB, ChartError, Words, month_text
from results.charts.page import Page
from results.differences import MONTE_CARLO_NOTE, paired_difference
from results.numbers import Shown, shown
from results.outcomes import COUNTRIES
from results.style import PAGE, Size
from sim.tables import RunTables

F64 = NDArray[np.float64]

STATES = {
    "in_work": "In work",
    "off_sick": "Off sick",
    "searching": "Searching",
    "other_inactive": "Inactive, other",
    "sick_inactive": "Long-term sick",
}
"""Labour-market states in the order of the chart, as it names them."""
SMALLEST_BAND = 0.004
"""Bands thinner than this share of all moves are left out; the table has them."""


@dataclass(frozen=True)
class Flows:
    """Moves in the last year of a run; arrays are states before x states after, in people."""

    without: F64
    with_reform: F64
    shown: tuple[tuple[Shown | None, ...], ...]
    base: str
    scenario: str
    months: tuple[str, str]
    geography: str
    seeds: int
    run: str

    @property
    def words(self) -> Words:
        """Title, subtitle, notes and source."""
        change = self.with_reform - self.without
        sure = [
            (abs(change[i, j]), i, j)
            for i, row in enumerate(self.shown)
            for j, cell in enumerate(row)
            if cell is not None and cell.measurable
        ]
        title = f"{self.scenario} would change no yearly flow between states measurably"
        ends = "No single flow changes by more than chance."
        if sure:
            _, i, j = max(sure)
            cell = self.shown[i][j]
            assert cell is not None
            names = list(STATES.values())
            way = f"{names[i].lower()} to {names[j].lower()}"
            more = "more" if cell.value > 0 else "fewer"
            title = (
                f"{self.scenario}: about{NB}{cell.size()} {more} moves a year from {way} than "
                f"without it"
            )
            ends = f"The largest change that is not chance is {way}: {cell.text()} moves."
        return Words(
            kind="Two flow charts side by side",
            title=title,
            subtitle=(
                f"Moves between labour-market states, {self.geography}, "
                f"{month_text(self.months[0])}{NB}to{NB}{month_text(self.months[1])}, thousands"
            ),
            notes=(
                "Notes: Bands go from the state before a move (left) to the state after it (right), in "
                "the colour of the state before; people who stay where they are, enter or leave the "
                f"working ages are not drawn, nor bands under {SMALLEST_BAND:.1%} of all moves. One "
                f"person can move several times. Means of {self.seeds} runs. {MONTE_CARLO_NOTE}"
            ),
            ends=ends,
            run=self.run,
        )

    @property
    def table(self) -> pd.DataFrame:
        """A row a pair of states, at full precision."""
        names = list(STATES)
        return pd.DataFrame(
            [
                {
                    "before": names[i],
                    "after": names[j],
                    "without": self.without[i, j],
                    "with": self.with_reform[i, j],
                    "difference": self.with_reform[i, j] - self.without[i, j],
                }
                for i in range(len(names))
                for j in range(len(names))
                if i != j
            ]
        )

    def draw(self, size: Size = PAGE) -> Figure:
        """Draw it at its final width."""
        with style.settings():
            line = 1.2 * size.text
            page = Page(self.words, size, 27 * size.text)
            middle = (page.left + page.right) / 2
            total = max(self.without.sum(), self.with_reform.sum())
            halves = (
                (self.without, self.base, page.left, middle - 8),
                (self.with_reform, self.scenario, middle + 8, page.right),
            )
            for moves, title, left, right in halves:
                for row, text in enumerate(
                    style.wrap(title, right - left, size.text, bold=True)[:2]
                ):
                    page.write(left, page.top - (row + 1) * line, text, bold=True)
                box = (left, page.bottom + 4, right, page.top - 2.6 * line)
                _alluvial(page, moves, total, box, title)
            return page.figure


def _alluvial(
    page: Page, moves: F64, total: float, box: tuple[float, float, float, float], name: str
) -> None:
    left, bottom, right, top = box
    size = max(style.SMALLEST, page.size.text - 1)
    names, gap, node = list(STATES.values()), 2.5 * size, 7.0
    scale = (top - bottom - gap * (len(names) - 1)) / total
    room = max(style.text_width(text, size) for text in names) + 6
    x0, x1 = left + room, right - room
    starts = {
        side: _stack(moves.sum(axis=axis) * scale, top, gap) for side, axis in ((0, 1), (1, 0))
    }
    used = {side: list(places) for side, places in starts.items()}
    for i, before in enumerate(names):
        for j in range(len(names)):
            height = moves[i, j] * scale
            a, b = used[0][i], used[1][j]
            used[0][i] -= height
            used[1][j] -= height
            if moves[i, j] >= SMALLEST_BAND * total:
                _band(
                    page, (x0 + node, a, x1 - node, b), height, i, f"decoration-{name}-{before}-{j}"
                )
    for side, x in ((0, x0), (1, x1 - node)):
        sums = moves.sum(axis=1 - side)
        for k, text in enumerate(names):
            height = max(float(sums[k] * scale), 0.8)
            y = starts[side][k]
            page.bar(x, y - height, node, height, style.COLOURS[k], f"node-{name}-{side}-{k}")
            where, align = (x - 4, "right") if side == 0 else (x + node + 4, "left")
            middle = y - height / 2
            page.write(where, middle + 0.1 * size, text, size=size, align=align)
            page.write(where, middle - 1.0 * size, f"{sums[k] / 1000:,.0f}", size=size, align=align)


def _stack(heights: F64, top: float, gap: float) -> list[float]:
    """Upper edges of boxes under each other."""
    return [top - float(heights[:k].sum()) - k * gap for k in range(len(heights))]


def _band(
    page: Page, ends: tuple[float, float, float, float], height: float, colour: int, name: str
) -> None:
    x0, a, x1, b = ends
    m = (x0 + x1) / 2
    points = [
        (x0, a),
        (m, a),
        (m, b),
        (x1, b),
        (x1, b - height),
        (m, b - height),
        (m, a - height),
        (x0, a - height),
    ]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3]
    patch = PathPatch(
        Path(points, codes), facecolor=style.COLOURS[colour], alpha=0.45, linewidth=0, gid=name
    )
    page.axes.add_patch(patch)


def flows(
    tables: RunTables,
    scale: float,
    base: str,
    scenario: str,
    titles: dict[str, str],
    geography: str,
    run: str,
) -> Flows:
    """Moves of the last twelve months, England where the run has any of it.

    Raises
    ------
    ChartError
        When there were no moves.
    """
    frame = tables.flows
    months = sorted(frame["month"].astype("str").unique())[-12:]
    seeds = sorted(int(s) for s in frame["seed"].unique())
    areas = frame["area"].cat.categories
    england = [area for area in areas if area.startswith(COUNTRIES["england"])]
    keep = frame["month"].isin(months) & frame["area"].isin(england or list(areas))
    keep &= frame["scenario"].isin([base, scenario])
    rows = frame[keep].groupby(
        ["scenario", "seed", "labour_from", "labour_to"], observed=True
    )["people"].sum()  # fmt: skip
    if rows.empty:
        raise ChartError("The run has no moves between states.")
    names = list(STATES)
    grid = pd.MultiIndex.from_product([[base, scenario], seeds, names, names])
    cells = rows.reindex(grid, fill_value=0).to_numpy(float) / scale
    values = cells.reshape(2, len(seeds), len(names), len(names))
    values *= 1 - np.eye(len(names))
    found = paired_difference(values[0].reshape(len(seeds), -1), values[1].reshape(len(seeds), -1))
    numbers = zip(found.mean.tolist(), found.low.tolist(), found.high.tolist(), strict=True)
    cell = [shown(*each) for each in numbers]
    table = tuple(tuple(cell[i * len(names) : (i + 1) * len(names)]) for i in range(len(names)))
    return Flows(
        values[0].mean(axis=0), values[1].mean(axis=0), table, titles[base], titles[scenario],
        (months[0], months[-1]), geography, len(seeds), run,
    )  # fmt: skip
