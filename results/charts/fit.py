"""How near the baseline comes to published statistics: simulated over observed, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from results import style
from results.charts.chart import ChartError, Words
from results.charts.page import Page
from results.charts.plot import Plot, room_for
from results.style import PAGE, Size

TOLERANCE = 0.10
LEAST, MOST = 0.5, 2.0
"""Ratios that the chart has room for; those beyond are drawn at its edge with an arrow."""


@dataclass(frozen=True)
class Fit:
    """Published statistics and what was simulated, a row each.

    ``rows`` has the columns label, value, low and high (published, with its range), simulated and
    standard_error (Monte Carlo).
    """

    rows: pd.DataFrame
    run: str
    basis: str = "published statistics named in the table"

    @property
    def ratio(self) -> pd.DataFrame:
        """Simulated over published, the interval of chance, and the published range, as ratios."""
        rows = self.rows
        half = 1.96 * rows["standard_error"].fillna(0)
        return pd.DataFrame(
            {
                "middle": rows["simulated"] / rows["value"],
                "low": (rows["simulated"] - half) / rows["value"],
                "high": (rows["simulated"] + half) / rows["value"],
                "from": rows["low"] / rows["value"],
                "to": rows["high"] / rows["value"],
            }
        )

    @property
    def words(self) -> Words:
        """Title, subtitle, notes and source."""
        ratio = self.ratio["middle"]
        near, number = int((abs(ratio - 1) <= TOLERANCE).sum()), len(ratio)
        worst = int(np.argmax(np.abs(np.log(ratio.clip(lower=1e-9)))))
        return Words(
            kind="Dot plot",
            title=f"The baseline is within {TOLERANCE:.0%} of {near} of {number} published statistics",
            subtitle="Simulated over published value (1: equal), England, with 95% intervals of chance",
            notes=(
                f"Notes: Dots are simulated over published values; bars through them are Monte Carlo error. Grey: "
                f"the published range. Shaded: within {TOLERANCE:.0%}. Arrows: beyond the chart, the ratio "
                "printed. Some statistics were looked at while parameters were set, so this is not a validation."
            ),
            ends=f"The furthest is {self.rows['label'].iloc[worst]}: {ratio.iloc[worst]:.2f}.",
            run=self.run,
            basis=self.basis,
        )

    @property
    def table(self) -> pd.DataFrame:
        """What is drawn, at full precision."""
        return self.rows.assign(ratio=self.ratio["middle"])

    def draw(self, size: Size = PAGE) -> Figure:
        """Draw it at its final width."""
        with style.settings():
            letters = max(style.SMALLEST, size.text - 1)
            pitch = 1.55 * letters
            page = Page(self.words, size, len(self.rows) * pitch + 2.6 * size.text)
            labels = [
                style.wrap(text, 0.52 * size.width, letters)[0] for text in self.rows["label"]
            ]
            values = [f"{r:.2f}" for r in self.ratio["middle"]]
            left = page.left + room_for(labels, letters) + 10
            right = page.right - room_for(values, letters) - 10
            box = (left, page.bottom + 2.2 * size.text, right, page.top)
            plot = Plot(page, box, (np.log(LEAST), np.log(MOST)), (0, 1))
            page.band(
                plot.x(np.log([1 - TOLERANCE, 1 + TOLERANCE])),
                [plot.bottom] * 2,
                [plot.top] * 2,
                "tolerance",
            )
            ticks = [0.5, 0.67, 1.0, 1.5, 2.0]
            plot.columns(np.log(ticks).tolist(), [f"{tick:g}" for tick in ticks])
            for k, row in enumerate(self.ratio.to_dict("records")):
                y = page.top - (k + 0.5) * pitch
                page.write(left - 8, y - 0.35 * letters, labels[k], size=letters, align="right")
                page.write(page.right, y - 0.35 * letters, values[k], size=letters, align="right")
                self._mark(plot, row, y, k)
            return page.figure

    def _mark(self, plot: Plot, row: dict[str, float], y: float, k: int) -> None:
        def place(value: float) -> float:
            return float(plot.x(np.log(np.clip(value, LEAST, MOST))))

        if np.isfinite(row["from"]) and np.isfinite(row["to"]):
            ends = [place(row["from"]), place(row["to"])]
            plot.page.line(
                ends, [y, y], f"decoration-range-{k}", color="#B1B4B6", linewidth=5, zorder=2
            )
        ends = [place(row["low"]), place(row["high"])]
        plot.page.line(
            ends, [y, y], f"interval-{k}", color=style.COLOURS[0], linewidth=1.6, zorder=3
        )
        outside = not LEAST <= row["middle"] <= MOST
        marker = "o" if not outside else ("<" if row["middle"] < LEAST else ">")
        plot.page.line(
            [place(row["middle"])],
            [y],
            f"dot-{k}",
            color=style.COLOURS[0],
            marker=marker,
            markersize=5,
            zorder=4,
        )


def fit(rows: pd.DataFrame, run: str) -> Fit:
    """Make the chart from rows of a comparison with published statistics.

    Parameters
    ----------
    rows : DataFrame
        Columns label, value, low, high, simulated and standard_error; rows without a simulated or
        with a published value of nought are left out.
    run : str

    Raises
    ------
    ChartError
        When no row is left.
    """
    known = rows[rows["simulated"].notna() & (rows["value"] > 0) & (rows["simulated"] > 0)]
    if known.empty:
        raise ChartError("No published statistic can be set beside this run.")
    return Fit(known.reset_index(drop=True), run)
