"""The command ``fitflow sensitivity``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from sim.cli import options
from sim.cli.console import heading, say, show_table
from sim.cli.errors import CommandError
from sim.cli.stages import cores, keeping, scheduler_at, stages

if TYPE_CHECKING:
    import pandas as pd

    from calibration.sensitivity import Indices

LEAST_EXPLAINED: Final = 0.5
"""An emulator that explains less of draws left out comes with a warning."""


def sensitivity(
    outcome: Annotated[
        str, typer.Argument(help="Name of an outcome, such as in_work.")
    ] = "in_work",
    scenario: Annotated[str, typer.Option(help="Scenario, by name or file.")] = "baseline",
    against: Annotated[
        str | None,
        typer.Option(
            help="Scenario to take off: indices of the difference. A reform as --scenario then stands for this one "
            "with it."
        ),
    ] = None,
    year: Annotated[int, typer.Option(min=1, max=30, help="Year of results.")] = 1,
    method: Annotated[
        Literal["morris", "sobol"],
        typer.Option(help="morris: screening. sobol: shares of the variance, by an emulator."),
    ] = "morris",
    draws: Annotated[
        int | None,
        typer.Option(
            help="Paths of the screening, 4 or more (else 10), each of a run more than there are parameters; or draws "
            "for the indices, ten for each parameter or more (else as many)."
        ),
    ] = None,
    scale: Annotated[float, typer.Option(help="Simulated people for each person.")] = 0.0005,
    pool: Annotated[int, typer.Option(min=2, help="Seeds that draws take in turn.")] = 8,
    seed: Annotated[int, typer.Option(min=0, help="For the design.")] = 1,
    workers: options.Workers = None,
    scheduler: options.BlockScheduler = None,
    parameters: Annotated[
        Path | None, typer.Option(help="File of parameters and priors instead of the usual.")
    ] = None,
    folder: Annotated[
        Path, typer.Option(help="Folder that keeps what is run; the same command goes on there.")
    ] = Path("calibrations"),
) -> None:
    """Show which uncertain parameters an outcome hangs on, over their priors.

    What is run is kept: after Ctrl-C, the same command goes on where it was. Indices have 90% intervals, and the
    share of the variance that is luck is shown beside them.
    """
    from calibration.blocks import Kept
    from calibration.likelihood import F64, I64
    from calibration.outcomes import Asked
    from calibration.sensitivity import check_draws, default_draws, indices, screen
    from calibration.space import FILE, read_space
    from results.outcomes import OUTCOMES
    from sim.cli.arms import base_and_reforms
    from sim.scenario.errors import no_such

    if outcome not in OUTCOMES:
        raise CommandError(no_such("outcome", outcome, OUTCOMES))
    settings = {"scale": scale, "years": year}
    if against is None:
        (mine,), theirs = base_and_reforms(scenario, [], settings), None
    else:
        theirs, mine = base_and_reforms(against, [scenario], settings)
    space = read_space(parameters or FILE)
    number = default_draws(method, space.size) if draws is None else draws
    check_draws(method, space.size, number)
    kept = Kept(folder, cores(workers), scheduler_at(scheduler))
    asked = Asked(mine, theirs, space, outcome, year, kept)
    words = OUTCOMES[outcome]

    with keeping(folder), stages() as told:

        def simulate(x: F64, places: I64) -> F64:
            return asked.simulate(x, places, lambda *n: told("draws", *n))

        if method == "morris":
            screened = screen(simulate, space.names, trajectories=number, pool=pool, seed=seed)
        else:
            found = indices(simulate, space.names, draws=number, pool=pool, seed=seed)
    whose = f"{mine.title} less {theirs.title}" if theirs else mine.title
    heading(f"{words.period_label('year')} ({words.unit}), year {year}: {whose}")
    if method == "morris":
        _show_screened(screened)
    else:
        _show_indices(found)
    say(f"What was run is kept in {folder}; the same command shows this again without a run.")


def _show_screened(table: pd.DataFrame) -> None:
    show_table(
        ("Parameter", "Strength", "s.e.", "Bends"),
        [
            (r.parameter, f"{r.strength:.4g}", f"{r.error:.2g}", f"{r.bends:.4g}")
            for r in table.itertuples(index=False)
        ],
        right=(1, 2, 3),
    )
    say("Strength: mean size of the effect of one standard deviation of the prior.")


def _show_indices(found: Indices) -> None:
    show_table(
        ("Parameter", "First order", "90%", "Total", "90%"),
        [
            (
                r.parameter,
                f"{r.first:.2f}",
                f"{r.first_low:.2f} to {r.first_high:.2f}",
                f"{r.total:.2f}",
                f"{r.total_low:.2f} to {r.total_high:.2f}",
            )
            for r in found.table.itertuples(index=False)
        ],
        right=(1, 3),
    )
    low, middle, high = found.noise
    say(
        "Shares of the variance that the parameters bring: medians and middle 90% of what the draws allow."
    )
    say(
        f"Luck, and what a quadratic misses, is {middle:.0%} (90%: {low:.0%} to {high:.0%}) of the variance over draws."
    )
    if found.explained > 0:
        say(
            f"The emulator explains {found.explained:.0%} of the variance of draws left out, luck of seeds taken out."
        )
    if found.explained < LEAST_EXPLAINED:
        say(
            "The emulator explains little of draws left out: read the intervals, not the order. More --draws, or a "
            "larger --scale, would tell more."
        )
