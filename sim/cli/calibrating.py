"""The command ``fitflow calibrate``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sim.cli import options
from sim.cli.console import heading, say, show_items, show_table
from sim.cli.errors import CommandError
from sim.cli.stages import cores, keeping, scheduler_at, stages

if TYPE_CHECKING:
    from calibration.fitting import Fit, Say

METHODS = Literal["esmda", "lsq", "hm"]


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
        float | None,
        typer.Option(
            help="The scale that the posterior is for, --scale or more (else 0.008, or --scale if that is more): what "
            "smaller draws are off is measured there and taken out."
        ),
    ] = None,
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
    from calibration.fitting import FULL_SCALE, Plan, fit

    full_scale = max(FULL_SCALE, scale) if full_scale is None else full_scale

    plan = Plan(
        method=method,
        base=base,
        scale=scale,
        draws=draws,
        steps=steps,
        pool=pool,
        seed=seed,
        full_scale=full_scale,
        workers=cores(workers),
        scheduler=scheduler_at(scheduler),
        folder=folder,
        targets=targets,
        parameters=parameters,
    )
    # What cannot be used is told before anything else is said.
    plan.experiment()
    plan.check(plan.checked)
    if full_scale < scale:
        raise CommandError(
            f"--full-scale: {full_scale:g} given; no smaller than --scale, which is {scale:g}"
        )
    size, number = plan.space.size, len(plan.fitted_to)
    heading("Calibration")
    say(
        f"{size} free parameters, {number} targets, {draws} draws in an ensemble of "
        f"{scale:g} people for each person."
    )
    began = time.perf_counter()
    with keeping(folder), stages() as told:
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
        with keeping(folder), stages() as told:
            files = _report(found, recovery, report, seconds, told)
        show_items([str(path) for path in files], mark="  ")
    elif recovery:
        with keeping(folder), stages() as told:
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


def _check_libraries() -> None:
    from importlib.util import find_spec

    missing = [name for name in ("emcee", "sklearn") if find_spec(name) is None]
    if missing:
        raise CommandError(
            f"Calibration needs {' and '.join(missing)}, which are not installed. "
            "Install them with: pip install 'fitflow[calibration]'"
        )
