"""Who is where because of the reform: the same people in both scenarios, on the last day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from results import style
from results.charts.chart import NB, ChartError, Words
from results.charts.flows import STATES
from results.charts.page import Page
from results.charts.plot import Plot, room_for, ticks_of
from results.coupling import ORDER
from results.differences import paired_difference
from results.numbers import Shown, shown
from results.style import PAGE, Size
from sim.states import LABELS

F64 = NDArray[np.float64]
SHOWN = 10
"""Bars at most; the table has all moves."""


@dataclass(frozen=True)
class Movers:
    """People by state without the reform and state with it, best state first.

    ``moves`` has the shape (replications, states without, states with), in people of the population.
    """

    moves: F64
    base: str
    scenario: str
    day: str
    geography: str
    run: str

    @property
    def nearer(self) -> F64:
        """People nearer to work with the reform, by replication."""
        return np.tril(self.moves, -1).sum(axis=(1, 2))

    @property
    def further(self) -> F64:
        """People further from work with the reform, by replication."""
        return np.triu(self.moves, 1).sum(axis=(1, 2))

    @property
    def words(self) -> Words:
        """Title, subtitle, notes and source."""
        near, far = people(self.nearer), people(self.further)
        title = (
            f"{self.scenario}: about{NB}{near.size()} people are nearer to work and "
            f"{far.size()} further from it"
        )
        if near.identical and far.identical:
            title = f"{self.scenario} leaves everybody in the same state on the last day"
        return Words(
            kind="Bar chart",
            title=title,
            subtitle=(
                f"The same people in both scenarios on {self.day}, by where they are in "
                f"{self.base} and where with the reform, {self.geography}, people"
            ),
            notes=(
                "Notes: Blue, to the right: nearer to work; orange, to the left: further from it. From "
                "near to far: in work, off sick, searching, inactive for other reasons, long-term sick; "
                f"this says nothing of income. At most {SHOWN} moves are drawn, the largest. In brackets: "
                f"95% intervals of Monte Carlo error from {len(self.moves)} pairs of runs."
            ),
            ends=(
                f"Nearer: {near.text()}; further: {far.text()}. "
                + "".join(f"{text}: {found.text()}. " for text, _, found in self.bars)
            ).strip(),
            run=self.run,
        )

    @property
    def bars(self) -> list[tuple[str, int, Shown]]:
        """The largest moves: in words, 1 (nearer) or -1 (further), and people with their interval."""
        names = [STATES[LABELS["labour"][state]] for state in ORDER]
        found = [
            (
                f"{names[i]} \N{RIGHTWARDS ARROW} {names[j]}",
                1 if j < i else -1,
                people(self.moves[:, i, j]),
            )
            for i in range(len(names))
            for j in range(len(names))
            if i != j and self.moves[:, i, j].any()
        ]
        largest = sorted(found, key=lambda bar: -bar[2].value)[:SHOWN]
        return sorted(largest, key=lambda bar: -bar[1] * bar[2].value)

    @property
    def table(self) -> pd.DataFrame:
        """A row a pair of states, people at full precision."""
        names = [LABELS["labour"][state] for state in ORDER]
        return pd.DataFrame(
            [
                {"without": names[i], "with": names[j], "people": float(self.moves[:, i, j].mean())}
                for i in range(len(names))
                for j in range(len(names))
            ]
        )

    def draw(self, size: Size = PAGE) -> Figure:
        """Draw it at its final width.

        Raises
        ------
        ChartError
            When everybody is in the same state in both.
        """
        bars = self.bars
        if not bars:
            raise ChartError(f"{self.scenario} moves nobody: there is nothing to draw.")
        with style.settings():
            pitch = 1.9 * size.text
            page = Page(self.words, size, len(bars) * pitch + 2.2 * size.text)
            values = [sign * float(found.value) for _, sign, found in bars]
            ticks, texts = ticks_of(min(0.0, *values), max(0.0, *values), 1.0, most=4)
            left = page.left + room_for([text for text, _, _ in bars], size.text) + 14
            room = room_for([found.text() for _, _, found in bars], size.text) + 8
            box = (left, page.bottom + 2.2 * size.text, page.right - room, page.top)
            plot = Plot(page, box, (ticks[0], ticks[-1]), (0, len(bars)))
            plot.columns(ticks, texts)
            for k, ((text, sign, found), value) in enumerate(zip(bars, values, strict=True)):
                y = page.top - (k + 0.5) * pitch
                start, end = float(plot.x(0)), float(plot.x(value))
                page.bar(
                    start, y - 0.55 * size.text, end - start, 1.1 * size.text,
                    style.COLOURS[0 if sign > 0 else 3], f"bar-{k}", zorder=2,
                )  # fmt: skip
                base = y - 0.35 * size.text
                page.write(left - 8, base, text, align="right")
                page.write(max(start, end) + 4, base, found.text())
            return page.figure


def people(counts: F64) -> Shown:
    """A number of people by replication: its mean and interval, as a reader sees them."""
    found = paired_difference(np.zeros_like(counts), counts)
    rounded = shown(float(found.mean), max(float(found.low), 0.0), float(found.high))
    assert rounded is not None
    return rounded
