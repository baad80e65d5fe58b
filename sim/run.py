"""Runs: scenarios and replications over the same people with the same luck, on as many processes as wanted.

A task is one seed in one shard of areas; it does not depend on any other, so the number of processes and the
order of tasks cannot change a result.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim import contracts
from sim.arms import Arm
from sim.people import read_areas
from sim.processes import as_finished
from sim.same_people import U16, labour_of, same_people
from sim.scenario import Scenario
from sim.scenario.posterior import at_seed
from sim.tables import RunTables
from sim.task import Done, Engine, Task, run_task, tabulator

SHARD_PEOPLE: Final = 600_000
"""A shard of areas holds about so many simulated people; more shards, less memory."""
ENOUGH_SHARDS: Final = 16
"""Shards of one scenario are larger where there would still be so many: each goes through every day by itself."""

Progress = Callable[[int, int], None]


class Interrupted(KeyboardInterrupt):
    """Ctrl-C; ``outcome`` holds the replications that were finished, or is None."""

    def __init__(self, outcome: Outcome | None) -> None:
        super().__init__()
        self.outcome = outcome


@dataclass(frozen=True)
class Outcome:
    """Tables of a run, and what there is to say about it.

    ``evenings[scenario, seed]`` says who everybody is and where on the last evening, as
    :func:`sim.same_people.evening` has it, in one order of people for all scenarios of a seed.
    """

    tables: RunTables
    manifest: dict[str, Any]
    evenings: dict[tuple[str, int], U16]

    def final_labour(self, scenario: str, seed: int) -> NDArray[np.uint8]:
        """Everybody's labour-market state on the last evening."""
        return labour_of(self.evenings[scenario, seed])


def simulate(
    scenarios: Sequence[Scenario],
    seeds: Sequence[int],
    *,
    workers: int = 1,
    detail: str = "country",
    log_people: int | None = 0,
    engine: Engine = "vectorised",
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
    engine : {"vectorised", "reference"}
        The reference engine is the plain one: the same results, slowly.
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
        Task(
            tuple(Arm(at_seed(scenario, seed), seed) for scenario in scenarios),
            areas,
            detail == "area",
            log_people,
            engine,
        )
        for seed in seeds
        for areas in shards(scenarios[0].areas, scenarios[0].scale, len(scenarios))
    ]
    done: dict[int, Done] = {}
    try:
        _run(tasks, workers, progress, done)
    except KeyboardInterrupt:
        lost = {_seed(task) for k, task in enumerate(tasks) if k not in done}
        whole = [seed for seed in seeds if seed not in lost]
        kept = {k: d for k, d in done.items() if _seed(tasks[k]) in whole}
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
    frames: dict[str, list[pd.DataFrame]] = {}
    parts_of: dict[tuple[str, int], list[U16]] = {}
    for k in sorted(done):
        for name, parts in done[k].frames.items():
            frames.setdefault(name, []).extend(parts)
        for arm, part in done[k].evenings.items():
            parts_of.setdefault(arm, []).append(part)
    tables = tabulator(detail == "area").labelled(frames, [s.name for s in scenarios])
    evenings = {key: np.concatenate(parts) for key, parts in parts_of.items()}
    if len(scenarios) > 1:
        pairs = same_people(evenings, [s.name for s in scenarios], seeds)
        tables = replace(tables, same_people=pairs)
    replications = [
        _replication(seed, [done[k] for k in sorted(done) if _seed(tasks[k]) == seed])
        for seed in seeds
    ]
    manifest = {
        "scenarios": {s.name: s.model_dump(mode="json") for s in scenarios},
        "seeds": list(seeds),
        "scale": scenarios[0].scale,
        "detail": detail,
        "workers": workers,
        "timings": {"wall_seconds": round(seconds, 2)},
        "contracts": stated(replications),
        "replications": replications,
    }
    return Outcome(tables, manifest, evenings)


def _seed(task: Task) -> int:
    """The seed of all arms of a task of :func:`simulate`."""
    return task.arms[0].seed


def run_arms(
    arms: Sequence[Arm], *, detail: str = "country", keep_starts: bool = False
) -> RunTables:
    """Simulate arms side by side in this process, from the warm-up on; memory grows with their number.

    Parameters
    ----------
    arms : sequence of Arm
        Of one start, length, scale, warm-up and choice of areas. Any parameter may differ between
        scenarios, which need names of their own. Results are those of each arm alone, to the last bit.
    detail : {"country", "area"}
        Whether tables tell areas apart.
    keep_starts : bool
        Read and keep warmed-up starts, each lived alone the first time, rather than all side by side.

    Returns
    -------
    RunTables
        With a row's arm in the columns ``scenario`` and ``seed``.

    Raises
    ------
    ValueError
        If the scenarios cannot stand side by side.
    """
    scenarios = list({id(arm.scenario): arm.scenario for arm in arms}.values())
    _check_comparable(scenarios)
    frames: dict[str, list[pd.DataFrame]] = {}
    for areas in shards(scenarios[0].areas, scenarios[0].scale, len(arms)):
        task = Task(tuple(arms), areas, detail == "area", 0, keep_starts=keep_starts)
        for name, parts in run_task(task).frames.items():
            frames.setdefault(name, []).extend(parts)
    return tabulator(detail == "area").labelled(frames, task.names)


def shards(areas: Sequence[str], scale: float, arms: int = 1) -> Iterator[tuple[str, ...]]:
    """Split areas into shards of about equal memory; the same whatever the number of processes."""
    places = read_areas()
    residents = {
        code: scale * float(n.sum()) for code, n in zip(places.code, places.residents, strict=True)
    }
    codes = sorted(areas, key=places.code.index)
    most = max(SHARD_PEOPLE, sum(residents[code] for code in codes) / (ENOUGH_SHARDS * arms))
    shard: list[str] = []
    people = 0.0
    for code in codes:
        here = residents[code]
        if shard and people + here > most:
            yield tuple(shard)
            shard, people = [], 0.0
        shard.append(code)
        people += here
    yield tuple(shard)


def _run(
    tasks: Sequence[Task], workers: int, progress: Progress | None, done: dict[int, Done]
) -> None:
    """Run all tasks; each lands in ``done`` as it finishes, whatever stops the others."""
    with closing(as_finished(run_task, tasks, workers)) as finished:
        for k, result in finished:
            done[k] = result
            if progress:
                progress(len(done), len(tasks))


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


def stated(replications: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What a manifest says of the contracts of all its replications."""
    tallies = (contracts.Tally(**replication["contracts"]) for replication in replications)
    return contracts.statement(contracts.joined(tallies))


def _replication(seed: int, done: Sequence[Done]) -> dict[str, Any]:
    """What there is to say of one seed: contracts, and how many candidates of each stream became events."""
    return {
        "seed": seed,
        "seconds": round(sum(result.seconds for result in done), 2),
        "contracts": asdict(contracts.joined(t for result in done for t in result.tallies)),
        "thinning": {
            name: {
                "candidates": sum(result.candidates[name][0] for result in done),
                "events": sum(result.candidates[name][1] for result in done),
            }
            for name in done[0].candidates
        },
    }
