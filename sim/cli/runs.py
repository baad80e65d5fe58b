"""A run that was asked for: read if it was made before, else simulated and written."""

from __future__ import annotations

import hashlib
import importlib.resources
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from results.coupling import coupling
from sim.cli.console import progress
from sim.output import RunTables, code_digest, read_run, run_hash, write_run
from sim.run import Interrupted, Outcome, simulate
from sim.scenario import Scenario


@dataclass(frozen=True)
class Plan:
    """What determines a run, and therefore the name of its folder."""

    scenarios: tuple[Scenario, ...]
    detail: str
    log_people: int

    @property
    def seeds(self) -> list[int]:
        """One seed a replication."""
        first = self.scenarios[0]
        return [first.seed + k for k in range(first.replications)]

    def digest(self) -> str:
        """SHA-256, in hexadecimal, of all that determines the tables."""
        scenarios = {scenario.name: scenario.digest() for scenario in self.scenarios}
        run = run_hash(scenarios, self.seeds, code_digest(), data_digest())
        return hashlib.sha256(f"{run} {self.detail} {self.log_people}".encode()).hexdigest()


@dataclass(frozen=True)
class Run:
    """A finished run: its folder, tables and manifest, and whether it was there before."""

    folder: Path
    tables: RunTables
    manifest: dict[str, Any]
    was_there: bool


class Stopped(KeyboardInterrupt):
    """Ctrl-C; the message says what was kept."""


def find_or_simulate(plan: Plan, out: Path, workers: int) -> Run:
    """Read the run if its folder is there; else simulate it and write it.

    Raises
    ------
    Stopped
        When the user stops it. Replications that were finished are written as a run of so many.
    sim.output.RunFolderError
        When the folder is there but does not hold this run.
    """
    digest = plan.digest()
    folder = out / digest[:12]
    if folder.exists():
        tables, manifest = read_run(folder)
        return Run(folder, tables, manifest, was_there=True)
    out.mkdir(parents=True, exist_ok=True)  # a folder that cannot be made is noticed at once
    try:
        outcome = _simulate(plan, workers)
    except Interrupted as stop:
        raise Stopped(_kept(stop.outcome, plan, out)) from None
    return _written(outcome, plan, digest, out)


def _simulate(plan: Plan, workers: int) -> Outcome:
    count, times = len(plan.scenarios), len(plan.seeds)
    scenarios = f"{count} scenario{'s' if count > 1 else ''}"
    what = f"Simulating {scenarios}, {times} replication{'s' if times > 1 else ''}"
    with progress(what) as report:
        return simulate(
            plan.scenarios,
            plan.seeds,
            workers=workers,
            detail=plan.detail,
            log_people=plan.log_people,
            progress=report,
        )


def _written(outcome: Outcome, plan: Plan, digest: str, out: Path) -> Run:
    manifest = {**outcome.manifest, "run": digest, "coupling": couplings(outcome, plan)}
    folder = write_run(outcome.tables, manifest, out)
    return Run(folder, outcome.tables.conformed(), manifest, was_there=False)


def _kept(outcome: Outcome | None, plan: Plan, out: Path) -> str:
    """Keep the first replications of a stopped run, as far as there is no gap; says what is kept."""
    finished = outcome.manifest["seeds"] if outcome else []
    gap = next((k for k, s in enumerate(plan.seeds) if s not in finished), len(plan.seeds))
    if outcome is None or gap == 0:
        return "Stopped. Nothing was written."
    shorter = Plan(
        tuple(s.model_copy(update={"replications": gap}) for s in plan.scenarios),
        plan.detail,
        plan.log_people,
    )
    tables = {
        table.name: frame[frame["seed"].isin(shorter.seeds)]
        for table, frame in outcome.tables.items()
    }
    dumps = {s.name: s.model_dump(mode="json") for s in shorter.scenarios}
    manifest = {**outcome.manifest, "seeds": shorter.seeds, "scenarios": dumps}
    first = replace(outcome, tables=RunTables(**tables), manifest=manifest)
    run = _written(first, shorter, shorter.digest(), out)
    return (
        f"Stopped. The first {gap} of {len(plan.seeds)} replications were finished and are kept "
        f"in {run.folder}, as a run with --replications {gap}."
    )


def couplings(outcome: Outcome, plan: Plan) -> list[dict[str, Any]]:
    """Who is nearer to work on the last day, for every ordered pair of scenarios.

    Returns
    -------
    list of dict
        base and reform by name; nearer, further, unchanged and not_compared in people of the
        population, as means over the replications.
    """
    everybody = {s.name: _all_seeds(outcome, s.name, plan.seeds) for s in plan.scenarios}
    scale = plan.scenarios[0].scale * len(plan.seeds)
    rows = []
    for base, reform in permutations(everybody, 2):
        found = coupling(everybody[base], everybody[reform], scale)
        rows.append(
            {
                "base": base,
                "reform": reform,
                "nearer": found.better,
                "further": found.worse,
                "unchanged": found.unchanged,
                "not_compared": found.not_compared,
            }
        )
    return rows


def _all_seeds(outcome: Outcome, scenario: str, seeds: Sequence[int]) -> NDArray[np.uint8]:
    return np.concatenate([outcome.final_labour[scenario, seed] for seed in seeds])


def coupling_of(manifest: Mapping[str, Any], base: str, reform: str) -> Mapping[str, float]:
    """The row of :func:`couplings` for a base and a reform."""
    rows = [r for r in manifest["coupling"] if (r["base"], r["reform"]) == (base, reform)]
    return dict(rows[0])


def data_digest() -> str:
    """SHA-256 of the tables that the population is made from."""
    digest = hashlib.sha256()
    folder = importlib.resources.files("scenarios").joinpath("data")
    for name in sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".csv")):
        text = folder.joinpath(name).read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{name}\0{len(text)}\0".encode() + text)
    return digest.hexdigest()
