"""The command ``fitflow sweep``: from a file to one table of a thousand scenario runs."""

from __future__ import annotations

import math
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import options
from sim.cli.console import heading, say, show_items, show_table, warn
from sim.cli.errors import CommandError
from sim.cli.stages import scheduler_at
from sim.sweep.waits import FIRST_WAIT_SECONDS
from sim.words import some

if TYPE_CHECKING:
    from results.sweeps import OpenedSweep
    from sim.sweep.cluster import Scheduler
    from sim.sweep.execute import Step
    from sim.sweep.files import Sweep
    from sim.sweep.plan import Limits, Plan
    from sim.sweep.store import Store

STORE = "store"
"""Folder of all sweeps within that of all runs."""


def sweep(
    file: Annotated[str, typer.Argument(metavar="SWEEP", help="Name of a sweep, or a file.")],
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Say what it would take, in arms, time, memory and disk, and stop."
        ),
    ] = False,
    add_replications: Annotated[
        int | None,
        typer.Option(min=1, help="Simulate so many replications more than are finished."),
    ] = None,
    workers: options.Workers = None,
    memory: Annotated[
        float | None, typer.Option(min=0.5, help="GB that each worker may hold; else its share.")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Use the workers of this dask scheduler, such as tcp://10.0.0.1:8786, and not those of this "
            "computer. They need the same version of fitflow and the same folder --out.",
        ),
    ] = None,
    scheduler_wait: Annotated[
        float | None,
        typer.Option(
            min=1,
            metavar="SECONDS",
            help=f"Seconds to wait for a first answer from --scheduler; {FIRST_WAIT_SECONDS:g} if left out.",
        ),
    ] = None,
    serial: Annotated[
        bool, typer.Option("--serial", help="Simulate in this process, one block after another.")
    ] = False,
    shard: Annotated[
        str | None,
        typer.Option(
            metavar="I/N",
            help="Simulate the I-th of N parts of what is missing, in this process: for job arrays.",
        ),
    ] = None,
    scale: options.Scale = None,
    years: options.Years = None,
    seed: options.Seed = None,
    replications: options.Replications = None,
    areas: options.Areas = None,
    out: options.Out = Path("runs"),
) -> None:
    """Run a sweep: every point of its designs, with as many replications as it asks for.

    What is finished is kept, and is never simulated twice, in whatever sweep it is wanted again. A sweep that was
    stopped goes on where it was. Ends with a table of the differences of all points from their base.
    """
    from results.outcomes import NEEDS
    from sim.sweep.execute import one_thread
    from sim.sweep.files import load_sweep
    from sim.sweep.record import keep_record
    from sim.sweep.store import Store

    one_thread()
    part = _part(shard) if shard else None
    if scheduler_wait is not None and not scheduler:
        raise CommandError(
            f"--scheduler-wait: {scheduler_wait:g} given without --scheduler, the address of the scheduler to wait for."
        )
    if scheduler and (serial or part):
        raise CommandError(
            f"--scheduler: {scheduler} given together with {'--serial' if serial else '--shard'}, which simulates in "
            "this process. Give one of the two."
        )
    found = scheduler_at(scheduler, scheduler_wait or FIRST_WAIT_SECONDS)
    settings = options.given(
        scale=scale, years=years, seed=seed, replications=replications, areas=areas
    )
    loaded = load_sweep(file, settings, NEEDS)
    store = Store(out / STORE)
    if add_replications is not None:
        loaded = loaded.with_replications(_finished(loaded, store) + add_replications)
    limits = _limits(workers, memory, serial or part is not None)
    first = _planned(loaded, store, limits)
    if dry_run:
        _show_plan(loaded, first, limits)
        return
    if found and first.blocks:
        found.connect().close()  # before anything is written
    name = keep_record(store, loaded)
    how = _How(store, name, limits, found, serial, part)
    try:
        opened = _run(loaded, how, first)
    except KeyboardInterrupt:
        warn("Stopped. What is finished is kept, and the same command goes on from there.")
        raise
    if shard is not None:
        say(
            f"Part {shard} is finished. Once all parts are, the same command without --shard shows the table."
        )
        return
    _conclude(loaded, opened, out)


