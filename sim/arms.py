"""Arms: a scenario lived with the luck of one seed; and which arms share a past, until when.

Arms of one seed whose scenarios agree until the results begin share a warmed-up start, and go on sharing
their past until shortly before the first day on which they differ.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from sim.core.dates import day_of
from sim.people import read_areas
from sim.scenario import Scenario
from sim.settings import first_difference


@dataclass(frozen=True, eq=False)
class Arm:
    """One scenario with one seed; arms of the same scenario share the object."""

    scenario: Scenario
    seed: int


def history_key(scenario: Scenario) -> str:
    """Hash of all in a scenario that its people can have felt by the evening before the first day."""
    start = day_of(scenario.start)
    # Without a warm-up the world begins on the eve of the start, and looks ahead under that day's values.
    seen = start + (scenario.warm_up_years == 0)
    parameters = {
        name: [
            p.by,
            p.labels,
            [
                [str(n.start), n.entries]
                for n in p.numbers
                if n.start is None or day_of(n.start) < seen
            ],
            p.specs,
        ]
        for name, p in scenario.parameters.items()
    }
    what = [
        str(scenario.start),
        scenario.years,
        scenario.scale,
        scenario.warm_up_years,
        parameters,
        [c.model_dump(mode="json") for c in scenario.changes if day_of(c.from_) < seen],
    ]
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


def roots(arms: Sequence[Arm]) -> list[list[int]]:
    """Numbers of the arms that share a warmed-up start, group by group."""
    key = {id(arm.scenario): history_key(arm.scenario) for arm in arms}
    groups: dict[tuple[str, int], list[int]] = {}
    for number, arm in enumerate(arms):
        groups.setdefault((key[id(arm.scenario)], arm.seed), []).append(number)
    return list(groups.values())


def partings(arms: Sequence[Arm], groups: Sequence[Sequence[int]]) -> dict[tuple[int, int], int]:
    """First day on which two arms of a group have different values, by pair; after the end if never."""
    codes = read_areas().code
    known: dict[tuple[int, int], int] = {}
    days = {}
    for i, j in (pair for group in groups for pair in combinations(group, 2)):
        one, other = arms[i].scenario, arms[j].scenario
        pair = id(one), id(other)
        if pair not in known:
            first = first_difference(one, other, codes, day_of(one.end))
            known[pair] = max(first, day_of(one.start))
        days[i, j] = known[pair]
    return days
