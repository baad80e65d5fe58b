"""The world: people and services as SimPy processes, the order of a day, and what is the same for everybody."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import simpy

from sim.core.dates import month_starts
from sim.reference import conditionality

if TYPE_CHECKING:
    from sim.reference.assessment import Assessors
    from sim.reference.durations import Table
    from sim.reference.fit_notes import Surgeries
    from sim.reference.ledger import Ledger
    from sim.reference.parameters import Parameters
    from sim.reference.person import Person, Shock
    from sim.reference.pools import StaffTime, VisitTime
    from sim.reference.support import Provider, Slot
    from sim.reference.workwell import Coaches

# ---- The order of a day ---------------------------------------------------------------------------------

MOMENTS: Final = (
    "morning",
    "demography",
    "return_to_work",
    "job_loss",
    "job_search",
    "sickness",
    "fit_notes",
    "surgeries",
    "claims",
    "assessment",
    "assessors",
    "reconsideration",
    "conditionality",
    "workwell",
    "coaches",
    "coach",
    "coach_starts",
    "employment",
    "employment_starts",
    "therapy",
    "therapy_starts",
    "workplace",
    "workplace_starts",
    "results",
    "policy",
    "evening",
)
"""What is done on every day, in order; who serves a line does it when the line of the day stands."""


@dataclass(frozen=True)
class DayStep:
    """What a person does at a moment of the day."""

    moment: int
    act: Callable[[Person], None]


class PlainWorld:
    """A world of one arm.

    Parameters
    ----------
    first_day, last_day : int
        The world begins in the evening of the first day.
    areas : sequence of str
        Codes of all areas, in the order of area numbers.
    facts : mapping
        What does not change: scale, ratios and shares of areas, lengths of fit notes, site effects.
    """

    assessors: Assessors
    coaches: Coaches
    surgeries: Surgeries
    visits: VisitTime
    ledger: Ledger

    def __init__(
        self,
        first_day: int,
        last_day: int,
        areas: Sequence[str],
        parameters: Parameters,
        tables: Mapping[str, Table],
        facts: Mapping[str, Sequence[float]],
        scale: float,
    ) -> None:
        self.env = simpy.Environment(
            initial_time=first_day * len(MOMENTS) + MOMENTS.index("evening")
        )
        self.last_day = last_day
        self.areas = areas
        self.parameters = parameters
        self.tables = tables
        self.scale = scale
        self.note_ratio_of_area = facts["area_note_ratio"]
        self.share_of_area = facts["area_share"]
        self.people_share = facts["people_share"]
        self.site_effect = facts["site_z"]
        self.note_lengths = [int(days) for days in facts["note_lengths"]]
        self.people: list[Person] = []
        self.inhabited: Sequence[int] = ()
        self.steps: list[DayStep] = []
        self.shocks: list[Shock] = []
        self.shock: dict[str, Shock] = {}
        self.ratios: dict[str, Callable[[Person], float]] = {}
        self.slots: Sequence[Slot] = ()
        self.providers: dict[str, Provider] = {}
        self.staff: dict[str, StaffTime] = {}
        self.watches: list[Callable[[Person], None]] = []
        self.outlooks: list[Callable[[Person, int], None]] = []

    # ---- Time ---------------------------------------------------------------------------------------------------

    @property
    def today(self) -> int:
        """The day."""
        return int(self.env.now) // len(MOMENTS)

    @property
    def is_morning(self) -> bool:
        """Whether the day has only begun."""
        return int(self.env.now) % len(MOMENTS) == 0

    def at(self, day: int, moment: str) -> simpy.Timeout:
        """A moment of a day to come."""
        return self.env.timeout(day * len(MOMENTS) + MOMENTS.index(moment) - self.env.now)

    def next_moment(self, moment: str) -> simpy.Timeout:
        """The next time that a moment comes round."""
        passed = int(self.env.now) % len(MOMENTS) >= MOMENTS.index(moment)
        return self.at(self.today + passed, moment)

    def steps_left(self) -> Iterator[DayStep]:
        """The steps of today that are still to come."""
        now = int(self.env.now) % len(MOMENTS)
        return (step for step in self.steps if step.moment > now)

    def moment_of(self, step: DayStep) -> simpy.Timeout:
        """The moment of a step today."""
        return self.env.timeout(self.today * len(MOMENTS) + step.moment - self.env.now)

    # ---- What is done for everybody ---------------------------------------------------------------------------

    def turn_policy(self) -> Generator[simpy.Event, None, None]:
        """In the evening tomorrow's parameters come into force, and everybody looks ahead anew."""
        for day in sorted(self.parameters.change_days):
            if day > self.today + 1:
                yield self.at(day - 1, "policy")
                self.parameters.turn_to(day)
                for p in self.people:
                    for expect in self.outlooks:
                        expect(p, day)
                    p.rouse()

    def count_months(self) -> Generator[simpy.Event, None, None]:
        """Results are counted on the last day of every month."""
        for day in month_starts(self.today + 1, self.last_day):
            yield self.at(day - 1, "results")
            # A programme without people has no row.
            of_programmes = [
                row
                for provider in self.providers.values()
                for row in provider.line.month()
                if any(row[2])
            ]
            waits = [
                *self.assessors.line.month(),
                ("conditionality", "sanctioned", conditionality.sanctioned(self)),
                *self.coaches.line.month(),
                *of_programmes,
            ]
            self.ledger.close_month(waits)

    def run(self, until: int) -> None:
        """Go on to the end of a day."""
        self.env.run(until=(until + 1) * len(MOMENTS))