class _How:
    """How a sweep is run."""

    def __init__(
        self,
        store: Store,
        name: str,
        limits: Limits,
        scheduler: Scheduler | None,
        serial: bool,
        shard: tuple[int, int] | None,
    ) -> None:
        self.store, self.name, self.limits = store, name, limits
        self.scheduler, self.serial, self.shard = scheduler, serial, shard

    def steps(self, plan: Plan) -> Iterator[Step]:
        """Run what is missing, and yield blocks as they are finished."""
        from sim.sweep.execute import run_serially

        if not plan.blocks:
            return
        if self.shard or self.serial:
            part = plan.shard(*self.shard) if self.shard else plan
            yield from run_serially(self.store, self.name, part)
            return
        from sim.sweep.cluster import local_workers, run_on_cluster

        if self.scheduler:
            yield from run_on_cluster(self.store, self.name, plan, self.scheduler)
            return
        number = min(self.limits.workers, len(plan.blocks))
        with local_workers(number, self.limits.memory, warn) as local:
            yield from run_on_cluster(self.store, self.name, plan, local)


def _part(text: str) -> tuple[int, int]:
    try:
        number, of = map(int, text.split("/"))
    except ValueError:
        number, of = 0, 0
    if not 1 <= number <= of:
        raise CommandError(
            f"--shard: {text!r} given; allowed: I/N with I from 1 to N, such as 3/16."
        )
    return number, of


def _limits(workers: int | None, memory: float | None, alone: bool) -> Limits:
    import psutil

    from sim.sweep.plan import Limits

    number = 1 if alone else workers or os.cpu_count() or 1
    # Something is left for the system and for this process, which puts the results together.
    share = 0.8 * psutil.virtual_memory().total / number
    return Limits(number, memory * 1e9 if memory else share)


def _finished(loaded: Sweep, store: Store) -> int:
    """In how many replications every arm is finished."""
    from sim.run import shards

    cells = Counter(seed for _, seed, _ in store.sound(loaded.scenarios, warn))
    groups = sum(1 for _ in shards(loaded.base.areas, loaded.base.scale))
    whole = len(loaded.scenarios) * groups
    return sum(number == whole for seed, number in cells.items() if seed >= loaded.base.seed)


def _planned(
    loaded: Sweep, store: Store, limits: Limits, wanted: Mapping[str, Sequence[int]] | None = None
) -> Plan:
    from sim.sweep.costs import measured_speed
    from sim.sweep.plan import plan

    seeds = wanted or dict.fromkeys(loaded.scenarios, loaded.seeds)
    return plan(loaded, seeds, store.sound(loaded.scenarios, warn), measured_speed(), limits)


def _run(loaded: Sweep, how: _How, first: Plan) -> OpenedSweep:
    """Run a sweep, in rounds where it wants a precision."""
    from results.sweeps import OpenedSweep
    from sim.sweep.record import read_record

    there = how.store.sound(loaded.scenarios)
    opened = OpenedSweep(how.store, read_record(how.store, how.name), there)
    wanted = dict.fromkeys(loaded.scenarios, loaded.seeds)
    _round(loaded, how, opened, first)
    while loaded.precision and not how.shard and (more := _not_precise(loaded, opened, wanted)):
        warn(
            f"{len(more):,} of {len(wanted):,} arms need more replications for the precision asked for."
        )
        wanted |= more
        _round(loaded, how, opened, _planned(loaded, how.store, how.limits, wanted))
    return opened


def _round(loaded: Sweep, how: _How, opened: OpenedSweep, plan: Plan) -> None:
    """Run what a plan says is missing, and say how far it has come."""
    if plan.there:
        warn(f"{plan.there:,} of {plan.cells:,} are finished already (arms times replications).")
    began, cells = time.monotonic(), plan.there
    for step in how.steps(plan):
        cells += len(step.block.arms) * len(step.block.seeds)
        opened.cells.update(dict.fromkeys(step.block.cells(), step.block.name))
        minutes = (time.monotonic() - began) / 60
        rate = (cells - plan.there) / minutes
        left = (plan.cells - cells) / rate
        interim = "" if how.shard else _interim(opened, loaded)
        warn(
            f"{cells:,} of {plan.cells:,} done, {rate:,.0f} a minute, {_minutes(left)} left{interim}"
        )


def _not_precise(
    loaded: Sweep, opened: OpenedSweep, wanted: Mapping[str, Sequence[int]]
) -> dict[str, list[int]]:
    """Seeds of the arms, with their bases, whose differences are not as precise as the sweep wants."""
    from results.replications import progress
    from sim.cli.precision import parse_precision

    aim = loaded.precision
    assert aim is not None
    precision = parse_precision(str(aim.half_width), "precision, half_width")
    gains = opened.gains(aim.outcome, loaded.base.years)
    more: dict[str, list[int]] = {}
    for number, point in enumerate(loaded.points, start=1):
        made = len(wanted[point.arm])
        if made < aim.most and (
            made < 2 or progress(gains[number], precision, aim.most).verdict == "not yet"
        ):
            count = min(made + loaded.base.replications, aim.most)
            for arm in (point.arm, point.base):
                if count > len(wanted[arm]):
                    more[arm] = [loaded.base.seed + k for k in range(count)]
    return more


