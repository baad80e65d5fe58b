"""Acceptability curves: how probable it is that an option is the best, by what a year in work is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from results import style
from results.charts.chart import ChartError, Words
from results.charts.lines import pen
from results.charts.money import money
from results.charts.page import Page
from results.charts.plot import Plot, room_for, ticks_of
from results.placing import spread
from results.style import PAGE, Size

F64 = NDArray[np.float64]
MOST_LINES = 6


@dataclass(frozen=True)
class Acceptability:
    """Probability that each option has the highest net benefit, by threshold (GBP a person-year)."""

    thresholds: F64
    options: tuple[tuple[str, F64], ...]
    run: str

    @property
    def words(self) -> Words:
        """Title, subtitle, notes and source."""
        last = float(self.thresholds[-1])
        name, best = max(self.options, key=lambda option: option[1][-1])
        return Words(
            kind="Line chart",
            title=(
                f"At {money(last)} for a year in work, {name} is the best option "
                f"in {best[-1]:.0%} of draws"
            ),
            subtitle=(
                "Share of draws in which an option has the highest net benefit, by the value of an "
                "additional person-year in work (£)"
            ),
            notes=(
                "Notes: An option is best in a draw when no other one has a higher net benefit at that "
                "value. The shares add up to 100% and hold parameter uncertainty only. Lines end at the "
                "largest value; their shares there are printed."
            ),
            ends="; ".join(f"{title}: {p[-1]:.0%}" for title, p in self.options) + ".",
            run=self.run,
        )

    @property
    def table(self) -> pd.DataFrame:
        """A row an option and threshold."""
        return pd.concat(
            [
                pd.DataFrame({"option": name, "threshold": self.thresholds, "probability": p})
                for name, p in self.options
            ],
            ignore_index=True,
        )

    def draw(self, size: Size = PAGE) -> Figure:
        """Draw it at its final width."""
        with style.settings():
            line = 1.22 * size.text
            room = 0.3 * size.width
            labels = [
                [*style.wrap(name, room, size.text, bold=True), f"{p[-1]:.0%}"]
                for name, p in self.options
            ]
            heights = [len(rows) * line for rows in labels]
            page = Page(
                self.words, size, max(size.plot_height, sum(heights) + 60) + 2.4 * size.text
            )
            xs, texts = ticks_of(float(self.thresholds[0]), float(self.thresholds[-1]), most=5)
            percent = [f"{k}%" for k in range(0, 101, 20)]
            left = page.left + room_for(percent, size.text) + 8
            right = (
                page.right
                - room_for([t for rows in labels for t in rows], size.text, bold=True)
                - 46
            )
            plot = Plot(
                page,
                (left, page.bottom + 2.4 * size.text, right, page.top - 4),
                (xs[0], xs[-1]),
                (0, 1),
            )
            plot.rows([k / 5 for k in range(6)], percent)
            plot.columns(xs, [f"£{text}" for text in texts])
            end = float(plot.x(self.thresholds[-1]))
            wanted = [float(plot.y(p[-1])) for _, p in self.options]
            centres = spread(wanted, heights, 0.35 * size.text, plot.bottom, page.top)
            for k, ((_, p), rows) in enumerate(zip(self.options, labels, strict=True)):
                plot.line(self.thresholds, p, f"line-{k}", **pen(k), zorder=10 - k)
                top = centres[k] + heights[k] / 2
                page.line(
                    [end + 2, right + 14],
                    [wanted[k], top - 0.5 * line],
                    f"decoration-leader-{k}",
                    color=style.GREY,
                )
                page.line([right + 16, right + 36], [top - 0.5 * line] * 2, f"key-{k}", **pen(k))
                for row, text in enumerate(rows):
                    page.write(
                        right + 42, top - row * line - 0.8 * line, text, bold=row < len(rows) - 1
                    )
            return page.figure


def acceptability(frame: pd.DataFrame, titles: Mapping[str, str], run: str) -> Acceptability:
    """Make the curves from tidy rows.

    Parameters
    ----------
    frame : DataFrame
        Columns scenario, threshold and probability.
    titles : mapping of str to str
        Titles of options by name; the six that are most probable anywhere are drawn.
    run : str

    Raises
    ------
    ChartError
        When there are no rows.
    """
    if frame.empty:
        raise ChartError("There are no draws to make acceptability curves from.")
    wide = frame.pivot(index="threshold", columns="scenario", values="probability").sort_index()
    names = sorted(wide.columns, key=lambda name: -float(wide[name].max()))[:MOST_LINES]
    options = tuple((titles.get(name, name), wide[name].to_numpy(float)) for name in names)
    return Acceptability(wide.index.to_numpy(float), options, run)
