"""Small worlds whose people are watched every evening, and tests with a stated chance of error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast
from unittest.mock import patch

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from sim.core.clocks import HazardTable
from sim.core.dates import NEVER
from sim.core.draws import person_keys
from sim.core.engine import conduct
from sim.core.spells import SpellClock
from sim.core.world import World
from sim.model import spell_clocks
from sim.pathway.person import YEAR, move
from sim.people import read_areas
from sim.scenario import Scenario
from sim.settings import ParameterSettings, timelines
from sim.states import Benefit, Labour
from sim.support.pools import POOLS
from tests.library import library

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

AREAS: Final = ("E54000057", "E54000062", "E54000041")
"""Greater Manchester and the Black Country, which are WorkWell pilots, and Dorset, which is not."""

FAMILY_WISE_ERROR: Final = 0.001
"""Chance that a true model fails any statistical test of a file (Bonferroni over them)."""

ENOUGH_STAFF: Final = {f"{pool.name}.capacity_ratio": 10 for pool in POOLS}
"""Values under which nobody waits for staff whose time is shared."""

WATCHED: Final = ("labour", "benefit", "sick")


def small(name: str = "baseline", **changes: Any) -> Scenario:
    """A library scenario of three areas, one year, after one year of warm-up."""
    size = {"scale": 0.003, "years": 1, "warm_up_years": 1, "areas": AREAS}
    return library(name).model_copy(update=size | changes)


# ---- Lives --------------------------------------------------------------------------------------


@dataclass
class Lives:
    """What happened to everybody from one evening on.

    ``evening[column][k]`` is a column of the world on the evening ``k`` days after ``first``.
    """

    world: World
    first: int
    evening: dict[str, NDArray[Any]]
    log: pd.DataFrame

    @property
    def days(self) -> int:
        """Days lived through."""
        return self.world.day - self.first

    def events(self, event: str) -> pd.DataFrame:
        """The days, people and details of one event, in order."""
        return self.log[self.log["event"] == event]

    def at(self, column: str, rows: pd.DataFrame, before: int = 0) -> NDArray[Any]:
        """A column on the evening of each event of ``rows``, or some evenings before."""
        day = rows["day"].to_numpy() - self.first - before
        return self.evening[column][day, rows["person"].to_numpy()]


def variant(world: World, scenario: Scenario, logged: bool = True) -> World:
    """A copy of a world that goes on under the parameters of another scenario from tomorrow."""
    settings = ParameterSettings([scenario], read_areas().code, world.day + 1)
    copy = world.branched([0], settings)
    copy.people["logged"][:] = copy.recorder.logs = logged
    copy.spells = spell_clocks(scenario)
    everybody = np.arange(len(copy.keys))
    copy.renew([(name, everybody) for name in copy.streams], [(r, everybody) for r in copy.ratios])
    copy.recorder.begin(copy.day)
    return copy


def live(
    world: World,
    days: int,
    watch: Sequence[str] = WATCHED,
    each_evening: Callable[[World], None] | None = None,
) -> Lives:
    """Run a world and look at it every evening; watched are columns of people, or of ``due`` as ``due/<clock>``."""
    first, dusk = world.day, world.dusk
    kept: dict[str, list[NDArray[Any]]] = {name: [_column(world, name)] for name in watch}

    def evening() -> None:
        dusk()
        for name, rows in kept.items():
            rows.append(_column(world, name))
        if each_evening:
            each_evening(world)

    with patch.object(world, "dusk", evening):
        conduct(world, first + days)
    return Lives(world, first, {name: np.stack(rows) for name, rows in kept.items()}, log_of(world))


def log_of(world: World) -> pd.DataFrame:
    """Everything logged: day, person (by number in the world), event and detail, in order."""
    names = list(world.recorder.events)
    rows = world.recorder.log
    count = [len(ids) for _, _, ids, _, _ in rows]
    event = np.repeat([event for _, _, _, event, _ in rows], count).astype(np.int64)
    return pd.DataFrame(
        {
            "day": np.repeat([day for day, *_ in rows], count),
            "person": np.concatenate([ids for _, _, ids, _, _ in rows]),
            "event": np.array(names)[event],
            "detail": np.concatenate([detail for *_, detail in rows]),
        }
    )


def _column(world: World, name: str) -> NDArray[Any]:
    kind, _, clock = name.partition("/")
    column: NDArray[Any] = world.due[clock] if kind == "due" and clock else world.people[name]
    return column.copy()


def some(world: World, labour: int, benefit: int, most: int = 2_000) -> I64:
    """People in work without a benefit, put into another state."""
    p = world.people
    ids = np.flatnonzero((p["labour"] == Labour.IN_WORK) & (p["benefit"] == Benefit.NONE))[:most]
    move(world, ids, labour=labour, benefit=benefit)
    return ids


def worth(world: World, name: str) -> F64:
    """The value of a parameter in the first arm of a world today."""
    return np.asarray(world.settings.by_arm(world, name)[0])


def day_by_day(lives: Lives, name: str) -> F64:
    """The value of a parameter on every day lived through, shape (days, ...)."""
    settings = lives.world.settings
    assert isinstance(settings, ParameterSettings)
    line = timelines(settings.scenarios[0], settings.areas)[name]
    return np.stack([line.at(day) for day in range(lives.first + 1, lives.world.day + 1)])


def expected(rate: F64) -> float:
    """Events expected from rates per year on the evening before each day, shape (days, people)."""
    return float(-np.expm1(-rate / YEAR).sum())


# ---- Spells without a world ---------------------------------------------------------------------


@dataclass
class Bench:
    """As much of a world as a clock of spells asks of it."""

    keys: NDArray[np.uint64]
    clocks: dict[str, SpellClock]
    day: int = 9_000
    people: dict[str, NDArray[Any]] = field(default_factory=dict)
    due: dict[str, NDArray[np.int64]] = field(default_factory=dict)

    def set_due(self, clock: str, ids: I64, days: I64) -> None:
        """Set a clock."""
        self.due[clock][ids] = days


def bench(people: int, seed: int = 1, **tables: HazardTable) -> Bench:
    """People whose spells of some kinds can be started."""
    clocks = {name: SpellClock(name, table) for name, table in tables.items()}
    made = Bench(person_keys(seed, np.arange(people, dtype=np.uint64)), clocks)
    for name in tables:
        made.due[name] = np.full(people, NEVER, np.int64)
        for column, (dtype, rest) in SpellClock.columns(name).items():
            made.people[column] = np.full(people, rest, dtype)
    return made


def lengths(on: Bench, clock: str, group: NDArray[np.integer] | int, ratio: float = 1.0) -> I64:
    """Days of one spell of everybody, each with the person's own next threshold."""
    everybody = np.arange(len(on.keys))
    groups = np.broadcast_to(np.asarray(group, np.uint8), everybody.shape)
    on.clocks[clock].start(cast("World", on), everybody, groups, ratio)
    return on.due[clock] - on.day


