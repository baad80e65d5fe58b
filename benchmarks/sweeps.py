"""A sweep as users run it: cold start to results on disk, with one and two workers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PEOPLE = 20_000
SCENARIOS = 20
REPLICATIONS = 50
SWEEP = f"""\
name: measured
title: Twenty scenarios
description: WorkWell with more or fewer coaches that do more or less, with lines for coaches and for assessments.
base: baseline
settings: {{scale: {PEOPLE / 35_900_000:.6f}, years: 5, replications: REPLICATIONS}}
factors:
  coaches: {{}}
  effect: {{}}
arms:
  reforms: [workwell_pilots]
  changes:
    - {{what: workwell.coaches, value: $coaches, join: multiply, from: 2024-10-01}}
    - {{what: workwell.return_hazard_ratio, value: $effect, join: multiply, from: 2024-10-01}}
designs:
  - list: POINTS
"""
"""Nineteen points and their base."""


def sweep_tenth() -> None:
    """Twenty scenarios, five replications of 20,000 people over five years, with one worker and with two."""
    walls = [_measured(REPLICATIONS // 10, workers) for workers in (1, 2)]
    print(f"  two workers {walls[0] / walls[1]:.2f} times as fast as one")


def sweep_full() -> None:
    """A thousand arms: twenty scenarios, fifty replications of 20,000 people over five years, two workers."""
    _measured(REPLICATIONS, 2)


def _measured(replications: int, workers: int) -> float:
    """Wall time of the program from a cold start, with nothing in the cache, to results on disk."""
    points = [{"coaches": c, "effect": e} for c in (0.5, 1, 1.5, 2, 4) for e in (0.9, 1, 1.1, 1.2)]
    text = SWEEP.replace("REPLICATIONS", str(replications)).replace(
        "POINTS", json.dumps(points[: SCENARIOS - 1])
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "measured.yaml")
        path.write_text(text, encoding="utf-8")
        words = ["-m", "sim.cli.app", "sweep", str(path), "--workers", str(workers)]
        environment = {**os.environ, "FITFLOW_CACHE": folder}
        began = time.perf_counter()
        out = ["--out", str(Path(folder, "runs"))]
        subprocess.run(
            [sys.executable, *words, *out], env=environment, check=True, capture_output=True
        )
        wall = time.perf_counter() - began
        facts = [
            json.loads(record.read_text(encoding="utf-8"))["facts"]
            for record in Path(folder, "runs", "store", "blocks").glob("*/done.json")
        ]
        disk = sum(f.stat().st_size for f in Path(folder, "runs").rglob("*") if f.is_file())
    simulating = sum(fact["simulating"] for fact in facts)
    print(
        f"  {SCENARIOS * replications} arms, {workers} worker{'s' if workers > 1 else ''}: {wall:.0f} s; "
        f"{len(facts)} blocks, {1 - simulating / wall / workers:.0%} of the workers' time not simulating; "
        f"{disk / 1e6:.0f} MB",
        flush=True,
    )
    return wall
