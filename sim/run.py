"""Runs: scenarios and replications over the same people with the same luck, on as many processes as wanted.

A task is one seed in one shard of areas; it does not depend on any other, so the number of processes and the
order of tasks cannot change a result. Within a task all scenarios share their history until the first day
on which they differ; there the world branches into arms that go on side by side.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.core.dates import date_of, day_of
from sim.core.engine import conduct
from sim.core.recorder import Recorder
from sim.core.world import World
from sim.model import EVENTS, layout
from sim.output import RunTables
from sim.people import read_areas
from sim.scenario import Scenario
from sim.settings import ParameterSettings, first_difference
from sim.tabulate import Segment, Tabulator, conserved
from sim.warm import started_world

SHARD_PEOPLE: Final = 600_000
"""A shard of areas holds about so many simulated people; more shards, less memory."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Task:
    """One seed in one shard of areas, for all scenarios."""

    scenarios: tuple[Scenario, ...]
    seed: int
    areas: tuple[str, ...]
    by_area: bool
    log_people: int | None


@dataclass
class Done:
    """What a task brings back."""

    frames: dict[str, list[pd.DataFrame]] = field(default_factory=dict)
    final_labour: dict[str, NDArray[np.uint8]] = field(default_factory=dict)
    splits: list[int] = field(default_factory=list)
    conserved: bool = True
    seconds: float = 0.0
    candidates: dict[str, tuple[int, int]] = field(default_factory=dict)


class Interrupted(KeyboardInterrupt):
    """Ctrl-C; ``outcome`` holds the replications that were finished, or is None."""

    def __init__(self, outcome: Outcome | None) -> None:
        super().__init__()
        self.outcome = outcome


@dataclass(frozen=True)
class Outcome:
    """Tables of a run, and what there is to say about it.

    ``final_labour[scenario, seed]`` is everybody's labour-market state on the last evening, in one order of
    people for all scenarios, so that two scenarios can be compared person by person.
    """

    tables: RunTables
    manifest: dict[str, Any]
    final_labour: dict[tuple[str, int], NDArray[np.uint8]]


def simulate(
    scenarios: Sequence[Scenario],
    seeds: Sequence[int],
    *,
    workers: int = 1,
    detail: str = "country",
    log_people: int | None = 0,
    progress: Progress | None = None,
) -> Outcome:
    """Simulate scenarios over the same people with the same luck.

    Parameters
    ----------
    scenarios : sequence of Scenario
        With one start, length, scale, warm-up and choice of areas; names differ.
    seeds : sequence of int
        One a replication.
    workers : int
        Processes; results do not depend on it.
    detail : {"country", "area"}
        Whether tables tell areas apart.
    log_people : int or None
        Log every event of about so many people an area; None logs everybody.
    progress : callable, optional
        Called with the number of tasks done and of all.

    Raises
    ------
    ValueError
        If the scenarios cannot be compared.
    Interrupted
        On Ctrl-C, with the replications that were finished.
    """
    _check_comparable(scenarios)
    began = time.perf_counter()
    tasks = [
        Task(tuple(scenarios), seed, areas, detail == "area", log_people)
        for seed in seeds
        for areas in shards(scenarios[0].areas, scenarios[0].scale)
    ]
    done: dict[int, Done] = {}
    try:
        _run(tasks, workers, progress, done)
    except KeyboardInterrupt:
        whole = [s for s in seeds if all(k in done for k, t in enumerate(tasks) if t.seed == s)]
        kept = {k: d for k, d in done.items() if tasks[k].seed in whole}
        seconds = time.perf_counter() - began
        if not whole:
            raise Interrupted(None) from None
        finished = _outcome(scenarios, whole, tasks, kept, detail, workers, seconds)
        raise Interrupted(finished) from None
    return _outcome(scenarios, seeds, tasks, done, detail, workers, time.perf_counter() - began)


