"""What is valued: person-years by state and events, from the tables, by financial year.

A person-year belongs to a *cell*: whether the person works, is off sick or is out of work, and the
benefit. The tables hold condition and area besides, but not age, sex, earnings or family.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from results.appraisal.years import year_of_month
from sim.states import LABELS
from sim.support.programmes import PROGRAMMES as _PROGRAMMES
from sim.tables import RunTables

F64 = NDArray[np.float64]

DAYS_A_YEAR: Final = 365.25
WORKS: Final = ("works", "off_sick", "out_of_work")
"""Whether a person works; off sick counts as employed."""
WORK: Final = {
    "in_work": 0, "off_sick": 1, "searching": 2, "sick_inactive": 2, "other_inactive": 2,
}  # fmt: skip
BENEFITS: Final = LABELS["benefit"]
CONDITIONS: Final = LABELS["condition"]
CELLS: Final = tuple((work, benefit) for work in WORKS for benefit in BENEFITS)
"""Cells by number: work outermost."""

PROGRAMMES: Final = ("workwell", *_PROGRAMMES)
"""Programmes of support by name; each start is an event and has a unit cost."""
STARTS: Final = tuple(f"{name}_start" for name in PROGRAMMES)
EVENTS: Final = (
    *STARTS,
    "conversation",
    "fit_note",
    "wca_decision",
    "sanction",
    "leaver",
    "sanctioned_year",
    "claim_closed",
)
"""Events by number; `leaver` is the end of a job, `sanctioned_year` a person-year of sanctions."""
_NAMED: Final = {
    **{name: name for name in EVENTS if name not in ("leaver", "sanctioned_year")},
    "job_loss": "leaver",
    "left_work_sick": "leaver",
}
PROGRAMME_EVENTS: Final = (*STARTS, "conversation")
"""Events that follow from the size of a programme rather than from its effect."""
_BAND_WEEKS: Final = {
    "under_4_weeks": 2.0, "4_to_13_weeks": 8.5, "13_to_26_weeks": 19.5, "over_26_weeks": 39.0,
}  # fmt: skip


def cells(work: str | None = None, benefit: str | Sequence[str] | None = None) -> F64:
    """Ones for the cells of some work and benefits, else nought; shape (cells,)."""
    wanted = (benefit,) if isinstance(benefit, str) else benefit
    return np.array(
        [float((work is None or w == work) and (wanted is None or b in wanted)) for w, b in CELLS]
    )


@dataclass(frozen=True)
class Quantities:
    """Person-years and events of some scenarios, grossed up.

    Parameters
    ----------
    scenarios, areas : tuple of str
    seeds, years : tuple of int
        Years are financial years, by the calendar year in which they begin.
    states : float array, shape (scenarios, areas, seeds, years, cells, conditions)
        Person-years.
    events : float array, shape (scenarios, areas, seeds, years, events)
        Numbers; person-years for ``sanctioned_year``.
    """

    scenarios: tuple[str, ...]
    areas: tuple[str, ...]
    seeds: tuple[int, ...]
    years: tuple[int, ...]
    states: F64
    events: F64

    def difference(self, scenario: str, base: str, areas: Sequence[int] | None = None) -> Change:
        """Reform minus base, seed by seed, summed over some areas (all when None)."""
        one, other = self.scenarios.index(scenario), self.scenarios.index(base)
        where = slice(None) if areas is None else list(areas)
        return Change(
            (self.states[one, where] - self.states[other, where]).sum(axis=0),
            (self.events[one, where] - self.events[other, where]).sum(axis=0),
        )


@dataclass(frozen=True)
class Change:
    """What a reform changes, for some seeds, draws or the mean.

    Parameters
    ----------
    states : float array, shape (n, years, cells, conditions)
    events : float array, shape (n, years, events)
    """

    states: F64
    events: F64

    def mean(self) -> Change:
        """The mean, with n = 1."""
        return Change(self.states.mean(axis=0)[None], self.events.mean(axis=0)[None])

    def without_each(self) -> Change:
        """The means that leave out one seed each, for the jackknife."""
        n = len(self.states)
        return Change(
            (self.states.sum(axis=0) - self.states) / (n - 1),
            (self.events.sum(axis=0) - self.events) / (n - 1),
        )

    def plus(self, other: Change) -> Change:
        """The sum of two changes."""
        return Change(self.states + other.states, self.events + other.events)

    def less(self, other: Change) -> Change:
        """What is left of the change without another."""
        return Change(self.states - other.states, self.events - other.events)

    def scaled(self, by: F64) -> Change:
        """All but the events of programmes multiplied by each of ``by``, shape (m,); n is 1."""
        keep = np.array([name in PROGRAMME_EVENTS for name in EVENTS])
        factors = np.where(keep, 1.0, by[:, None, None])
        return Change(self.states * by[:, None, None, None], self.events * factors)

    def of_condition(self, number: int) -> Change:
        """Of the people with one condition; events are not told by condition, so nought."""
        only = np.zeros_like(self.states)
        only[..., number] = self.states[..., number]
        return Change(only, np.zeros_like(self.events))


def quantities(tables: RunTables, scale: float, areas: Sequence[str]) -> Quantities:
    """Count person-years and events of some areas by financial year.

    Parameters
    ----------
    tables : RunTables
    scale : float
        People simulated per person in the population; numbers are divided by it.
    areas : sequence of str
        Codes as they stand in the tables.
    """
    stocks = tables.stocks
    scenarios = tuple(str(s) for s in stocks["scenario"].unique())
    seeds = tuple(int(s) for s in sorted(stocks["seed"].unique()))
    years = tuple(sorted({year_of_month(str(m)) for m in stocks["month"].unique()}))
    place = _Place(scenarios, tuple(areas), seeds, years)
    states = np.zeros((*place.shape, len(CELLS), len(CONDITIONS)))
    rows = stocks[stocks["area"].isin(areas) & stocks["labour"].isin(WORK)]
    work, benefit, condition = (
        _coded(rows[name], numbers)
        for name, numbers in (
            ("labour", WORK),
            ("benefit", _numbers(BENEFITS)),
            ("condition", _numbers(CONDITIONS)),
        )
    )
    days = rows["person_days"].to_numpy(np.float64)
    cell = work * len(BENEFITS) + benefit
    _add(states, (*place.of(rows), cell, condition), days)
    # Divided once whole days are added up, so that equal histories differ by exactly nought.
    states /= DAYS_A_YEAR * scale
    return Quantities(scenarios, tuple(areas), seeds, years, states, _events(tables, place, scale))


@dataclass(frozen=True)
class _Place:
    """Where a row of a table goes: numbers of its scenario, area, seed and financial year."""

    scenarios: tuple[str, ...]
    areas: tuple[str, ...]
    seeds: tuple[int, ...]
    years: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(map(len, (self.scenarios, self.areas, self.seeds, self.years)))

    def of(self, rows: pd.DataFrame) -> tuple[NDArray[np.int64], ...]:
        months = {
            m: self.years.index(year_of_month(m))
            for m in rows["month"].astype("category").cat.categories
        }
        return (
            _coded(rows["scenario"], _numbers(self.scenarios)),
            _coded(rows["area"], _numbers(self.areas)),
            np.searchsorted(self.seeds, rows["seed"].to_numpy()),
            _coded(rows["month"], months),
        )


def _numbers(labels: Sequence[str]) -> dict[str, int]:
    return {label: k for k, label in enumerate(labels)}


def _coded(column: pd.Series, numbers: Mapping[str, int]) -> NDArray[np.int64]:
    """The number of each label; labels are looked up once each, not row by row."""
    labels = column.astype("category")
    by_code = np.array([numbers.get(str(label), -1) for label in labels.cat.categories], np.int64)
    return by_code[labels.cat.codes.to_numpy()]


def _add(totals: F64, where: tuple[NDArray[np.int64], ...], amounts: F64) -> None:
    """Add amounts to their places, several to one place if need be."""
    flat = np.ravel_multi_index(where, totals.shape)
    totals += np.bincount(flat, amounts, totals.size).reshape(totals.shape)


def _events(tables: RunTables, place: _Place, scale: float) -> F64:
    counts = np.zeros((*place.shape, len(EVENTS)))
    here = tables.events[tables.events["area"].isin(place.areas)]
    rows = here[here["event"].isin(_NAMED)]
    event = _coded(rows["event"], {e: EVENTS.index(name) for e, name in _NAMED.items()})
    _add(counts, (*place.of(rows), event), rows["count"].to_numpy(np.float64))
    ended = here[here["event"] == "sanction_end"]
    days = ended["detail"].astype(str).map(_sanction_days(tables.spells)).to_numpy(np.float64)
    years = ended["count"].to_numpy(np.float64) * days / DAYS_A_YEAR
    number = np.full(len(ended), EVENTS.index("sanctioned_year"))
    _add(counts, (*place.of(ended), number), years)
    return counts / scale


def _sanction_days(spells: pd.DataFrame) -> dict[str, float]:
    """Mean days of a completed sanction by its band of length; the middle where none ended."""
    found = spells[spells["kind"] == "sanction"].astype({"length_band": "str"})
    sums = found.groupby("length_band")[["count", "days"]].sum()
    means = {str(band): days / count for band, (count, days) in sums.iterrows() if count}
    return {band: means.get(band, weeks * 7) for band, weeks in _BAND_WEEKS.items()}
