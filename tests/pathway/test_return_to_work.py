"""Return to work: how long absences last, what shortens them, and when sick pay starts and ends."""

from __future__ import annotations

import datetime as dt
from types import ModuleType

import numpy as np
import pytest

from sim.core.dates import NEVER, day_of
from sim.core.world import World
from sim.model import new_world, spell_clocks, warm_up
from sim.pathway.return_to_work import (
    LENGTH_BANDS,
    LENGTH_EDGES,
    count_absence,
    recovery_ratio,
)
from sim.pathway.sickness import fall_ill
from sim.scenario import override
from sim.states import Benefit, Labour
from sim.support import programmes, workwell
from tests.library import library
from tests.pathway.lives import (
    AREAS,
    FAMILY_WISE_ERROR,
    Lives,
    bench,
    lengths,
    live,
    log_of,
    share_p,
    shares_p,
    small,
    variant,
    worth,
)

LIMIT = FAMILY_WISE_ERROR / 4
"""There are four statistical tests here."""
SSP_DAYS = 28 * 7


def absent(lives: Lives) -> np.ndarray:
    """Who is off sick on which evening."""
    return lives.evening["labour"] == Labour.OFF_SICK


# ---- How long absences last ---------------------------------------------------------------------


def test_recovery_follows_the_table_of_its_cause() -> None:
    """Each cause's days to recovery have the survival that the table says, day by day."""
    table = spell_clocks(library("baseline"))["recovery"].table
    people = 20_000
    smallest = 1.0
    for cause in range(table.groups):
        days = lengths(bench(people, recovery=table), "recovery", cause)
        edges = np.array([1, 2, 4, 8, 15, 29, 92, 183])
        survival = np.exp(-table.at(np.full(len(edges), cause), edges))
        for edge, share in zip(edges, survival, strict=True):
            smallest = min(smallest, share_p((days > edge).sum(), people, share))
    assert smallest > LIMIT / (table.groups * len(edges))


@pytest.mark.parametrize("ratio", [0.8, 1.2, 2.0])
def test_a_hazard_ratio_is_a_power_of_survival_and_shortens_every_spell(ratio: float) -> None:
    table = spell_clocks(library("baseline"))["recovery"].table
    people, cause = 20_000, 1
    usual = lengths(bench(people, recovery=table), "recovery", cause)
    other = lengths(bench(people, recovery=table), "recovery", cause, ratio)
    assert ((other <= usual) if ratio > 1 else (other >= usual)).all()
    assert (other != usual).mean() > 0.3
    survival = np.exp(-table.at(np.array([cause]), np.array([28]))[0] * ratio)
    assert share_p((other > 28).sum(), people, survival) > LIMIT / 3


def test_a_ratio_of_1_2_shortens_absences_in_the_model(start: World, year: Lives) -> None:
    sooner = live(variant(start, override(small(), {"return_to_work.hazard_ratio": 1.2})), 365)
    assert absent(sooner).sum() < 0.95 * absent(year).sum()
    # A constant hazard would cut a spell by a sixth; more would be too much of a good thing.
    assert absent(sooner).sum() > 0.75 * absent(year).sum()


def test_ratios_multiply_only_where_they_apply(start: World) -> None:
    world = variant(
        start,
        override(
            small(),
            {
                "sickness.recovery_hazard_ratio": 1.1,
                "return_to_work.hazard_ratio": 1.3,
                "fit_notes.may_be_fit_hazard_ratio": 1.5,
                "return_to_work.employer_offer_hazard_ratio": 1.7,
            },
        ),
    )
    p = world.people
    off, looking = (
        np.flatnonzero(p["labour"] == labour)[:3] for labour in (Labour.OFF_SICK, Labour.SEARCHING)
    )
    ids = np.concatenate([off, looking])
    p["may_be_fit"][ids] = np.tile([False, True, True], 2)
    p["adjusted_duties"][ids] = np.tile([False, False, True], 2)
    np.testing.assert_allclose(
        recovery_ratio(world, ids),
        1.1 * np.array([1.3, 1.3 * 1.5, 1.3 * 1.5 * 1.7, 1.0, 1.5, 1.5]),
    )


# ---- Absences in the model ----------------------------------------------------------------------


