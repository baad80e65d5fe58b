"""The commands about the model itself: the order of a day, and the data dictionary."""

from __future__ import annotations

from collections.abc import Iterable

import typer

from sim.cli.console import heading, say, show_table


def schedule() -> None:
    """Show the order of a day: what happens first, what it does, and what it draws and waits for."""
    from sim.core.engine import schedule as order
    from sim.model import STEPS

    say("Every day of the simulation goes through these steps, in this order.")
    say()
    rows = [(str(number), name, when, does) for number, name, when, does in order(STEPS)]
    show_table(("", "Step", "When", "What it does"), rows, right=(0,))
    say()
    say("In the evening, the next day of each chance that depends on what changed is looked up.")
    heading("What the steps draw and wait for")
    drawn = [
        (str(number), step.name, _names(s.name for s in step.streams), _names(step.clocks),
         _names(step.spells))
        for number, step in enumerate(STEPS, start=1)
        if step.streams or step.clocks or step.spells
    ]  # fmt: skip
    headers = ("", "Step", "Chances (streams)", "Fixed days (clocks)", "Spells")
    show_table(headers, drawn, right=(0,))


def data_dictionary() -> None:
    """Print the data dictionary: every table, column, event and outcome of a run, as Markdown."""
    from results.dictionary import data_dictionary as written

    typer.echo(written(), nl=False)


def _names(names: Iterable[str]) -> str:
    return ", ".join(names)
