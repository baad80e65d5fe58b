"""The pictures of the calibration report, in the look of all charts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from calibration.fitting import Fit
from calibration.likelihood import F64
from results import style

_BLUE, _ORANGE = style.COLOURS[0], style.COLOURS[1]
_WIDTH: Final = 9.0
_DOTS: Final = 130


def save(figure: Figure, path: Path) -> str:
    """Save a figure; gives the name of its file."""
    figure.savefig(path, dpi=_DOTS, metadata={"Software": None})
    return path.name


def _axes(height: float, left: float = 0.38) -> tuple[Figure, Any]:
    figure = Figure(figsize=(_WIDTH, height))
    top = 1 - 0.45 / height
    axes = figure.add_axes((left, 0.55 / height, 0.97 - left, top - 0.55 / height))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(axis="x", color=style.GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def targets(names: list[str], error: F64, prior: F64, posterior: F64) -> Figure:
    """Targets beside prior and posterior, in units of the published value."""
    with style.settings():
        figure, axes = _axes(0.23 * len(names) + 1.1)
        place = np.arange(len(names))[::-1]
        axes.barh(place, 4 * error, left=1 - 2 * error, height=0.8, color=style.BAND)
        for y, shift, colour, label in (
            (prior, 0.2, _ORANGE, "before the fit"),
            (posterior, -0.2, _BLUE, "after"),
        ):
            low, middle, high = np.nanquantile(y, (0.05, 0.5, 0.95), axis=0)
            axes.hlines(place + shift, low, high, color=colour, linewidth=1.6)
            axes.plot(middle, place + shift, "o", color=colour, markersize=3.5, label=label)
        axes.axvline(1, color=style.TEXT, linewidth=0.8)
        axes.set_xlim(0.4, 1.6)
        axes.set_ylim(-0.8, len(names) - 0.2)
        axes.set_yticks(place, [name.replace("_", " ") for name in names], fontsize=8)
        axes.set_xlabel("simulated over published; grey: two standard errors of the target")
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, fontsize=9)
        return figure


def parameters(found: Fit) -> Figure:
    """Prior and posterior of every parameter, in standard deviations of the prior."""
    with style.settings():
        titles = [free.title for free in found.plan.space.free.values()]
        figure, axes = _axes(0.27 * len(titles) + 1.1)
        place = np.arange(len(titles))[::-1]
        axes.barh(place, 2 * 1.645, left=-1.645, height=0.75, color=style.BAND)
        low, first, middle, third, high = np.quantile(
            found.posterior.draws, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0
        )
        axes.hlines(place, low, high, color=_BLUE, linewidth=1.4)
        axes.hlines(place, first, third, color=_BLUE, linewidth=4)
        axes.plot(middle, place, "o", color="white", markeredgecolor=_BLUE, markersize=5)
        axes.axvline(0, color=style.TEXT, linewidth=0.8)
        axes.set_ylim(-0.8, len(titles) - 0.2)
        axes.set_yticks(place, titles, fontsize=9)
        axes.set_xlabel(
            "standard deviations of the prior; grey: its 90% interval; blue: 90 and 50% after"
        )
        return figure


def pairs(found: Fit, most: int = 6) -> Figure:
    """Draws of the parameters that hang together most, pair by pair."""
    draws = found.posterior.draws
    names = [free.title for free in found.plan.space.free.values()]
    together = np.abs(np.corrcoef(draws.T)) - np.eye(len(names))
    rows, columns = np.unravel_index(np.argsort(-together, axis=None), together.shape)
    chosen = [(i, j) for i, j in zip(rows, columns, strict=True) if i < j][:most]
    with style.settings():
        figure = Figure(figsize=(_WIDTH, 6.2), layout="constrained")
        grid = figure.subplots(2, 3)
        for axes, (i, j) in zip(grid.ravel(), chosen, strict=True):
            axes.plot(draws[:, i], draws[:, j], ".", color=_BLUE, markersize=3, alpha=0.5)
            axes.set_xlabel(names[i], fontsize=9)
            axes.set_ylabel(names[j], fontsize=9)
            axes.set_title(f"r = {np.corrcoef(draws[:, i], draws[:, j])[0, 1]:.2f}", fontsize=9)
            axes.tick_params(labelsize=8)
        return figure


def sensitivity(found: Fit) -> Figure:
    """How much each target moves with each parameter, at the posterior."""
    slopes = slopes_at(found)
    deviation = np.sqrt(found.plan.likelihood.error**2)
    pull = slopes / deviation[:, None]
    with style.settings():
        figure = Figure(figsize=(_WIDTH, 0.2 * len(pull) + 2.6), layout="constrained")
        axes = figure.subplots()
        image = axes.imshow(pull, cmap="RdBu_r", vmin=-6, vmax=6, aspect="auto")
        titles = [free.title for free in found.plan.space.free.values()]
        axes.set_xticks(range(len(titles)), titles, rotation=90, fontsize=8)
        labels = [name.replace("_", " ") for name in found.plan.likelihood.names]
        axes.set_yticks(range(len(labels)), labels, fontsize=7)
        bar = figure.colorbar(image, ax=axes, shrink=0.5)
        bar.set_label("target errors for one prior standard deviation", fontsize=8)
        return figure


def slopes_at(found: Fit) -> F64:
    """Slopes of the targets in the parameters at the posterior mean, shape (targets, parameters)."""
    middle = found.posterior.draws.mean(axis=0)
    step = 0.25 * np.eye(len(middle))
    return np.asarray((found.emulator(middle + step) - found.emulator(middle - step)).T / 0.5)


def held_out(table: pd.DataFrame) -> Figure:
    """Held-out targets: predictions beside the naive forecasts, over what was published."""
    with style.settings():
        figure, axes = _axes(0.25 * len(table) + 1.1)
        place = np.arange(len(table))[::-1]
        axes.hlines(place, table["low"], table["high"], color=_BLUE, linewidth=1.6)
        axes.plot(
            table["predicted"], place, "o", color=_BLUE, markersize=4, label="model, with 90%"
        )
        axes.plot(1 + table["last_value"], place, "x", color=_ORANGE, label="last value")
        axes.plot(1 + table["trend"], place, "+", color=style.GREY, label="trend")
        axes.axvline(1, color=style.TEXT, linewidth=0.8)
        axes.set_xlim(0.5, 1.5)
        axes.set_ylim(-0.8, len(table) - 0.2)
        axes.set_yticks(place, [name.replace("_", " ") for name in table["id"]], fontsize=8)
        axes.set_xlabel("predicted over published")
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3, frameon=False, fontsize=9)
        return figure