def _outcome(
    scenarios: Sequence[Scenario],
    seeds: Sequence[int],
    tasks: Sequence[Task],
    done: Mapping[int, Done],
    detail: str,
    workers: int,
    seconds: float,
) -> Outcome:
    results = [done[k] for k in sorted(done)]
    frames: dict[str, list[pd.DataFrame]] = {}
    final: dict[tuple[str, int], list[NDArray[np.uint8]]] = {}
    for k in sorted(done):
        for name, parts in done[k].frames.items():
            frames.setdefault(name, []).extend(parts)
        for name, labour in done[k].final_labour.items():
            final.setdefault((name, tasks[k].seed), []).append(labour)
    tables = _tabulator(detail == "area").labelled(frames, [s.name for s in scenarios])
    manifest = {
        "scenarios": {s.name: s.model_dump(mode="json") for s in scenarios},
        "seeds": list(seeds),
        "scale": scenarios[0].scale,
        "detail": detail,
        "workers": workers,
        "timings": {
            "wall_seconds": round(seconds, 2),
            "task_seconds": [round(result.seconds, 2) for result in results],
        },
        "thinning": _efficiency(results),
        "checks": _checks(results),
    }
    return Outcome(tables, manifest, {key: np.concatenate(parts) for key, parts in final.items()})


def shards(areas: Sequence[str], scale: float) -> Iterator[tuple[str, ...]]:
    """Split areas into shards of about equal memory; the same whatever the number of processes."""
    places = read_areas()
    shard: list[str] = []
    people = 0.0
    for code in sorted(areas, key=places.code.index):
        here = float(places.residents[places.code.index(code)].sum()) * scale
        if shard and people + here > SHARD_PEOPLE:
            yield tuple(shard)
            shard, people = [], 0.0
        shard.append(code)
        people += here
    yield tuple(shard)


def run_task(task: Task) -> Done:
    """Simulate one task; a plain function of its argument, so that any process can run it."""
    began = time.process_time()
    done = Done()
    tabulator = _tabulator(task.by_area)
    for group in _same_history(task.scenarios):
        _run_group(task, group, tabulator, done)
    done.seconds = time.process_time() - began
    return done


def _run_group(task: Task, group: list[int], tabulator: Tabulator, done: Done) -> None:
    """Scenarios that share a warmed-up start: one world that branches where they come to differ."""
    scenarios = task.scenarios
    start, end = day_of(scenarios[0].start), day_of(scenarios[0].end)
    differ = _differences(scenarios, group, end)
    world = started_world(scenarios[group[0]], task.seed, task.areas, task.log_people)
    arms = [list(group)]
    while True:
        split = min((differ[i, j] for arm in arms for i in arm for j in arm if i < j), default=end)
        # Tomorrow's policy comes into force in the evening, so the world branches the evening before that.
        _advance(world, end - 1 if split >= end else split - 2, start)
        if split >= end:
            break
        _collect(world, arms, task, tabulator, done)
        done.splits.append(split)
        world, arms = _branch(world, arms, differ, split, scenarios)
    _collect(world, arms, task, tabulator, done)
    labour = world.people["labour"].reshape(world.arms, -1)
    for k, arm in enumerate(arms):
        for number in arm:
            done.final_labour[scenarios[number].name] = labour[k].copy()
    for name in world.streams:
        seen, struck = done.candidates.get(name, (0, 0))
        done.candidates[name] = (seen + world.candidates[name], struck + world.strikes_so_far[name])


def _advance(world: World, until: int, start: int) -> None:
    """Go on to the evening of a day; counting begins on the first day of results."""
    if world.day < min(until, start - 1):
        conduct(world, min(until, start - 1))
        if world.day == start - 1:
            world.recorder.begin(world.day)
    if world.day < until:
        conduct(world, until)


def _branch(
    world: World,
    arms: list[list[int]],
    differ: dict[tuple[int, int], int],
    split: int,
    scenarios: Sequence[Scenario],
) -> tuple[World, list[list[int]]]:
    """Give scenarios that differ from a day on an arm each; those that still agree share one."""
    parents, children = [], []
    for parent, arm in enumerate(arms):
        parts: list[list[int]] = []
        for i in arm:
            for part in parts:
                if differ[part[0], i] > split:
                    part.append(i)
                    break
            else:
                parts.append([i])
        parents += [parent] * len(parts)
        children += parts
    settings = ParameterSettings(
        [scenarios[arm[0]] for arm in children], read_areas().code, world.day + 1
    )
    return world.branched(parents, settings), children


