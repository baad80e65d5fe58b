"""A tornado: how far a result moves when one value at a time goes to the ends of its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from results import style
from results.charts.chart import ChartError, Words
from results.charts.money import money, money_axis
from results.charts.page import Page
from results.charts.plot import Plot, room_for, ticks_of
from results.style import PAGE, Size

MOST_BARS = 8


@dataclass(frozen=True)
class Tornado:
    """One-way sensitivity of an amount of money.

    ``rows`` has the columns label, unit, at_low, at_high, result_at_low and result_at_high; ``centre``
    is the result with all values at their centre, ``result`` what it is called.
    """

    rows: pd.DataFrame
    centre: float
    result: str
    scenario: str
    run: str

    @property
    def bars(self) -> pd.DataFrame:
        """The rows that move the result most, the largest first."""
        width = (self.rows["result_at_high"] - self.rows["result_at_low"]).abs()
        order = width.sort_values(ascending=False, kind="stable").index[:MOST_BARS]
        return (
            self.rows.loc[order]
            .assign(width=width[order])
            .query("width > 0")
            .reset_index(drop=True)
        )

    @property
    def words(self) -> Words:
        """Title, subtitle, notes and source."""
        bars = self.bars
        first = bars.iloc[0]
        ends = first[["result_at_low", "result_at_high"]].to_numpy(float)
        share = float((bars["width"][:3] ** 2).sum() / (bars["width"] ** 2).sum())
        three = min(3, len(bars))
        flips = int(((bars["result_at_low"] > 0) != (bars["result_at_high"] > 0)).sum())
        turns = (
            f"{flips} of {len(bars)} values can change its sign"
            if flips
            else "no single value changes its sign"
        )
        return Words(
            kind="Tornado chart",
            title=f"{self.result} depends most on: {first['label'].rstrip('.')}; {turns}",
            subtitle=(
                f"{self.result} of {self.scenario} when one value at a time moves to the ends of its "
                f"plausible interval (central: {money(self.centre)})"
            ),
            notes=(
                "Notes: Texts at the ends of bars are the values assumed there; orange at the lower end of a "
                f"value, blue at the upper end; the black line is the "
                f"central result. The first {three} bars hold {share:.0%} of the sum of squared "
                "lengths. Values move one at a time: effects of several together are not shown."
            ),
            ends=f"The longest bar goes from {money(min(ends))} to {money(max(ends))}.",
            run=self.run,
        )

    @property
    def table(self) -> pd.DataFrame:
        """All values, also those without a bar, at full precision."""
        return self.rows

    def draw(self, size: Size = PAGE) -> Figure:
        """Draw it at its final width."""
        bars = self.bars
        with style.settings():
            room = 0.36 * size.width
            labels = [
                _short(style.wrap(text.rstrip("."), room, size.text)) for text in bars["label"]
            ]
            heights = [
                max(1.9 * size.text, (len(rows) + 0.5) * 1.15 * size.text) for rows in labels
            ]
            page = Page(self.words, size, sum(heights) + 3.4 * size.text)
            results = bars[["result_at_low", "result_at_high"]].to_numpy(float)
            divisor, unit = money_axis(np.append(results, self.centre))
            ticks, texts = ticks_of(
                min(results.min(), self.centre),
                max(results.max(), self.centre),
                0.0,
                divisor,
                most=6,
            )
            ends = [_ends(row) for row in bars.to_dict("records")]
            beside = room_for([text for pair in ends for text in pair], size.text) + 8
            left = page.left + room_for([t for rows in labels for t in rows], size.text) + 10
            bottom = page.bottom + 3.4 * size.text
            plot = Plot(
                page,
                (left + beside, bottom, page.right - beside, page.top),
                (ticks[0], ticks[-1]),
                (0, 1),
            )
            plot.columns(ticks, texts)
            middle = float(plot.x(self.centre))
            page.write((plot.left + plot.right) / 2, bottom - 2.5 * size.text, unit, align="center")
            top = page.top
            for k, (row, rows, height) in enumerate(zip(results, labels, heights, strict=True)):
                y = top - height / 2
                low, high = (float(plot.x(v)) for v in row)
                page.bar(
                    middle,
                    y - 0.5 * size.text,
                    low - middle,
                    size.text,
                    style.COLOURS[3],
                    f"low-{k}",
                    zorder=2,
                )
                page.bar(
                    middle,
                    y - 0.5 * size.text,
                    high - middle,
                    size.text,
                    style.COLOURS[0],
                    f"high-{k}",
                    zorder=2,
                )
                self._labels(
                    page, ends[k], (min(low, high, middle), max(low, high, middle)), low <= high, y
                )
                for n, text in enumerate(rows):
                    base = y + (len(rows) / 2 - n - 0.8) * 1.15 * size.text
                    page.write(left - 8, base, text, align="right")
                top -= height
            page.line(
                [middle, middle],
                [bottom, page.top],
                "decoration-centre",
                color=style.TEXT,
                linewidth=1.2,
                zorder=3,
            )
            return page.figure

    def _labels(
        self, page: Page, ends: tuple[str, str], span: tuple[float, float], upwards: bool, y: float
    ) -> None:
        base = y - 0.35 * page.size.text
        first, last = ends if upwards else ends[::-1]
        page.write(span[0] - 4, base, first, align="right")
        page.write(span[1] + 4, base, last)


def _short(lines: list[str]) -> list[str]:
    """At most three lines; the table has the whole text."""
    return lines if len(lines) <= 3 else [*lines[:2], f"{lines[2]} \N{HORIZONTAL ELLIPSIS}"]


def _ends(row: dict[str, object]) -> tuple[str, str]:
    def text(value: object) -> str:
        return f"{float(str(value)):,.4g}"

    return text(row["at_low"]), text(row["at_high"])


def tornado(rows: pd.DataFrame, centre: float, result: str, scenario: str, run: str) -> Tornado:
    """Make a tornado from tidy rows.

    Parameters
    ----------
    rows : DataFrame
        Columns label, unit, at_low, at_high, result_at_low, result_at_high (GBP).
    centre : float
        The result with all values at their centre.
    result, scenario, run : str
        What the result is called; title of the scenario; identifier of the run.

    Raises
    ------
    ChartError
        When no value moves the result.
    """
    known = rows.dropna(subset=["result_at_low", "result_at_high"]).reset_index(drop=True)
    if not (known["result_at_low"] != known["result_at_high"]).any():
        raise ChartError(f"No single value moves {result}: there is nothing to draw.")
    return Tornado(known, centre, result, scenario, run)
