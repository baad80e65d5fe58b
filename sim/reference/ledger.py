"""The ledger: what happened, as the results count it, in the form that the tables are made from."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core.recorder import DETAILS, Month, Recorder

if TYPE_CHECKING:
    from sim.reference.person import Person
    from sim.reference.world import PlainWorld

Event = tuple[int, int, int, int]
"""Day, index of the person, number of the event, number of its detail."""


class Ledger:
    """Counts of the month so far, the months before, and every event in order."""

    def __init__(self, world: PlainWorld, recorder: Recorder) -> None:
        self.world, self.layout, self.names = world, recorder.layout, list(recorder.events)
        self.numbers = {
            (name, detail): (event, kind)
            for event, (name, details) in enumerate(
                zip(recorder.events, recorder.details, strict=True)
            )
            for kind, detail in enumerate(details)
        }
        self.begin(world.today)

    def begin(self, day: int) -> None:
        """Forget everything and count from the day after."""
        self.months: list[Month] = []
        self.log: list[Event] = []
        self.opening = self._stocks()
        self._clear(day)

    def _stocks(self) -> Any:
        stocks = np.zeros(self.layout.areas * self.layout.per_area, np.int64)
        for p in self.world.people:
            stocks[self.state_of(p)] += 1
        return stocks

    def _clear(self, day: int) -> None:
        self.month_start = day
        self.moves: list[tuple[int, int, int]] = []
        self.events: Counter[int] = Counter()
        self.spells: dict[int, tuple[int, int]] = {}

    # ---- While the month runs ---------------------------------------------------------------------------------

    def state_of(self, p: Person) -> int:
        """The state of a person as one number: area, condition, labour-market state, benefit."""
        lay = self.layout
        return (
            (p.area * lay.conditions + p.condition) * lay.labours + p.labour
        ) * lay.benefits + p.benefit

    def move(self, before: int, p: Person) -> None:
        """A person has gone from a state to another."""
        self.moves.append((self.world.today, before, self.state_of(p)))

    def event(self, p: Person, name: str, detail: str) -> None:
        """Something happens to a person."""
        event, kind = self.numbers[name, detail]
        self.events[self._key(p, event, kind)] += 1
        if p.logged:
            self.log.append((self.world.today, p.index, event, kind))

    def spell(self, p: Person, name: str, detail: str, days: int) -> None:
        """A spell of so many days is over."""
        key = self._key(p, *self.numbers[name, detail])
        count, total = self.spells.get(key, (0, 0))
        self.spells[key] = count + 1, total + days

    def rows(self) -> list[tuple[int, int, Any, int, Any]]:
        """The log in the form of the recorder: day, order, people, event, details."""
        return [
            (day, order, np.array([person]), event, np.array([kind]))
            for order, (day, person, event, kind) in enumerate(self.log)
        ]

    def _key(self, p: Person, event: int, kind: int) -> int:
        return (p.area * len(self.names) + event) * DETAILS + kind

    # ---- At its end -----------------------------------------------------------------------------------------------

    def close_month(self, waits: list[tuple[str, str, list[int]]]) -> None:
        """Count the month that ends today.

        Raises
        ------
        AssertionError
            If people were lost or made up.
        """
        end, states = self.world.today, len(self.opening)
        days = end - self.month_start
        stocks, by_flows = self._stocks(), self.opening
        person_days = stocks * days
        for day, old, new in self.moves:
            person_days[old] += day - 1 - self.month_start
            person_days[new] -= day - 1 - self.month_start
            by_flows[old] -= 1
            by_flows[new] += 1
        if not np.array_equal(stocks, by_flows):
            raise AssertionError("stocks did not change by flows: people were lost or made up")
        self.opening = stocks.copy()
        flows = Counter(old * states + new for _, old, new in self.moves)
        self.months.append(
            Month(
                end,
                days,
                1,
                stocks,
                person_days,
                _sorted(flows),
                _sorted(self.events),
                _sorted_spells(self.spells),
                [(service, measure, np.array(values)) for service, measure, values in waits],
            )
        )
        self._clear(end)


def _sorted(counts: Counter[int]) -> Any:
    keys = sorted(counts)
    return np.array(keys, np.int64), np.array([counts[key] for key in keys], np.int64)


def _sorted_spells(spells: dict[int, tuple[int, int]]) -> Any:
    keys = sorted(spells)
    counts = [spells[key][0] for key in keys]
    days = [spells[key][1] for key in keys]
    return tuple(np.array(values, np.int64) for values in (keys, counts, days))
