"""The world: arms, branches, touches and bounds, on a toy model of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.core.dates import NEVER
from sim.core.engine import conduct
from sim.core.steps import Step, Stream
from sim.core.world import World
from tests.core import toy
from tests.core.toy import (
    BASELINE,
    FIRST_DAY,
    ILL,
    IN_CARE,
    PEOPLE,
    STEPS,
    WELL,
    Plan,
    PlanSettings,
    changed,
    columns,
    history,
    same,
    toy_world,
)

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
END = FIRST_DAY + 300
REFORM = FIRST_DAY + 150

MORE_PLACES = changed(places=[(REFORM, 6.0)])
SICKER = changed(fall_rate=[(REFORM, 0.07)])
FASTER = changed(recovery_ratio=[(REFORM, 1.7)], care_ratio=[(REFORM + 40, 1.0)])
FEWER_PLACES = changed(places=[(REFORM, 0.0), (REFORM + 60, 1.3)])
REFORMS = {"places": MORE_PLACES, "sicker": SICKER, "faster": FASTER, "fewer": FEWER_PLACES}


def lived(plan: Plan, seed: int = 1, **kind: Any) -> World:
    world = toy_world([plan], [seed], **kind)
    conduct(world, END)
    return world


def before(events: list[tuple[int, int, int, int]], day: int) -> list[tuple[int, int, int, int]]:
    return [event for event in events if event[0] < day]


def test_the_toy_world_is_alive() -> None:
    """Guards the tests below: people fall ill, wait, are in care, and recover, in every area."""
    world = lived(BASELINE)
    kinds = {(event, detail) for _, _, event, detail in history(world)}
    assert kinds == {(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)}
    assert (world.services["clinic"].lines.waiting > 0).all()
    assert set(world.people["status"].tolist()) == {WELL, ILL, IN_CARE}


def test_candidates_and_those_that_became_events_are_counted() -> None:
    world = lived(BASELINE)
    falls_ill = sum(event == 0 for _, _, event, _ in history(world))
    assert world.strikes_so_far == {"falls_ill": falls_ill}
    assert falls_ill < world.candidates["falls_ill"] < 4 * falls_ill


# ---- Reforms and the past -----------------------------------------------------------------------


def test_a_reform_that_changes_nothing_changes_nothing() -> None:
    null = changed(
        fall_rate=[(REFORM, 0.02)], places=[(REFORM, 2.4)], recovery_ratio=[(REFORM, 1.0)]
    )
    assert same(columns(lived(null)), columns(lived(BASELINE)))
    assert history(lived(null)) == history(lived(BASELINE))


@pytest.mark.parametrize("plan", REFORMS.values(), ids=REFORMS)
def test_history_before_a_reform_is_the_same(plan: Plan) -> None:
    reformed, usual = history(lived(plan)), history(lived(BASELINE))
    assert before(reformed, REFORM) == before(usual, REFORM)
    assert reformed != usual


# ---- Arms ---------------------------------------------------------------------------------------


def alone(plans: list[Plan], seeds: list[int]) -> list[World]:
    return [lived(plan, seed) for plan, seed in zip(plans, seeds, strict=True)]


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4, 5], [5, 2, 0, 4, 1, 3]])
def test_arms_side_by_side_equal_arms_alone(order: list[int]) -> None:
    """To the last bit, in whichever order they stand."""
    plans = [BASELINE, *REFORMS.values(), BASELINE]
    seeds = [1, 1, 1, 2, 2, 3]
    plans, seeds = [plans[k] for k in order], [seeds[k] for k in order]
    together = toy_world(plans, seeds)
    conduct(together, END)
    for arm, world in enumerate(alone(plans, seeds)):
        assert same(columns(together, arm), columns(world))
        assert sorted(history(together, arm)) == sorted(history(world))
        assert _months(together, arm) == _months(world, 0)


def _months(world: World, arm: int) -> list[tuple[object, ...]]:
    """Stocks, person-days, flows, events, spells and waits of an arm, month by month."""
    layout = world.recorder.layout
    states = layout.areas * layout.per_area
    found = []
    for month in world.recorder.months:
        one = slice(arm * states, (arm + 1) * states)
        pairs, counts = month.flows
        width = states * month.arms
        flows = sorted(
            (int(pair // width % states), int(pair % width % states), int(count))
            for pair, count in zip(pairs, counts, strict=True)
            if pair // width // states == arm
        )
        keys = layout.areas * len(world.recorder.events) * 64
        events = [
            (int(k % keys), int(n)) for k, n in zip(*month.events, strict=True) if k // keys == arm
        ]
        spells = [
            (int(k % keys), int(n), int(days))
            for k, n, days in zip(*month.spells, strict=True)
            if k // keys == arm
        ]
        places = slice(arm * layout.areas, (arm + 1) * layout.areas)
        waits = [(service, what, values[places].tolist()) for service, what, values in month.waits]
        stocks, person_days = month.stocks[one].tolist(), month.person_days[one].tolist()
        found.append((month.end_day, month.days, stocks, person_days, flows, events, spells, waits))
    return found


def test_areas_apart_equal_areas_together() -> None:
    """Nobody is changed by the people of another area."""
    together = columns(lived(BASELINE))
    for area in range(toy.AREAS):
        apart = columns(lived(BASELINE, areas=(area,)))
        mine = slice(area * PEOPLE, (area + 1) * PEOPLE)
        assert same(apart, {name: column[mine] for name, column in together.items()})


def test_more_people_change_nobody_where_nobody_queues() -> None:
    enough = changed(places=[(0, 10_000.0)])
    few, many = columns(lived(enough)), columns(lived(enough, people=3 * PEOPLE))
    mine = np.tile(np.arange(3 * PEOPLE) < PEOPLE, toy.AREAS)
    few.pop("0/clinic_ticket")
    assert same(few, {name: many[name][mine] for name in few})


def test_seeds_share_nothing() -> None:
    world = toy_world([BASELINE, BASELINE], [1, 2])
    conduct(world, END)
    falls = [
        {(day, person) for day, person, event, _ in history(world, arm) if event == 0}
        for arm in (0, 1)
    ]
    by_chance = len(falls[0]) * len(falls[1]) / (300 * PEOPLE * toy.AREAS)
    assert len(falls[0] & falls[1]) < 3 * by_chance + 10


def test_a_new_stream_moves_no_other() -> None:
    """Another decision about the same people, with lots and thresholds of its own."""

    def act(w: World) -> None:
        struck = w.strikes("hears_news")
        w.uniform("toy.news", struck, w.people["news"][struck])
        w.people["news"][struck] += 1
        w.spells["news"].start(w, struck, np.zeros(len(struck), np.uint8), 1.0)

    news = Step(
        "news",
        "People hear news.",
        act,
        columns={"news": (np.uint16, 0)},
        spells=("news",),
        streams=(
            Stream(
                "hears_news",
                0.1,
                lambda _w, ids, _peak: np.full(len(ids), 0.2),
                feels=("status",),
            ),
        ),
    )
    world = lived(BASELINE, steps=(news, *STEPS))
    assert world.people["news"].min() > 20
    usual = columns(lived(BASELINE))
    found = columns(world)
    assert same({name: found[name] for name in usual}, usual)


# ---- Branches -----------------------------------------------------------------------------------


@pytest.mark.parametrize("evening", [FIRST_DAY + 1, FIRST_DAY + 90, REFORM - 2])
def test_a_branch_equals_a_run_from_the_start(evening: int) -> None:
    """History is lived once, copied, and goes on in each arm as if it had been alone all along."""
    plans = [BASELINE, *REFORMS.values()]
    trunk = toy_world([BASELINE])
    conduct(trunk, evening)
    past = len(trunk.recorder.months)
    kept = columns(trunk)
    branched = trunk.branched([0] * len(plans), PlanSettings(plans, evening + 1))
    conduct(branched, END)
    assert same(columns(trunk), kept)
    for arm, plan in enumerate(plans):
        whole = lived(plan)
        assert same(columns(branched, arm), columns(whole))
        later = [event for event in history(whole) if event[0] > evening]
        assert sorted(history(branched, arm)) == sorted(later)
        assert _months(branched, arm) == _months(whole, 0)[past:]


def test_arms_branch_again_from_any_parents() -> None:
    seeds = [1, 2, 3]
    trunk = toy_world([BASELINE] * 3, seeds)
    conduct(trunk, REFORM - 20)
    parents = [2, 0, 2, 1]
    plans = [SICKER, BASELINE, FASTER, MORE_PLACES]
    first = trunk.branched(parents, PlanSettings(plans, REFORM - 19))
    conduct(first, REFORM + 33)
    second = first.branched([3, 2], PlanSettings([plans[3], plans[2]], REFORM + 34))
    conduct(second, END)
    assert same(columns(second, 0), columns(lived(MORE_PLACES, 2)))
    assert same(columns(second, 1), columns(lived(FASTER, 3)))
    conduct(first, END)
    for arm, (parent, plan) in enumerate(zip(parents, plans, strict=True)):
        assert same(columns(first, arm), columns(lived(plan, seeds[parent])))


def test_the_calendar_can_be_rebuilt_from_the_columns_on_any_evening() -> None:
    world = toy_world([BASELINE])
    for day in range(FIRST_DAY + 10, END, 10):
        conduct(world, day)
        world.refill_calendar()
    conduct(world, END)
    assert same(columns(world), columns(lived(BASELINE)))


# ---- Futures that meet again --------------------------------------------------------------------


def test_copies_of_a_person_in_the_same_state_see_the_same_future() -> None:
    """A wave of illness divides two copies; once both are well again, the same days strike both."""
    enough = changed(places=[(0, 10_000.0)], recovery_ratio=[(0, 4.0)])
    wave = changed(enough, fall_rate=[(FIRST_DAY + 50, 0.3), (FIRST_DAY + 100, 0.02)])
    states, struck = [], []

    def watch(w: World) -> None:
        states.append(w.people["status"].reshape(2, -1).copy())

    eve = Step("eve", "States are seen.", watch)
    world = toy_world([enough, wave], steps=(eve, *STEPS))
    conduct(world, END)
    n = world.people_per_arm
    falls = np.zeros((2, 301, n), bool)
    for day, _, ids, event, _ in world.recorder.log:
        if event == world.recorder.events["falls_ill"]:
            falls[ids // n, day - FIRST_DAY, ids % n] = True
    struck = falls[:, 1:]
    both_well = np.stack([(state == WELL).all(axis=0) for state in states])
    apart = np.stack([state[0] != state[1] for state in states])
    after = slice(101, 300)
    assert apart[50:100].mean() > 0.2
    assert struck[0, after][both_well[after]].sum() > 300
    # A state is seen at dawn: somebody who recovers today can be struck from tomorrow.
    assert (struck[0, after] == struck[1, after])[both_well[after]].all()
    assert apart[150:].mean() < apart[60:100].mean() / 3


# ---- Touches and bounds -------------------------------------------------------------------------


def world_with_rate(rate: toy.F64 | list[float], feels: tuple[str, ...] = ("mood",)) -> World:
    """A stream whose hazard is ``rate[mood]``; every strike is counted."""
    rates = np.asarray(rate)

    def act(w: World) -> None:
        struck = w.strikes("shock")
        w.people["shocks"][struck] += 1

    def hazard(w: World, ids: I64, peak: bool) -> F64:
        result: F64 = rates[w.people["mood"][ids]]
        return result

    step = Step(
        "shocks",
        "People are struck.",
        act,
        columns={**toy.BARE, "mood": (np.uint8, 0), "shocks": (np.uint16, 0)},
        streams=(Stream("shock", 0.01, hazard, feels=feels),),
    )
    world = toy_world([BASELINE], steps=(step,), areas=(0,), people=3_000)
    everybody = np.arange(3_000)
    world.touch(everybody, "mood")
    world.dusk()
    return world


def shocks_in(world: World, days: int) -> I64:
    start = world.people["shocks"].astype(np.int64)
    conduct(world, world.day + days)
    return world.people["shocks"] - start


def change_mood(world: World, mood: int, *aspects: str) -> None:
    world.people["mood"][:] = mood
    world.touch(np.arange(len(world.keys)), *aspects)
    world.dusk()


def check_rate(counts: I64, hazard: float, days: int) -> None:
    p = -np.expm1(-hazard)
    expected = len(counts) * days * p
    assert abs(counts.sum() - expected) < 4 * np.sqrt(expected * (1 - p))


def test_a_touch_brings_a_new_hazard_into_force_the_next_day() -> None:
    world = world_with_rate([0.004, 0.3, 0.0])
    check_rate(shocks_in(world, 60), 0.004, 60)
    change_mood(world, 1, "mood")
    check_rate(shocks_in(world, 1), 0.3, 1)
    check_rate(shocks_in(world, 40), 0.3, 40)
    change_mood(world, 0, "mood")
    check_rate(shocks_in(world, 60), 0.004, 60)
    change_mood(world, 2, "mood")
    assert not shocks_in(world, 60).any()
    change_mood(world, 1, "mood")
    check_rate(shocks_in(world, 40), 0.3, 40)


def test_a_rise_into_the_next_layer_is_looked_up_at_once() -> None:
    """From just below the base rate to just below twice it, and so on."""
    hazards = [0.0099, 0.0199, 0.0399, 0.0799]
    world = world_with_rate(hazards)
    for mood, hazard in enumerate(hazards):
        change_mood(world, mood, "mood")
        check_rate(shocks_in(world, 3), hazard, 3)


def test_a_hazard_that_rises_without_a_touch_is_refused() -> None:
    world = world_with_rate([0.01, 0.3])
    shocks_in(world, 5)
    world.people["mood"][:] = 1
    with pytest.raises(AssertionError, match="the hazard of shock rose above its bound"):
        shocks_in(world, 60)


def test_a_hazard_that_rises_with_a_touch_of_something_else_is_refused() -> None:
    world = world_with_rate([0.01, 0.3])
    change_mood(world, 1, "health")
    with pytest.raises(AssertionError, match="rose above its bound"):
        shocks_in(world, 60)


def test_a_hazard_that_falls_needs_no_touch() -> None:
    world = world_with_rate([0.3, 0.02])
    shocks_in(world, 5)
    world.people["mood"][:] = 1
    check_rate(shocks_in(world, 100), 0.02, 100)


def test_nobody_whose_hazard_is_zero_is_looked_at() -> None:
    world = world_with_rate([0.0, 0.1])
    assert (world.due["shock"] == NEVER).all()
    shocks_in(world, 50)
    assert world.candidates["shock"] == 0


def test_naming_the_states_in_which_a_shock_can_strike_changes_nothing() -> None:
    """It saves asking for hazards that are zero."""
    well = np.array([True, False, False]).reshape(1, 3, 1)
    stream = replace(toy.ILLNESS.streams[0], states=well)
    told = (replace(toy.ILLNESS, streams=(stream,)), *STEPS[1:])
    there, usual = lived(SICKER, steps=told), lived(SICKER)
    assert history(there) == history(usual)
    # What is not asked for leaves no trace of where it was looked for.
    people = [name for name in columns(usual) if name.startswith("0/")]
    assert same(*({name: columns(w)[name] for name in people} for w in (there, usual)))


def test_of_two_shocks_on_one_day_the_first_named_counts() -> None:
    """Each person is struck once, by the first of the shocks that strike."""
    seen: dict[str, list[I64]] = {"both": [], "which": [], "one": [], "other": []}

    def act(w: World) -> None:
        both, which = w.strikes_of("other", "one")
        each = (both, which, w.strikes("one"), w.strikes("other"))
        for name, ids in zip(seen, each, strict=True):
            seen[name].append(ids)

    def often(w: World, ids: I64, peak: bool) -> F64:
        return np.full(len(ids), 0.3)

    streams = tuple(Stream(name, 0.1, often, feels=("mood",)) for name in ("one", "other"))
    step = Step("shocks", "People are struck.", act, columns=toy.BARE, streams=streams)
    world = toy_world([BASELINE], steps=(step,), areas=(0,), people=400)
    world.touch(np.arange(400), "mood")
    world.dusk()
    conduct(world, world.day + 20)
    twice = 0
    for both, which, one, other in zip(*seen.values(), strict=True):
        assert both.tolist() == sorted({*one.tolist(), *other.tolist()})
        assert both[which == 0].tolist() == other.tolist()
        twice += len(one) + len(other) - len(both)
    assert twice > 100


def test_more_than_half_of_the_candidates_seen_strike() -> None:
    world = world_with_rate([0.017])
    shocks_in(world, 100)
    assert world.strikes_so_far["shock"] == world.people["shocks"].sum()
    assert world.strikes_so_far["shock"] > 0.5 * world.candidates["shock"]


# ---- Days that are set --------------------------------------------------------------------------


def world_of_clocks() -> tuple[World, list[tuple[int, str, list[int]]]]:
    seen: list[tuple[int, str, list[int]]] = []

    def act(w: World) -> None:
        for clock in ("bell", "gong"):
            ids = w.due_today(clock)
            if len(ids):
                seen.append((w.day - FIRST_DAY, clock, ids.tolist()))

    step = Step("clocks", "Clocks ring.", act, columns=toy.BARE, clocks=("bell", "gong"))
    return toy_world([BASELINE], steps=(step,), areas=(0,)), seen


def test_a_clock_rings_on_its_last_set_day_in_person_order() -> None:
    world, seen = world_of_clocks()
    world.set_due("bell", np.array([7, 3, 5]), FIRST_DAY + 4)
    world.set_due("gong", np.array([3, 8]), np.array([FIRST_DAY + 4, FIRST_DAY + 6], np.int16))
    world.set_due("bell", np.array([5]), FIRST_DAY + 9)
    world.set_due("bell", np.array([7]), FIRST_DAY + 12)
    world.set_due("bell", np.array([7]), FIRST_DAY + 4)
    world.cancel("gong", np.array([8]))
    conduct(world, END)
    assert seen == [(4, "bell", [3, 7]), (4, "gong", [3]), (9, "bell", [5])]


def test_a_clock_past_the_last_day_does_not_ring() -> None:
    world, seen = world_of_clocks()
    world.set_due("bell", np.array([1, 2]), np.array([FIRST_DAY + 5, world.last_day + 1]))
    conduct(world, world.last_day)
    assert seen == [(5, "bell", [1])]


# ---- People are conserved -----------------------------------------------------------------------


def test_stocks_change_by_flows_and_person_days_add_up() -> None:
    """Every month, in every state of every arm, against a daily count of heads."""
    daily: dict[int, I64] = {}

    def heads_in(w: World) -> I64:
        place = w.place_of(np.arange(len(w.keys)))
        states = len(toy.STATUS)
        return np.bincount(place * states + w.people["state"], minlength=w.arms * w.areas * states)

    def count(w: World) -> None:
        daily[w.day] = heads_in(w)

    heads = Step("heads", "Heads are counted.", count)
    # Counted after everybody has moved, before the month is closed.
    steps = (*STEPS[:2], heads, *STEPS[2:])
    world = toy_world([BASELINE, SICKER], [1, 1], steps=steps)
    start = heads_in(world)
    conduct(world, END)
    months = world.recorder.months
    assert len(months) == 10
    day, stocks = FIRST_DAY, start
    for month in months:
        pairs, counts = month.flows
        width = len(month.stocks)
        into = np.bincount(pairs % width, counts, width)
        out_of = np.bincount(pairs // width, counts, width)
        assert counts.sum() > 10
        assert (month.stocks == stocks + into - out_of).all()
        assert (month.stocks == daily[month.end_day]).all()
        days = range(day + 1, month.end_day + 1)
        assert month.days == len(days)
        assert (month.person_days == sum(daily[d] for d in days)).all()
        day, stocks = month.end_day, month.stocks


def test_events_spells_and_waits_agree_with_the_log() -> None:
    world = lived(BASELINE)
    months = world.recorder.months
    closed = [event for event in history(world) if event[0] <= months[-1].end_day]
    logged = np.bincount([event for _, _, event, _ in closed], minlength=3)
    counted = np.zeros(3, np.int64)
    for month in months:
        keys, counts = month.events
        counted += np.bincount(keys // 64 % 3, counts, 3).astype(np.int64)
    assert (counted == logged).all()

    ended = sum(int(month.spells[1].sum()) for month in months)
    assert ended == logged[world.recorder.events["recovers"]]
    fell: dict[int, int] = {}
    days = 0
    for day, person, event, _ in closed:
        if event == world.recorder.events["falls_ill"]:
            fell[person] = day
        elif event == world.recorder.events["recovers"]:
            days += day - fell.pop(person)
    assert sum(int(month.spells[2].sum()) for month in months) == days

    started = sum(int(rows[0][2].sum()) for rows in (month.waits for month in months))
    assert started == logged[world.recorder.events["care_starts"]]


def test_an_event_has_no_more_details_than_fit() -> None:
    many = replace(toy.ILLNESS, events={"falls_ill": [str(k) for k in range(65)], "recovers": "ab"})
    with pytest.raises(ValueError, match="falls_ill has 65 details; at most 64 fit"):
        toy_world([BASELINE], steps=(many,))


@pytest.mark.parametrize("aspect", ["health", "age"])
def test_who_a_person_is_matters_where_a_parameter_is_aimed(aspect: str) -> None:
    """A rate that reads such a parameter is worked out anew when its person becomes another."""
    world = toy_world([BASELINE])
    settings = PlanSettings([BASELINE], world.day + 1, aimed=frozenset({"fall_rate"}))
    aimed = world.branched([0], settings)
    asked = []
    for each in (world, aimed):
        each.touch(np.arange(3), aspect)
        asked.append(each.touched[-1][1])
    assert asked == [0, 1 << list(aimed.streams).index("falls_ill")]
