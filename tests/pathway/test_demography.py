"""Demography: people come in at 16, grow older, leave at pension age, or die."""

from __future__ import annotations

import numpy as np
import pytest

from sim.core.dates import NEVER
from sim.core.world import World
from sim.pathway import demography
from sim.pathway.person import YEAR, age_band_on
from sim.people.pension_age import pension_day
from sim.scenario import override
from sim.states import AGE_EDGES, LABELS, Benefit, Labour
from sim.support import workwell
from tests.pathway.lives import (
    FAMILY_WISE_ERROR,
    Lives,
    expected,
    live,
    rate_p,
    shares_p,
    small,
    variant,
    worth,
)

LIMIT = FAMILY_WISE_ERROR / 20
"""Deaths of sixteen groups, of those limited and not, and of the baseline; states on entry."""


@pytest.fixture(scope="module")
def deadly(start: World) -> Lives:
    """Ten months with rates of death between 2% and 10% a year."""
    rates = {
        "female": {"16-24": 0.02, "25-34": 0.03, "35-49": 0.04, "50+": 0.05},
        "male": {"16-24": 0.03, "25-34": 0.05, "35-49": 0.07, "50+": 0.10},
    }
    scenario = override(small(), {"demography.death_rate": rates})
    return live(variant(start, scenario), 300, ("labour", "benefit", "age_band", "limiting"))


def death_rates(lives: Lives) -> np.ndarray:
    """Rates a year from the parameters, on the evening before each day."""
    e = {name: column[:-1] for name, column in lives.evening.items()}
    w = lives.world
    rate = worth(w, "demography.death_rate")[w.people["sex"], e["age_band"]]
    rate = rate * np.where(e["limiting"] == 1, worth(w, "demography.death_limiting_ratio"), 1.0)
    return np.where(e["labour"] == Labour.OUTSIDE, 0.0, rate)


# ---- Coming in ----------------------------------------------------------------------------------


def test_people_enter_on_their_sixteenth_birthday(year: Lives) -> None:
    entries = year.events("entry")
    assert len(entries) > 100
    age = entries["day"].to_numpy() - year.world.people["birth_day"][entries["person"]]
    np.testing.assert_array_equal(age, 16 * YEAR)
    assert (year.at("labour", entries, before=1) == Labour.OUTSIDE).all()
    assert (year.at("labour", entries) != Labour.OUTSIDE).all()
    assert not entries["person"].duplicated().any()


def test_nobody_is_in_before_sixteen(year: Lives) -> None:
    day = year.first + np.arange(year.days + 1)[:, None]
    young = day - year.world.people["birth_day"].astype(np.int64) < 16 * YEAR
    assert young.sum() > 10_000
    assert (year.evening["labour"][young] == Labour.OUTSIDE).all()
    turned = ~young[:-1].all(axis=0) & young[0]
    assert (
        turned.sum()
        == len(year.events("entry")) - (year.events("entry")["day"] == year.world.day).sum()
    )


def test_states_on_entry_are_as_the_shares_say(start: World) -> None:
    shares = {"in_work": 0.3, "searching": 0.3, "other_inactive": 0.4}
    values = {
        "demography.entry_labour_share": {label: shares.get(label, 0) for label in LABELS["labour"]}
    }
    lives = live(variant(start, override(small(), values)), 365, ("labour",))
    entered = lives.at("labour", lives.events("entry"))
    counts = np.bincount(entered, minlength=len(LABELS["labour"]))
    wanted = worth(lives.world, "demography.entry_labour_share")
    # Whoever falls ill on the first day counts as in work.
    counts[Labour.IN_WORK] += counts[Labour.OFF_SICK]
    counts[Labour.OFF_SICK] = 0
    assert shares_p(counts, wanted) > LIMIT


# ---- Growing older ------------------------------------------------------------------------------


def test_age_bands_change_on_the_birthday(year: Lives) -> None:
    birth = year.world.people["birth_day"]
    inside = year.evening["labour"] != Labour.OUTSIDE
    for k in range(0, year.days + 1, 20):
        band = age_band_on(birth, year.first + k)
        here = inside[k]
        np.testing.assert_array_equal(year.evening["age_band"][k][here], band[here])
    changed = year.evening["age_band"][1:] != year.evening["age_band"][:-1]
    day, person = np.nonzero(changed & inside[1:])
    assert len(day) > 100
    age = (year.first + 1 + day - birth[person].astype(np.int64)) / YEAR
    np.testing.assert_allclose(
        age, np.array(AGE_EDGES)[np.abs(age[:, None] - AGE_EDGES).argmin(1)], atol=1 / 365
    )


