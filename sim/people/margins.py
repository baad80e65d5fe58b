"""Margins of the starting population of England: totals by state, age, sex and health.

Headline figures are parameters (``people.yaml``); the finer ones stand in ``data/margins.csv``,
each with its formula from published figures or its reason. Figures for ages 16 to 64 are raked to
the residents of England, and 65-year-olds are added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.people import cells
from sim.people.areas import Areas, read_data
from sim.people.parameters import PeopleParameters
from sim.people.raking import F64, I64, OUTSIDE, Margin, rake
from sim.states import AGE_BANDS, LABELS, Benefit, Condition, Labour, Sex

Finer = Mapping[str, Mapping[tuple[str, str], float]]

BANDS_TO_64: Final = ("16-24", "25-34", "35-49", "50-64")
SEXES: Final = tuple(sex.name.lower() for sex in Sex)
_LABOUR: Final = int(Labour.OUTSIDE)
_OLDEST_BAND: Final = len(AGE_BANDS) - 1


@cache
def finer_margins() -> Finer:
    """Values of ``margins.csv`` by margin, row and column."""
    margins: dict[str, dict[tuple[str, str], float]] = {}
    for line in read_data("margins.csv"):
        margins.setdefault(line["margin"], {})[line["row"], line["column"]] = float(line["value"])
    return margins


def column(name: str, column: str, *rows: str) -> F64:
    """One column of a margin, in the order of the rows named, or of the file."""
    values = finer_margins()[name]
    wanted = rows or tuple(row for row, its_column in values if its_column == column)
    return np.array([values[row, column] for row in wanted])


@dataclass(frozen=True, eq=False)
class Residents:
    """People below State Pension age in a set of areas.

    Parameters
    ----------
    by_age : float64 array, shape (4,)
        Aged 16-24, 25-34, 35-49 and 50-64.
    aged_65 : float
    female_share : float
    """

    by_age: F64
    aged_65: float
    female_share: float

    @staticmethod
    def of(areas: Areas, which: NDArray[np.bool_]) -> Residents:
        """Residents of some of the areas."""
        people = areas.residents[which].sum(axis=1) + areas.aged_65[which]
        female = (people * areas.female_share[which]).sum() / people.sum()
        return Residents(
            areas.residents[which].sum(axis=0).astype(np.float64),
            float(areas.aged_65[which].sum()),
            float(female),
        )

    @property
    def sexes(self) -> F64:
        """Share of women and of men."""
        return np.array([self.female_share, 1 - self.female_share])

    @property
    def total(self) -> float:
        """Everybody."""
        return float(self.by_age.sum() + self.aged_65)


def labour_by_age(p: PeopleParameters, residents: Residents) -> F64:
    """People by labour-market state and age band, shape (5, 4)."""
    people = residents.by_age.sum()
    employed, inactive = p.employment_rate * people, p.inactivity_rate * people
    rate = np.stack(
        [column("labour_rate_by_age", which, *BANDS_TO_64) for which in ("employed", "inactive")]
    )
    seed = np.stack([rate[0], 1 - rate.sum(axis=0), rate[1]]) * residents.by_age
    totals = np.array([employed, people - employed - inactive, inactive])
    table = _rake_table(seed, totals, residents.by_age, "labour-market state by age")
    in_work, searching, not_looking = table
    sick = p.long_term_sick * column("long_term_sick_by_age", "share", *BANDS_TO_64)
    out = np.stack([in_work, in_work, searching, sick, not_looking - sick])
    for row, share in zip((0, 2, 3, 4), p.aged_65, strict=True):
        out[row, _OLDEST_BAND] += share * residents.aged_65
    out[Labour.OFF_SICK] = _off_sick(
        p, out[Labour.IN_WORK], column("off_sick_by_age", "relative rate", *AGE_BANDS)
    )
    out[Labour.IN_WORK] -= out[Labour.OFF_SICK]
    if (out < 0).any():
        state, band = np.argwhere(out < 0)[0]
        raise ValueError(
            f"fewer than no people of {AGE_BANDS[band]} would be {Labour(int(state)).name.lower()}"
        )
    return out


def labour_by_sex(p: PeopleParameters, residents: Residents, by_labour: F64) -> F64:
    """People by labour-market state and sex, shape (5, 2), for given totals by state."""
    sexes = residents.sexes
    people = residents.total * sexes
    inactive, searching = (
        column("labour_rate_by_sex", which, *SEXES) for which in ("inactive", "searching")
    )
    employed = by_labour[Labour.IN_WORK] + by_labour[Labour.OFF_SICK]
    totals = np.array(
        [employed, by_labour[Labour.SEARCHING], by_labour[Labour.SICK_INACTIVE :].sum()]
    )
    seed = np.stack([1 - inactive - searching, searching, inactive]) * people
    table = _rake_table(seed, totals, people, "labour-market state by sex")
    sick = by_labour[Labour.SICK_INACTIVE] * column("long_term_sick_by_sex", "share", *SEXES)
    off = _off_sick(p, table[0], column("off_sick_by_sex", "relative rate", *SEXES))
    return np.stack([table[0] - off, off, table[1], sick, table[2] - sick])


def states(p: PeopleParameters, by_labour: F64) -> F64:
    """People by state (possible pair of labour-market state and benefit), shape (states,)."""
    out = np.zeros(cells.SHAPE[0])
    off_share = finer_margins()["in_work_off_sick"]
    split = finer_margins()["out_of_work_by_labour"]
    for benefit, stock, share in zip(
        cells.BENEFITS, p.benefit_stock, p.benefit_in_work, strict=True
    ):
        name = LABELS["benefit"][benefit]
        with_job, without = stock * share, stock * (1 - share)
        if with_job:
            off = off_share[name, "share"]
            out[cells.state_of(Labour.IN_WORK, benefit)] = with_job * (1 - off)
            out[cells.state_of(Labour.OFF_SICK, benefit)] = with_job * off
        for labour in (Labour.SEARCHING, Labour.SICK_INACTIVE, Labour.OTHER_INACTIVE):
            people = without * split[name, LABELS["labour"][labour]]
            if people:
                out[cells.state_of(labour, benefit)] = people
    left = by_labour - np.bincount(cells.STATE_LABOUR, weights=out, minlength=_LABOUR)
    if (left < 0).any():
        state = Labour(int(np.argmin(left))).name.lower()
        raise ValueError(
            f"people.benefit_stock puts more people on benefits than there are {state}"
        )
    out[cells.state_of(Labour.OFF_SICK, Benefit.SICK_PAY)] = (
        p.sick_pay_share * left[Labour.OFF_SICK]
    )
    left[Labour.OFF_SICK] *= 1 - p.sick_pay_share
    for labour in Labour:
        if labour != Labour.OUTSIDE:
            out[cells.state_of(labour, Benefit.NONE)] = left[labour]
    return out


def national_margins(p: PeopleParameters, residents: Residents) -> list[Margin]:
    """Every margin of the joint distribution of England.

    Returns
    -------
    list of Margin
        Over the cells of :mod:`sim.people.cells`.
    """
    by_age = labour_by_age(p, residents)
    by_labour = by_age.sum(axis=1)
    by_sex = labour_by_sex(p, residents, by_labour)
    by_state = states(p, by_labour)
    employed = by_labour[: Labour.SEARCHING].sum()
    with_condition = column("with_condition", "share", "employed", "off_sick") * (
        employed,
        by_labour[1],
    )
    sick = by_labour[Labour.SICK_INACTIVE] * column("long_term_sick_by_condition", "share")
    uc_health = by_state[
        np.isin(cells.STATE_BENEFIT, (Benefit.UC_FIT_NOTE, Benefit.LCW, Benefit.LCWRA))
    ].sum()
    esa = by_state[cells.STATE_BENEFIT == Benefit.ESA].sum()
    three_ages = np.array([0, 1, 1, 2])[cells.AGE_BAND]
    any_condition = cells.CONDITION != Condition.NONE
    return [
        Margin("state", cells.STATE, by_state),
        Margin(
            "labour-market state by age", _pair(cells.LABOUR, cells.AGE_BAND, 4), by_age.ravel()
        ),
        Margin("labour-market state by sex", _pair(cells.LABOUR, cells.SEX, 2), by_sex.ravel()),
        Margin(
            "condition",
            cells.CONDITION.astype(np.int64),
            residents.total * _shares(p.condition_share),
        ),
        Margin(
            "condition of the long-term sick",
            _within(cells.LONG_TERM_SICK, cells.CONDITION.astype(np.int64) - 1),
            sick,
        ),
        Margin(
            "people with a job who have a condition",
            _within(cells.EMPLOYED & any_condition, cells.LABOUR),
            np.array([with_condition[0] - with_condition[1], with_condition[1]]),
        ),
        Margin(
            "people whose work is limited",
            _within(cells.LIMITED == 1, ~cells.EMPLOYED),
            np.array(p.work_limited),
        ),
        Margin(
            "UC health by age",
            _within(cells.UC_HEALTH, three_ages),
            uc_health * column("uc_health_by_age", "share"),
        ),
        Margin(
            "UC health by sex",
            _within(cells.UC_HEALTH, cells.SEX),
            uc_health * column("uc_health_by_sex", "share"),
        ),
        Margin(
            "ESA by age",
            _within(cells.BENEFIT == Benefit.ESA, cells.AGE_BAND),
            esa * column("esa_by_age", "share"),
        ),
    ]


def seed(residents: Residents) -> F64:
    """Shape of the joint distribution before raking: where people can be, and what goes with what.

    Returns
    -------
    float64 array, shape (cells,)
        Zero where nobody can be.
    """
    conditions = [c.name.lower() for c in Condition if c != Condition.NONE]
    prevalence = np.array(
        [[0.0, *_row("seed_condition_by_age", band, conditions)] for band in AGE_BANDS]
    )
    prevalence[:, 0] = 1 - prevalence.sum(axis=1)
    women = np.array([1.0, *column("seed_condition_female", "ratio", *conditions)])
    limited = np.array([0.0, *column("seed_limiting", "share", *conditions)])
    ages = residents.by_age + residents.aged_65 * np.eye(len(AGE_BANDS))[_OLDEST_BAND]
    table = (
        ages[cells.AGE_BAND]
        * residents.sexes[cells.SEX]
        * prevalence[cells.AGE_BAND, cells.CONDITION]
    )
    table *= np.where(cells.SEX == Sex.FEMALE, women[cells.CONDITION], 1.0)
    table *= np.where(cells.LIMITED == 1, limited[cells.CONDITION], 1 - limited[cells.CONDITION])
    table *= _ratio("seed_condition_by_benefit", conditions, cells.CONDITION.astype(np.int64) - 1)
    table *= _ratio("seed_benefit_by_age", AGE_BANDS, cells.AGE_BAND.astype(np.int64))
    return np.where(cells.POSSIBLE, table, 0.0)


def _ratio(name: str, columns: tuple[str, ...] | list[str], index: I64) -> F64:
    """Ratio of each cell by its benefit and one more dimension; 1 where the margin has none."""
    ratio = np.ones(cells.CELLS)
    for benefit in Benefit:
        if (LABELS["benefit"][benefit], columns[0]) in finer_margins()[name]:
            at = np.flatnonzero(np.equal(cells.BENEFIT, benefit) & (index >= 0))
            ratio[at] = np.array(_row(name, LABELS["benefit"][benefit], columns))[index[at]]
    return ratio


def _row(name: str, row: str, columns: tuple[str, ...] | list[str]) -> list[float]:
    return [finer_margins()[name][row, column] for column in columns]


def _off_sick(p: PeopleParameters, employed: F64, rate: F64) -> F64:
    """People off sick among groups of people with a job, by their relative rates."""
    weight = employed * rate
    off: F64 = p.off_sick_share * employed.sum() * weight / weight.sum()
    return off


def _rake_table(seed: F64, rows: F64, columns: F64, name: str) -> F64:
    row, place = (index.ravel() for index in np.indices(seed.shape))
    table = rake(seed.ravel(), [Margin(name, row, rows), Margin(name, place, columns)])
    return table.reshape(seed.shape)


def _shares(values: tuple[float, ...]) -> F64:
    """Shares that add to one."""
    shares: F64 = np.array(values) / np.sum(values)
    return shares


def _pair(first: NDArray[np.uint8], second: NDArray[np.uint8], size: int) -> I64:
    return first.astype(np.int64) * size + second


def _within(inside: NDArray[np.bool_], group: NDArray[np.generic]) -> I64:
    groups: I64 = np.where(inside, group.astype(np.int64), OUTSIDE)
    return groups
