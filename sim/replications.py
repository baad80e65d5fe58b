"""Replications of one experiment: the tables of some seeds taken out, and put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from sim.tables import TABLES, RunTables, conform


def of_seeds(tables: RunTables, seeds: Iterable[int]) -> RunTables:
    """The rows of some of the seeds."""
    wanted = list(seeds)
    return RunTables(
        **{table.name: frame[frame["seed"].isin(wanted)] for table, frame in tables.items()}
    )


def combine(parts: Sequence[RunTables]) -> RunTables:
    """Join the tables of the same scenarios and other seeds.

    Parameters
    ----------
    parts : sequence of RunTables
        Each as :meth:`sim.tables.RunTables.conformed` gives it.

    Raises
    ------
    sim.output.RunFolderError
        When a seed is in more than one part.
    """
    if len(parts) == 1:
        return parts[0]
    joined: dict[str, pd.DataFrame] = {}
    for name, table in TABLES.items():
        frames = [frame for part in parts if (frame := getattr(part, name)) is not None]
        if not frames:
            continue
        columns = {
            column.name: union_categoricals([frame[column.name] for frame in frames])
            if column.dtype == "category"
            else np.concatenate([frame[column.name].to_numpy() for frame in frames])
            for column in table.columns
        }
        joined[name] = conform(table, pd.DataFrame(columns))
    return RunTables(**joined)
