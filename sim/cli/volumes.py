"""The command ``fitflow volumes``: what was announced beside what the model gives."""

from __future__ import annotations

from typing import Final

from sim.cli import options
from sim.cli.console import heading, say, show_items, show_table
from sim.cli.errors import CommandError

ROUGH_BELOW: Final = 0.04
"""Scale below which lines of a few places lose more to chance than real ones: see the page on services."""


@options.with_simulation
def volumes(how: options.Simulation) -> None:
    """Show announced volumes beside simulated ones, and why they differ.

    Runs each reform alone on the scenario without a plan, for all of England and the full five years.
    """
    from results.volumes import VOLUMES, simulated
    from sim.cli.arms import base_and_reforms
    from sim.cli.simulating import conclude, finish

    if how.areas or how.years:
        raise CommandError(
            "Volumes are those of England over five years: leave out --areas and --years."
        )
    reforms = list(dict.fromkeys(volume.reform for volume in VOLUMES))
    scenarios = base_and_reforms("no_plan", reforms, how.settings)
    finished = finish(scenarios, how)
    table = simulated(finished.tables, scenarios[0].scale, scenarios[0].name)
    heading("Announced and simulated")
    show_table(
        ("What", "Announced", "Simulated", "From seed to seed", "Share", "Unit"),
        [
            (
                row.name,
                f"{row.announced:,.0f}",
                _rounded(row.simulated),
                " to ".join(_rounded(value) for value in sorted((row.low, row.high), key=abs)),
                f"{row.ratio:.0%}",
                row.unit,
            )
            for row in table.itertuples(index=False)
        ],
        right=(1, 2, 3, 4),
    )
    heading("Why they differ")
    show_items([f"{row.name}: {row.why}" for row in table.itertuples(index=False)])
    say(
        f"Means over {scenarios[0].replications} replications, to two figures; a year is the fullest."
    )
    if scenarios[0].scale < ROUGH_BELOW:
        say(
            f"At a scale below {ROUGH_BELOW:g} an area has few places, and some stand empty by chance: "
            "programmes whose places or staff are the limit start too few. Take a larger --scale for these."
        )
    conclude(finished, [])


def _rounded(value: float) -> str:
    """A number to two figures, for a run at a small scale gives no more."""
    import math

    if value == 0:
        return "0"
    digits = 1 - math.floor(math.log10(abs(value)))
    return f"{round(value, digits):,.0f}"
