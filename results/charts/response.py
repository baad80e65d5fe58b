"""How an outcome responds to one factor of a sweep, a line for each value of another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from results import style
from results.charts.chart import ChartError, Words
from results.charts.exploring import Axis, SweepChart
from results.charts.page import Page
from results.charts.plot import Plot, room_for, ticks_of
from results.numbers import within_error
from results.placing import spread
from results.style import Size, wrap

MOST_LINES: Final = 6
BESIDE: Final = 0.4
"""Share of the width that names of lines may take beside the plot; longer ones stand above it."""
FEW: Final = 12
"""A factor with more values is shown by the means over parts of its range."""
MARKS: Final = ("o", "s", "^", "D", "v", "P")


@dataclass(frozen=True)
class Response(SweepChart):
    """Lines of means with intervals: columns x, line, value, low, high."""

    across: Axis
    lines: str

    def _drawn(self, size: Size) -> Figure:
        rows = self.rows
        names = list(dict.fromkeys(rows["line"]))
        labels = [name for name in names if name]
        beside = room_for(labels, size.text) < BESIDE * size.width
        above = [] if beside else [wrap(name, 0.9 * size.width, size.text) for name in labels]
        key = 1.3 * size.text * (sum(map(len, above)) + 0.6) if above else 0.0
        page = Page(self.words, size, size.plot_height * 1.2 + key)
        ends = rows[["value", "low", "high"]].to_numpy(float)
        ys, y_texts = ticks_of(min(0.0, np.nanmin(ends)), max(0.0, np.nanmax(ends)))
        xs, x_texts = ticks_of(rows["x"].min(), rows["x"].max(), most=6)
        at_right = room_for(labels, size.text) + 18 if labels and beside else 0.0
        right = page.right - max(at_right, 0.6 * room_for(x_texts[-1:], size.text), 8.0)
        left = page.left + room_for(y_texts, size.text) + 10
        top = page.top - (1.3 * size.text if self.lines else 0) - key
        across = wrap(self.across.text, page.right - page.left, size.text)
        bottom = page.bottom + 2.4 * size.text + len(across) * page.line_height
        box = (left, bottom, right, top)
        plot = Plot(page, box, (xs[0], xs[-1]), (ys[0], ys[-1]))
        plot.rows(ys, y_texts)
        plot.columns(xs, x_texts)
        last = {}
        for k, name in enumerate(names):
            mine = rows[rows["line"] == name].sort_values("x")
            pen = {"color": style.COLOURS[k], "linewidth": 1.8, "zorder": 4}
            plot.line(mine["x"], mine["value"], f"line-{k}", linestyle=style.DASHES[k], **pen)
            plot.line(
                mine["x"],
                mine["value"],
                f"marks-{k}",
                linestyle="none",
                marker=MARKS[k],
                markersize=5,
                **pen,
            )
            for n, row in enumerate(mine.dropna(subset=["low", "high"]).to_dict("records")):
                plot.line(
                    [row["x"]] * 2, [row["low"], row["high"]], f"interval-{k}-{n}",
                    color=style.COLOURS[k], linewidth=1.0, zorder=3,
                )  # fmt: skip
            last[name] = float(plot.y(mine["value"].iloc[-1]))
        if labels and beside:
            height = 1.1 * size.text
            wanted = [last[name] for name in labels]
            places = spread(wanted, [height] * len(labels), 1, plot.bottom, plot.top)
            for name, y in zip(labels, places, strict=True):
                _key(page, names.index(name), right + 8, y, [name])
            page.write(page.right, page.top - 0.4 * size.text, self.lines, align="right")
        elif labels:
            page.write(page.left, page.top - 0.4 * size.text, self.lines)
            y = page.top - 1.4 * size.text
            for number, text in enumerate(above):
                _key(page, number, page.left + 5, y, text)
                y -= 1.3 * size.text * len(text)
        # At the right of the plot, or of the page where it is longer than the plot is wide.
        wide = room_for(across, size.text) > plot.right - page.left
        page.write_up(across, page.right if wide else plot.right, page.bottom + 0.6 * size.text)
        return page.figure


def _key(page: Page, number: int, x: float, y: float, text: Sequence[str]) -> None:
    """The marker of a line and what it stands for, in one or more lines of text."""
    page.line(
        [x], [y], f"key-{number}", linestyle="none", marker=MARKS[number], markersize=5,
        color=style.COLOURS[number],
    )  # fmt: skip
    for k, words in enumerate(text):
        page.write(x + 7, y - (0.35 + 1.3 * k) * page.size.text, words)


def response(
    values: pd.DataFrame,
    across: str,
    lines: str | None,
    titles: dict[str, Axis],
    measure: Axis,
    pairs: int,
    run: str,
) -> Response:
    """Make the chart of a measure against one factor.

    Parameters
    ----------
    values : DataFrame
        A row a point: factors, difference, low, high.
    across : str
        The factor along the chart, of numbers.
    lines : str or None
        The factor with a line for each value.
    titles : dict of Axis
        Of factors.
    measure : Axis
    pairs : int
        Pairs of runs at each point.
    run : str
        Name of the sweep.

    Raises
    ------
    ChartError
        When the factor along the chart has no numbers, or the other has too many values.
    """
    if not pd.api.types.is_numeric_dtype(values[across]):
        raise ChartError(
            f"{titles[across].label} has no numbers to draw along a chart; choose another factor."
        )
    if lines and values[lines].nunique() > MOST_LINES:
        count = values[lines].nunique()
        raise ChartError(
            f"{titles[lines].label} has {count} values; at most {MOST_LINES} lines are drawn."
        )
    keys = values[lines].map(_text) if lines else pd.Series("", index=values.index)
    frame = pd.DataFrame({"x": values[across], "line": keys, "value": values["difference"]})
    frame["low"], frame["high"] = values["low"], values["high"]
    one_each = frame["x"].nunique() <= FEW and not frame.duplicated(["x", "line"]).any()
    rows = frame if one_each else _means(frame)
    rows = rows.sort_values(["line", "x"], kind="stable", ignore_index=True)
    order = list(dict.fromkeys(keys))
    rows = rows.iloc[np.argsort([order.index(k) for k in rows["line"]], kind="stable")]
    most = rows.loc[rows["value"].abs().idxmax()]
    largest = within_error(most["value"], most["low"], most["high"], measure.step)
    where = f"{titles[across].label.lower()} at {most['x']:.4g}"
    where += f" and {titles[lines].label.lower()} at {most['line']}" if lines else ""
    how = (
        f"Lines up and down are 95% intervals of Monte Carlo error from {pairs} pairs of runs."
        if one_each
        else "Each mark is the mean of the points near it, over all other factors; lines up and down are 95% "
        "intervals of that mean."
    )
    words = Words(
        kind="Line chart",
        title=f"{measure.label}: furthest from the base with {where}",
        subtitle=f"Difference from the base, {measure.unit}, by {titles[across].label.lower()}"
        + (f" and {titles[lines].label.lower()}" if lines else ""),
        notes=f"Notes: {how} The base is what the sweep compares with, in the same circumstances.",
        ends=f"The largest difference is {largest} {measure.unit}, with {where}.",
        run=run,
    )
    return Response(rows, words, titles[across], titles[lines].text if lines else "")


def _means(frame: pd.DataFrame, parts: int = 8) -> pd.DataFrame:
    """Means over the points with about the same x: those of one value, or an eighth of all."""
    few = frame["x"].nunique() <= FEW
    group = frame["x"] if few else pd.qcut(frame["x"], parts, labels=False, duplicates="drop")
    grouped = frame.assign(group=group).groupby(["line", "group"], sort=False)
    found = grouped.agg(
        x=("x", "mean"), value=("value", "mean"), error=("value", "sem")
    ).reset_index()
    half = 1.96 * found["error"]
    return found.assign(low=found["value"] - half, high=found["value"] + half)[
        ["x", "line", "value", "low", "high"]
    ]


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
