"""The commands that simulate: ``fitflow run`` and ``fitflow compare``."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import options
from sim.cli.console import heading, say, show_items, show_table, warn
from sim.cli.errors import CommandError

if TYPE_CHECKING:
    import pandas as pd

    from sim.cli.runs import Run
    from sim.scenario import Scenario


def run(
    scenario: options.ScenarioRef,
    scale: options.Scale = None,
    years: options.Years = None,
    seed: options.Seed = None,
    replications: options.Replications = None,
    areas: options.Areas = None,
    workers: options.Workers = None,
    detail: options.Detail = "country",
    log: options.Log = 0,
    out: options.Out = Path("runs"),
) -> None:
    """Simulate a scenario and keep the results.

    The run gets a folder of its own, named by a hash of all that determines it. If the same run
    was made before, it is read and not simulated again. No run overwrites another.
    """
    from sim.cli.arms import base_and_reforms

    settings = options.given(
        scale=scale, years=years, seed=seed, replications=replications, areas=areas
    )
    scenarios = base_and_reforms(scenario, [], settings)
    _show_levels(_finish(scenarios, detail, log, out, workers), scenarios[0])


def compare(
    base: Annotated[
        str, typer.Argument(metavar="BASE", help="Name of the scenario to compare with, or a file.")
    ],
    reforms: Annotated[
        list[str],
        typer.Argument(
            metavar="REFORM",
            help="Names or files. A reform stands for the base with it; a scenario for itself.",
        ),
    ],
    scale: options.Scale = None,
    years: options.Years = None,
    seed: options.Seed = None,
    replications: options.Replications = None,
    areas: options.Areas = None,
    workers: options.Workers = None,
    detail: options.Detail = "country",
    log: options.Log = 0,
    out: options.Out = Path("runs"),
) -> None:
    """Compare reforms with a base: the same people with the same luck.

    Shows what each reform changes after one, three and five years, with 95% intervals of chance,
    and how many people are nearer to work. Writes the run, the differences and a chart.
    """
    from sim.cli.arms import base_and_reforms

    settings = options.given(
        scale=scale, years=years, seed=seed, replications=replications, areas=areas
    )
    scenarios = base_and_reforms(base, reforms, settings)
    if scenarios[0].replications < 2:
        raise CommandError(
            "A comparison needs at least 2 replications to know its error, and 1 was asked for. "
            "Give more, for example --replications 8."
        )
    _show_comparison(_finish(scenarios, detail, log, out, workers), scenarios)


def _finish(
    scenarios: tuple[Scenario, ...], detail: str, log: int, out: Path, workers: int | None
) -> Run:
    """Make the run or find it; Ctrl-C ends the command, and says what is kept."""
    from sim.cli.runs import Plan, Stopped, find_or_simulate
    from sim.cli.summary import late_reforms

    for sentence in dict.fromkeys(s for each in scenarios for s in late_reforms(each)):
        warn(f"Note: {sentence}")
    try:
        return find_or_simulate(Plan(scenarios, detail, log), out, workers or os.cpu_count() or 1)
    except Stopped as stopped:
        warn(str(stopped))
        raise


def _show_levels(finished: Run, scenario: Scenario) -> None:
    from results.outcomes import yearly
    from sim.cli.summary import LEVELS, level_note, level_rows, place, years_shown

    key, words = place(scenario)
    values = yearly(finished.tables, scenario.scale, key)
    heading(f"{scenario.title}: {words}")
    _show(level_rows(values, LEVELS, years_shown(scenario.years)))
    say(level_note(scenario.replications))
    _conclude(finished, [])


def _show_comparison(finished: Run, scenarios: Sequence[Scenario]) -> None:
    from results.differences import MONTE_CARLO_NOTE, differences
    from results.numbers import NOT_AVAILABLE
    from results.outcomes import yearly
    from results.tables import difference_table
    from sim.cli import summary
    from sim.cli.comparison import write_comparison
    from sim.cli.summary import available, grouped

    base, *reforms = scenarios
    titles = {reform.name: reform.title for reform in reforms}
    key, words = summary.place(base)
    shown = summary.years_shown(base.years)
    values = yearly(finished.tables, base.scale, key)
    by_year = differences(values, base.name, displacement=summary.displacement(base))
    assumed = list(dict.fromkeys(n for r in reforms for n in summary.assumed_effects(base, r)))
    files = write_comparison(finished, scenarios, by_year, assumed)

    whose = f"{reforms[0].title}: difference" if len(reforms) == 1 else "Difference"
    heading(f"{whose} from {base.title}, {words}")
    table = available(difference_table(by_year, titles, shown, summary.HEADLINES))
    _show(grouped(table) if len(reforms) > 1 else table.drop(columns="Scenario"))
    say(f"In brackets: 95% intervals from {base.replications} pairs of runs. {MONTE_CARLO_NOTE}")
    if (table == NOT_AVAILABLE).any(axis=None):
        say(f"{NOT_AVAILABLE}: not available, because one of the two had nothing to measure.")
    _show_waits(values, reforms, shown)
    heading("The same people, one by one")
    show_items(_couplings(finished, base, reforms))
    if assumed:
        heading("Effects that are assumed, not measured (see fitflow explain)")
        show_items(assumed)
    _conclude(finished, files)


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
        _show(table)


def _couplings(finished: Run, base: Scenario, reforms: Sequence[Scenario]) -> list[str]:
    from sim.cli.runs import coupling_of
    from sim.cli.summary import all_places, coupling_line, day_text

    last_day, where = base.end - dt.timedelta(days=1), all_places(base)
    simulated = base.scale * base.replications
    return [
        coupling_line(
            coupling_of(finished.manifest, base.name, reform.name),
            reform.title,
            f"on {day_text(last_day)}",
            where,
            simulated,
        )
        for reform in reforms
    ]


def _show(table: pd.DataFrame) -> None:
    numbers = [k for k, name in enumerate(table.columns) if str(name).startswith("Year")]
    show_table([str(name) for name in table.columns], table.to_numpy().tolist(), numbers)


def _conclude(finished: Run, files: Sequence[Path]) -> None:
    """Say what was checked and where things are."""
    heading("Checks")
    show_items(finished.manifest["checks"])
    there = "was there already, so nothing was simulated" if finished.was_there else "is new"
    heading(f"The run is in {finished.folder}/ and {there}")
    own = sorted(path for path in finished.folder.iterdir() if path.is_file())
    show_items([str(path) for path in (*own, *files)], mark="  ")
