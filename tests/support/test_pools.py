"""Staff whose time is shared: fractions, priority, and who goes short; about half a minute."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core.dates import day_of
from sim.core.world import World
from sim.model import new_world, warm_up
from sim.people import read_areas
from sim.scenario import load_parameters, override
from sim.states import Benefit, Labour
from sim.support.pools import COACH_TIME, GP_TIME, POOLS, ROTA_DAYS, WEEK, StaffTime, multiply_loss
from sim.support.programmes import SLOTS
from tests.pathway.lives import AREAS, Lives, live, small, variant

FIRST, SECOND = "first", "second"


@pytest.fixture(scope="module")
def start() -> World:
    """Some ten thousand people in three areas on the eve of April 2024; not to be changed."""
    base = small(warm_up_years=0.25)
    return warm_up(new_world(base, 1, AREAS, None), day_of(base.start) - 1)


def lived(start: World, days: int, **values: Any) -> Lives:
    """Lives under values, named with two underscores for a point."""
    named = {name.replace("__", "."): value for name, value in values.items()}
    return live(variant(start, override(small(), named)), days, ())


BUSY: dict[str, Any] = {
    "work_coach_support__places": 400_000,
    "work_coach_support__jobcentre_rate": 6.0,
    "work_coach_support__take_up_share": 1.0,
    "work_coach_support__patience_days": 3_000,
}
BEFORE_THEM: dict[str, Any] = {
    "pathways_to_work__places": 400_000,
    "pathways_to_work__call_rate": 6.0,
    "pathways_to_work__take_up_share": 1.0,
    "pathways_to_work__patience_days": 3_000,
}

NO_EFFECT: dict[str, Any] = {
    "pathways_to_work__job_finding_hazard_ratio": 1,
    "pathways_to_work__lock_in_ratio": 1,
    "coach_time__lost_job_finding_ratio": 1,
}


# ---- Fractions and priority ---------------------------------------------------------------------


class Staff:
    """A pool of one place whose numbers are given."""

    ahead = ()
    uses = (FIRST, SECOND)

    def __init__(self, room: float, minutes: tuple[float, float]) -> None:
        self._room, self._minutes = room, dict(zip(self.uses, minutes, strict=True))

    def room(self, w: Any) -> Any:
        return np.array([self._room])

    def minutes(self, w: Any, use: str) -> Any:
        return np.array([self._minutes[use]])


def services(sizes: tuple[float, float]) -> dict[str, Any]:
    """Two services by name, each with nobody in support and so many places."""
    return {
        use: SimpleNamespace(
            capacity=SimpleNamespace(
                in_use=np.zeros(1, np.int64), amount=lambda w, s=size: np.array([s])
            )
        )
        for use, size in zip((FIRST, SECOND), sizes, strict=True)
    }


@settings(max_examples=20, deadline=None)
@given(
    room=st.floats(2, 300),
    first=st.floats(5, 60),
    second=st.floats(5, 60),
    stay=st.integers(5, 60),
)
def test_a_full_line_uses_nearly_all_the_room_and_never_more_over_time(
    room: float, first: float, second: float, stay: int
) -> None:
    time = StaffTime(cast(Any, Staff(room, (first, second))), 1)
    w: Any = SimpleNamespace(day=0, services=services((1, 1)))
    ends: list[tuple[int, str]] = []
    used = []
    days = 1_500
    for day in range(days):
        w.day = day
        for end, use in [each for each in ends if each[0] == day]:
            w.services[use].capacity.in_use[0] -= 1
            ends.remove((end, use))
        # The first service has people to start on every other day only.
        for use in (FIRST, SECOND) if day % 2 else (SECOND,):
            free = int(time.room(w, use)[0])
            w.services[use].capacity.in_use[0] += free
            time.took(w, use, np.array([free]))
            ends += [(day + stay, use)] * free
        used.append(
            sum(
                w.services[use].capacity.in_use[0] * m
                for use, m in ((FIRST, first), (SECOND, second))
            )
        )
    largest = max(first, second)
    assert max(used) <= room + largest + 1e-6
    # What is owed at the end is one stay of one person at most; room for less than one person may be lost.
    assert np.mean(used) <= room + largest * stay / days
    assert np.mean(used) >= room - (largest + room) * stay / days - min(room, largest) / 2


def test_who_comes_first_leaves_the_others_what_is_left() -> None:
    time = StaffTime(cast(Any, Staff(100.0, (30.0, 20.0))), 1)
    w: Any = SimpleNamespace(day=1, services=services((9, 9)))
    assert time.room(w, FIRST).tolist() == [4]  # 3.33, and one more
    w.services[FIRST].capacity.in_use[0] = 3
    assert time.room(w, SECOND).tolist() == [1]
    w.services[FIRST].capacity.in_use[0] = 4
    assert time.room(w, SECOND).tolist() == [0]
    w.day = 2  # yesterday twenty minutes too many were taken: whole people only, until they are paid back
    w.services[FIRST].capacity.in_use[0] = 3
    assert time.room(w, SECOND).tolist() == [0]
    w.services[FIRST].capacity.in_use[0] = 2
    assert time.room(w, SECOND).tolist() == [2]
    w.day = 4
    assert time.room(w, SECOND).tolist() == [2]


# ---- Today's use fits ------------------------------------------------------------------------------------


@pytest.mark.parametrize("pool", POOLS, ids=lambda pool: pool.name)
def test_todays_use_fits_and_fills_the_pool(start: World, pool: Any) -> None:
    here = read_areas().numbers(AREAS)
    assert np.array_equal(pool.capacity(start), pool.need(start))
    assert (pool.room(start)[here] > 0).all()
    kept = load_parameters()[f"{pool.name}.kept_share"].dated()[0][1]
    assert pool.room(start)[here] == pytest.approx((1 - kept) * pool.need(start)[here])


def test_the_pools_of_slots_list_their_programmes_in_order_of_priority() -> None:
    for pool in POOLS:
        own = [p.name for slot in SLOTS if slot.pool == pool.name for p in slot.programmes]
        assert own in ([], list(pool.uses))
        assert load_parameters()[f"{pool.name}.minutes"].labels[0] == (*pool.ahead, *pool.uses)


# ---- Who waits for whom -----------------------------------------------------------------------------------


def test_more_support_without_more_coaches_makes_others_wait(start: World) -> None:
    alone = lived(start, 150, **BUSY)
    crowded = lived(start, 150, **BUSY, **BEFORE_THEM)
    paid = lived(start, 150, **BUSY, **BEFORE_THEM, coach_time__capacity_ratio=8)

    def starts(lives: Lives) -> int:
        return len(lives.events("work_coach_support_start"))

    def waiting(lives: Lives) -> int:
        return int(lives.world.services["work_coach_support"].lines.waiting.sum())

    assert len(crowded.events("pathways_to_work_start")) > 20
    assert starts(crowded) < 0.7 * starts(alone)
    assert waiting(crowded) > waiting(paid)
    assert starts(paid) > starts(crowded)


def test_support_beyond_the_added_staff_takes_appointments_away(start: World) -> None:
    """Those that are missed fall by the share that is not held; other lives are as they were."""
    base = lived(start, 150)
    crowded = lived(start, 150, **BEFORE_THEM, **NO_EFFECT)
    met = crowded.world.services[COACH_TIME.name].met(crowded.world)[read_areas().numbers(AREAS)]
    assert (met > 0.8).all()  # down to what is kept, but for one person
    assert (met < 0.95).all()
    mine, theirs = (set(map(tuple, lives.events("missed_appointment")[["day", "person"]].to_numpy()))
                    for lives in (crowded, base))  # fmt: skip
    assert len(theirs) > 100
    lost = len(theirs - mine) / len(theirs)
    assert 0.02 < lost < 0.25  # 13% at most are not held from when the places have filled


def jobs(lives: Lives) -> set[tuple[int, int]]:
    """Days and people of jobs that were found."""
    return set(map(tuple, lives.events("job_start")[["day", "person"]].to_numpy()))


def test_those_who_lose_appointments_find_jobs_less_often(start: World) -> None:
    """The harm is that of the ratio and the share lost, to people who must search and to nobody else at once."""
    unharmed = lived(start, 150, **BEFORE_THEM, **NO_EFFECT)
    harmed = lived(
        start, 150, **BEFORE_THEM, **NO_EFFECT | {"coach_time__lost_job_finding_ratio": 0.05}
    )
    ids = np.arange(len(harmed.world.keys))
    ratio = np.ones(len(ids))
    multiply_loss(harmed.world, ids, ratio)
    searches = harmed.world.people["benefit"] == Benefit.UC_SEARCH
    met = harmed.world.services[COACH_TIME.name].met(harmed.world)[harmed.world.place_of(ids)]
    assert ratio[searches] == pytest.approx(0.05 ** (1 - met[searches]))
    assert (ratio[searches] < 0.9).all()
    assert (ratio[~searches] == 1).all()
    looking = np.flatnonzero(searches & (harmed.world.people["labour"] == Labour.SEARCHING))
    bound = harmed.world.hazard("job_offer", looking, peak=True)  # what is lost may come back
    assert (harmed.world.hazard("job_offer", looking) <= 1.0001 * ratio[looking] * bound).all()
    assert len(jobs(harmed)) < len(jobs(unharmed)) - 20


@pytest.mark.parametrize("pool", ["coach_time", "therapy_time"])
def test_nobody_is_harmed_where_todays_use_is_met(start: World, pool: str) -> None:
    base = lived(start, 60)
    strong = lived(start, 60, **{f"{pool}__lost_job_finding_ratio": 0.05})
    assert base.log.equals(strong.log)


# ---- Referrals and conversations --------------------------------------------------------------------------

REFERRED: dict[str, Any] = {
    "workwell__coaches": 20,
    "workwell__gp_referral_share": 0.8,
    "fit_notes__conversation_referral_share": 0.8,
    "workwell__take_up_share": 0,
    "talking_therapies__starts_per_month": 500_000,
    "talking_therapies__gp_share": 0.8,
    "talking_therapies__take_up_share": 0,
}
"""Most people are referred to WorkWell at each note, many to therapy too, and nobody takes it up."""
TALKS: dict[str, Any] = {"fit_notes__conversation_share": 0.5}
BY_GP = 0
"""Detail of a referral to WorkWell, or an offer of therapy, by a GP."""


def used(lives: Lives) -> tuple[int, int]:
    """Referrals and conversations of general practice."""
    log = lives.log
    referrals = log["event"].isin(("workwell_referral", "talking_therapies_offer"))
    return int((referrals & (log["detail"] == BY_GP)).sum()), len(lives.events("conversation"))


def test_referrals_keep_to_the_time_there_is_and_come_before_conversations(start: World) -> None:
    days = 120
    slow = {"gp_time__minutes": {"referral": 20, "conversation": 30}}
    referred = lived(start, days, **REFERRED, **slow)
    both = lived(start, days, **REFERRED, **TALKS, **slow)
    alone = lived(start, days, **TALKS)
    a_day = GP_TIME.room(start)[read_areas().numbers(AREAS)].sum() / WEEK
    least, most = a_day * days, a_day * (days + ROTA_DAYS) + 30 * len(AREAS)
    missed = referred.events("no_referral")
    assert len(missed) > 100
    assert 0.7 * least < 20 * used(referred)[0] <= most
    # Conversations take nothing from referrals, and have what these leave.
    assert used(both)[0] == pytest.approx(used(referred)[0], rel=0.1)
    # At worst conversations still owe what had been saved up, and both had used.
    assert 20 * used(both)[0] + 30 * used(both)[1] <= most + a_day * ROTA_DAYS
    assert used(both)[1] < 0.5 * used(alone)[1]
    notes = set(map(tuple, referred.events("fit_note")[["day", "person"]].to_numpy()))
    assert set(map(tuple, missed[["day", "person"]].to_numpy())) <= notes


def test_without_time_nobody_is_referred_by_a_practice(start: World) -> None:
    lives = lived(start, 60, **REFERRED, gp_time__kept_share=1)
    assert used(lives)[0] == 0
    assert len(lives.events("no_referral")) > 100
    assert len(lives.events("workwell_referral")) > 0  # by others


def test_time_for_referrals_matters_to_nobody_where_there_is_enough_or_nothing_to_refer_to(
    start: World,
) -> None:
    long = {"gp_time__minutes": {"referral": 600, "conversation": 30}}
    short = {"gp_time__minutes": {"referral": 0.1, "conversation": 30}}
    assert lived(start, 60, **long).log.equals(lived(start, 60).log)
    staffed = lived(start, 60, **REFERRED, gp_time__capacity_ratio=10)
    assert used(staffed)[0] > 100
    assert not len(staffed.events("no_referral"))
    assert staffed.log.equals(lived(start, 60, **REFERRED, **short, gp_time__capacity_ratio=10).log)


def test_conversations_keep_to_the_time_there_is(start: World) -> None:
    days = 120
    lives = lived(start, days, fit_notes__conversation_share=0.5)
    held, missed = lives.events("conversation"), lives.events("no_conversation")
    pool, here = GP_TIME, read_areas().numbers(AREAS)
    room = pool.room(lives.world)[here] / WEEK * days
    minutes = pool.minutes(lives.world, "conversation")[here]
    area = lives.world.people["area"][held["person"].to_numpy()]
    count = np.array([(area == number).sum() for number in here])
    saved = ROTA_DAYS / days  # before the first day, and at the end
    assert (count <= room / minutes * (1 + saved) + 1).all()
    assert (count >= room / minutes * (1 - saved) - 1).all()
    assert len(missed) > 3 * len(held)
    notes = set(map(tuple, lives.events("fit_note")[["day", "person"]].to_numpy()))
    assert set(map(tuple, missed[["day", "person"]].to_numpy())) <= notes


def test_with_staff_enough_every_conversation_is_held(start: World) -> None:
    lives = lived(start, 60, fit_notes__conversation_share=0.3, gp_time__capacity_ratio=6)
    notes, held = lives.events("fit_note"), lives.events("conversation")
    assert not len(lives.events("no_conversation"))
    error = (0.3 * 0.7 / len(notes)) ** 0.5
    assert abs(len(held) / len(notes) - 0.3) < 4 * error  # one in 16,000 by chance
