"""The command ``fitflow explore``: what a stored sweep teaches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from sim.cli import options
from sim.cli.console import heading, say, show_items, show_table, warn
from sim.cli.errors import CommandError
from sim.cli.sweeping import STORE

if TYPE_CHECKING:
    import pandas as pd

    from results.charts.chart import Chart
    from results.charts.exploring import Axis
    from results.sweeps import OpenedSweep

Way = Literal["response", "frontier", "conditions", "robust"]
_WAY_OF: Final[dict[str, Way]] = {
    "by": "response",
    "below": "conditions",
    "above": "conditions",
    "less": "robust",
}
"""The one way of exploring that takes an option; the other options are for every way."""


def explore(
    name: Annotated[str, typer.Argument(metavar="SWEEP", help="Name of a sweep that was run.")],
    way: Annotated[
        Way, typer.Argument(metavar="WAY", help="response, frontier, conditions or robust.")
    ] = "response",
    outcome: Annotated[
        str | None,
        typer.Option(
            help="An outcome, or exchequer_net_cost or npsv; else the first that the sweep is about."
        ),
    ] = None,
    year: Annotated[
        int | None, typer.Option(min=1, help="Year since the start; else the last.")
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FACTOR",
            help="For response: the factor along the chart, then that of its lines.",
        ),
    ] = None,
    below: Annotated[
        float | None, typer.Option(help="For conditions: a difference below this is a failure.")
    ] = None,
    above: Annotated[
        float | None, typer.Option(help="For conditions: a difference above this is a failure.")
    ] = None,
    less: Annotated[
        bool, typer.Option("--less", help="For robust: less of the outcome is better.")
    ] = False,
    out: options.Out = Path("runs"),
) -> None:
    """Explore a sweep: nothing is simulated.

    response: how the outcome responds to one or two factors. frontier: which options are not beaten by another that
    brings more for less net cost to the Exchequer. conditions: under which conditions a point fails (scenario
    discovery). robust: how each option does over everything that is not known, and what it would have missed
    (regret). Writes charts and tables.
    """
    _check_options(name, way, by=by or None, below=below, above=above, less=less or None)

    from results.sweeps import open_sweep

    opened = open_sweep(out / STORE, name)
    if not opened.record.by_this_version:
        warn(
            f"{opened.name} was planned by another version: {opened.record.version}. Its results are read as they are; "
            "this version only values and draws them. The same fitflow sweep again simulates it with this version."
        )
    wanted = _Wanted(opened, outcome or _headline(opened), year or opened.base.years)
    folder = out / f"{opened.name}-explored"
    if way == "response":
        _response(wanted, by or [], folder)
    elif way == "frontier":
        _frontier(wanted, folder)
    elif way == "conditions":
        _conditions(wanted, below, above, folder)
    else:
        _robust(wanted, not less, folder)


def _check_options(name: str, way: Way, **given: object) -> None:
    for option, value in given.items():
        takes = _WAY_OF[option]
        if value is not None and takes != way:
            raise CommandError(
                f"--{option} was given, and the way chosen is {way}, which does not take it: only {takes} does. "
                f"Leave it out, or explore so: fitflow explore {name} {takes} --{option} ..."
            )


def _headline(opened: OpenedSweep) -> str:
    """The first outcome that the sweep is about; another version may have known others."""
    from results.outcomes import OUTCOMES

    about: list[str] = opened.record.content["outcomes"]
    known = [name for name in about if name in OUTCOMES]
    if len(known) < len(about):
        gone = ", ".join(name for name in about if name not in OUTCOMES)
        warn(f"This version has no outcome {gone}, which {opened.name} is about; it is left out.")
    if not known:
        raise CommandError(f"Give an outcome: --outcome with one of {', '.join(OUTCOMES)}.")
    return known[0]


class _Wanted:
    """A measure of a sweep at each of its points."""

    def __init__(self, opened: OpenedSweep, outcome: str, year: int) -> None:
        from results.charts.exploring import Axis
        from results.exploration.worth import MEASURES
        from results.outcomes import OUTCOMES

        self.opened, self.outcome, self.year = opened, outcome, year
        self.money = outcome in MEASURES
        if self.money:
            self.axis = Axis(*MEASURES[outcome])
        elif outcome in OUTCOMES:
            found = OUTCOMES[outcome]
            label = found.period_label("year")
            label += f" {year}" if label.endswith("year") else f", year {year}"
            self.axis = Axis(label, found.difference_unit, found.step)
        else:
            from sim.scenario.errors import suggestion

            names = [*OUTCOMES, *MEASURES]
            near = suggestion(outcome, names)
            raise CommandError(f"--outcome: {outcome!r} given; allowed: {', '.join(names)}.{near}")
        if not 1 <= year <= opened.base.years:
            raise CommandError(f"--year: {year} given; allowed: 1 to {opened.base.years}.")

    def values(self) -> pd.DataFrame:
        """A row a point: its factors, difference, low, high and pairs."""
        from results.exploration.worth import worth

        if not self.money:
            return self.opened.differences([self.outcome], self.year)
        found = worth(self.opened)
        mine = found[found["measure"] == self.outcome]
        return self.opened.points.merge(mine, on="point")

    def titles(self) -> dict[str, Axis]:
        """What factors are called."""
        from results.charts.exploring import Axis

        about = self.opened.record.content["factors"]
        return {
            name: Axis(self.opened.factor_title(name), about[name]["unit"])
            for name in self.opened.factors
        }


def _response(wanted: _Wanted, by: list[str], folder: Path) -> None:
    from pandas.api.types import is_numeric_dtype

    from results.charts.response import MOST_LINES, response
    from sim.scenario.errors import suggestion
    from sim.sweep.designs import DRAW

    values = wanted.values()
    factors = wanted.opened.factors
    for name in by:
        if name not in factors:
            near = suggestion(name, factors)
            raise CommandError(
                f"--by: {name!r} given; factors of the sweep: {', '.join(factors)}.{near}"
            )
    if len(by) > len(set(by)) or len(by) > 2:
        raise CommandError(
            f"--by: {', '.join(by)} given; allowed: one factor, or two different ones."
        )
    numbers = [name for name in factors if name != DRAW and is_numeric_dtype(values[name])]
    if not by and not numbers:
        raise CommandError("No factor of this sweep is a number: try frontier or robust.")
    across = by[0] if by else max(numbers, key=lambda name: values[name].nunique())
    others = [
        f for f in factors if f not in (across, DRAW) and 1 < values[f].nunique() <= MOST_LINES
    ]
    lines = by[1] if len(by) > 1 else (others[0] if others and not by else None)
    made = response(
        values,
        across,
        lines,
        wanted.titles(),
        wanted.axis,
        int(values["pairs"].min()),
        wanted.opened.name,
    )
    _written(made, folder, f"{wanted.outcome}_by_{across}" + (f"_and_{lines}" if lines else ""))


def _frontier(wanted: _Wanted, folder: Path) -> None:
    import pandas as pd

    from results.charts.frontier import frontier_chart
    from results.exploration.worth import COST, worth
    from results.numbers import within_error
    from sim.sweep.arms import in_words

    if wanted.money:
        raise CommandError(
            "--outcome: a frontier sets an outcome against cost, so give one that is not money."
        )
    gains, costs = wanted.values(), worth(wanted.opened)
    levers = wanted.opened.of_kind("lever") or wanted.opened.factors
    merged = gains.merge(costs[costs["measure"] == COST], on="point", suffixes=("", "_cost"))
    rows = []
    for values, group in merged.groupby(levers, sort=False):
        titles = wanted.titles()
        # The mean over states of the world; its interval is of chance where there is one state only.
        single = len(group) == 1
        row: dict[str, Any] = {
            "option": ", ".join(
                f"{titles[lever].label.lower()} {in_words(value)}"
                for lever, value in zip(levers, values, strict=True)
            )
        }
        for name, suffix in (("gain", ""), ("cost", "_cost")):
            row[name] = group[f"difference{suffix}"].mean()
            row[f"{name}_low"] = group[f"low{suffix}"].iloc[0] if single else float("nan")
            row[f"{name}_high"] = group[f"high{suffix}"].iloc[0] if single else float("nan")
        rows.append(row)
    made = frontier_chart(
        pd.DataFrame(rows), wanted.axis, int(merged["pairs"].min()), wanted.opened.name
    )
    _written(made, folder, f"frontier_{wanted.outcome}")
    table = made.table[made.table["unbeaten"]].sort_values("cost")
    cells = [
        (
            row["option"],
            within_error(row["gain"], row["gain_low"], row["gain_high"], wanted.axis.step),
            f"{row['cost'] / 1e6:,.1f}",
        )
        for row in table.to_dict("records")
    ]
    heading("Options that no other beats")
    show_table(
        ("Option", wanted.axis.unit.capitalize(), "Net cost, GBP million"), cells, right=(1, 2)
    )


def _conditions(wanted: _Wanted, below: float | None, above: float | None, folder: Path) -> None:
    from results.charts.conditions import conditions
    from results.charts.exploring import Axis
    from results.exploration.boxes import suggested
    from sim.sweep.designs import DRAW

    if (below is None) == (above is None):
        raise CommandError(
            "Say what a failure is: --below 0 for a difference below nothing, or --above with a number."
        )
    values = wanted.values()
    gains = values["difference"].to_numpy(float)
    fails = gains < below if below is not None else gains > above
    share = float(fails.mean())
    if not 0 < share < 1:
        raise CommandError(
            f"{'All' if share else 'None'} of the {len(values):,} points fail, so there is nothing to tell apart. "
            f"Differences are from {gains.min():,.4g} to {gains.max():,.4g}."
        )
    # What a posterior draw sets may make a point fail; its number cannot.
    cases = values[[name for name in wanted.opened.factors if name != DRAW]]
    box = suggested(cases, fails)
    sign = f"below {below:,g}" if below is not None else f"above {above:,g}"
    failure = f"{wanted.axis.label.lower()}, difference {sign} {wanted.axis.unit}"
    if not box.limits:
        say(
            f"{share:.0%} of points fail ({failure}), and no condition tells them apart beyond chance."
        )
        return
    titles = {name: Axis(axis.label, axis.unit) for name, axis in wanted.titles().items()}
    heading(f"Failure: {failure}")
    rows = []
    for name, limit in box.limits.items():
        within = (
            " or ".join(map(str, limit.labels))
            if limit.labels is not None
            else f"{max(limit.low, cases[name].min()):.4g} to {min(limit.high, cases[name].max()):.4g}"
        )
        rows.append((titles[name].text, within, f"{box.chance[name]:.2g}"))
    show_table(("Condition", "Within", "Quasi-p"), rows, right=(2,))
    say(
        f"{box.density:.0%} of the points within fail, against {share:.0%} of all; {box.coverage:.0%} of the failures "
        "lie within."
    )
    made = conditions(box, cases, titles, failure, share, wanted.opened.name)
    _written(made, folder, f"conditions_{wanted.outcome}")


def _robust(wanted: _Wanted, more: bool, folder: Path) -> None:
    from results.exploration.robust import regrets
    from results.files import write_csv
    from sim.sweep.arms import in_words

    values = wanted.values().rename(columns={"difference": "value"})
    levers = wanted.opened.of_kind("lever")
    if not levers:
        raise CommandError("No factor of this sweep is a lever, so there is nothing to choose.")
    try:
        table = regrets(values[[*wanted.opened.factors, "value"]], levers, more)
    except ValueError as error:
        raise CommandError(
            f"Regrets cannot be compared: {error}. Use a product of a design of levers and one of uncertainties."
        ) from None
    scale, unit = (1e6, "GBP million") if wanted.money else (1.0, wanted.axis.unit)
    heading(f"{wanted.axis.label}, difference from the base: {unit}")
    cells = [
        [
            *(in_words(row[lever]) for lever in levers),
            *(f"{row[name] / scale:,.4g}" for name in ("mean", "worst")),
            f"{row['best_share']:.0%}",
            *(f"{row[name] / scale:,.4g}" for name in ("mean_regret", "largest_regret")),
        ]
        for row in table.to_dict("records")
    ]
    titles = wanted.titles()
    headers = [
        *(titles[lever].label for lever in levers), "Mean", "Worst", "Best in", "Mean regret", "Largest regret",
    ]  # fmt: skip
    show_table(headers, cells, right=range(len(levers), len(headers)))
    states = len(values) // len(table)
    say(
        f"Over {states:,} states of the world, each counted alike. Regret: how far an option falls short of the best "
        "one in the same state. Values are means over replications, so that Monte Carlo error is part of them."
    )
    path = write_csv(table, folder / f"robust_{wanted.outcome}.csv")
    show_items([str(path)], mark="  ")


def _written(made: Chart, folder: Path, stem: str) -> None:
    from results.figures import write_chart

    files = write_chart(made, folder, stem.replace(".", "_"))
    heading(made.words.title.replace("\N{NO-BREAK SPACE}", " "))
    show_items([str(file) for file in files], mark="  ")
