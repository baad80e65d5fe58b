"""The command ``fitflow journey``: one person's years, with and without a reform."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sim.cli import options
from sim.cli.console import heading, progress, say, show_items, show_table
from sim.cli.errors import CommandError

if TYPE_CHECKING:
    from sim.journey import Journey
    from sim.scenario import Scenario

_EXAMPLE_REFORM = "workwell_pilots"


def journey(
    scenario: Annotated[
        str, typer.Option(help="Scenario without the reform: its name, or a file.")
    ] = "baseline",
    reform: Annotated[
        str | None,
        typer.Option(
            help="Reform or scenario to tell beside it. "
            f"Else {_EXAMPLE_REFORM} with --like example, and none with --person."
        ),
    ] = None,
    person: Annotated[
        int | None, typer.Option(help="Number of a person, as the log of a run has it.")
    ] = None,
    like: Annotated[
        Literal["example"] | None,
        typer.Option(help="Look for a person like the journey published with WorkWell."),
    ] = None,
    scale: options.Scale = None,
    years: options.Years = None,
    seed: options.Seed = None,
    areas: options.Areas = None,
    workers: options.Workers = None,
) -> None:
    """Tell one simulated person's years in words, with and without a reform.

    Each sentence is an event of the simulation, or a session of a programme, worked out from when its
    support starts and ends; nothing else is added. Days that are the same with and without the reform
    are told once.
    """
    from sim.cli.arms import base_and_reforms

    if (person is None) == (like is None):
        raise CommandError("Say who: either --person and a number, or --like example.")
    if like and reform is None:
        reform = _EXAMPLE_REFORM
    settings = options.given(scale=scale, years=years, seed=seed, areas=areas)
    scenarios = base_and_reforms(scenario, [reform] if reform else [], settings)
    if person is None:
        person = _find(scenarios[-1], workers or os.cpu_count() or 1)
    from sim.journey import NoSuchPersonError, tell

    try:
        with progress("Simulating one area"):
            told = tell(scenarios, scenarios[0].seed, person)
    except NoSuchPersonError as error:
        raise CommandError(str(error)) from None
    _show(told, scenarios)


def _find(scenario: Scenario, workers: int) -> int:
    """The person most like the published journey; says how like it is."""
    from sim.example_journey import FEATURES, most_like_example

    with progress("Looking for a person like the published journey"):
        match = most_like_example(scenario, scenario.seed, workers)
    if match is None:
        raise CommandError(
            f"Nobody starts WorkWell in {scenario.title!r}, so nobody is like the example. Name a "
            "reform that opens WorkWell, a larger --scale, or other --areas."
        )
    say(
        f"Of {match.starters:,} simulated people who start WorkWell, this one is most like the "
        f"published journey: {match.score} of its {len(FEATURES)} features."
    )
    show_items(
        [f"{'yes' if f in match.features else 'no '}  {FEATURES[f]}" for f in FEATURES], "  "
    )
    return match.person


def _show(told: Journey, scenarios: tuple[Scenario, ...]) -> None:
    heading(told.portrait.text(scenarios[0].start))
    if len(scenarios) > 1:
        say(f"Without: {scenarios[0].title}. With: {scenarios[1].title}.")
    say()
    if told.lines:
        headers = ["Day", "In", "What happens"] if len(scenarios) > 1 else ["Day", "What happens"]
        show_table(headers, _rows(told, scenarios), right=(0,))
    else:
        say("Nothing happens to this person.")
    say()
    if len(scenarios) > 1:
        say(_difference(told))
    for scenario in scenarios:
        in_it = f", {scenario.title}" if len(scenarios) > 1 else ""
        say(f"At the end{in_it}: {told.ends[scenario.name]}.")


def _rows(told: Journey, scenarios: tuple[Scenario, ...]) -> list[list[str]]:
    """A row an event; the date stands once a day, and a row of its own says where the two part."""
    from sim.journey_words import day_text

    where = _where(scenarios)
    rows: list[list[str]] = []
    parted = len(scenarios) == 1
    day = None
    for line in told.lines:
        if not parted and len(line.scenarios) == 1:
            rows.append(["", "", "--- from here on, the two histories differ ---"])
            parted = True
        date = day_text(line.day) if line.day != day else ""
        day = line.day
        rows.append([date, *([where[line.scenarios]] if len(scenarios) > 1 else []), line.text])
    return rows


def _difference(told: Journey) -> str:
    from sim.journey_words import day_text

    if told.differs is None:
        return "The reform makes no difference to this person."
    return f"The two histories first differ on {day_text(told.differs)}."


def _where(scenarios: tuple[Scenario, ...]) -> dict[tuple[str, ...], str]:
    """In which of the scenarios something happens, in a word."""
    names = tuple(scenario.name for scenario in scenarios)
    return {names: "both", names[:1]: "without", names[1:]: "with"}