def test_the_cell_of_a_person_follows_age(year: Lives) -> None:
    w = year.world
    inside = w.people["labour"] != Labour.OUTSIDE
    age_digit = w.people["cell"] // 2 % len(LABELS["age_band"])
    np.testing.assert_array_equal(age_digit[inside], w.people["age_band"][inside])


# ---- Leaving ------------------------------------------------------------------------------------


def test_people_leave_on_the_day_of_their_pension(year: Lives) -> None:
    left = year.events("pension_age")
    assert len(left) > 100
    birth = year.world.people["birth_day"].astype(np.int64)
    np.testing.assert_array_equal(left["day"], pension_day(birth[left["person"]]))
    assert (year.at("labour", left) == Labour.OUTSIDE).all()
    assert (year.at("benefit", left) == Benefit.NONE).all()
    assert not (year.at("labour", left, before=1) == Labour.OUTSIDE).any()


def test_nobody_of_pension_age_is_in(year: Lives) -> None:
    pension = pension_day(year.world.people["birth_day"].astype(np.int64)).astype(np.int64)
    for k in (0, 100, 365):
        past = pension <= year.first + k
        assert (year.evening["labour"][k][past] == Labour.OUTSIDE).all()


@pytest.mark.parametrize("limiting", [0, 1])
@pytest.mark.parametrize("age", range(4))
@pytest.mark.parametrize("sex", [0, 1])
def test_people_die_at_the_rate_of_their_group(
    deadly: Lives, sex: int, age: int, limiting: int
) -> None:
    e = {name: column[:-1] for name, column in deadly.evening.items()}
    group = (deadly.world.people["sex"] == sex) & (e["age_band"] == age)
    group &= e["limiting"] == limiting
    deaths = deadly.events("death")
    mine = group[deaths["day"] - deadly.first - 1, deaths["person"]].sum()
    wanted = expected(np.where(group, death_rates(deadly), 0.0))
    assert wanted > 1
    assert rate_p(mine, wanted) > LIMIT


@pytest.mark.parametrize("limiting", [0, 1])
def test_a_limit_on_work_raises_the_rate_of_death(deadly: Lives, limiting: int) -> None:
    limited = deadly.evening["limiting"][:-1] == limiting
    deaths = deadly.events("death")
    mine = limited[deaths["day"] - deadly.first - 1, deaths["person"]].sum()
    assert rate_p(mine, expected(np.where(limited, death_rates(deadly), 0.0))) > LIMIT


def test_deaths_of_the_baseline_are_as_many_as_the_table_says(year: Lives) -> None:
    assert rate_p(len(year.events("death")), expected(death_rates(year))) > LIMIT


def test_nothing_happens_to_the_dead(deadly: Lives) -> None:
    deaths = deadly.events("death").set_index("person")["day"]
    assert len(deaths) > 100
    log = deadly.log[deadly.log["person"].isin(deaths.index)]
    last = log.groupby("person")["day"].max()
    assert (last == deaths.reindex(last.index)).all()
    w = deadly.world
    dead = deaths.index.to_numpy()
    assert (w.people["labour"][dead] == Labour.OUTSIDE).all()
    assert (w.people["benefit"][dead] == Benefit.NONE).all()
    assert (w.people["wca_ticket"][dead] < 0).all()
    assert (w.people["workwell"][dead] == 0).all()
    assert not w.people["sanctioned"][dead].any()
    for clock in ("recovery", "leaves_while_sick", "fit_note", "sick_pay", "claim", "sanction"):
        assert (w.due[clock][dead] == NEVER).all(), clock


def test_nobody_comes_back(year: Lives) -> None:
    outside = year.evening["labour"] == Labour.OUTSIDE
    back = np.argwhere(outside[:-1] & ~outside[1:])
    entries = year.events("entry")
    came = set(zip(entries["day"] - year.first - 1, entries["person"], strict=True))
    assert {(int(day), int(person)) for day, person in back} == came


def test_whoever_leaves_the_population_leaves_the_lines(start: World) -> None:
    world = variant(start, small())
    p, lines = world.people, world.services["workwell"].lines
    free = (p["labour"] == Labour.SEARCHING) & (p["workwell"] == workwell.NOT_IN)
    ids = np.flatnonzero(free)[:20]
    before = lines.waiting.sum()
    world.services["workwell"].join(world, ids)
    p["workwell"][ids] = workwell.WAITING
    demography._leave(world, ids)
    assert lines.waiting.sum() == before
    assert (p["workwell"][ids] == workwell.NOT_IN).all()
    assert (p["labour"][ids] == Labour.OUTSIDE).all()
