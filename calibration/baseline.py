"""The baseline beside what was published, and through its years: ``python -m calibration.baseline``.

Simulates the baseline as it stands in the scenario files, by area, and writes ``docs/calibration/baseline.md``. The
calibration report is about draws of the posterior; this page is about the one set of values that every scenario starts
from.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from calibration.comparison import compare
from calibration.measures import MEASURES
from calibration.monthly import Monthly
from calibration.report.content import HEADLINES, NEAR
from calibration.targets import read_targets
from sim.people import read_areas
from sim.run import Outcome, simulate
from sim.scenario import Scenario, load_scenario

PAGE: Final = Path(__file__).parents[1] / "docs" / "calibration" / "baseline.md"
LOGGED: Final = 200
"""People an area whose every event is logged, for statistics of histories."""
CLOSE: Final = 0.1
FAR: Final = 2.0


def page(scenario: Scenario, outcome: Outcome) -> str:
    """The page of a run of the baseline that tells areas apart."""
    rows = compare(outcome.tables, scenario.scale, scenario.name)
    england = rows[rows["area"] == "England"]
    areas = rows[rows["area"] != "England"]
    years = _years(Monthly.of(outcome.tables, scenario.scale))
    seeds = len(outcome.manifest["seeds"])
    parts = [
        "# The baseline beside the published statistics",
        "<!-- Written by `python -m calibration.baseline`; do not edit. -->",
        f"England at {scenario.scale:.2%} of its people, {seeds} replications, {scenario.years} years from "
        f"{scenario.start:%B %Y}, with the values of the parameter files. A ratio is simulated over published; z is "
        "their difference in standard errors of both: published, discrepancy and Monte Carlo. What was held out "
        "played no part in the fit.",
        *_summary(england, areas),
        "## England",
        "\n".join(_table(england)),
        "## Areas",
        "The power by which fit notes differ between areas was set on these areas; the rest follows from who lives "
        "there.",
        "\n".join(_table(areas, area=True)),
        "## Through the years",
        "The mean over each year of results (April to March), and its ratio to the first year. Migration from ESA, the "
        "earnings threshold, ageing and more health claims than ends of claims drive the baseline; what moves without "
        "such a reason would be an artefact.",
        "\n".join(years),
    ]
    return "\n\n".join(parts) + "\n"


def _summary(england: pd.DataFrame, areas: pd.DataFrame) -> Iterator[str]:
    fit, held = (england[england["use"] == use] for use in ("fit", "held_out"))
    heads = england.set_index("id").loc[list(HEADLINES)]
    off = heads[(heads["ratio"] - 1).abs() > NEAR]
    said = [f"{HEADLINES[str(name)]} ({ratio - 1:+.1%})" for name, ratio in off["ratio"].items()]
    yield "\n".join(
        [
            f"- Fitted statistics within two standard errors: {_share(fit)}.",
            f"- Held-out statistics of England within two standard errors: {_share(held)}.",
            f"- Fitted statistics within {CLOSE:.0%}: {_near(fit)}; held out: {_near(held)}; of areas: {_near(areas)}.",
            f"- Headline levels within {NEAR:.0%}: {len(heads) - len(off)} of {len(heads)}"
            + (f"; further off: {', '.join(said)}." if said else "."),
        ]
    )


def _share(rows: pd.DataFrame) -> str:
    inside = int((rows["z"].abs() <= FAR).sum())
    return f"{inside} of {len(rows)} ({inside / len(rows):.0%})"


def _near(rows: pd.DataFrame) -> str:
    return f"{int(((rows['ratio'] - 1).abs() <= CLOSE).sum())} of {len(rows)}"


def _table(rows: pd.DataFrame, *, area: bool = False) -> Iterator[str]:
    names = dict(zip(read_areas().code, read_areas().short_name, strict=True))
    first = "area" if area else "statistic"
    yield f"| {first} | use | published | simulated | ratio | Monte Carlo s.e. | z |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | ---: |"
    for row in rows.to_dict("records"):
        name = f"{names[row['area']]}, `{row['statistic']}`" if area else f"`{row['id']}`"
        mark = " (!)" if abs(row["z"]) > FAR else ""
        yield (
            f"| {name} | {str(row['use']).replace('_', ' ')} | {_number(row['value'])} | {_number(row['simulated'])} | "
            f"{row['ratio']:.3f} | {row['standard_error'] / row['value']:.1%} | {row['z']:+.1f}{mark} |"
        )


def _years(run: Monthly) -> Iterator[str]:
    statistics = read_targets().set_index("id")["statistic"]
    starts = range(0, len(run.months) - 11, 12)
    yield (
        "| level | "
        + " | ".join(f"{run.months[k][:4]}-{run.months[k + 11][2:4]}" for k in starts)
        + " |"
    )
    yield "| --- |" + " ---: |" * len(starts)
    for name, words in HEADLINES.items():
        compute = MEASURES[str(statistics[name])].compute
        levels = [float(np.mean(compute(run, run.months[k : k + 12]))) for k in starts]
        cells = [f"{_number(level)} ({level / levels[0]:.2f})" for level in levels]
        yield f"| {words} | " + " | ".join(cells) + " |"


def _number(value: float) -> str:
    """A count in whole numbers, a share with four digits."""
    return f"{value:,.0f}" if value >= 1_000 else f"{value:.4g}"


def main() -> None:
    """Simulate the baseline and write the page."""
    parser = argparse.ArgumentParser(prog="python -m calibration.baseline", description=__doc__)
    parser.add_argument("--scale", type=float, help="simulated people for each person")
    parser.add_argument("--page", type=Path, default=PAGE, help="file to write")
    options = parser.parse_args()
    scenario = load_scenario("baseline")
    if options.scale:
        scenario = scenario.model_copy(update={"scale": options.scale})
    outcome = simulate(
        [scenario],
        range(scenario.seed, scenario.seed + scenario.replications),
        workers=os.cpu_count() or 1,
        detail="area",
        log_people=LOGGED,
    )
    options.page.write_text(page(scenario, outcome), encoding="utf-8")
    print(f"{options.page} written")


if __name__ == "__main__":
    main()
