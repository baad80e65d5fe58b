"""The cost-effectiveness plane: every draw of the uncertain values as a point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from numpy.typing import NDArray

from results import style
from results.charts.chart import NB, ChartError, Words
from results.charts.money import money, money_axis
from results.charts.page import Page
from results.charts.plot import Plot, room_for, ticks_of
from results.numbers import plain
from results.style import PAGE, Size

F64 = NDArray[np.float64]

MOST_POINTS = 500
"""Points that are drawn, the first of the draws; more would hide each other."""


@dataclass(frozen=True)
class Plane:
    """Additional person-years in work and net cost to the Exchequer, a point a draw."""

    person_years: F64
    cost: F64
    scenario: str
    run: str

    @property
    def shares(self) -> tuple[float, float]:
        """Shares of draws with more work, and with more work at a saving to the Exchequer."""
        more = self.person_years > 0
        return float(more.mean()), float((more & (self.cost < 0)).mean())

    @property
    def words(self) -> Words:
        """Title, subtitle, notes and source."""
        more, both = self.shares
        effect, cost = float(self.person_years.mean()), float(self.cost.mean())
        return Words(
            kind="Scatter plot",
            title=f"{self.scenario}: more work and a saving to the Exchequer in {both:.0%} of draws",
            subtitle=(
                f"Additional person-years in work, net of displacement, and net cost to the "
                f"Exchequer, present value; {len(self.cost):,}{NB}draws of the uncertain values"
            ),
            notes=(
                f"Notes: Each point is one draw of unit values and effects ({min(len(self.cost), MOST_POINTS)} are "
                f"drawn). There is more work in {more:.0%} of "
                "draws. Below the line across, the Exchequer saves; right of the line up, more people work. "
                f"The cross is the mean: {plain(effect, 100)} person-years and a net cost of {money(cost)}. "
                "Points hold parameter uncertainty; Monte Carlo error comes on top."
            ),
            ends=f"The mean is {plain(effect, 100)} person-years at a net cost of {money(cost)}.",
            run=self.run,
        )

    @property
    def table(self) -> pd.DataFrame:
        """A row a draw, at full precision."""
        return pd.DataFrame({"person_years": self.person_years, "exchequer_cost": self.cost})

    def draw(self, size: Size = PAGE) -> Figure:
        """Draw it at its final width."""
        with style.settings():
            page = Page(self.words, size, size.plot_height * 1.35)
            divisor, unit = money_axis(self.cost)
            xs, x_texts = ticks_of(
                min(0.0, self.person_years.min()), max(0.0, self.person_years.max()), most=6
            )
            ys, y_texts = ticks_of(
                min(0.0, self.cost.min()), max(0.0, self.cost.max()), 0.0, divisor
            )
            left = page.left + room_for(y_texts, size.text) + 10
            box = (
                left,
                page.bottom + 3.4 * size.text,
                page.right - 0.6 * room_for(x_texts, size.text),
                page.top - 1.5 * size.text,
            )
            plot = Plot(page, box, (xs[0], xs[-1]), (ys[0], ys[-1]))
            plot.rows(ys, y_texts)
            plot.columns(xs, x_texts)
            some = slice(MOST_POINTS)
            sns.scatterplot(
                x=plot.x(self.person_years[some]), y=plot.y(self.cost[some]), ax=page.axes,
                s=9, alpha=0.5, color=style.COLOURS[0], linewidth=0, zorder=3, legend=False,
            )  # fmt: skip
            # seaborn scales and labels the axes, which stand for the page here.
            page.axes.set(
                xticks=[], yticks=[], xlabel="", ylabel="",
                xlim=(0, size.width), ylim=(0, page.height),
            )  # fmt: skip
            x, y = float(plot.x(self.person_years.mean())), float(plot.y(self.cost.mean()))
            for dx, dy, name in ((7, 0, "across"), (0, 7, "up")):
                page.line(
                    [x - dx, x + dx],
                    [y - dy, y + dy],
                    f"mean-{name}",
                    color=style.TEXT,
                    linewidth=2.4,
                    zorder=5,
                )
            page.write(page.left, page.top - 0.6 * size.text, f"Net cost, {unit}")
            across = "Additional person-years in work"
            page.write(plot.right, page.bottom + 0.6 * size.text, across, align="right")
            return page.figure


def plane(draws: pd.DataFrame, scenario: str, title: str, run: str) -> Plane:
    """Make the plane of one scenario.

    Parameters
    ----------
    draws : DataFrame
        Columns scenario, draw (0 is the centre, which is left out), person_years, exchequer_cost.
    scenario, title, run : str

    Raises
    ------
    ChartError
        When there are no draws.
    """
    mine = draws[(draws["scenario"] == scenario) & (draws["draw"] > 0)]
    if mine.empty:
        raise ChartError(f"There are no draws for {title}.")
    return Plane(
        mine["person_years"].to_numpy(float), mine["exchequer_cost"].to_numpy(float), title, run
    )
