"""A sweep, opened: one table of what every point of it comes to.

``open_sweep("runs/store", "coaches_by_area")`` is where a notebook starts. The tables of a sweep that does not fit
into memory are files of one form: ``files("stocks")`` names them, for pyarrow datasets and DuckDB.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from results import displacement, scope
from results.differences import NET, paired_difference
from results.outcomes import NEEDS, OUTCOMES, yearly
from sim.run import shards
from sim.scenario import Scenario
from sim.scenario.errors import suggestion
from sim.sweep.arms import in_words
from sim.sweep.designs import DRAW
from sim.sweep.record import Record, read_record
from sim.sweep.store import Cell, Store, StoreError, file_name
from sim.tables import TABLES, RunTables, conform

F64 = NDArray[np.float64]

COLUMNS: Final = {
    "point": ("number", "Number of the point, from 1, in the order of the design."),
    "outcome": ("label", "Name of the outcome."),
    "year": ("number", "Year since the start, from 1."),
    "base": ("unit of the outcome", "Mean value in the base over the pairs."),
    "reform": ("unit of the outcome", "Mean value at the point over the pairs."),
    "difference": ("unit of the outcome", "Mean of point minus base, seed by seed."),
    "standard_error": (
        "unit of the outcome",
        "Standard error of the difference; missing with one pair.",
    ),
    "low": ("unit of the outcome", "Lower end of the 95% t interval of Monte Carlo error."),
    "high": ("unit of the outcome", "Upper end of the interval."),
    "pairs": ("number", "Seeds run at the point and in its base."),
}
"""Columns of the table of a sweep beside its factors: unit and description."""


@dataclass
class OpenedSweep:
    """A sweep with as much of it as is finished.

    Parameters
    ----------
    store : Store
    record : Record
    cells : dict
        The block that holds each finished cell.
    """

    store: Store
    record: Record
    cells: dict[Cell, str]
    _values: dict[int, pd.DataFrame] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The sweep's name in the store."""
        return self.record.name

    @property
    def base(self) -> Scenario:
        """What everything is compared with, where the file says nothing of circumstances."""
        return self.record.base

    @cached_property
    def factors(self) -> list[str]:
        """Names of the factors."""
        return list(self.record.content["points"][0]["values"])

    @cached_property
    def telling(self) -> list[str]:
        """Factors without those that a posterior draw sets, which its number tells."""
        if DRAW not in self.factors:
            return self.factors
        different = self.points.groupby(DRAW)[self.factors].nunique()
        return [name for name in self.factors if name == DRAW or (different[name] > 1).any()]

    def factor_title(self, name: str) -> str:
        """What a factor is called."""
        return str(
            self.record.content["factors"][name]["title"] or name.replace("_", " ").capitalize()
        )

    def of_kind(self, kind: str) -> list[str]:
        """Names of the levers, or of the uncertainties."""
        kinds = self.record.content["factors"]
        return [name for name in self.factors if kinds[name]["kind"] == kind]

    @cached_property
    def points(self) -> pd.DataFrame:
        """A row a point: its number, the value of every factor, and the names of its arm and base."""
        rows = [
            {
                "point": number,
                **_flat(point["values"]),
                "arm": point["arm"],
                "base_arm": point["base"],
            }
            for number, point in enumerate(self.record.content["points"], start=1)
        ]
        return pd.DataFrame(rows)

    @property
    def arms(self) -> list[str]:
        """Names of all scenarios: those of points, and their bases."""
        return list(self.record.content["arms"])

    def seeds(self) -> list[int]:
        """Seeds of which something is finished."""
        return sorted({seed for _, seed, _ in self.cells})

    def seeds_of(self, arm: str) -> list[int]:
        """Seeds in which an arm is finished, in all its shards of areas."""
        return [seed for seed in self.seeds() if arm in self.whole(seed)]

    def whole(self, seed: int) -> list[str]:
        """Arms that are finished in every shard for a seed."""
        by_arm: dict[str, int] = {}
        for arm, own, _ in self.cells:
            if own == seed:
                by_arm[arm] = by_arm.get(arm, 0) + 1
        return [arm for arm, number in by_arm.items() if number == self.groups]

    @cached_property
    def groups(self) -> int:
        """How many groups of areas, simulated apart, make up the sweep."""
        return sum(1 for _ in shards(self.base.areas, self.base.scale))

    # ---- Values -------------------------------------------------------------------------------------------------

    @property
    def yearly(self) -> pd.DataFrame:
        """Values of every outcome by scenario (an arm), seed and year, as of a run."""
        frames = [self.values_of(seed) for seed in self.seeds()]
        if not any(len(frame) for frame in frames):
            raise StoreError(f"Nothing of the sweep {self.name} is finished.")
        return pd.concat(frames, ignore_index=True)

    def values_of(self, seed: int) -> pd.DataFrame:
        """Values of every outcome by scenario and year for one seed; what is unfinished is left out."""
        arms = self.whole(seed)
        known = self._values.get(seed)
        if known is None or known["scenario"].nunique() < len(arms):
            key, _ = scope.place(self.base)
            self._values[seed] = (
                self._counted(yearly(self.tables([seed], arms), self.base.scale, key))
                if arms
                else pd.DataFrame(columns=["scenario", "seed", "outcome", "year", "value"])
            )
        return self._values[seed]

    @property
    def outcomes(self) -> list[str]:
        """Names of the outcomes that can be counted from the tables that are kept."""
        return [name for name in OUTCOMES if NEEDS[name] <= set(self.record.content["keep"])]

    def _counted(self, values: pd.DataFrame) -> pd.DataFrame:
        """Values of those: others are counted as nought from tables that are not kept."""
        return values[values["outcome"].isin(self.outcomes)].reset_index(drop=True)

    def tables(self, seeds: Sequence[int], arms: Sequence[str]) -> RunTables:
        """The tables of some arms and seeds, as of a run; tables that are not kept are empty."""
        wanted: dict[str, set[tuple[str, int]]] = {}
        for (arm, seed, _), block in self.cells.items():
            if seed in seeds and arm in arms:
                wanted.setdefault(block, set()).add((arm, seed))
        frames = {
            name: [
                _rows(self.store.read(block, name), cells)
                for block, cells in sorted(wanted.items())
            ]
            if name in self.record.content["keep"]
            else [pd.DataFrame(columns=[column.name for column in TABLES[name].columns])]
            for name in TABLES
            if name != "log"
        }
        return RunTables(**{name: _joined(name, parts) for name, parts in frames.items()})

    def files(self, table: str) -> list[Path]:
        """The Parquet files of a table, for what does not fit into memory.

        Their column ``scenario`` names arms; :attr:`points` says what each of them is.
        Rows of an arm and seed that two sweeps simulated at the same time stand in two files, alike.
        """
        return [
            self.store.blocks / name / f"{table}.parquet"
            for name in sorted(set(self.cells.values()))
        ]

    # ---- Differences --------------------------------------------------------------------------------------------

    @property
    def table(self) -> pd.DataFrame:
        """A row a point, outcome and year: its factors, and the paired difference from its base.

        Points of which nothing is finished are left out. Columns beside the factors are in :data:`COLUMNS`.
        """
        return self.differences(self.outcomes)

    def differences(self, outcomes: Sequence[str], year: int | None = None) -> pd.DataFrame:
        """The rows of :attr:`table` for some outcomes, and for one year or all of them.

        Raises
        ------
        StoreError
            When one of them needs tables that are not kept, or nothing is finished.
        """
        for name in outcomes:
            self.check_kept(f"The outcome {name}", NEEDS[name])
        values = self.yearly
        values = values[values["outcome"].isin(outcomes)]
        if year is not None:
            values = values[values["year"] == year]
        wide = values.pivot(index=["scenario", "seed"], columns=["outcome", "year"], values="value")
        wide = wide[[pair for name in outcomes for pair in wide.columns if pair[0] == name]]
        net = wide.columns.get_level_values("outcome") == NET
        displaced = self.displaced() if net.any() else {}
        keep = {arm: np.where(net, 1 - share, 1.0) for arm, share in displaced.items()}
        as_is = np.ones(len(net))
        by_arm = {arm: rows.droplevel("scenario") for arm, rows in wide.groupby(level="scenario")}
        frames = [
            _against(
                by_arm[row["base_arm"]],
                by_arm[row["arm"]],
                keep.get(row["base_arm"], as_is),
                {k: row[k] for k in self._own},
            )
            for row in self.points.to_dict("records")
            if row["arm"] in by_arm and row["base_arm"] in by_arm
        ]
        frames = [frame for frame in frames if len(frame)]
        if not frames:
            raise StoreError(
                f"No point of the sweep {self.name} is finished together with its base."
            )
        return pd.concat(frames, ignore_index=True)

    def gains(self, outcome: str, year: int) -> dict[int, F64]:
        """Point minus base by the number of a point: one number for each seed, in their order.

        Net figures are net of displacement, as in :attr:`table`.
        """
        self.check_kept(f"The outcome {outcome}", NEEDS[outcome])
        values = self.yearly
        values = values[(values["outcome"] == outcome) & (values["year"] == year)]
        wide = values.pivot(index="seed", columns="scenario", values="value").sort_index()
        displaced = self.displaced() if outcome == NET else {}
        found = {}
        for row in self.points.to_dict("records"):
            if row["arm"] in wide and row["base_arm"] in wide:
                gain = wide[row["arm"]] - wide[row["base_arm"]]
                gain *= 1 - displaced.get(row["base_arm"], 0.0)
                # Seeds in which both are finished; a ratio of nothing is missing in any of them.
                both = self._seeds_in_common(row["arm"], row["base_arm"])
                found[int(row["point"])] = gain.loc[both].to_numpy(np.float64)
        return found

    def _seeds_in_common(self, arm: str, base: str) -> list[int]:
        theirs = set(self.seeds_of(base))
        return [seed for seed in self.seeds_of(arm) if seed in theirs]

    def displaced(self) -> dict[str, float]:
        """Share of additional jobs that others would have had, by the base that a point is compared with.

        Worked out from all that is finished, so that it moves while a sweep runs.
        """
        self.check_parameters("A figure net of displacement", displacement.READS)
        key, _ = scope.place(self.base)
        stocks = self.tables(self.seeds(), sorted(set(self.points["base_arm"]))).stocks
        there = set(stocks["scenario"].astype(str))
        return {
            arm: displacement.displaced(self.record.scenario(arm), stocks, key, arm)
            for arm in sorted(there)
        }

    def check_parameters(self, what: str, names: Iterable[str]) -> None:
        """Refuse to work out something of a sweep whose version had not all the parameters that it takes.

        Raises
        ------
        StoreError
        """
        if missing := [name for name in names if name not in self.base.parameters]:
            raise StoreError(
                f"{what} takes {' and '.join(missing)}, which the version that planned the sweep {self.name} did not "
                f"have: {self.record.version}. The same fitflow sweep again simulates it with this version."
            )

    def check_kept(self, what: str, tables: Collection[str]) -> None:
        """Refuse to count something from tables that are not kept.

        Raises
        ------
        StoreError
        """
        kept = self.record.content["keep"]
        if missing := [name for name in TABLES if name in tables and name not in kept]:
            raise StoreError(
                f"{what} is counted from {' and '.join(missing)}; the sweep {self.name} keeps {', '.join(kept)} only. "
                "Name more tables in keep of its file, and run it again."
            )

    @property
    def _own(self) -> list[str]:
        return ["point", *self.factors]


