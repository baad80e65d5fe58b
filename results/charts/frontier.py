"""Options of a sweep by what they bring and what they cost, with those that no other beats."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from string import ascii_uppercase
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from results import style
from results.charts.chart import ChartError, Words
from results.charts.exploring import Axis, SweepChart
from results.charts.money import money, money_axis
from results.charts.page import Page
from results.charts.plot import F64, Plot, room_for, ticks_of
from results.exploration.frontier import frontier
from results.numbers import within_error
from results.style import Size, text_width, wrap

MOST_NAMED: Final = 8
_ANGLES: Final = (-45, 135, -90, 0, 45, 180, -135, 90)
"""Where the letter of a point may stand, the best places first."""
_REACHES: Final = (4.0, 9.0, 15.0, 22.0)
"""Points between a point and its letter, the nearest first."""
ENOUGH: Final = 4.5
"""Points between a letter and what is drawn that are as good as more."""


@dataclass(frozen=True)
class Frontier(SweepChart):
    """Columns option, gain, gain_low, gain_high, cost, cost_low, cost_high, unbeaten, letter."""

    gain: Axis

    def _drawn(self, size: Size) -> Figure:
        rows = self.rows
        page = Page(self.words, size, size.plot_height * 1.35)
        divisor, unit = money_axis(rows["cost"].to_numpy(float))
        xs, x_texts = ticks_of(min(0.0, rows["gain"].min()), max(0.0, rows["gain"].max()), most=6)
        ys, y_texts = ticks_of(
            min(0.0, rows["cost"].min()), max(0.0, rows["cost"].max()), 0.0, divisor
        )
        across = wrap(self.gain.text, page.right - page.left, size.text)
        box = (
            page.left + room_for(y_texts, size.text) + 10,
            page.bottom + 2.4 * size.text + len(across) * page.line_height,
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
        lettered = best[best["letter"] != ""]
        for letter, (x, y) in zip(
            lettered["letter"], _beside(lettered, rows, best, plot), strict=True
        ):
            page.write(x, y, letter, bold=True, colour=style.TEXT, align="center")
        page.write(page.left, page.top - 0.6 * size.text, f"Net cost, {unit}")
        page.write_up(across, plot.right, page.bottom + 0.6 * size.text)
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
    brought = within_error(most["gain"], most["gain_low"], most["gain_high"], gain.step)
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
            f"The option on the line that brings most is {most['option']}: {brought} {gain.unit} at "
            f"a net cost of {money(most['cost'])}."
        ),
        run=run,
    )
    return Frontier(rows, words, gain)


def _beside(
    lettered: pd.DataFrame, rows: pd.DataFrame, best: pd.DataFrame, plot: Plot
) -> list[tuple[float, float]]:
    """Where letters stand: as near to their points as keeps them off points, the line and each other."""
    size = plot.page.size.text
    line = _places(best, plot)
    steps = np.linspace(0, 1, 40)[:, None]
    taken = np.vstack([_places(rows, plot), *(a + steps * (b - a) for a, b in pairwise(line))])
    angles = np.deg2rad(_ANGLES)
    around = np.column_stack([np.cos(angles), np.sin(angles)])
    found = []
    for letter, place in zip(lettered["letter"], _places(lettered, plot), strict=True):
        half = np.array([text_width(letter, size, True) / 2, 0.4 * size])
        tries = np.vstack([place + (reach + half) * around for reach in _REACHES])
        gaps = np.maximum(np.abs(taken - tries[:, None]) - half, 0)
        room = np.minimum(np.hypot(gaps[..., 0], gaps[..., 1]).min(axis=1), ENOUGH)
        inside = (tries[:, 0] < plot.page.right - half[0]) & (tries[:, 0] > plot.left + half[0])
        x, y = tries[np.argmax(np.where(inside, room, -1.0))]
        taken = np.vstack([taken, (x, y), (x - half[0], y), (x + half[0], y)])
        found.append((float(x), float(y - 0.36 * size)))
    return found


def _places(rows: pd.DataFrame, plot: Plot) -> F64:
    """Points of options on the page."""
    return np.column_stack([plot.x(rows["gain"]), plot.y(rows["cost"])])


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
