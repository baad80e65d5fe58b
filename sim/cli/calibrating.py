"""The commands ``fitflow calibrate`` and ``fitflow sensitivity``."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sim.cli import options
from sim.cli.console import heading, say, show_items, show_table, warn
from sim.cli.errors import CommandError

if TYPE_CHECKING:
    import pandas as pd

    from calibration.fitting import Fit, Say
    from calibration.sensitivity import Indices

METHODS = Literal["esmda", "lsq", "hm"]
FIRST_WAIT_SECONDS = 60.0
"""So long a scheduler is waited for before anything is run."""
HALF = 0.5
"""An emulator that explains less of draws left out comes with a warning."""


def calibrate(
    method: Annotated[
        METHODS,
        typer.Option(
            help="esmda: ensemble smoother, emulator and sampler (the default). lsq: least squares around "
            "the best point. hm: history matching in waves, for wide priors."
        ),
    ] = "esmda",
    base: Annotated[str, typer.Option(help="Scenario to calibrate, by name or file.")] = "baseline",
    scale: Annotated[
        float, typer.Option(help="Simulated people for each person in every draw.")
    ] = 0.0005,
    full_scale: Annotated[
        float,
        typer.Option(
            help="The scale that the posterior is for: what small draws are off is measured there and taken out. "
            "As large as --scale or smaller: not measured."
        ),
    ] = 0.008,
    draws: Annotated[
        int, typer.Option(min=20, help="Draws in an ensemble; eight times the parameters or more.")
    ] = 200,
    steps: Annotated[int, typer.Option(min=2, help="Assimilations, or waves.")] = 4,
    pool: Annotated[int, typer.Option(min=4, help="Seeds that draws take in turn.")] = 32,
    seed: Annotated[int, typer.Option(min=0, help="For the design and the sampler.")] = 1,
    workers: options.Workers = None,
    scheduler: options.BlockScheduler = None,
    targets: Annotated[
        Path | None, typer.Option(help="Folder of targets (*.csv) instead of the published ones.")
    ] = None,
    parameters: Annotated[
        Path | None, typer.Option(help="File of free parameters and priors instead of the usual.")
    ] = None,
    folder: Annotated[
        Path, typer.Option(help="Folder that keeps what is run; the same command goes on there.")
    ] = Path("calibrations"),
    recovery: Annotated[
        int, typer.Option(min=0, help="Known truths to look for, as a test of the method.")
    ] = 0,
    report: Annotated[
        Path | None, typer.Option(help="Folder for a report as a web page and Markdown.")
    ] = None,
) -> None:
    """Fit the uncertain parameters to published statistics, and keep draws of the posterior.

    What is run is kept: after Ctrl-C, the same command goes on where it was. The draws and the report hold
    how well the targets are met, also those that were held out.
    """
    _check_libraries()
    from calibration.draws import write_draws
    from calibration.fitting import Plan, fit

    plan = Plan(
        method=method,
        base=base,
        scale=scale,
        draws=draws,
        steps=steps,
        pool=pool,
        seed=seed,
        full_scale=full_scale,
        workers=_cores(workers),
        scheduler=scheduler,
        folder=folder,
        targets=targets,
        parameters=parameters,
    )
    # What cannot be used is told before anything else is said.
    plan.experiment()
    plan.check(plan.checked)
    _answering(scheduler)
    size, number = plan.space.size, len(plan.fitted_to)
    heading("Calibration")
    say(
        f"{size} free parameters, {number} targets, {draws} draws in an ensemble of "
        f"{scale:g} people for each person."
    )
    began = time.perf_counter()
    with _kept(folder), _stages() as told:
        found = fit(plan, told)
    seconds = time.perf_counter() - began
    _show(found)
    file = folder / f"posterior-{_name(found)}.parquet"
    if not file.exists():
        write_draws(found, file)
    heading("Kept")
    show_items([f"{file}: {len(found.posterior.draws)} draws of the posterior"], mark="  ")
    say(
        f"{found.runs} model runs at a scale of {scale:g} and {found.large} at {full_scale:g}; "
        f"{seconds / 60:.0f} minutes, runs kept from before not counted."
    )
    if report is not None:
        with _kept(folder), _stages() as told:
            files = _report(found, recovery, report, seconds, told)
        show_items([str(path) for path in files], mark="  ")
    elif recovery:
        with _kept(folder), _stages() as told:
            _recover(found, recovery, told)


def _report(found: Fit, truths: int, folder: Path, seconds: float, told: Say) -> list[Path]:
    from calibration.fitting import predictive
    from calibration.recovery import recover
    from calibration.report import write_report

    checked = predictive(found, told)
    known = recover(found, truths, told) if truths else None
    return write_report(found, checked, known, folder, seconds)


def _recover(found: Fit, truths: int, told: Say) -> None:
    from calibration.recovery import recover, verdict

    known = recover(found, truths, told)
    share, error = known.coverage
    heading("Known truths")
    say(f"{share:.0%} (standard error {error:.0%}) of the 90% intervals hold their truth.")
    table = known.table(found.plan.space.names)
    show_table(
        ("Parameter", "Covered", "Contraction", ""),
        [
            (r.parameter, f"{r.coverage:.0%}", f"{r.contraction:.2f}", verdict(r.contraction))
            for r in table.itertuples(index=False)
        ],
        right=(1, 2),
    )


def _show(found: Fit) -> None:
    """Targets at the posterior, and parameters, on the console."""
    import numpy as np

    from calibration.recovery import verdict
    from calibration.space import shown

    plan, draws = found.plan, found.posterior.draws
    y = found.emulator(draws)
    z = plan.likelihood.z(y.mean(axis=0), found.emulator.variance)
    heading("Targets, as the emulator has them")
    order = np.argsort(-np.abs(z))[:12]
    show_table(
        ("Furthest targets", "Over published", "z"),
        [(plan.likelihood.names[k], f"{y[:, k].mean():.3f}", f"{z[k]:+.1f}") for k in order],
        right=(1, 2),
    )
    say(f"{(np.abs(z) <= 2).mean():.0%} of {len(z)} targets lie within two standard errors.")
    heading("Parameters")
    numbers = np.quantile(plan.space.numbers(draws), (0.05, 0.5, 0.95), axis=0)
    show_table(
        ("Parameter", "5%", "Median", "95%", "Contraction", ""),
        [
            (
                name,
                *(shown(value) for value in numbers[:, k]),
                f"{found.contraction()[k]:.2f}",
                verdict(found.contraction()[k]),
            )
            for k, name in enumerate(plan.space.names)
        ],
        right=(1, 2, 3, 4),
    )
    if found.notes:
        heading("Mind")
        show_items(found.notes)


def _name(found: Fit) -> str:
    """A name that two fits share only if they are the same."""
    import hashlib

    return hashlib.sha256(found.posterior.draws.tobytes()).hexdigest()[:12]


def _cores(workers: int | None) -> int:
    import os

    return workers or os.cpu_count() or 1


def _answering(scheduler: str | None) -> str | None:
    """The address of a scheduler, once it is known that one answers there."""
    if scheduler is not None:
        from sim.sweep.cluster import check_address, connected

        check_address(scheduler)
        connected(scheduler, warn, FIRST_WAIT_SECONDS).close()
    return scheduler


def _check_libraries() -> None:
    from importlib.util import find_spec

    missing = [name for name in ("emcee", "sklearn") if find_spec(name) is None]
    if missing:
        raise CommandError(
            f"Calibration needs {' and '.join(missing)}, which are not installed. "
            "Install them with: pip install 'fitflow[calibration]'"
        )


@contextmanager
def _kept(folder: Path) -> Iterator[None]:
    """Say after Ctrl-C that what is finished is kept."""
    try:
        yield
    except KeyboardInterrupt:
        warn(f"Stopped. What is finished is kept in {folder}: the same command goes on there.")
        raise


@contextmanager
def _stages() -> Iterator[Say]:
    """Show stages: a bar for each on a terminal, a line for each elsewhere."""
    import sys

    if not sys.stderr.isatty():
        shown: set[str] = set()

        def line(stage: str, done: int, of: int) -> None:
            if stage not in shown:
                shown.add(stage)
                warn(f"{stage} ({of}) ...")

        yield line
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeElapsedColumn(), TimeRemainingColumn(), console=Console(stderr=True)
    ) as bars:
        tasks = {}

        def bar(stage: str, done: int, of: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=of)
            bars.update(tasks[stage], completed=done, total=of)

        yield bar


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
    kept = Kept(folder, _cores(workers), _answering(scheduler))
    asked = Asked(mine, theirs, space, outcome, year, kept)
    words = OUTCOMES[outcome]

    with _kept(folder), _stages() as told:

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
    if found.explained < HALF:
        say(
            "It explains little of draws left out: read the intervals, not the order. More --draws, or a larger "
            "--scale, would tell more."
        )
