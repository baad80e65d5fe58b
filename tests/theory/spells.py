"""Spell clocks against Nelson-Aalen and Kaplan-Meier, with ratios that change in mid-spell and censoring.

Everybody starts a spell on the same evening. Ratios change through the world, as in the model: a step touches
people, and the evening works out their ratio. Some spells are stopped for another reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.core.clocks import HazardTable, cumulative_hazard
from sim.core.engine import conduct
from sim.core.spells import SpellClock
from sim.core.steps import Ratio, Step
from sim.core.world import World
from tests.core.toy import FIRST_DAY
from tests.theory.battery import increments_p, pooled
from tests.theory.worlds import BARE, world

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
Spec = Mapping[str, Any]

SPECS: Final[dict[str, Spec]] = {
    "falling": {"distribution": "weibull_min", "c": 0.7, "scale": 40.0},
    "rising": {"distribution": "weibull_min", "c": 2.2, "scale": 50.0},
    "log_normal": {"distribution": "lognorm", "s": 1.1, "scale": 25.0},
    "empirical": {"survival": {0: 1.0, 7: 0.7, 28: 0.35, 60: 0.3, 120: 0.02}},
}
PEOPLE: Final = 60_000
DAYS: Final = 120
EARLY, LATE = 12, 30
"""Days of the changes of ratio of the second third of people; the last third has days of its own."""
RATIOS: Final = (0.8, 2.0, 0.5)
"""From the start, from the first change on, from the second on."""


@dataclass(frozen=True)
class Spells:
    """Days observed, whether the spell ended on the last of them, and the days of the changes of ratio."""

    days: I64
    ended: NDArray[np.bool_]
    changes: I64


@cache
def spells(spec: str, seed: int) -> Spells:
    """Run one spell of everybody."""
    rng = np.random.default_rng((seed, list(SPECS).index(spec)))
    third = PEOPLE // 3
    changes = np.full((PEOPLE, 2), 10 * DAYS)
    changes[third : 2 * third] = EARLY, LATE
    changes[2 * third :, 0] = rng.integers(1, 30, PEOPLE - 2 * third)
    changes[2 * third :, 1] = changes[2 * third :, 0] + rng.integers(1, 30, PEOPLE - 2 * third)
    stops = rng.integers(0, 3 * DAYS, PEOPLE)

    def act(w: World) -> None:
        p, day = w.people, w.day - FIRST_DAY
        done = w.due_today("spell")
        w.cancel("spell", done)
        p["ended"][done] = day
        # The ratio of a day is set on the evening before it.
        for number in range(2):
            now = np.flatnonzero(changes[:, number] == day + 1)
            p["ratio"][now] = RATIOS[number + 1]
            w.touch(now, "treatment")
        stopped = w.spells["spell"].running(w, np.flatnonzero(stops == day))
        w.spells["spell"].stop(w, stopped)
        p["stopped"][stopped] = day

    step = Step(
        "spells",
        "Spells end; ratios change.",
        act,
        columns={
            **BARE,
            "ratio": (np.float64, RATIOS[0]),
            "ended": (np.int16, 0),
            "stopped": (np.int16, DAYS),
        },
        spells=("spell",),
        ratios=(Ratio("spell", lambda w, ids: w.people["ratio"][ids], feels=("treatment",)),),
    )
    number = list(SPECS).index(spec)
    # Each kind of spell has people of its own, so that samples are independent.
    w = world(step, people=PEOPLE, days=DAYS, seed=len(SPECS) * seed + number)
    w.spells = {"spell": SpellClock("spell", HazardTable.from_specs(list(SPECS.values())))}
    at_once = changes[:, 0] == 1
    w.people["ratio"][at_once] = RATIOS[1]
    w.spells["spell"].start(
        w, np.arange(PEOPLE), np.full(PEOPLE, number, np.uint8), w.people["ratio"].copy()
    )
    conduct(w, FIRST_DAY + DAYS)
    ended = w.people["ended"].astype(np.int64)
    days = np.where(ended > 0, ended, w.people["stopped"].astype(np.int64))
    return Spells(days, ended > 0, changes)


def hazards(spec: str, changes: I64, ratios: tuple[float, ...] = RATIOS) -> F64:
    """Cumulative hazard of each day of a spell under its ratios, shape (people, days)."""
    daily = np.diff(cumulative_hazard(SPECS[spec], DAYS))
    day = np.arange(1, DAYS + 1)
    ratio = np.where(day >= changes[:, 1:2], ratios[2], ratios[1])
    return daily * np.where(day >= changes[:, 0:1], ratio, ratios[0])


# ---- Checks -------------------------------------------------------------------------------------


def of_spells(spec: str, seed: int, told: tuple[float, ...] = RATIOS) -> dict[str, float]:
    """One-sample log-rank and Nelson-Aalen of everybody; Kaplan-Meier of those with the same changes of ratio."""
    seen = spells(spec, seed)
    chance = -np.expm1(-hazards(spec, seen.changes, told))
    day = np.arange(1, DAYS + 1)
    at_risk = seen.days[:, None] >= day
    expected = (at_risk * chance).sum(axis=0)
    variance = (at_risk * chance * (1 - chance)).sum(axis=0)
    observed = np.bincount(seen.days[seen.ended], minlength=DAYS + 1)[1:]
    together = seen.changes[:, 0] == EARLY
    together &= seen.changes[:, 1] == LATE
    return {
        "log-rank": increments_p([observed.sum()], [expected.sum()], [variance.sum()]),
        "Nelson-Aalen": increments_p(observed, expected, variance),
        "Kaplan-Meier": kaplan_meier_p(seen, together, chance[together][0]),
        "Kaplan-Meier, no change": kaplan_meier_p(
            seen, seen.changes[:, 0] > DAYS, chance[seen.changes[:, 0] > DAYS][0]
        ),
    }


def kaplan_meier_p(seen: Spells, who: NDArray[np.bool_], chance: F64) -> float:
    """Kaplan and Meier's (1958) curve against the true one, with Greenwood's variance under it.

    The logarithm of the curve has uncorrelated increments; they are put together until as many people have
    ended as a normal law needs.
    """
    days, ended = seen.days[who], seen.ended[who]
    day = np.arange(1, DAYS + 1)
    at_risk = (days[:, None] >= day).sum(axis=0)
    events = np.bincount(days[ended], minlength=DAYS + 1)[1:]
    within = at_risk > _FEW
    at_risk, events, chance = at_risk[within], events[within], chance[within]
    greenwood = chance / (at_risk * (1 - chance))
    # log(1 - events / at risk) lies on average below its value at the mean, by half its variance.
    off = np.log1p(-events / at_risk) - np.log1p(-chance) + greenwood / 2
    of = pooled(at_risk * chance, _FEW)
    z = np.bincount(of, off) / np.sqrt(np.bincount(of, greenwood))
    return float(stats.chi2(len(z)).sf((z**2).sum()))


_FEW: Final = 100
