"""The account of a reform: flows by line and financial year, present values, and their sums."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from results.appraisal.discounting import Discounting
from results.appraisal.lines import HEALTH_LINES, LINES, Health, Line, prices
from results.appraisal.quantities import Change, cells
from results.appraisal.values import UnitValues

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Account:
    """Amounts of every line for n draws, or n changes.

    Parameters
    ----------
    change : Change
    values : UnitValues
    health : {"qaly", "life_satisfaction", "none"}
        What health and wellbeing of people in work are valued by.
    """

    change: Change
    values: UnitValues
    health: Health = "qaly"

    @cached_property
    def amounts(self) -> dict[str, F64]:
        """Amount by line in money of the year, shape (n, years)."""
        size = max(len(self.change.states), self.values.size)
        shape = (size, len(self.values.years))
        found = prices(self.values, self.health)
        return {
            line.name: np.broadcast_to(found[line.name].amount(self.change), shape)
            for line in LINES
        }

    @cached_property
    def discounting(self) -> Discounting:
        """Factors to real terms and present values."""
        return Discounting(self.values)

    def factors(self, line: Line, basis: str) -> F64:
        """What an amount of a line is multiplied by, shape (years,)."""
        if basis == "nominal":
            return np.ones(len(self.values.years))
        if basis == "real":
            return self.discounting.real
        return self.discounting.present(line.name in HEALTH_LINES and self.health == "qaly")

    def flow(self, line: Line, perspective: str, basis: str = "nominal") -> F64:
        """A line as a perspective sees it, shape (n, years)."""
        return line.sign(perspective) * self.amounts[line.name] * self.factors(line, basis)

    def total(self, perspective: str, basis: str, kinds: tuple[str, ...] = ()) -> F64:
        """Sum of the lines (of some kinds; all if none are named), shape (n, years)."""
        lines = [line for line in LINES if not kinds or line.kind in kinds]
        result: F64 = sum((self.flow(line, perspective, basis) for line in lines), np.zeros(()))
        return result

    @cached_property
    def npsv(self) -> F64:
        """Net present social value, shape (n,)."""
        return self.total("society", "present_value").sum(axis=1)

    @cached_property
    def delivery(self) -> F64:
        """Present value of what the measures cost to deliver, shape (n,)."""
        return 0.0 - self.total("exchequer", "present_value", ("delivery",)).sum(axis=1)

    @cached_property
    def exchequer_net_cost(self) -> F64:
        """Present value of the net cost to the Exchequer, shape (n,)."""
        return 0.0 - self.total("exchequer", "present_value").sum(axis=1)

    @cached_property
    def npsv_weighted(self) -> F64:
        """NPSV with the income of participants and displaced workers weighted, shape (n,).

        ``w = (median income / income)^eta``; the weight of everybody else is 1. Source: HM
        Treasury, Green Book, annex on distributional appraisal.
        """
        weight = self.values.one("appraisal.income_ratio") ** -self.values.one("appraisal.eta")
        income = sum(
            self.total(who, "present_value", ("income",)).sum(axis=1)
            for who in ("participant", "other_people")
        )
        return self.npsv + (weight - 1) * income

    def person_years(self, net: bool, discounted: bool = False) -> F64:
        """Additional person-years in work, sick leave included, shape (n,)."""
        employed = cells("works") + cells("off_sick")
        years = self.change.states.sum(axis=-1) @ employed
        if net:
            years = years * (1 - self.values["job_search.displacement_share"])
        if discounted:
            years = years * self.discounting.present() / self.discounting.real
        # Moves between states cancel to the last bit only where the sums are rounded.
        return np.round(years.sum(axis=1), 6)

    def payback(self) -> NDArray[np.int64]:
        """Number of the year by whose end the Exchequer has its money back; -1 where never."""
        so_far = np.cumsum(self.total("exchequer", "present_value"), axis=1)
        # A saving that comes before the cost is not a payback of it.
        spent = np.logical_or.accumulate(so_far < 0, axis=1)
        back = (so_far >= 0) & (spent | ~spent.any(axis=1, keepdims=True))
        again = np.flip(np.logical_and.accumulate(np.flip(back, axis=1), axis=1), axis=1)
        return np.where(again.any(axis=1), again.argmax(axis=1), -1)
