"""What a worker does: a plain function of a store and the name of a block."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from sim.arms import Arm
from sim.run import run_arms
from sim.scenario import Scenario
from sim.sweep.record import Record, read_record, read_spec
from sim.sweep.store import Store

Status = Literal["computed", "found", "busy"]


@dataclass(frozen=True)
class Worked:
    """What came of a block: a few numbers, and nothing of its tables."""

    block: str
    status: Status
    seconds: float = 0.0
    simulating: float = 0.0


def compute(folder: str, name: str) -> Worked:
    """Simulate a block and keep its tables, unless it is there already.

    Parameters
    ----------
    folder : str
        The store.
    name : str
        The block; its specification stands in the store.
    """
    began = time.perf_counter()
    store = Store(Path(folder))
    with store.claimed(name) as mine:
        if not mine:
            return Worked(name, "busy")
        found = store.done(name)
        if found and store.damage(found) is None:
            return Worked(name, "found")
        sweep, block = read_spec(store, name)
        record = _record(folder, sweep)
        scenarios = [record.to_simulate(arm) for arm in block.arms]
        simulating = time.perf_counter()
        tables = _simulated(scenarios, block.seeds, block.areas, record.content)
        simulating = time.perf_counter() - simulating
        seconds = time.perf_counter() - began
        facts = {
            "seconds": round(seconds, 3),
            "simulating": round(simulating, 3),
            "worker": f"{platform.node()}:{os.getpid()}",
        }
        store.write(block, tables, facts)
    return Worked(name, "computed", time.perf_counter() - began, simulating)


@lru_cache(maxsize=2)
def _record(folder: str, sweep: str) -> Record:
    return read_record(Store(Path(folder)), sweep)


def _simulated(
    scenarios: list[Scenario],
    seeds: tuple[int, ...],
    areas: tuple[str, ...],
    content: Mapping[str, Any],
) -> dict[str, pd.DataFrame]:
    here = [scenario.model_copy(update={"areas": areas}) for scenario in scenarios]
    arms = [Arm(scenario, seed) for seed in seeds for scenario in here]
    tables = run_arms(arms, detail=content["detail"]).conformed()
    return {name: getattr(tables, name) for name in sorted(content["keep"])}