def open_sweep(folder: Path | str, name: str) -> OpenedSweep:
    """Open a sweep, finished or not.

    Parameters
    ----------
    folder : path
        The store, such as ``runs/store``.
    name : str
        Of the sweep's file, for the latest of that name; or its name in the store.

    Raises
    ------
    StoreError
        When there is no such sweep.
    """
    store = Store(Path(folder))
    found = store.latest(name)
    if found is None:
        names = store.sweeps()
        near = suggestion(name, map(file_name, names))
        raise StoreError(
            f"{folder} holds no sweep {name!r}. It holds: {', '.join(names) or 'none'}.{near}"
        )
    record = read_record(store, found)
    return OpenedSweep(store, record, store.sound(record.content["arms"]))


def _against(
    before: pd.DataFrame, after: pd.DataFrame, keep: F64, labels: Mapping[str, Any]
) -> pd.DataFrame:
    seeds = before.index.intersection(after.index)
    if not len(seeds):
        return pd.DataFrame()
    one, other = before.loc[seeds].to_numpy(np.float64), after.loc[seeds].to_numpy(np.float64)
    gain = (other - one).mean(axis=0)
    if len(seeds) > 1:
        found = paired_difference(one, other)
        error, low, high = found.standard_error, found.low, found.high
    else:
        error, low, high = (np.full_like(gain, np.nan) for _ in range(3))
    columns = before.columns
    return pd.DataFrame(
        {
            **labels,
            "outcome": columns.get_level_values("outcome"),
            "year": columns.get_level_values("year"),
            "base": one.mean(axis=0),
            "reform": one.mean(axis=0) + keep * gain,
            "difference": keep * gain,
            "standard_error": keep * error,
            "low": keep * low,
            "high": keep * high,
            "pairs": len(seeds),
        }
    )


def _rows(frame: pd.DataFrame, cells: set[tuple[str, int]]) -> pd.DataFrame:
    """The rows of some arms and seeds."""
    arms = {arm for arm, _ in cells}
    kept = frame[frame["scenario"].isin(arms) & frame["seed"].isin({seed for _, seed in cells})]
    if len(cells) == len(arms) * kept["seed"].nunique():
        return kept
    pairs = zip(kept["scenario"].astype(str), kept["seed"], strict=True)
    return kept[[pair in cells for pair in pairs]]


def _joined(name: str, parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One table of several; what several shards of areas count of one cell is added up."""
    table = TABLES[name]
    if len(parts) == 1:
        return conform(table, parts[0])
    keys = [column.name for column in table.keys]
    frames = [
        part.astype({k: "str" for k in keys if part[k].dtype == "category"}) for part in parts
    ]
    joined = pd.concat(frames, ignore_index=True)
    return conform(table, joined.groupby(keys, as_index=False, sort=False).sum())


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of factors that can stand in a table: lists of names, and nothing, as text."""
    return {
        name: in_words(value) if value is None or isinstance(value, list) else value
        for name, value in values.items()
    }
