"""The command ``fitflow appraise``: costs and benefits of a finished run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sim.cli.console import heading, say, show_items, show_table

if TYPE_CHECKING:
    import pandas as pd

    from results.appraisal import Appraisal


def appraise(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="Folder of a finished run, such as runs/1a2b3c4d.")
    ],
    base: Annotated[
        str | None,
        typer.Option(help="Scenario to compare with; else the one the run was made with."),
    ] = None,
    health: Annotated[
        Literal["qaly", "life_satisfaction", "none"],
        typer.Option(help="What health of people in work is valued by; never by two at once."),
    ] = "qaly",
    draws: Annotated[
        int, typer.Option(min=100, help="Draws of unit values and assumed effects.")
    ] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = 1,
) -> None:
    """Value the costs and benefits of a finished comparison.

    Nothing is simulated: money is worked out from the tables of the run, with the unit values of
    scenarios/values. Shows the headline table, and writes all tables as CSV and as a workbook into
    a folder inside the run. No appraisal overwrites another.
    """
    from results.appraisal import Options
    from results.appraisal import appraise as value
    from results.appraisal.publish import ERROR_NOTE, MODEL_NOTE, write_appraisal
    from results.opened import open_run

    opened = open_run(run, base)
    found = value(opened, Options(draws=draws, seed=seed, health=health))
    for reform in found.study.reforms:
        heading(f"{reform.title} against {found.titles[found.base]}: {opened.place}")
        _show_reform(found, reform.name)
    _show_information(found)
    heading("How to read it")
    show_items(
        [
            MODEL_NOTE,
            ERROR_NOTE,
            "[u]: low reliability, the simulation error is as large as the value; [z]: not "
            "applicable, such as a ratio to something that may be nought; [x]: not available.",
            "Who gains and who loses: on the last evening, of all areas of the run; in brackets 95% intervals "
            "of chance. Income is a person's, of a year in that state; family and housing are not known.",
        ]
    )
    files = write_appraisal(found, opened.folder)
    heading("Files")
    show_items([str(path) for path in files], mark="  ")


def _show_reform(found: Appraisal, name: str) -> None:
    from results.appraisal.shown import (
        GAINS,
        groups_table,
        headline_table,
        losers_table,
        switching_table,
    )

    _show(headline_table(found, name), ("Central", "90% range", "Error"))
    say()
    say("What moves net present social value (NPSV) most, one value at a time:")
    _show(switching_table(found, name), ())
    say()
    say("Gains and losses, counted:")
    _show(losers_table(found, name), ("Central", "Error"))
    groups = groups_table(found, name)
    if len(groups):
        say()
        say("The same people on the last evening, by what they are:")
        _show(groups, tuple(GAINS.values()))


def _show_information(found: Appraisal) -> None:
    from results.numbers import plain

    heading("What it would be worth to know before choosing among all of these, GBP million")
    worth = found.information[found.information["value"] > 0].head(4).to_dict("records")
    items = [f"{row['label'].rstrip('.')}: {plain(row['value'] / 1e6, 0.1)}" for row in worth]
    show_items(items or ["Nothing: the same choice is best in every draw."])


def _show(table: pd.DataFrame, right: tuple[str, ...]) -> None:
    numbers = [k for k, name in enumerate(table.columns) if name in right]
    show_table(list(table.columns), table.to_numpy().tolist(), numbers)
