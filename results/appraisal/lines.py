"""The account line by line: what an amount is, and who gains and who pays it.

Each line has one amount and a sign for each perspective that it touches. Society is the sum over
the perspectives: the two sides of a transfer cancel, what is left is a use or a gain of resources.
Lines follow the social cost-benefit framework of the DWP (Fujiwara, Working Paper 86, 2010).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from results.appraisal.jobs import MONTHS, UC, WEEKS, Jobs, jobs
from results.appraisal.quantities import CONDITIONS, EVENTS, PROGRAMMES, Change, cells
from results.appraisal.values import UnitValues
from sim.support.programmes import PROGRAMMES as SUPPORT

F64 = NDArray[np.float64]
Health = Literal["qaly", "life_satisfaction", "none"]

P, O, E, X = "participant", "other_people", "employer", "exchequer"  # noqa: E741  # no digit is near
MEMBERS: Final = (P, O, E, X)
"""The perspectives that make up society."""
_HAS_CONDITION: Final = np.array([name != "none" for name in CONDITIONS], np.float64)


TITLES: Final = {"workwell": "WorkWell"} | {n: p.title for n, p in SUPPORT.items()}
"""Programmes in words, by name."""


@dataclass(frozen=True)
class Line:
    """A line of the account.

    Parameters
    ----------
    name, label : str
    signs : dict
        +1 for whoever gains a positive amount, -1 for whoever pays it, by perspective.
    kind : str
        ``delivery`` of the measures, ``administration``, ``income`` (cash of people) or ``other``.
    """

    name: str
    label: str
    signs: dict[str, int]
    kind: Literal["delivery", "administration", "income", "other"] = "other"

    def sign(self, perspective: str) -> int:
        """Sign of the amount for a perspective; of society it is the sum of the members."""
        return (
            sum(self.signs.values()) if perspective == "society" else self.signs.get(perspective, 0)
        )


LINES: Final = (
    Line("output", "Output of additional work, at its cost to employers", {E: 1}),
    Line("pay", "Pay", {P: 1, E: -1}, "income"),
    Line("pension", "Pension contributions of employers", {P: 1, E: -1}),
    Line("employer_nics", "National Insurance contributions of employers", {E: -1, X: 1}),
    Line("income_tax", "Income tax", {P: -1, X: 1}, "income"),
    Line("employee_nics", "National Insurance contributions of employees", {P: -1, X: 1}, "income"),
    Line("sick_pay", "Statutory Sick Pay", {P: 1, E: -1}, "income"),
    Line("benefits", "Universal Credit and ESA", {P: 1, X: -1}, "income"),
    Line("sanctions", "Benefit withheld by sanctions", {P: -1, X: 1}, "income"),
    Line("indirect_taxes", "Taxes on what is bought", {P: -1, X: 1}, "income"),
    Line("travel", "Travel and other costs of working", {P: -1}, "income"),
    Line("health", "Health or wellbeing of people in work", {P: 1}),
    Line("nhs", "Use of the NHS saved", {X: 1}),
    Line("turnover", "Replacing workers who leave", {E: -1}),
    *(Line(name, f"Delivery of {TITLES[name]}", {X: -1}, "delivery") for name in PROGRAMMES),
    Line("conversations", "Work and health conversations", {X: -1}, "delivery"),
    Line("fit_notes", "General practice time for fit notes", {X: -1}, "administration"),
    Line("assessments", "Work Capability Assessments", {X: -1}, "administration"),
    Line("jobcentres", "Jobcentre time for people searching", {X: -1}, "administration"),
    Line("sanction_decisions", "Deciding sanctions", {X: -1}, "administration"),
    Line("displaced_output", "Output of displaced workers", {E: 1}),
    Line("displaced_pay", "Pay and pension of displaced workers", {O: 1, E: -1}, "income"),
    Line("displaced_employer_nics", "Employers' contributions for them", {E: -1, X: 1}),
    Line("displaced_taxes", "Taxes of displaced workers", {O: -1, X: 1}, "income"),
    Line("displaced_benefits", "Universal Credit of displaced workers", {O: 1, X: -1}, "income"),
    Line("displaced_travel", "Costs of working of displaced workers", {O: -1}, "income"),
    Line("displaced_health", "Health or wellbeing of displaced workers", {O: 1}),
)  # fmt: skip
"""The lines of the account, in the order of tables."""
HEALTH_LINES: Final = ("health", "displaced_health")


@dataclass(frozen=True)
class Price:
    """Price of a line: GBP a person-year in each cell, and a GBP an event.

    Parameters
    ----------
    cells : float array, shape (draws, years, cells), or None
    events : float array, shape (draws, years, events), or None
    with_condition : bool
        Whether it counts only for people with a health condition.
    """

    cells: F64 | None = None
    events: F64 | None = None
    with_condition: bool = False

    def amount(self, change: Change) -> F64:
        """Amount in GBP, shape (n, years): n draws of one change, or one price of n changes."""
        total: F64 = np.zeros(())
        if self.cells is not None:
            weights = _HAS_CONDITION if self.with_condition else np.ones(len(CONDITIONS))
            total = total + (self.cells * (change.states @ weights)).sum(axis=-1)
        if self.events is not None:
            total = total + (self.events * change.events).sum(axis=-1)
        return total


def prices(u: UnitValues, health: Health = "qaly") -> dict[str, Price]:
    """The price of every line in each year, for each draw, in money of the year."""
    j = jobs(u)
    works = cells(work="works")

    def in_job(value: F64) -> F64:
        """A price of a year in a job, laid out over the cells where people work."""
        return value[..., None] * works

    def event(name: str, value: F64) -> F64:
        return value[..., None] * np.array([float(name == each) for each in EVENTS])

    pay, tax, own = in_job(j.pay), in_job(j.income_tax), in_job(j.employee_nics)
    of_employer, pension = in_job(j.employer_nics), in_job(j.pension)
    benefits = _benefits(u, j)
    sick_pay = WEEKS * u["return_to_work.ssp_weekly_rate"][..., None] * cells(benefit="sick_pay")
    deduction = event("sanctioned_year", MONTHS * u["benefits.sanction_deduction"])
    indirect = u["tax.indirect_rate"][..., None]
    travel = u["costs.travel"][..., None] * works
    employed = works + cells(work="off_sick")
    wellbeing = _wellbeing(u, health)[..., None] * employed
    displaced = -u["job_search.displacement_share"][..., None]
    claims = (u["benefits.displaced_uc_share"] * j.award["uc_search"])[..., None] * works
    net = pay - tax - own
    return {
        "output": Price(pay + pension + of_employer),
        "pay": Price(pay),
        "pension": Price(pension),
        "employer_nics": Price(of_employer),
        "income_tax": Price(tax),
        "employee_nics": Price(own),
        "sick_pay": Price(sick_pay),
        "benefits": Price(benefits),
        "sanctions": Price(events=deduction),
        "indirect_taxes": Price(indirect * (net + benefits + sick_pay), -indirect * deduction),
        "travel": Price(travel),
        "health": Price(wellbeing, with_condition=True),
        "nhs": Price(u["costs.nhs"][..., None] * employed, with_condition=True),
        "turnover": Price(events=event("leaver", u["costs.turnover"])),
        **{
            name: Price(events=event(f"{name}_start", u[f"{name}.unit_cost"]))
            for name in PROGRAMMES
        },
        "conversations": Price(events=event("conversation", u["costs.conversation"])),
        "fit_notes": Price(events=event("fit_note", u["costs.fit_note"])),
        "assessments": Price(events=event("wca_decision", u["costs.assessment"])),
        "jobcentres": Price(u["costs.jobcentre"][..., None] * cells(benefit="uc_search")),
        "sanction_decisions": Price(events=event("sanction", u["costs.sanction"])),
        "displaced_output": Price(displaced * (pay + pension + of_employer)),
        "displaced_pay": Price(displaced * (pay + pension)),
        "displaced_employer_nics": Price(displaced * of_employer),
        "displaced_taxes": Price(displaced * (tax + own + indirect * (net - claims))),
        "displaced_benefits": Price(-displaced * claims),
        "displaced_travel": Price(displaced * travel),
        "displaced_health": Price(displaced * wellbeing, with_condition=True),
    }


def _benefits(u: UnitValues, j: Jobs) -> F64:
    """A year's benefit in each cell: the whole award without pay, what the taper leaves with it."""
    idle = cells(work="off_sick") + cells(work="out_of_work")
    esa = WEEKS * u["benefits.esa"][..., None] * cells(benefit="esa")
    credit = [
        j.award[name][..., None] * (idle * cells(benefit=name))
        + j.award_in_work[name][..., None] * cells("works", name)
        for name in UC
    ]
    result: F64 = esa + sum(credit)
    return result


def _wellbeing(u: UnitValues, health: Health) -> F64:
    """Value of a year in work, full time and part time together, shape (draws, years)."""
    if health == "none":
        return np.zeros((1, len(u.years)))
    value, part = u[f"wellbeing.{health}"], u["pay.part_time_share"]
    result: F64 = (1 - part) * value[..., 0] + part * value[..., 1]
    return result
