"""Sessions of a programme, for a person's record.

A session is held every ``<programme>.session_gap_days`` from the day on which support starts until the day
before it ends. Nothing in the model hangs on it: what support does is a hazard ratio over its whole length,
and what it takes of staff is minutes a week. So sessions are worked out from the log when a record is told,
and no simulated day pays for them. WorkWell, whose plan and check-ins follow a person's needs, simulates its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sim.core.dates import date_of, day_of
from sim.people import read_areas
from sim.scenario import Scenario
from sim.settings import timelines
from sim.support.programmes import PROGRAMMES

Event = tuple[dt.date, str, str]
"""Day, event and detail, as the log has them."""
HELD = "held"


def with_sessions(history: Sequence[Event], scenario: Scenario) -> list[Event]:
    """A person's events and the sessions between them; those of a day come after its events.

    Parameters
    ----------
    history : sequence of Event
        All events of one person, in order.
    scenario : Scenario
        Whose parameters say how far sessions are apart; what holds when support starts holds to its end.
    """
    lines = timelines(scenario, read_areas().code)
    sessions: list[Event] = []
    for position, (day, event, _) in enumerate(history):
        name = event.removesuffix("_start")
        if name not in PROGRAMMES or name == event:
            continue
        end = next((d for d, e, _ in history[position:] if e == f"{name}_end"), scenario.end)
        gap = int(lines[f"{name}.session_gap_days"].at(day_of(day)))
        sessions += [
            (date_of(d), f"{name}_session", HELD) for d in range(day_of(day), day_of(end), gap)
        ]
    return sorted([*history, *sessions], key=lambda each: each[0])
