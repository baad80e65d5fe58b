"""Who waits for whom: the staff whom several services share, and how much of their time each takes.

Worked out from a run's tables and parameters, for the last twelve months of it: hours from the people in support and
the minutes that each takes, waits as the services recorded them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from results.opened import Opened
from results.outcomes import COUNTRIES, Count
from sim.core.dates import day_of
from sim.model import facts
from sim.people import read_areas
from sim.scenario import Scenario
from sim.settings import Timeline, timelines
from sim.support.pools import GP_TIME, POOLS, Pool
from sim.support.programmes import PROGRAMMES

MONTHS: Final = 12
WEEKS_A_YEAR: Final = 365.25 / 7
F64 = NDArray[np.float64]
Happening = tuple[tuple[str, str], ...]
"""Events and their details."""

VISITS: Final[dict[str, tuple[str, Happening, Happening]]] = {
    "referral": (
        "Referrals to programmes on top of today's",
        (
            ("workwell_referral", "gp"),
            *(
                (f"{programme.name}_offer", route.name)
                for programme in PROGRAMMES.values()
                for route in programme.routes
                if route.by_practice
            ),
        ),
        (("no_referral", "no_time"),),
    ),
    "conversation": (
        "Conversations about work and health",
        (("conversation", "work_and_health"),),
        (("no_conversation", "no_time"),),
    ),
}
"""Uses of those who see people once: what it is in words, the events of what is done, and of what is not."""


@dataclass(frozen=True)
class Use:
    """One line of the table; a number that a use does not have is NaN.

    Parameters
    ----------
    pool, use : str
        Whose time it is, and who takes it, in words and in order of priority.
    hours, share : float
        Hours a week, and their share of what the staff have.
    in_support, starts : float
        People at a time, and starts a year (for referrals and conversations, those held).
    wait, waiting : float
        Days that those who started had waited, and people in the line at the end.
    crowded_out : float
        Share of what is wanted, and cannot wait, that is not done.
    fewer_jobs : float
        Share by which those who go short of today's uses find jobs less often for it.
    """

    pool: str
    use: str
    hours: float = math.nan
    share: float = math.nan
    in_support: float = math.nan
    starts: float = math.nan
    wait: float = math.nan
    waiting: float = math.nan
    crowded_out: float = math.nan
    fewer_jobs: float = math.nan


def who_waits(run: Opened, scenario: str) -> list[Use]:
    """The table of a scenario of a run: the three pools, then lines that have staff of their own."""
    service = _Services(run, scenario)
    lines = [use for pool in POOLS for use in _pool(pool, service)]
    return [
        *lines,
        service.line("Assessors (WCA)", "New claims and reassessments, in one line", "wca"),
        service.line("WorkWell's coaches", "GP and all other referrals, in one line", "workwell"),
    ]


def _pool(pool: Pool, services: _Services) -> list[Use]:
    """Today's uses, then the new ones in order of priority."""
    minutes = services.mean(f"{pool.name}.minutes")
    uses = (*pool.ahead, *pool.uses)
    if pool is GP_TIME:
        new = services.visits(pool, minutes)
    else:
        new = [
            services.line(pool.title, _words(use), use, minutes=float(each))
            for use, each in zip(uses, minutes, strict=True)
        ]
    then = services.hours(pool)
    capacity = float((then * services.mean(f"{pool.name}.capacity_ratio")).sum())
    need = float(then.sum() * services.mean(f"{pool.name}.today_ratio"))
    taken = sum(use.hours for use in new)
    today = min(need, max(capacity - taken, 0.0))
    lost = 1 - today / need
    jobs = math.nan
    if pool.serves is not None:
        jobs = 1 - float(services.mean(f"{pool.name}.lost_job_finding_ratio")) ** lost
    lines = [Use(pool.title, pool.today, today, crowded_out=lost, fewer_jobs=jobs), *new]
    return [
        Use(**{**vars(line), "share": line.hours / capacity if capacity else math.nan})
        for line in lines
    ]


def _words(use: str) -> str:
    if use == "workwell":
        return "WorkWell's counselling (waits for nobody)"
    title = PROGRAMMES[use].title
    return title[0].upper() + title[1:]


class _Services:
    """What the services of a scenario did in the last twelve months, mean over seeds, grossed up."""

    def __init__(self, run: Opened, scenario: str) -> None:
        self.whole = run.breakdown()
        self.row = self.whole.scenarios.index(scenario)
        self.scenario: Scenario = run.scenarios[scenario]
        self.months = self.whole.months[-MONTHS:]
        code = read_areas().code
        starts = COUNTRIES[run.country]
        here = [c in self.scenario.areas and c.startswith(starts) for c in code]
        self.here = np.array(here)
        self.facts = facts(self.scenario)
        self.lines: dict[str, Timeline] = timelines(self.scenario, code)

    def mean(self, name: str) -> F64:
        """A parameter's mean over the months; areas as far as the run has them."""
        days = [day_of(np.datetime64(month, "D").item()) for month in self.months]
        value = np.mean([self.lines[name].at(day) for day in days], axis=0)
        by_area = "area" in self.scenario.parameters[name].by
        found: F64 = value[self.here] if by_area else value
        return found

    def hours(self, pool: Pool) -> F64:
        """Hours a week that the staff had in 2024, by area."""
        found: F64 = self.mean(f"{pool.name}.hours_per_week") * self.facts[pool.shared_out]
        return np.asarray(found)[self.here]

    def counted(
        self,
        table: Literal["events", "waits"],
        column: str,
        where: tuple[tuple[str, tuple[str, ...]], ...],
    ) -> F64:
        """By month, grossed up."""
        counts = self.whole.counts(Count(table, column, where))
        found: F64 = counts[self.row].mean(axis=0)[-MONTHS:] / self.whole.scale
        return found

    def line(self, pool: str, use: str, service: str, minutes: float = math.nan) -> Use:
        """A service whose people wait in a line."""
        waits = {
            measure: self.counted(
                "waits", "value", (("service", (service,)), ("measure", (measure,)))
            )
            for measure in ("in_support", "started", "waited_days", "waiting")
        }
        started = float(waits["started"].sum())
        in_support = math.nan if service == "wca" else float(waits["in_support"].mean())
        return Use(
            pool,
            use,
            hours=in_support * minutes / 60,
            in_support=in_support,
            starts=started * 12 / len(self.months),
            wait=float(waits["waited_days"].sum()) / started if started else math.nan,
            waiting=float(waits["waiting"][-1]),
        )

    def visits(self, pool: Pool, minutes: F64) -> list[Use]:
        """Referrals and conversations, which do not wait."""
        a_year = 12 / len(self.months)
        uses = []
        for use, each in zip(pool.uses, minutes, strict=True):
            words, held_as, missed_as = VISITS[use]
            held, missed = self.happened(held_as), self.happened(missed_as)
            uses.append(
                Use(
                    pool.title,
                    words,
                    hours=held * a_year * float(each) / 60 / WEEKS_A_YEAR,
                    starts=held * a_year,
                    crowded_out=missed / (held + missed) if held + missed else math.nan,
                )
            )
        return uses

    def happened(self, events: Happening) -> float:
        """How often any of these events happened, each with its detail, grossed up."""
        return sum(
            float(self.counted("events", "count", (("event", (e,)), ("detail", (d,)))).sum())
            for e, d in events
        )