def _collect(
    world: World, arms: list[list[int]], task: Task, tabulator: Tabulator, done: Done
) -> None:
    recorder = world.recorder
    if not recorder.months and not recorder.log:
        return
    done.conserved &= conserved(recorder.months)
    segment = Segment(recorder.months, recorder.log, arms, world.facts["person"])
    for name, frame in tabulator.frames(segment, task.seed).items():
        done.frames.setdefault(name, []).append(frame)


def _differences(
    scenarios: Sequence[Scenario], group: Sequence[int], end: int
) -> dict[tuple[int, int], int]:
    codes = read_areas().code
    return {
        (i, j): first_difference(scenarios[i], scenarios[j], codes, end)
        for i in group
        for j in group
        if i < j
    }


def _same_history(scenarios: Sequence[Scenario]) -> list[list[int]]:
    """Numbers of the scenarios that agree up to the day before the start, so can share a warmed-up start."""
    codes = read_areas().code
    groups: list[list[int]] = []
    for number, scenario in enumerate(scenarios):
        start = day_of(scenario.start)
        for group in groups:
            first = scenarios[group[0]]
            if (
                _warms_up_alike(first, scenario)
                and first_difference(first, scenario, codes, start) >= start
            ):
                group.append(number)
                break
        else:
            groups.append([number])
    return groups


def _warms_up_alike(one: Scenario, other: Scenario) -> bool:
    """Whether no parameter differs before the start; a reform cannot reach back, an override can."""
    return all(
        p.numbers == other.parameters[n].numbers and p.specs == other.parameters[n].specs
        for n, p in one.parameters.items()
    )


def _run(
    tasks: Sequence[Task], workers: int, progress: Progress | None, done: dict[int, Done]
) -> None:
    """Run all tasks; each lands in ``done`` as it finishes, whatever stops the others."""
    if workers == 1 or len(tasks) == 1:
        for k, task in enumerate(tasks):
            done[k] = run_task(task)
            if progress:
                progress(k + 1, len(tasks))
        return
    # One thread a process: the processes are the parallelism.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        min(workers, len(tasks)), mp_context=context, initializer=_leave_interrupts_to_parent
    ) as pool:
        numbers = {pool.submit(run_task, task): k for k, task in enumerate(tasks)}
        try:
            for count, future in enumerate(as_completed(numbers), start=1):
                done[numbers[future]] = future.result()
                if progress:
                    progress(count, len(tasks))
        except BaseException:
            pool.shutdown(cancel_futures=True, wait=False)
            for process in multiprocessing.active_children():
                process.terminate()
            raise


def _leave_interrupts_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _tabulator(by_area: bool) -> Tabulator:
    places = read_areas()
    wales = (~places.in_england).astype(int)
    return Tabulator(
        Recorder.for_steps(layout(), EVENTS), places.code, wales.tolist(), by_area=by_area
    )


def _check_comparable(scenarios: Sequence[Scenario]) -> None:
    first = scenarios[0]
    for other in scenarios[1:]:
        for name in ("start", "years", "scale", "warm_up_years"):
            if getattr(other, name) != getattr(first, name):
                raise ValueError(
                    f"{first.name} and {other.name} cannot be compared: {name} is "
                    f"{getattr(first, name)} in one and {getattr(other, name)} in the other"
                )
        if set(other.areas) != set(first.areas):
            raise ValueError(
                f"{first.name} and {other.name} cannot be compared: their areas differ"
            )
    names = [s.name for s in scenarios]
    if len(set(names)) < len(names):
        raise ValueError(f"scenarios need names of their own; given: {', '.join(names)}")


def _efficiency(done: Sequence[Done]) -> dict[str, float]:
    """Share of the candidates of each calendar stream that became events."""
    shares = {}
    for name in done[0].candidates:
        seen = sum(d.candidates[name][0] for d in done)
        shares[name] = round(sum(d.candidates[name][1] for d in done) / seen, 4) if seen else 1.0
    return shares


def _checks(done: Sequence[Done]) -> list[str]:
    if not all(d.conserved for d in done):
        raise AssertionError("stocks did not change by flows: people were lost or made up")
    checks = ["People are conserved: in every cell, stocks change by flows exactly."]
    splits = [d.splits[0] for d in done if d.splits]
    if splits:
        day = f"{date_of(min(splits)):%-d %B %Y}"
        checks.append(f"History before {day} is one and the same in all arms.")
    return checks
