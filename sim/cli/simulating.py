"""The commands that simulate: ``fitflow run`` and ``fitflow compare``."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import options
from sim.cli.console import heading, say, show_items, show_table, warn
from sim.cli.errors import CommandError

if TYPE_CHECKING:
    import pandas as pd

    from sim.cli.precision import Goal, Standing
    from sim.cli.runs import Plan, Run
    from sim.scenario import Scenario
    from sim.task import Engine


@options.with_simulation
def run(
    scenario: options.ScenarioRef,
    how: options.Simulation,
    engine: options.Engine = "vectorised",
) -> None:
    """Simulate a scenario and keep the results.

    The run gets a folder of its own, named by a hash of all that determines it. If the same run
    was made before, it is read and not simulated again, and of a longer run only the replications
    that are new are simulated. No run overwrites another.
    """
    from sim.cli.arms import base_and_reforms

    scenarios = base_and_reforms(scenario, [], how.settings)
    _show_levels(finish(scenarios, how, engine), scenarios[0])


@options.with_simulation
def compare(
    base: options.BaseRef,
    reforms: options.ReformRefs,
    how: options.Simulation,
    precision: Annotated[
        str | None,
        typer.Option(
            metavar="SHARE",
            help="Add replications, as many at a time as --replications says, until the differences "
            "in the last year are so precise: the half-width of an interval as a share of the "
            "difference, such as 10%, or as a number, such as 500.",
        ),
    ] = None,
    precision_outcome: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OUTCOME",
            help="Outcome that is to be precise; repeat the option for more. Else all of the table.",
        ),
    ] = None,
    max_replications: Annotated[
        int, typer.Option(min=2, help="The most replications that --precision may take.")
    ] = 64,
    brief: Annotated[
        bool, typer.Option("--brief", help="Write a briefing at the end, as fitflow brief does.")
    ] = False,
) -> None:
    """Compare reforms with a base: the same people with the same luck.

    Shows what each reform changes after one, three and five years, with 95% intervals of chance,
    and how many people are nearer to work. Writes the run, the differences and a chart.
    """
    scenarios = paired_scenarios(base, reforms, how)
    if precision is None:
        if precision_outcome:
            raise CommandError("--precision-outcome says what --precision is for: give both.")
        finished = finish(scenarios, how)
        _show_comparison(finished, scenarios)
        if brief:
            _brief(finished, scenarios[0])
        return

    from sim.cli.precision import goal, replicate

    aim = goal(precision, precision_outcome, max_replications)
    with _going() as workers:
        plan = planned(scenarios, how)
        finished, where = replicate(plan, how.out, how.workers or workers, aim)
    longest = plan.of(len(finished.manifest["seeds"])).scenarios
    _show_comparison(finished, longest, (aim, where))
    if brief:
        _brief(finished, scenarios[0])


def _brief(finished: Run, base: Scenario) -> None:
    """Write the briefing of a run that was just made, from the tables at hand."""
    from results.opened import Opened
    from sim.cli.briefings import write_briefing
    from sim.output import read_manifest

    warn("Writing the briefing ...")
    manifest = read_manifest(finished.folder)
    file = write_briefing(Opened(finished.folder, finished.tables, manifest, base.name))
    heading(f"The briefing is in {file}")


def paired_scenarios(
    base: str, reforms: Sequence[str], how: options.Simulation
) -> tuple[Scenario, ...]:
    """The scenarios of a comparison, with replications enough to know its error.

    Raises
    ------
    CommandError
        When there are fewer than two.
    """
    from sim.cli.arms import base_and_reforms

    scenarios = base_and_reforms(base, reforms, how.settings)
    if scenarios[0].replications < 2:
        raise CommandError(
            "A comparison needs at least 2 replications to know its error, and 1 was asked for. "
            "Give more, for example --replications 8."
        )
    return scenarios


def planned(
    scenarios: tuple[Scenario, ...], how: options.Simulation, engine: Engine = "vectorised"
) -> Plan:
    """What is to be run; reforms that come too late for it are noted."""
    from sim.cli.runs import Plan
    from sim.cli.summary import late_reforms

    for sentence in dict.fromkeys(s for each in scenarios for s in late_reforms(each)):
        warn(f"Note: {sentence}")
    return Plan(scenarios, how.detail, how.log, engine)


def finish(
    scenarios: tuple[Scenario, ...], how: options.Simulation, engine: Engine = "vectorised"
) -> Run:
    """Make the run or find it; Ctrl-C ends the command, and says what is kept."""
    from sim.cli.runs import find_or_simulate

    with _going() as workers:
        return find_or_simulate(planned(scenarios, how, engine), how.out, how.workers or workers)


@contextmanager
def _going() -> Iterator[int]:
    """Simulate with as many processes as there are cores; Ctrl-C says what is kept."""
    from sim.cli.runs import Stopped

    try:
        yield os.cpu_count() or 1
    except Stopped as stopped:
        warn(str(stopped))
        raise


def _show_levels(finished: Run, scenario: Scenario) -> None:
    from results.outcomes import yearly
    from results.scope import place
    from sim.cli.summary import LEVELS, level_note, level_rows, years_shown

    key, words = place(scenario)
    values = yearly(finished.tables, scenario.scale, key)
    heading(f"{scenario.title}: {words}")
    show_years(level_rows(values, LEVELS, years_shown(scenario.years)))
    say(level_note(scenario.replications))
    conclude(finished, [])


def _show_comparison(
    finished: Run,
    scenarios: Sequence[Scenario],
    asked: tuple[Goal, Sequence[Standing]] | None = None,
) -> None:
    from results import scope, uncertainty
    from results.differences import MONTE_CARLO_NOTE, differences
    from results.displacement import displaced
    from results.numbers import NOT_AVAILABLE
    from results.outcomes import yearly
    from results.tables import difference_table
    from sim.cli import summary
    from sim.cli.comparison import write_comparison
    from sim.cli.summary import available, grouped

    base, *reforms = scenarios
    titles = {reform.name: reform.title for reform in reforms}
    key, words = scope.place(base)
    shown = summary.years_shown(base.years)
    values = yearly(finished.tables, base.scale, key)
    by_year = differences(
        uncertainty.by_draw(values) if base.posterior else values,
        base.name,
        displacement=displaced(base, finished.tables.stocks, key),
    )
    parts = uncertainty.uncertainty(values, base.name) if base.posterior else None
    assumed = list(dict.fromkeys(n for r in reforms for n in scope.assumed_effects(base, r)))
    files = write_comparison(finished, scenarios, by_year, assumed, parts)

    whose = f"{reforms[0].title}: difference" if len(reforms) == 1 else "Difference"
    heading(f"{whose} from {base.title}, {words}")
    table = available(difference_table(by_year, titles, shown, summary.HEADLINES))
    show_years(grouped(table) if len(reforms) > 1 else table.drop(columns="Scenario"))
    if parts is None:
        say(
            f"In brackets: 95% intervals from {base.replications} pairs of runs. {MONTE_CARLO_NOTE}"
        )
    else:
        say(f"In brackets: 95% intervals. {uncertainty.NOTE}")
        _show_uncertainty(parts, titles, shown[-1])
    if (table == NOT_AVAILABLE).any(axis=None):
        say(f"{NOT_AVAILABLE}: not available, because one of the two had nothing to measure.")
    if asked:
        _show_precision(*asked, base)
    _show_waits(values, reforms, shown)
    heading("The same people, one by one")
    show_items(coupling_lines(finished, base, reforms))
    if assumed:
        heading("Effects that are assumed, not measured (see fitflow explain)")
        show_items(assumed)
    conclude(finished, files)


def _show_uncertainty(parts: pd.DataFrame, titles: Mapping[str, str], year: int) -> None:
    """Chance and parameters apart, in the last of the years shown."""
    from results.numbers import plain
    from results.outcomes import OUTCOMES
    from sim.cli.summary import HEADLINES

    rows = parts[(parts["year"] == year) & parts["outcome"].isin(HEADLINES)].dropna()
    heading(f"Where the uncertainty comes from, year {year}")
    show_table(
        (
            "Scenario",
            "Outcome",
            "Difference",
            "Chance (s.e.)",
            "Parameters (s.d.)",
            "90% over parameters",
        ),
        [
            (
                titles[row.scenario],
                OUTCOMES[row.outcome].period_label("year"),
                *(plain(n, _two_digits(row)) for n in (row.difference, row.chance, row.parameters)),
                f"{plain(row.low, _two_digits(row))} to {plain(row.high, _two_digits(row))}",
            )
            for row in rows.itertuples(index=False)
        ],
        right=(2, 3, 4),
    )
    say(
        f"From {rows['draws'].iloc[0] if len(rows) else 0} draws of the posterior, two seeds each: more seeds make "
        "the chance smaller, and only better evidence the rest."
    )


def _two_digits(row: Any) -> float:
    """The step at which the larger of two errors has two digits."""
    import math

    largest = max(abs(row.chance), abs(row.parameters))
    return float(10.0 ** (math.floor(math.log10(largest)) - 1)) if largest else 1.0


def _show_precision(aim: Goal, where: Sequence[Standing], base: Scenario) -> None:
    from sim.cli.precision import goal_note, goal_words, standing_rows
    from sim.cli.summary import grouped

    heading(goal_words(aim, base.years))
    table = standing_rows(where)
    several = table["Scenario"].nunique() > 1
    table = grouped(table) if several else table.drop(columns="Scenario")
    numbers = [table.columns.get_loc(name) for name in ("Difference", "Half-width", "Wanted")]
    show_table(list(table.columns), table.to_numpy().tolist(), numbers)
    say(goal_note(where, aim, base.replications))


def _show_waits(values: pd.DataFrame, reforms: Sequence[Scenario], years: Sequence[int]) -> None:
    """Waits for WorkWell as levels: where only the reform has any, there is no difference."""
    import pandas as pd

    from sim.cli.summary import available, level_rows

    tables = []
    for reform in reforms:
        rows = level_rows(values[values["scenario"] == reform.name], ["workwell_wait"], years)
        rows.insert(2, "Scenario", reform.title)
        tables.append(rows)
    table = available(pd.concat(tables, ignore_index=True))
    if len(table):
        heading("Waits for WorkWell, as they are with the reform")
        show_years(table)


def coupling_lines(finished: Run, base: Scenario, reforms: Sequence[Scenario]) -> list[str]:
    """Who each reform leaves nearer to work or further from it, a sentence each."""
    from results.scope import all_places
    from sim.cli.runs import coupling_of
    from sim.cli.summary import coupling_line
    from sim.scenario.in_words import day_text

    last_day, where = base.end - dt.timedelta(days=1), all_places(base)
    return [
        coupling_line(
            coupling_of(finished.manifest, base.name, reform.name),
            reform.title,
            f"on {day_text(last_day)}",
            where,
        )
        for reform in reforms
    ]


def show_years(table: pd.DataFrame) -> None:
    """Print a table whose years are numbers."""
    numbers = [k for k, name in enumerate(table.columns) if str(name).startswith("Year")]
    show_table([str(name) for name in table.columns], table.to_numpy().tolist(), numbers)


def conclude(finished: Run, files: Sequence[Path]) -> None:
    """Say what was checked and where things are."""
    from sim.cli.summary import contracts_line

    heading("Checks")
    say(contracts_line(finished.manifest["contracts"]))
    there = "was there already, so nothing was simulated" if finished.was_there else "is new"
    heading(f"The run is in {finished.folder}/ and {there}")
    own = sorted(path for path in finished.folder.iterdir() if path.is_file())
    show_items([str(path) for path in (*own, *files)], mark="  ")