def _interim(opened: OpenedSweep, loaded: Sweep) -> str:
    """The headline difference so far: its range over the points, with half-widths."""
    from results.outcomes import OUTCOMES

    outcome = OUTCOMES[loaded.outcomes[0]]
    seeds = [s for s in opened.seeds() if len(opened.whole(s)) == len(opened.arms)]
    if len(seeds) < 2:
        return ""
    found = opened.differences([outcome.name], loaded.base.years).dropna(subset="high")
    if found.empty:
        return ""
    ends = [found.loc[found["difference"].idxmin()], found.loc[found["difference"].idxmax()]]
    low, high = (_difference(row.to_dict(), outcome.step) for row in ends)
    return f". {outcome.label}, year {loaded.base.years}, so far: from {low} to {high}"


def _minutes(minutes: float) -> str:
    if minutes < 1.5:
        return f"{minutes * 60:,.0f} seconds"
    return f"{minutes:,.0f} minutes" if minutes < 90 else f"{minutes / 60:,.1f} hours"


def _show_plan(loaded: Sweep, plan: Plan, limits: Limits) -> None:
    total = plan.total
    wall = plan.wall_seconds(limits.workers) / 60
    workers = some(limits.workers, "worker")
    groups = plan.cells // (len(loaded.scenarios) * loaded.base.replications)
    times = "arms times replications" + (f" times {groups} groups of areas" if groups > 1 else "")
    heading(f"{loaded.title}: what it takes")
    rows: list[tuple[str, str]] = [
        ("Points", f"{len(loaded.points):,}"),
        ("Arms, bases included", f"{len(loaded.scenarios):,}"),
        ("Replications", f"{loaded.base.replications:,}"),
        ("Finished already", f"{plan.there:,} of {plan.cells:,} ({times})"),
        ("Blocks to simulate", f"{len(plan.blocks):,}"),
        ("Processor time", _minutes(total.seconds / 60)),
        (f"Time with {workers}", _minutes(wall)),
        ("Memory of a worker", f"{total.memory / 1e9:,.1f} GB of {limits.memory / 1e9:,.1f} GB"),
        ("Disk", f"{total.disk / 1e6:,.0f} MB"),
    ]
    show_table(("", "Expected"), rows)
    say("Times are for this computer as it is now, measured by a short simulation.")


def _conclude(loaded: Sweep, opened: OpenedSweep, out: Path) -> None:
    from results.outcomes import OUTCOMES
    from sim.cli.sweep_tables import write_sweep

    year = loaded.base.years
    found = opened.differences(list(loaded.outcomes), year)
    for name in loaded.outcomes:
        outcome = OUTCOMES[name]
        rows = found[found["outcome"] == name]
        heading(f"{outcome.period_label('year')}: difference from the base, year {year}")
        cells = []
        for row in rows.to_dict("records"):
            shown = _difference(row, outcome.step)
            cells.append([*(_text(row[factor]) for factor in opened.telling), shown])
        headers = [
            *(opened.factor_title(f) for f in opened.telling),
            outcome.difference_unit.capitalize(),
        ]
        show_table(headers, cells, right=[len(headers) - 1])
    fewest, most = found["pairs"].min(), found["pairs"].max()
    pairs = f"{fewest} pairs" if fewest == most else f"{fewest} to {most} pairs"
    say(
        f"±: half-width of the 95% interval of Monte Carlo error from {pairs} of runs. "
        "Uncertainty about parameters is between the points, not within them."
    )
    folder = write_sweep(opened, out)
    heading(f"The sweep is {opened.name}; its results are in {folder}/")
    show_items([str(path) for path in sorted(folder.iterdir())], mark="  ")


def _difference(row: Mapping[Any, Any], smallest: float) -> str:
    """A difference with its half-width, of which one pair of runs tells nothing."""
    from results.numbers import NOT_AVAILABLE, plain, rounding_step

    half = (row["high"] - row["low"]) / 2
    if math.isnan(row["difference"]):
        return NOT_AVAILABLE
    if math.isnan(half):
        return plain(row["difference"], smallest)
    if not half:
        # Of few people, pairs agree by chance: a half-width of nought would look like certainty.
        return f"{plain(row['difference'], smallest)} (alike in all pairs)"
    step = float(rounding_step(half, smallest))
    return f"{plain(row['difference'], step)} ± {plain(half, step)}"


def _text(value: Any) -> str:
    from sim.sweep.arms import in_words

    return in_words(value)
