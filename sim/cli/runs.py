"""A run that was asked for: read as far as it was made before, the rest simulated, and written.

A replication does not depend on the others that are made with it. So a run takes the replications that it
shares with finished runs of the same experiment from them, and only those that nobody has made are simulated.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from results.coupling import coupling
from sim.cli.console import progress, warn
from sim.output import code_digest, data_digest, read_run, run_hash, write_run
from sim.replications import combine, of_seeds
from sim.run import Interrupted, Outcome, simulate, stated
from sim.scenario import Scenario
from sim.tables import RunFolderError, RunTables
from sim.task import Engine
from sim.words import some


@dataclass(frozen=True)
class Plan:
    """What determines a run, and therefore the name of its folder."""

    scenarios: tuple[Scenario, ...]
    detail: str
    log_people: int
    engine: Engine = "vectorised"

    @property
    def seeds(self) -> list[int]:
        """One seed a replication."""
        first = self.scenarios[0]
        return [first.seed + k for k in range(first.replications)]

    def of(self, replications: int) -> Plan:
        """The same with another number of replications."""
        update = {"replications": replications}
        scenarios = tuple(s.model_copy(update=update) for s in self.scenarios)
        return replace(self, scenarios=scenarios)

    def digest(self) -> str:
        """SHA-256, in hexadecimal, of all that determines the tables."""
        scenarios = {scenario.name: scenario.digest() for scenario in self.scenarios}
        run = run_hash(scenarios, self.seeds, code_digest(), data_digest())
        return hashlib.sha256(
            f"{run} {self.detail} {self.log_people} {self.engine}".encode()
        ).hexdigest()

    def experiment(self) -> str:
        """SHA-256 of all that determines the tables but for which replications they hold."""
        no_luck = {"seed": 0, "replications": 1}
        scenarios = tuple(s.model_copy(update=no_luck) for s in self.scenarios)
        return replace(self, scenarios=scenarios).digest()


@dataclass(frozen=True)
class Run:
    """A finished run: its folder, tables and manifest, and whether it was there before."""

    folder: Path
    tables: RunTables
    manifest: dict[str, Any]
    was_there: bool


@dataclass(frozen=True)
class Part:
    """Some replications of a plan: their tables, and what the manifest says of each."""

    tables: RunTables
    replications: list[dict[str, Any]]

    @property
    def seeds(self) -> list[int]:
        """The seeds of its replications."""
        return [replication["seed"] for replication in self.replications]


class Stopped(KeyboardInterrupt):
    """Ctrl-C; the message says what was kept."""


def find_or_simulate(plan: Plan, out: Path, workers: int) -> Run:
    """Read the run if its folder is there; else simulate what no finished run has, and write it.

    Raises
    ------
    Stopped
        When the user stops it. Replications that were finished are written as a run of so many.
    sim.output.RunFolderError
        When the folder is there but does not hold this run.
    """
    folder = out / plan.digest()[:12]
    if folder.exists():
        tables, manifest = read_run(folder)
        return Run(folder, tables, manifest, was_there=True)
    out.mkdir(parents=True, exist_ok=True)  # a folder that cannot be made is noticed at once
    parts = list(_finished(plan, out))
    there = {seed for part in parts for seed in part.seeds}
    missing = [seed for seed in plan.seeds if seed not in there]
    timings: dict[str, Any] = {"wall_seconds": 0.0}
    if missing:
        try:
            outcome = _simulate(plan, missing, workers)
        except Interrupted as stop:
            raise Stopped(_kept(stop.outcome, parts, plan, out)) from None
        parts.append(_part(outcome, plan))
        timings = outcome.manifest["timings"]
    return _written(parts, plan, out, {"workers": workers, "timings": timings})


def _finished(plan: Plan, out: Path) -> Iterator[Part]:
    """Replications of the plan that finished runs hold, each once; runs that hold most of them first."""
    experiment, wanted = plan.experiment(), set(plan.seeds)
    found = []
    for path in out.glob("*/manifest.json"):
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue  # of something else, or not for us to judge
        if isinstance(manifest, dict) and manifest.get("experiment") == experiment:
            found.append((wanted.intersection(manifest["seeds"]), path.parent))
    for seeds, folder in sorted(found, key=lambda each: (-len(each[0]), each[1].name)):
        here = seeds & wanted
        if not here:
            continue
        try:
            tables, manifest = read_run(folder)
        except RunFolderError as error:
            warn(f"Note: replications are simulated again, as a run cannot be used. {error}")
            continue
        wanted -= here
        yield Part(
            of_seeds(tables, here), [r for r in manifest["replications"] if r["seed"] in here]
        )


def _simulate(plan: Plan, seeds: list[int], workers: int) -> Outcome:
    count, times = len(plan.scenarios), len(seeds)
    more = "more " if times < len(plan.seeds) else ""
    what = f"Simulating {some(count, 'scenario')}, {some(times, more + 'replication')}"
    with progress(what) as report:
        return simulate(
            plan.scenarios,
            seeds,
            workers=workers,
            detail=plan.detail,
            log_people=plan.log_people,
            engine=plan.engine,
            progress=report,
        )


def _part(outcome: Outcome, plan: Plan) -> Part:
    replications = [
        {**replication, "coupling": couplings(outcome, plan, replication["seed"])}
        for replication in outcome.manifest["replications"]
    ]
    return Part(outcome.tables.conformed(), replications)


def _written(parts: list[Part], plan: Plan, out: Path, how: Mapping[str, Any]) -> Run:
    tables = combine([part.tables for part in parts])
    replications = sorted((r for part in parts for r in part.replications), key=_seed)
    manifest = {
        "run": plan.digest(),
        "experiment": plan.experiment(),
        "scenarios": {s.name: s.model_dump(mode="json") for s in plan.scenarios},
        "seeds": plan.seeds,
        "scale": plan.scenarios[0].scale,
        "detail": plan.detail,
        "engine": plan.engine,
        "contracts": stated(replications),
        "replications": replications,
        **how,
    }
    folder = write_run(tables, manifest, out)
    return Run(folder, tables, manifest, was_there=False)


def _seed(replication: Mapping[str, Any]) -> int:
    return int(replication["seed"])


def _kept(outcome: Outcome | None, parts: list[Part], plan: Plan, out: Path) -> str:
    """Keep the first replications of a stopped run, as far as there is no gap; says what is kept."""
    if outcome is None:
        return "Stopped. Nothing was written."
    parts = [*parts, _part(outcome, plan)]
    finished = {seed for part in parts for seed in part.seeds}
    gap = next((k for k, s in enumerate(plan.seeds) if s not in finished), len(plan.seeds))
    if gap == 0:
        return "Stopped. Nothing was written."
    shorter = plan.of(gap)
    first = set(shorter.seeds)
    parts = [
        Part(of_seeds(part.tables, first), [r for r in part.replications if r["seed"] in first])
        for part in parts
        if first.intersection(part.seeds)
    ]
    how = {"workers": outcome.manifest["workers"], "timings": outcome.manifest["timings"]}
    run = _written(parts, shorter, out, how)
    return (
        f"Stopped. The first {gap} of {len(plan.seeds)} replications were finished and are kept "
        f"in {run.folder}, as a run with --replications {gap}. The same command again goes on from there."
    )


# ---- Who is nearer to work ------------------------------------------------------------------------------


def couplings(outcome: Outcome, plan: Plan, seed: int) -> list[dict[str, Any]]:
    """Who is nearer to work on the last day of a replication, for every ordered pair of scenarios.

    Returns
    -------
    list of dict
        base and reform by name; nearer, further, unchanged and not_compared in people of the population, and
        moves: a row a state in the base and a column a state in the reform, as in ``results.coupling.ORDER``.
    """
    rows = []
    for base, reform in permutations((scenario.name for scenario in plan.scenarios), 2):
        found = coupling(
            outcome.final_labour(base, seed),
            outcome.final_labour(reform, seed),
            plan.scenarios[0].scale,
        )
        rows.append(
            {
                "base": base,
                "reform": reform,
                "nearer": found.better,
                "further": found.worse,
                "unchanged": found.unchanged,
                "not_compared": found.not_compared,
                "moves": found.moves.to_numpy().tolist(),
            }
        )
    return rows


COUNTS = ("nearer", "further", "unchanged", "not_compared")
"""What :func:`couplings` counts."""


def coupling_of(
    manifest: Mapping[str, Any], base: str, reform: str
) -> dict[str, NDArray[np.float64]]:
    """What :func:`couplings` counted for a base and a reform: an array over replications of each count."""
    rows = [
        row
        for replication in manifest["replications"]
        for row in replication["coupling"]
        if (row["base"], row["reform"]) == (base, reform)
    ]
    return {name: np.array([row[name] for row in rows]) for name in COUNTS}
