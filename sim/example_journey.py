"""Finds a simulated person whose history is like the journey published when WorkWell was announced.

Source: DWP, "New 64 million plan to help people stay in work", press release, 7 May 2024. Somebody in
work falls ill, is signed off, is referred by the GP, gets several kinds of help from WorkWell, goes
back to work, and is checked in on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from sim.run import simulate
from sim.scenario import Scenario

FEATURES: Final = {
    "ill": "ill with a mental health or musculoskeletal condition",
    "signed_off": "signed off by a fit note",
    "gp": "referred to WorkWell by the GP",
    "in_work": "still had a job when support started",
    "physiotherapy": "physiotherapy",
    "counselling": "counselling",
    "hr_adviser": "an HR adviser",
    "training": "training",
    "social_prescribing": "social prescribing",
    "debt_housing_advice": "advice on debt or housing",
    "completed": "support completed",
    "back": "back in work afterwards",
    "checked_in": "checked in on after going back",
}
"""Features of the published journey; a history scores one for each that it has."""

_CAUSES: Final = ("mental_health", "musculoskeletal")
_ENDS_OF_ABSENCE: Final = ("return_to_work", "left_work_sick")
Event = tuple[str, str]


@dataclass(frozen=True)
class Match:
    """The person most like the example, among so many who started WorkWell."""

    person: int
    features: tuple[str, ...]
    starters: int

    @property
    def score(self) -> int:
        """How many features of the published journey the history has."""
        return len(self.features)


def most_like_example(scenario: Scenario, seed: int, workers: int = 1) -> Match | None:
    """The person whose history has the most features of the published journey.

    Of several, the one with the lowest number. Only areas that the scenario's WorkWell reaches are
    simulated, everybody there is looked at.

    Parameters
    ----------
    scenario : Scenario
        One in which WorkWell runs.
    seed : int
    workers : int
        Processes; the answer does not depend on it.

    Returns
    -------
    Match or None
        None if nobody starts WorkWell.
    """
    areas = workwell_areas(scenario)
    if not areas:
        return None
    here = scenario.model_copy(update={"areas": areas})
    log = simulate([here], [seed], workers=workers, log_people=None).tables.log
    return best_match(log) if log is not None else None


def workwell_areas(scenario: Scenario) -> tuple[str, ...]:
    """Codes of the areas of a scenario in which WorkWell has coaches on some day."""
    coaches = scenario.parameters["workwell.coaches"]
    changes = [change for change in scenario.changes if change.what == coaches.name]
    tables = [table for _, table in coaches.dated()] + [c.array(coaches) for c in changes]
    names = coaches.labels[0]
    where = [set(names)] * len(coaches.dated()) + [set(c.where or names) for c in changes]
    reached = {
        name
        for table, places in zip(tables, where, strict=True)
        for name, number in zip(names, table, strict=True)
        if number > 0 and name in places
    }
    return tuple(code for code in scenario.areas if code in reached)


def best_match(log: pd.DataFrame) -> Match | None:
    """The person of a log whose history has the most features; None if nobody started WorkWell."""
    starters = log.loc[log["event"] == "workwell_start", "person"].unique()
    rows = log[log["person"].isin(starters)]
    best: Match | None = None
    for person, events in rows.groupby("person", sort=True):
        history = list(zip(events["event"].astype(str), events["detail"].astype(str), strict=True))
        features = features_of(history)
        if best is None or len(features) > best.score:
            best = Match(int(person), features, len(starters))
    return best


def features_of(history: Sequence[Event]) -> tuple[str, ...]:
    """Features of the published journey that a history has; of several tries, those of the best.

    Parameters
    ----------
    history : sequence of (event, detail)
        In order.
    """
    starts = [k for k, (event, _) in enumerate(history) if event == "workwell_start"]
    edges = [0, *starts, len(history)]
    episodes = [
        _episode(history[edges[k] : start], history[start : edges[k + 2]])
        for k, start in enumerate(starts)
    ]
    return max(episodes, key=len, default=())


def _episode(before: Sequence[Event], since: Sequence[Event]) -> tuple[str, ...]:
    """Features of one time in WorkWell: what led to it, and what came of it."""
    has = set(_what_led_to_it(before))
    if since[0] == ("workwell_start", "in_work"):
        has.add("in_work")
    has |= {detail for event, detail in since if event == "workwell_contact"}
    if ("workwell_end", "completed") in since:
        has.add("completed")
    back = next((k for k, (event, _) in enumerate(since) if event == "return_to_work"), None)
    if back is not None:
        has.add("back")
        if ("workwell_contact", "check_in") in since[back:]:
            has.add("checked_in")
    return tuple(feature for feature in FEATURES if feature in has)


def _what_led_to_it(before: Sequence[Event]) -> Iterable[str]:
    referrals = [k for k, (event, _) in enumerate(before) if event == "workwell_referral"]
    if not referrals:
        return
    last = referrals[-1]
    if before[last][1] == "gp":
        yield "gp"
    for event, detail in reversed(before[:last]):
        if event in _ENDS_OF_ABSENCE:
            return
        if event == "fit_note":
            yield "signed_off"
        if event == "sickness_start":
            if detail in _CAUSES:
                yield "ill"
            return
