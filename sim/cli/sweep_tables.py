"""The files of a sweep: one table of all points, and what is behind it."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

from results.sweeps import OpenedSweep
from sim.output import origin
from sim.sweep.store import write_whole


def write_sweep(opened: OpenedSweep, out: Path) -> Path:
    """Write the tables of a sweep into a folder named by the sweep and what of it is finished.

    Another number of replications goes into another folder, so that no table is replaced by another.

    Returns
    -------
    Path
        The folder.
    """
    cells = json.dumps(sorted((arm, seed, areas) for arm, seed, areas in opened.cells))
    folder = out / f"{opened.name}-{hashlib.sha256(cells.encode()).hexdigest()[:8]}"
    seeds = {arm: opened.seeds_of(arm) for arm in opened.arms}
    manifest = {
        "sweep": {key: value for key, value in opened.record.content.items() if key != "arms"},
        "store": str(opened.store.folder),
        "seeds": seeds,
        "origin": origin(),
    }
    values = opened.yearly.sort_values(["scenario", "seed", "outcome", "year"], ignore_index=True)
    buffer = io.BytesIO()
    values.to_parquet(buffer, index=False, compression="zstd")
    files = {
        "points.csv": opened.points.to_csv(index=False).encode(),
        "differences.csv": opened.table.to_csv(index=False).encode(),
        "values.parquet": buffer.getvalue(),
        "manifest.json": json.dumps(manifest, indent=1, sort_keys=True).encode(),
    }
    for name, content in files.items():
        write_whole(folder / name, content)
    return folder
