"""Options of a sweep by what they bring and what they cost, with those that no other beats."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_uppercase
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from results import style
from results.charts.chart import ChartError, Words
from results.charts.money import money, money_axis
from results.charts.page import Page
from results.charts.plot import Plot, room_for, ticks_of
from results.charts.response import Axis
from results.exploration.frontier import frontier
from results.numbers import plain, rounding_step
from results.style import PAGE, Size

MOST_NAMED: Final = 8


@dataclass(frozen=True)
class Frontier:
    """Columns option, gain, gain_low, gain_high, cost, cost_low, cost_high, unbeaten, letter."""

    rows: pd.DataFrame
    gain: Axis
    words: Words

    @property
    def table(self) -> pd.DataFrame:
        """A row an option, at full precision."""
        return self.rows

    def draw(self, size: Size = PAGE) -> Figure:
        """Draw it at its final width."""
        with style.settings():
            return self._drawn(size)

    def _drawn(self, size: Size) -> Figure:
        rows = self.rows
        page = Page(self.words, size, size.plot_height * 1.35)
        divisor, unit = money_axis(rows["cost"].to_numpy(float))
        xs, x_texts = ticks_of(min(0.0, rows["gain"].min()), max(0.0, rows["gain"].max()), most=6)
        ys, y_texts = ticks_of(
            min(0.0, rows["cost"].min()), max(0.0, rows["cost"].max()), 0.0, divisor
        )
        box = (
            page.left + room_for(y_texts, size.text) + 10,
            page.bottom + 3.4 * size.text,
            page.right - 0.6 * room_for(x_texts, size.text) - 12,
            page.top - 1.5 * size.text,
        )
        plot = Plot(page, box, (xs[0], xs[-1]), (ys[0], ys[-1]))
        plot.rows(ys, y_texts)
        plot.columns(xs, x_texts)
        best = rows[rows["unbeaten"]].sort_values("cost")
        rest = rows[~rows["unbeaten"]]
        plot.line(
            rest["gain"], rest["cost"], "beaten", linestyle="none", marker="o", markersize=4.5,
            color=style.GREY, markerfacecolor="white", zorder=3,
        )  # fmt: skip
        plot.line(
            best["gain"], best["cost"], "frontier", color=style.COLOURS[0], linewidth=1.6, zorder=3
        )
        plot.line(
            best["gain"], best["cost"], "unbeaten", linestyle="none", marker="o", markersize=6,
            color=style.COLOURS[0], zorder=4,
        )  # fmt: skip
        for row in best[best["letter"] != ""].to_dict("records"):
            x, y = float(plot.x(row["gain"])), float(plot.y(row["cost"]))
            page.write(x + 6, y - 1.15 * size.text, row["letter"], bold=True, colour=style.TEXT)
        page.write(page.left, page.top - 0.6 * size.text, f"Net cost, {unit}")
        page.write(plot.right, page.bottom + 0.6 * size.text, self.gain.text, align="right")
        return page.figure


def frontier_chart(rows: pd.DataFrame, gain: Axis, pairs: int, run: str) -> Frontier:
    """Make the chart of options.

    Parameters
    ----------
    rows : DataFrame
        Columns option, gain, gain_low, gain_high, cost, cost_low, cost_high; cost in GBP.
    gain : Axis
    pairs : int
        Pairs of runs of each option.
    run : str
        Name of the sweep.

    Raises
    ------
    ChartError
        When there are fewer than two options.
    """
    if len(rows) < 2:
        raise ChartError("A frontier needs at least two options.")
    unbeaten = frontier(rows["cost"].to_numpy(float), rows["gain"].to_numpy(float))
    rows = rows.assign(unbeaten=unbeaten, letter="")
    best = rows[unbeaten].sort_values("cost")
    named = _apart(best)
    rows.loc[named, "letter"] = list(ascii_uppercase[: len(named)])
    keys = "; ".join(f"{rows.loc[k, 'letter']}: {rows.loc[k, 'option']}" for k in named)
    most = best.iloc[-1]
    half = (most["gain_high"] - most["gain_low"]) / 2
    step = float(rounding_step(half)) if np.isfinite(half) else 1.0
    count = int(unbeaten.sum())
    words = Words(
        kind="Scatter plot",
        title=f"{count} of {len(rows)} options {'is' if count == 1 else 'are'} not beaten by another",
        subtitle=f"{gain.label} and net cost to the Exchequer over the whole run, present value, by option",
        notes=(
            f"Notes: Options on the line bring more than any that costs no more. {keys}. Means of {pairs} pairs of "
            "runs; Monte Carlo error is in the data, and an option near the line may belong on it. Below the line "
            "across, the Exchequer saves. Unit values stand at their centre."
        ),
        ends=(
            f"The option on the line that brings most is {most['option']}: {plain(most['gain'], step)} {gain.unit} at "
            f"a net cost of {money(most['cost'])}."
        ),
        run=run,
    )
    return Frontier(rows, gain, words)


def _apart(best: pd.DataFrame) -> list[int]:
    """Rows of the frontier that can carry a letter: the ends first, then those far from the others."""
    place = best[["gain", "cost"]].to_numpy(float)
    span = np.where(np.ptp(place, axis=0) > 0, np.ptp(place, axis=0), 1.0)
    place = place / span
    chosen: list[int] = []
    for k in dict.fromkeys([len(best) - 1, 0, *range(len(best))]):
        near = any(np.abs(place[k] - place[j]).max() < 0.09 for j in chosen)
        if not near and len(chosen) < MOST_NAMED:
            chosen.append(k)
    return [best.index[k] for k in sorted(chosen)]
