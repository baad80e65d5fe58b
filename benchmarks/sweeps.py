"""A sweep as users run it: cold start to results on disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import peak_megabytes

PEOPLE = 20_000
ALL = 35_900_000
"""About as many of working age live in England."""
SCENARIOS = 20
REPLICATIONS = 50
SWEEP = """\
name: measured
title: Twenty scenarios
description: WorkWell with more or fewer coaches that do more or less, with lines for coaches and for assessments.
base: baseline
settings: {scale: SCALE, years: 5, replications: REPLICATIONS}
factors:
  coaches: {}
  effect: {}
arms:
  reforms: [workwell_pilots]
  changes:
    - {what: workwell.coaches, value: $coaches, join: multiply, from: 2024-10-01}
    - {what: workwell.return_hazard_ratio, value: $effect, join: multiply, from: 2024-10-01}
designs:
  - list: POINTS
"""
"""Points and their base."""
EXPECTED = ("Processor time", "Time with", "Memory", "Disk")


def sweep_tenth() -> None:
    """Twenty scenarios, five replications of 20,000 people over five years, two workers."""
    _measured(REPLICATIONS // 10, 2)


def sweep_full() -> None:
    """A thousand arms: twenty scenarios, fifty replications of 20,000 people over five years, two workers and one."""
    together, alone = (_measured(REPLICATIONS, workers) for workers in (2, 1))
    print(f"  two workers {alone / together:.2f} times as fast as one")


def sweep_plans() -> None:
    """What --dry-run says beforehand of ten scenarios of three sizes, and what they then take on two workers."""
    for people, replications in ((20_000, 4), (60_000, 2), (200_000, 1)):
        _measured(replications, 2, people, scenarios=10)
    with tempfile.TemporaryDirectory() as folder:
        path = _written(Path(folder), 1, ALL, scenarios=10)
        print("  everybody in England, ten scenarios, 64 workers:")
        print(_fitflow(path, folder, "--dry-run", "--workers", "64", "--memory", "8"))


def _measured(
    replications: int, workers: int, people: int = PEOPLE, scenarios: int = SCENARIOS
) -> float:
    """Wall time of the program from a cold start, with nothing in the cache, to results on disk."""
    with tempfile.TemporaryDirectory() as folder:
        path = _written(Path(folder), replications, people, scenarios)
        # The speed of this computer is measured here, and kept apart from the run, which starts cold.
        said = _fitflow(path, f"{folder}/speed", "--dry-run", "--workers", str(workers))
        began = time.perf_counter()
        _fitflow(path, folder, "--workers", str(workers), "--out", str(Path(folder, "runs")))
        wall = time.perf_counter() - began
        facts = [
            json.loads(record.read_text(encoding="utf-8"))["facts"]
            for record in Path(folder, "runs", "store", "blocks").glob("*/done.json")
        ]
        disk = sum(f.stat().st_size for f in Path(folder, "runs").rglob("*") if f.is_file())
    simulating = sum(fact["simulating"] for fact in facts)
    print(
        f"  {scenarios * replications} arms of {people:,} people, {workers} worker{'s' if workers > 1 else ''}: "
        f"{wall:.0f} s; {len(facts)} blocks, {1 - simulating / wall / workers:.0%} of the workers' time not "
        f"simulating; {disk / 1e6:.0f} MB; at most {peak_megabytes():.0f} MB so far in a process"
    )
    expected = (line for line in said.splitlines() if line.startswith(EXPECTED))
    print("    expected:", "; ".join(" ".join(line.split()) for line in expected), flush=True)
    return wall


def _written(folder: Path, replications: int, people: int, scenarios: int) -> Path:
    points = [{"coaches": c, "effect": e} for c in (0.5, 1, 1.5, 2, 4) for e in (0.9, 1, 1.1, 1.2)]
    text = SWEEP.replace("REPLICATIONS", str(replications))
    text = text.replace("SCALE", f"{people / ALL:.6f}")
    path = folder / "measured.yaml"
    path.write_text(text.replace("POINTS", json.dumps(points[: scenarios - 1])), encoding="utf-8")
    return path


def _fitflow(path: Path, cache: str, *options: str) -> str:
    """What ``fitflow sweep`` says about a file."""
    words = [sys.executable, "-m", "sim.cli.app", "sweep", str(path), *options]
    environment = {**os.environ, "FITFLOW_CACHE": cache, "COLUMNS": "120"}
    done = subprocess.run(words, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout
