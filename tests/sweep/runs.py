"""Sweeps run in tests: how, and what came of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from results.sweeps import open_sweep
from sim.cli.sweep_tables import write_sweep
from sim.sweep.execute import Step
from sim.sweep.files import Sweep
from sim.sweep.plan import Limits, Plan, plan
from sim.sweep.record import keep_record
from sim.sweep.store import Store
from tests.sweep.conftest import A_SEED_A_BLOCK

Runner = Callable[[Store, str, Plan], Iterator[Step]]
TABLES = ("points.csv", "differences.csv", "values.parquet")


def plan_of(sweep: Sweep, store: Store, workers: int = 2, memory: float = 4e9) -> Plan:
    """What of a sweep is missing in a store, a seed a block."""
    wanted = {arm: sweep.seeds for arm in sweep.scenarios}
    there = store.sound(sweep.scenarios)
    return plan(sweep, wanted, there, A_SEED_A_BLOCK, Limits(workers, memory))


def run(sweep: Sweep, folder: Path, runner: Runner, made: Plan | None = None) -> list[Step]:
    """Run what of a sweep is missing; returns the steps."""
    store = Store(folder)
    name = keep_record(store, sweep)
    return list(runner(store, name, made or plan_of(sweep, store)))


def results(sweep: Sweep, folder: Path) -> dict[str, str]:
    """Digest of each file that a reader gets."""
    written = write_sweep(open_sweep(folder, sweep.name), folder.parent)
    return {name: _digest(written / name) for name in TABLES}


def blocks(folder: Path) -> dict[str, str]:
    """Digest of each table of each block."""
    files = sorted((folder / "blocks").glob("*/*.parquet"))
    return {f"{path.parent.name}/{path.name}": _digest(path) for path in files}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