# ---- Tests of shares and rates ------------------------------------------------------------------


def share_p(count: int, trials: int, share: float) -> float:
    """P-value of the exact binomial test of a share."""
    return float(stats.binomtest(int(count), int(trials), share).pvalue)


def rate_p(count: int, expected: float) -> float:
    """Two-sided p-value of a count under the Poisson law."""
    tails = stats.poisson.cdf(count, expected), stats.poisson.sf(count - 1, expected)
    return min(1.0, 2 * float(min(tails)))


def shares_p(counts: Sequence[int] | I64, shares: Sequence[float] | F64) -> float:
    """P-value of the chi-square test of shares; outcomes that cannot be must not have happened."""
    observed, expected = np.asarray(counts), np.asarray(shares, float)
    assert not observed[expected == 0].any()
    observed, expected = observed[expected > 0], expected[expected > 0]
    assert (observed.sum() * expected).min() >= 5, "too few for a chi-square test"
    return float(stats.chisquare(observed, expected * observed.sum()).pvalue)


def same_share_p(counts: Sequence[int], trials: Sequence[int]) -> float:
    """P-value of Fisher's exact test that two shares are the same."""
    table = [[k, n - k] for k, n in zip(counts, trials, strict=True)]
    return float(stats.fisher_exact(table).pvalue)
