"""The conditions under which an option fails: the range of each factor, and the part of it that matters."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from results import style
from results.charts.chart import ChartError, Words
from results.charts.exploring import Axis, SweepChart
from results.charts.page import Page
from results.exploration.boxes import Box
from results.style import Size, wrap


class Conditions(SweepChart):
    """Columns factor, label, low, high (of all cases), from, to (of the box), chance."""

    def _drawn(self, size: Size) -> Figure:
        rows = self.rows.to_dict("records")
        width = (size.width - 14) * 0.4
        labels = [wrap(row["label"], width, size.text) for row in rows]
        line = 1.22 * size.text
        heights = [max(len(text), 2) * line + 1.6 * size.text for text in labels]
        page = Page(self.words, size, sum(heights) + size.text)
        left, right = page.left + width + 12, page.right - 30
        y = page.top - 0.4 * size.text
        for k, (row, text, height) in enumerate(zip(rows, labels, heights, strict=True)):
            middle = y - height / 2
            for n, words in enumerate(text):
                below = (n - (len(text) - 1) / 2) * line
                page.write(page.left, middle - below - 0.35 * size.text, words)
            span = row["high"] - row["low"]
            ends = [
                left + (row[end] - row["low"]) / span * (right - left) for end in ("from", "to")
            ]
            page.line(
                [left, right],
                [middle, middle],
                f"range-{k}",
                color=style.GREY,
                linewidth=1.2,
                zorder=1,
            )
            page.bar(
                ends[0],
                middle - 5,
                max(ends[1] - ends[0], 3),
                10,
                style.COLOURS[0],
                f"box-{k}",
                zorder=2,
            )
            texts = [f"{row['from']:.3g}", f"{row['to']:.3g}"]
            if ends[1] - ends[0] < sum(style.text_width(t, size.text) for t in texts):
                page.write(sum(ends) / 2, middle + 8, f"{texts[0]} to {texts[1]}", align="center")
            else:
                for x, words in zip(ends, texts, strict=True):
                    page.write(x, middle + 8, words, align="center")
            y -= height
        return page.figure


def conditions(
    box: Box, cases: pd.DataFrame, titles: dict[str, Axis], failure: str, failed: float, run: str
) -> Conditions:
    """Make the chart of a box.

    Parameters
    ----------
    box : Box
    cases : DataFrame
        All cases, a column a factor.
    titles : dict of Axis
        Of factors.
    failure : str
        What counts as a failure, in words.
    failed : float
        Share of all cases that are failures.
    run : str
        Name of the sweep.

    Raises
    ------
    ChartError
        When no condition on a number was found.
    """
    rows = []
    for name, limit in box.limits.items():
        if limit.labels is not None:
            continue
        low, high = float(cases[name].min()), float(cases[name].max())
        rows.append(
            {
                "factor": name,
                "label": titles[name].text,
                "low": low,
                "high": high,
                "from": max(low, limit.low),
                "to": min(high, limit.high),
                "chance": box.chance[name],
            }
        )
    if not rows:
        raise ChartError(
            "No condition on a number tells failures apart, so there is nothing to draw."
        )
    others = [
        f"{titles[name].label.lower()} is {' or '.join(map(str, limit.labels))}"
        for name, limit in box.limits.items()
        if limit.labels is not None
    ]
    also = f" It also holds that {' and '.join(others)}." if others else ""
    parts = [f"{r['label']} from {r['from']:.3g} to {r['to']:.3g}" for r in rows]
    words = Words(
        kind="Chart of ranges",
        title=f"{box.density:.0%} of cases fail under these conditions, against {failed:.0%} of all",
        subtitle=f"Failure: {failure}",
        notes=(
            "Notes: Bars are the part of each range that the conditions cover, the lines the whole range tried. They "
            f"cover {box.coverage:.0%} of all failures and {box.mass:.0%} of all {len(cases):,} cases.{also} Found by "
            "patient rule induction; conditions that chance would explain (quasi-p above 0.05) are left out."
        ),
        ends=f"Conditions: {'; '.join(parts)}.",
        run=run,
    )
    return Conditions(pd.DataFrame(rows), words)