def test_absences_end_in_exactly_one_way_and_are_counted_by_their_length(year: Lives) -> None:
    ends = year.log[year.log["event"].isin(["return_to_work", "left_work_sick"])]
    assert len(ends) > 5_000
    begun = year.at("off_sick_since", ends, before=1)
    days = ends["day"].to_numpy() - begun
    assert (days >= 1).all()
    bands = np.searchsorted(LENGTH_EDGES, days, side="right")
    np.testing.assert_array_equal(bands, ends["detail"])
    assert len(set(bands)) == len(LENGTH_BANDS)
    returned = ends["event"] == "return_to_work"
    assert not ends.duplicated(["day", "person"]).any()
    # Somebody who is back may lose the job, or fall ill again, on the same day.
    back = year.at("labour", ends[returned])
    assert (back == Labour.IN_WORK).mean() > 0.99
    assert not np.isin(year.at("labour", ends[~returned]), (Labour.OFF_SICK,)).any()


def test_spells_off_sick_are_ill_and_time_both_ends(start: World) -> None:
    off = np.flatnonzero(start.people["labour"] == Labour.OFF_SICK)
    assert len(off) > 100
    assert (start.people["sick"][off] > 0).all()
    for clock in ("recovery", "leaves_while_sick"):
        assert (start.due[clock][off] > start.day).all()
        assert (start.due[clock][off] < NEVER).all()


# ---- Sick pay -----------------------------------------------------------------------------------


def spells_off_sick(lives: Lives) -> list[tuple[int, int, np.ndarray]]:
    """Spells that begin under watch: person, first day, and the benefit on each of its evenings."""
    off, benefit = absent(lives), lives.evening["benefit"]
    found = []
    begins = off[1:] & ~off[:-1]
    for day, person in np.argwhere(begins):
        stays = off[day + 1 :, person]
        length = len(stays) if stays.all() else int(np.argmin(stays))
        found.append((int(person), int(day) + 1, benefit[day + 1 : day + 1 + length, person]))
    return found


def test_nobody_on_sick_pay_who_is_not_off_sick(year: Lives) -> None:
    paid = year.evening["benefit"] == Benefit.SICK_PAY
    assert paid.sum() > 10_000
    assert absent(year)[paid].all()


def test_sick_pay_starts_after_three_waiting_days_for_who_qualifies(year: Lives) -> None:
    without_uc = [b for *_, b in spells_off_sick(year) if b[0] == Benefit.NONE and len(b) > 4]
    paid = np.array([(b == Benefit.SICK_PAY).any() for b in without_uc])
    for benefit, gets_paid in zip(without_uc, paid, strict=True):
        if gets_paid:
            assert (benefit[:3] == Benefit.NONE).all()
            assert benefit[3] == Benefit.SICK_PAY
    assert len(paid) > 1_000
    # People who fall ill twice qualify both times or neither, so this is by first spells only.
    people = {person: b for person, _, b in reversed(spells_off_sick(year))}
    first = [b for b in people.values() if b[0] == Benefit.NONE and len(b) > 4]
    qualify = sum(bool((b == Benefit.SICK_PAY).any()) for b in first)
    share = float(worth(year.world, "return_to_work.sick_pay_eligible_share"))
    assert share_p(qualify, len(first), share) > LIMIT


def test_from_april_2026_sick_pay_starts_on_the_first_day() -> None:
    base = small(start=dt.date(2026, 3, 1), scale=0.001, warm_up_years=0.25)
    world = warm_up(new_world(base, 1, AREAS, None), day_of(base.start) - 1)
    lives = live(world, 90)
    change = day_of(dt.date(2026, 4, 6)) - lives.first
    waits: dict[bool, set[int]] = {False: set(), True: set()}
    for _, day, benefit in spells_off_sick(lives):
        if benefit[0] in (Benefit.NONE, Benefit.SICK_PAY) and Benefit.SICK_PAY in benefit:
            waits[day >= change].add(int(np.argmax(benefit == Benefit.SICK_PAY)))
    assert waits == {False: {3}, True: {0}}


def test_sick_pay_ends_after_28_weeks_and_not_before(year: Lives) -> None:
    ends = year.events("sick_pay_ends")
    assert len(ends) >= 10
    paid = year.evening["benefit"] == Benefit.SICK_PAY
    watched = 0
    for day, person in ends[["day", "person"]].to_numpy():
        before = paid[: day - year.first, person][::-1]
        if not before.all():
            assert np.argmin(before) == SSP_DAYS
            watched += 1
    assert watched >= 5
    run = np.zeros(paid.shape[1], np.int64)
    for evening in paid:
        run = np.where(evening, run + 1, 0)
        assert run.max() <= SSP_DAYS


