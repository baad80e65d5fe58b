"""The posterior as a file: draws of the parameters, what they do to a scenario, and where they come from."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim import __version__
from sim.output import code_digest
from sim.scenario.posterior import PROVENANCE

if TYPE_CHECKING:
    from calibration.fitting import Fit

_LIBRARIES: Final = ("numpy", "scipy", "scikit-learn", "emcee", "pandas")


def write_draws(found: Fit, path: Path) -> None:
    """Write the posterior draws of a fit; a file that is there is not overwritten.

    Raises
    ------
    FileExistsError
    """
    if path.exists():
        raise FileExistsError(f"{path} exists; move it away, or name another file")
    path.parent.mkdir(parents=True, exist_ok=True)
    space = found.plan.space
    rows = [
        {
            "draw": draw,
            "parameter": name,
            "number": float(number),
            "what": variation.what,
            "who": json.dumps(dict(variation.who)),
            "part": variation.part,
            "value": json.dumps(variation.value),
        }
        for draw, numbers in enumerate(space.numbers(found.posterior.draws))
        for (name, free), number in zip(space.free.items(), numbers, strict=True)
        for variation in free.variations(float(number))
    ]
    table = pa.Table.from_pandas(pd.DataFrame(rows), preserve_index=False)
    told = json.dumps(provenance(found), sort_keys=True)
    table = table.replace_schema_metadata({PROVENANCE: told.encode()})
    draft = path.with_suffix(f".draft{os.getpid()}")
    pq.write_table(table, draft, compression="zstd")
    os.replace(draft, path)


def provenance(found: Fit) -> dict[str, Any]:
    """Where the draws come from: method, scale, seeds, targets, code and libraries."""
    plan = found.plan
    targets = plan.fitted_to.to_csv(index=False).encode()
    return {
        "fitflow": __version__,
        "code": code_digest(),
        "base": plan.scenario(1).digest(),
        "method": plan.method,
        "scale": plan.scale,
        "draws_in_an_ensemble": plan.draws,
        "assimilations": plan.steps,
        "seeds": plan.pool,
        "seed": plan.seed,
        "runs": found.runs,
        "full_scale": plan.full_scale,
        "runs_at_full_scale": found.large,
        "targets": len(plan.fitted_to),
        "targets_sha256": hashlib.sha256(targets).hexdigest(),
        "independent_draws": round(found.posterior.independent),
        "split_r_hat": round(found.posterior.spread_ratio, 3),
        "python": platform.python_version(),
        "libraries": {name: metadata.version(name) for name in _LIBRARIES},
    }
