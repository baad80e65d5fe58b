"""Unit values: read from ``scenarios/values``, carried to each financial year, and drawn.

A value holds from its date on. After its last date, and before its first, it is carried to the
financial year by an index that depends on its file: see :data:`CARRIED_BY`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from results.appraisal.quantities import PROGRAMMES
from results.appraisal.years import financial_year
from results.displacement import SHARE
from sim.scenario.cursor import Cursor
from sim.scenario.errors import Problems
from sim.scenario.library import default_library
from sim.scenario.models import Parameter
from sim.scenario.parameters import read_parameter
from sim.scenario.yaml_source import read_yaml

F64 = NDArray[np.float64]

FOLDER: Final = "values"
CARRIED_BY: Final[dict[str, str]] = {
    "benefits": "prices.deflator",
    "costs": "prices.deflator",
    "wellbeing": "prices.deflator",
    "pay": "prices.earnings",
}
"""The index that carries the amounts of a file to other years; values of other files are held."""
FROM_RUN: Final = (
    SHARE,
    "return_to_work.ssp_weekly_rate",
    *(f"{name}.unit_cost" for name in PROGRAMMES),
)
"""Parameters of the model that an appraisal values with, as the run had them."""
Z_90: Final = 1.6448536269514722
"""Standard normal quantile of 95%: an interval from -Z to Z holds nine in ten."""


def load_values(folder: Path | None = None) -> dict[str, Parameter]:
    """Every unit value by name, in the form of parameters.

    Parameters
    ----------
    folder : Path or None
        Folder of YAML files; that of the installed library if None.

    Raises
    ------
    sim.scenario.ScenarioError
        With every problem in every file.
    """
    folder = default_library() / FOLDER if folder is None else folder
    problems = Problems()
    found: dict[str, Parameter] = {}
    for path in sorted(folder.glob("*.yaml")):
        document = read_yaml(path, problems)
        entries = Cursor.top(document, problems).each() if document else ()
        for entry in entries:
            value = read_parameter(entry, None)
            if value is not None:
                found[value.name] = value
    problems.stop()
    return found


def values_of_run(manifest: Mapping[str, Any], base: str, displaced: float) -> dict[str, Parameter]:
    """The parameters of the model that are valued with, as the base of a run had them.

    Displacement, and its plausible interval, are brought to ``displaced``, the share at the run's own
    unemployment.
    """
    parameters = manifest["scenarios"][base]["parameters"]
    found = {name: Parameter.model_validate(parameters[name]) for name in FROM_RUN}
    return found | {SHARE: _scaled(found[SHARE], displaced)}


def _scaled(share: Parameter, wanted: float) -> Parameter:
    """A share brought to a value, with its interval in proportion."""
    ratio = wanted / centre(share) if centre(share) else 1.0
    changed = share.model_dump()
    changed["numbers"] = [{"start": share.numbers[0].start, "entries": (wanted,)}]
    if share.uncertainty:
        ends = {"low": share.uncertainty.low, "high": share.uncertainty.high}
        changed["uncertainty"] = {k: float(min(v * ratio, 1.0)) for k, v in ends.items()}
    return Parameter.model_validate(changed)


def is_single(value: Parameter) -> bool:
    """Whether its plausible interval is of the value itself, not of a common multiplier."""
    return value.shape == () and len(value.numbers) == 1


def centre(value: Parameter) -> float:
    """The centre of the plausible interval: the value if it is one number, else 1."""
    return value.numbers[0].entries[0] if is_single(value) else 1.0


def two_piece_normal(z: F64, middle: float, low: float, high: float) -> F64:
    """Value at standard normal quantiles ``z``: median ``middle``, 5% ``low``, 95% ``high``."""
    return middle + z / Z_90 * np.where(z < 0, middle - low, high - middle)


@dataclass(frozen=True)
class UnitValues:
    """Unit values in each of some financial years, for each of some draws.

    Parameters
    ----------
    values : dict of Parameter
    years : sequence of int
        Calendar years in which the financial years begin.
    drawn : dict of float array, shape (draws,)
        For values that are drawn: the value itself if it is one number, else its multiplier.
    """

    values: Mapping[str, Parameter]
    years: Sequence[int]
    drawn: Mapping[str, F64]

    @property
    def size(self) -> int:
        """Number of draws; 1 where nothing is drawn."""
        return len(next(iter(self.drawn.values()))) if self.drawn else 1

    def with_drawn(self, drawn: Mapping[str, F64]) -> UnitValues:
        """The same values with other draws."""
        return replace(self, drawn=drawn)

    def __getitem__(self, name: str) -> F64:
        """A value, shape (draws or 1, years, *shape of the value)."""
        value = self.values[name]
        central = self._by_year(value)
        if name not in self.drawn:
            return central[None]
        drawn = self.drawn[name].reshape(-1, *[1] * central.ndim)
        if not is_single(value):
            return np.clip(central * drawn, *value.range) if _bounded(value) else central * drawn
        entry = centre(value)
        return drawn * (central / entry if entry else np.ones_like(central))

    def one(self, name: str) -> F64:
        """A value that is one number for all years, shape (draws or 1,)."""
        return self[name][:, 0]

    def index(self, name: str) -> F64:
        """An index in each year, shape (years,)."""
        return np.array([index_of_year(self.values[name], year) for year in self.years])

    def _by_year(self, value: Parameter) -> F64:
        carried_by = CARRIED_BY.get(value.name.partition(".")[0])
        amount = value.unit.startswith("GBP") or value.name == "pay.full_time_median"
        index = self.values[carried_by] if carried_by and amount else None
        dated = value.dated()
        rows = []
        for year in self.years:
            since, entries = _in_force(dated, year)
            if index is not None and since is not None:
                entries = entries * index_of_year(index, year) / index_of_year(index, since)
            rows.append(entries)
        return np.array(rows)


def index_of_year(index: Parameter, year: int) -> float:
    """An index of calendar years in a financial year: three quarters of one, one of the next."""
    return 0.75 * _index_of_calendar_year(index, year) + 0.25 * _index_of_calendar_year(
        index, year + 1
    )


def _index_of_calendar_year(index: Parameter, year: int) -> float:
    levels = {n.start.year: n.entries[0] for n in index.numbers if n.start}
    first, last = min(levels), max(levels)
    if year < first:
        return levels[first] * (levels[first] / levels[first + 1]) ** (first - year)
    if year > last:
        return levels[last] * (levels[last] / levels[last - 1]) ** (year - last)
    return levels[year]


def _in_force(dated: Sequence[tuple[dt.date | None, F64]], year: int) -> tuple[int | None, F64]:
    """The entries in force in a financial year, and the financial year since when."""
    begun = [(d, v) for d, v in dated if d is None or financial_year(d) <= year]
    date, entries = begun[-1] if begun else dated[0]
    return (None if date is None else financial_year(date)), entries


def _bounded(value: Parameter) -> bool:
    """Whether multiplied entries must stay in their range: shares, which no index carries."""
    return value.range[1] <= 1
