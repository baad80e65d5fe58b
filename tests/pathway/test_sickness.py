"""Sickness: who falls ill, when and where, of what; and lasting health that gets worse or better."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.core.dates import date_of
from sim.core.world import World
from sim.pathway import sickness
from sim.pathway.sickness import CAUSES, WELL
from sim.scenario import override
from sim.states import LABELS, Benefit, Condition, Labour
from tests.pathway.lives import (
    FAMILY_WISE_ERROR,
    Lives,
    expected,
    live,
    log_of,
    rate_p,
    shares_p,
    small,
    some,
    variant,
    worth,
)

F64 = NDArray[np.float64]

LIMIT = FAMILY_WISE_ERROR / 43
"""Onsets by month (12), area (3), groups (2 + 2 + 2 + 2 + 5), causes (5), worse (8), better (2)."""


@pytest.fixture(scope="module")
def onsets(year: Lives) -> F64:
    """Rates a year of falling ill, by the parameters alone, on the evening before each day."""
    w, e = year.world, today(year)
    p = w.people
    day = year.first + 1 + np.arange(year.days)
    rate = worth(w, "sickness.onset_rate")[e["condition"]]
    rate = rate * worth(w, "sickness.onset_sex_ratio")[p["sex"]]
    rate *= worth(w, "sickness.onset_age_ratio")[e["age_band"]]
    rate *= w.facts["area_note_ratio"][p["area"]] ** worth(w, "sickness.area_exponent")
    rate *= worth(w, "sickness.season")[[date_of(d).month - 1 for d in day]][:, None]
    for marked, name in (
        (e["limiting"] == 1, "sickness.onset_limiting_ratio"),
        (e["labour"] == Labour.SEARCHING, "sickness.onset_out_of_work_ratio"),
        (recent(year), "sickness.recurrence_ratio"),
    ):
        rate *= np.where(marked, worth(w, name), 1.0)
    can = np.isin(e["labour"], (Labour.IN_WORK, Labour.SEARCHING)) & (e["sick"] == WELL)
    return np.where(can, rate, 0.0)


def today(lives: Lives) -> dict[str, NDArray[Any]]:
    """Columns on the evening before each day."""
    return {name: column[:-1] for name, column in lives.evening.items()}


def recent(lives: Lives) -> NDArray[np.bool_]:
    """Who had a certified spell that ended less than a year before."""
    day = lives.first + 1 + np.arange(lives.days)[:, None]
    days = worth(lives.world, "sickness.recurrence_days")
    return np.asarray(day - today(lives)["sick_ended"].astype(np.int64) < days)


def onset_p(year: Lives, rate: F64, mine: NDArray[np.bool_]) -> float:
    """P-value of the number of new spells where ``mine`` marks people on the evenings before."""
    mine = np.broadcast_to(mine, rate.shape)
    starts = year.events("sickness_start")
    count = mine[starts["day"] - year.first - 1, starts["person"]].sum()
    wanted = expected(np.where(mine, rate, 0.0))
    assert wanted > 20
    return rate_p(count, wanted)


# ---- Falling ill --------------------------------------------------------------------------------


@pytest.mark.parametrize("month", range(1, 13))
def test_people_fall_ill_as_often_as_the_month_says(year: Lives, onsets: F64, month: int) -> None:
    day = year.first + 1 + np.arange(year.days)
    here = np.array([date_of(d).month == month for d in day])[:, None]
    assert onset_p(year, onsets, here) > LIMIT


@pytest.mark.parametrize("place", range(3))
def test_areas_differ_as_their_fit_notes_do(year: Lives, onsets: F64, place: int) -> None:
    area = year.world.people["area"]
    here = area == np.unique(area)[place]
    assert onset_p(year, onsets, here[None, :]) > LIMIT


def test_the_gradient_of_areas_and_seasons_shows(year: Lives) -> None:
    """The rates are told apart from rates without a gradient: the test above has power."""
    w, e = year.world, today(year)
    well = (e["labour"] == Labour.IN_WORK) & (e["sick"] == WELL)
    starts = year.events("sickness_start")
    month = np.array([date_of(year.first + 1 + d).month for d in range(year.days)])
    by_month = np.bincount(month[starts["day"] - year.first - 1], minlength=13)[1:]
    days = np.array([well[month == m].sum() for m in range(1, 13)])
    season = worth(w, "sickness.season")
    assert np.corrcoef(by_month / days, season)[0, 1] > 0.8
    areas = np.unique(w.people["area"])
    rates = [
        (w.people["area"][starts["person"]] == a).sum() / well[:, w.people["area"] == a].sum()
        for a in areas
    ]
    ratio = w.facts["area_note_ratio"][areas]
    assert (np.argsort(rates) == np.argsort(ratio)).all()


@pytest.mark.parametrize("of", [False, True])
@pytest.mark.parametrize("group", ["women", "limited", "searching", "recurring"])
def test_groups_fall_ill_at_their_own_rates(year: Lives, onsets: F64, group: str, of: bool) -> None:
    e = today(year)
    marked = {
        "women": (year.world.people["sex"] == 0)[None, :],
        "limited": e["limiting"] == 1,
        "searching": e["labour"] == Labour.SEARCHING,
        "recurring": recent(year),
    }[group]
    assert onset_p(year, onsets, marked == of) > LIMIT


@pytest.mark.parametrize("condition", range(len(Condition)))
def test_conditions_fall_ill_at_their_own_rates(year: Lives, onsets: F64, condition: int) -> None:
    assert onset_p(year, onsets, today(year)["condition"] == condition) > LIMIT


def test_only_people_who_are_well_and_work_or_search_fall_ill(year: Lives) -> None:
    starts = year.events("sickness_start")
    before = year.at("labour", starts, before=1)
    could = np.isin(before, (Labour.IN_WORK, Labour.SEARCHING))
    # A few have come back to work, or begun to work or search, on the very day.
    assert could.mean() > 0.99
    at_work = could & (before == Labour.IN_WORK)
    after = year.at("labour", starts)
    assert (after[at_work] == Labour.OFF_SICK).mean() > 0.999
    assert (year.at("sick", starts) == starts["detail"] + 1).all()


def test_levers_multiply_onsets(start: World) -> None:
    counts = []
    for ratio in (0, 1, 2):
        scenario = override(small(), {"sickness.onset_hazard_ratio": ratio})
        counts.append(len(live(variant(start, scenario), 40, ()).events("sickness_start")))
    assert counts[0] == 0
    assert counts[1] * 1.7 < counts[2] < counts[1] * 2.1


def test_a_higher_rate_only_adds_spells(start: World) -> None:
    """Who falls ill first under the usual rate does so no later under a higher one."""
    firsts = []
    for ratio in (1, 1.3):
        scenario = override(small(), {"sickness.onset_hazard_ratio": ratio})
        starts = live(variant(start, scenario), 60, ()).events("sickness_start")
        firsts.append(starts.groupby("person")["day"].min())
    both = firsts[1].reindex(firsts[0].index)
    sooner = (both <= firsts[0]).mean()
    assert sooner > 0.97
    assert len(firsts[1]) > len(firsts[0])


# ---- Of what ------------------------------------------------------------------------------------


@pytest.mark.parametrize("condition", range(len(Condition)))
def test_causes_are_as_often_as_the_shares_of_a_condition(start: World, condition: int) -> None:
    world = variant(start, small())
    ids = some(world, Labour.SEARCHING, Benefit.NONE, 4_000)
    world.people["condition"][ids] = condition
    sickness.fall_ill(world, ids)
    counts = np.bincount(log_of(world)["detail"], minlength=len(CAUSES))
    assert shares_p(counts, worth(world, "sickness.cause")[condition]) > LIMIT


def test_the_next_spell_has_a_cause_of_its_own(start: World) -> None:
    world = variant(start, small())
    ids = some(world, Labour.SEARCHING, Benefit.NONE, 2_000)
    causes = []
    for _ in range(2):
        sickness.fall_ill(world, ids)
        causes.append(world.people["sick"][ids].copy())
    assert abs(np.corrcoef(causes)[0, 1]) < 0.1


# ---- Lasting health -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def frail(start: World) -> Lives:
    """A quarter of fast changes of lasting health."""
    worse = {"none": (0.2, 0.3, 0.4, 0.5), "condition": (0.6, 0.7, 0.8, 0.9)}
    values = {
        "sickness.worsen_rate": {
            level: dict(zip(LABELS["age_band"], rates, strict=True))
            for level, rates in worse.items()
        },
        "sickness.improve_rate": {"condition": 0.5, "limiting": 0.8},
    }
    watch = ("labour", "condition", "limiting", "age_band", "benefit")
    return live(variant(start, override(small(), values)), 90, watch)


@pytest.mark.parametrize("age", range(4))
@pytest.mark.parametrize("level", [0, 1])
def test_health_gets_worse_at_the_rate_of_level_and_age(frail: Lives, level: int, age: int) -> None:
    e = today(frail)
    mine = (e["condition"] != Condition.NONE) == (level == 1)
    mine &= (e["age_band"] == age) & (e["limiting"] == 0) & (e["labour"] != Labour.OUTSIDE)
    events = frail.events("health_worsens")
    count = mine[events["day"] - frail.first - 1, events["person"]].sum()
    rate = worth(frail.world, "sickness.worsen_rate")[level, age]
    assert rate_p(count, expected(mine * rate)) > LIMIT


@pytest.mark.parametrize("limiting", [0, 1])
def test_health_gets_better_at_the_rate_of_its_level(frail: Lives, limiting: int) -> None:
    e, w = today(frail), frail.world
    mine = (e["condition"] != Condition.NONE) & (e["limiting"] == limiting)
    mine &= e["labour"] != Labour.OUTSIDE
    slow = np.where(
        e["labour"] == Labour.SICK_INACTIVE, worth(w, "sickness.long_sick_improve_ratio"), 1.0
    )
    rate = worth(w, "sickness.improve_rate")[limiting] * slow
    events = frail.events("health_improves")
    count = mine[events["day"] - frail.first - 1, events["person"]].sum()
    assert count > 30
    assert rate_p(count, expected(mine * rate)) > LIMIT


def test_health_changes_by_one_step(frail: Lives) -> None:
    for event, steps in (
        ("health_worsens", {(0, 0): (None, 0), (1, 0): (None, 1)}),
        ("health_improves", {(1, 1): (None, 0), (1, 0): (0, 0)}),
    ):
        rows = frail.events(event)
        once = ~rows.duplicated(["day", "person"], keep=False).to_numpy()
        was = frail.at("condition", rows, before=1), frail.at("limiting", rows, before=1)
        now = frail.at("condition", rows), frail.at("limiting", rows)
        for (has, limits), (condition, limiting) in steps.items():
            mine = once & ((was[0] != Condition.NONE) == (has == 1)) & (was[1] == limits)
            assert mine.sum() > 30
            assert (now[1][mine] == limiting).mean() > 0.99
            if condition == 0:
                assert (now[0][mine] == Condition.NONE).mean() > 0.99
            elif has:
                assert (now[0] == was[0])[mine].mean() > 0.99


def test_nobody_is_limited_without_a_condition(year: Lives, frail: Lives) -> None:
    for lives in (year, frail):
        limited = lives.evening["limiting"] == 1
        assert (lives.evening["condition"][limited] != Condition.NONE).all()


def test_the_long_term_sick_who_are_no_longer_limited_are_otherwise_inactive(
    frail: Lives,
) -> None:
    rows = frail.events("health_improves")
    rows = rows[rows["detail"] == 1]
    sick = frail.at("labour", rows, before=1) == Labour.SICK_INACTIVE
    searches = frail.at("benefit", rows, before=1) == Benefit.UC_SEARCH
    after = frail.at("labour", rows)
    assert (sick & ~searches).sum() > 20
    assert (after[sick & ~searches] == Labour.OTHER_INACTIVE).mean() > 0.95
    assert (after[sick & searches] != Labour.OTHER_INACTIVE).mean() > 0.9 or not (
        sick & searches
    ).any()