def test_weeks_of_sick_pay_are_a_lever_down_to_none(start: World) -> None:
    for weeks, most in ((0, 1), (4, 28)):
        lives = live(variant(start, override(small(), {"return_to_work.ssp_weeks": weeks})), 120)
        paid = lives.evening["benefit"] == Benefit.SICK_PAY
        newly = ~paid[0]
        assert paid[:, newly].any()
        run = np.zeros(newly.sum(), np.int64)
        longest = 0
        for evening in paid[:, newly]:
            run = np.where(evening, run + 1, 0)
            longest = max(longest, int(run.max()))
        assert longest == most


# ---- What a spell leaves behind -----------------------------------------------------------------


def test_whoever_recovers_has_no_spell_left(start: World) -> None:
    world = variant(start, small())
    live(world, 60)
    log = log_of(world)
    back = log.loc[log["event"] == "return_to_work", "person"].unique()
    well = back[world.people["sick"][back] == 0]
    assert len(well) > 500
    for clock in ("recovery", "leaves_while_sick"):
        assert (world.due[clock][well] == NEVER).all()
    at_work = well[world.people["labour"][well] == Labour.IN_WORK]
    assert (world.due["sick_pay"][at_work] == NEVER).all()
    assert not world.people["adjusted_duties"][at_work].any()


def test_lengths_of_absences_in_the_model_follow_the_tables(start: World) -> None:
    """Where nothing else acts on them, absences of each cause are as long as its two tables say."""
    alone = override(small(), {"fit_notes.may_be_fit_hazard_ratio": 1, "job_loss.hazard_ratio": 0})
    lives = live(variant(start, alone), 330)
    begins = lives.events("sickness_start")
    begins = begins[begins["day"] <= lives.first + 120]
    begins = begins[lives.at("labour", begins) == Labour.OFF_SICK]
    tables = spell_clocks(alone)
    edges = np.array([1, 2, 3, 4, 6, 8, 15, 28, 56, 200])
    observed, expected = np.zeros(len(edges)), np.zeros(len(edges))
    ends = lives.log[lives.log["event"].isin(["return_to_work", "left_work_sick"])]
    ends_of = {person: days.to_numpy() for person, days in ends.groupby("person")["day"]}
    for day, person, cause in begins[["day", "person", "detail"]].to_numpy():
        after = ends_of.get(person, np.empty(0))
        after = after[after > day]
        length = after[0] - day if len(after) else 10_000
        observed[np.searchsorted(edges, length, side="right") - 1] += 1
        group = np.full(len(edges), cause)
        survival = np.exp(
            -tables["recovery"].table.at(group, edges - 1)
            - tables["leaves_while_sick"].table.at(group, edges - 1)
        )
        expected -= np.diff(survival, append=0.0)
    assert shares_p(observed.astype(np.int64), expected / expected.sum()) > LIMIT


@pytest.mark.parametrize("support", [programmes, workwell])
def test_support_counts_from_the_first_day_off_sick(
    start: World, support: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever falls ill while in support keeps the job, and goes back, as the support says."""
    ids = np.flatnonzero(start.people["labour"] == Labour.IN_WORK)[:50]

    def helping(w: World, who: np.ndarray, on: str, ratio: np.ndarray) -> None:
        ratio *= {"job_loss": 0.5, "return": 2.0}.get(on, 1.0)

    worlds = []
    for _ in range(2):
        worlds.append(variant(start, small()))
        fall_ill(worlds[-1], ids)
        assert (worlds[-1].people["labour"][ids] == Labour.OFF_SICK).all()
        monkeypatch.setattr(support, "multiply_effect", helping)
    without, helped = worlds
    for clock, ratio in (("leaves_while_sick", 0.5), ("recovery", 2.0)):
        np.testing.assert_allclose(
            helped.people[f"{clock}_ratio"][ids], ratio * without.people[f"{clock}_ratio"][ids]
        )


def test_absences_are_counted_by_the_weeks_that_their_band_names(start: World) -> None:
    world = variant(start, small())
    weeks = [4, 5, 6, 8, 13, 26, 39, 52]
    first = np.array([0, 8, *(7 * w for w in weeks)])
    for days in (first, np.append(first[1:] - 1, 400)):
        ids = np.arange(len(days))
        world.people["off_sick_since"][ids] = world.day - days
        world.recorder.begin(world.day)
        count_absence(world, "return_to_work", ids)
        assert log_of(world)["detail"].tolist() == list(range(len(LENGTH_BANDS)))
    named = [int(band.split("_")[0]) for band in LENGTH_BANDS[2:-1]]
    assert [*named, 52] == weeks
