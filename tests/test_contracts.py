"""What must hold on every run: null reforms, dates, branches, shards, workers, conservation, capacity."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.core.dates import NEVER, day_of
from sim.core.engine import conduct
from sim.model import new_world, warm_up
from sim.run import Outcome, simulate
from sim.scenario import Scenario
from sim.scenario.models import Change
from sim.settings import ParameterSettings
from sim.states import POSSIBLE_PAIRS, Benefit, Condition, Labour
from tests.library import library

AREAS = ("E54000057", "E54000062", "E54000041")
"""Greater Manchester and the Black Country, which are WorkWell pilots, and Dorset, which is not."""
REFORM_DAY = dt.date(2024, 10, 1)


def scenario(name: str = "baseline", **changes: Any) -> Scenario:
    """A library scenario cut down to a size for tests."""
    small = {"scale": 0.001, "years": 1, "warm_up_years": 1, "areas": AREAS}
    return library(name).model_copy(update=small | changes)


def changed(what: str, value: float, day: dt.date = REFORM_DAY) -> Scenario:
    """The baseline with one ratio multiplied from a day on."""
    base = scenario()
    change = Change(
        what=what,
        value=value,
        entries=(value,),
        join="multiply",
        who={},
        where=(),
        from_=day,
        ramp_months=0,
        until=None,
        range=None,
        grade="assumption",
        source=(),
        reasoning="test",
        reform="test",
        origin="test",
    )
    return base.model_copy(update={"name": "changed", "changes": (change,)})


def rows(outcome: Outcome, table: str, name: str) -> pd.DataFrame:
    """The rows of one scenario, without its name."""
    frame = getattr(outcome.tables, table)
    mine = frame[frame["scenario"] == name].drop(columns="scenario")
    return mine.astype({c: str for c in mine.select_dtypes("category")}).reset_index(drop=True)


def assert_same(one: Outcome, other: Outcome) -> None:
    """Every table of two runs is equal to the last bit."""
    for name in ("stocks", "flows", "events", "waits", "spells"):
        a = getattr(one.tables, name)
        b = getattr(other.tables, name)
        for scenario_name in a["scenario"].unique():
            pd.testing.assert_frame_equal(
                _ordered(rows(one, name, scenario_name)),
                _ordered(rows(other, name, scenario_name)),
                obj=name,
            )
        assert len(a) == len(b)


def _ordered(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(list(frame.columns), ignore_index=True)


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    before = os.environ.get("FITFLOW_CACHE")
    os.environ["FITFLOW_CACHE"] = str(tmp_path_factory.mktemp("starts"))
    yield
    if before is None:
        del os.environ["FITFLOW_CACHE"]
    else:
        os.environ["FITFLOW_CACHE"] = before


@pytest.fixture(scope="module")
def pair() -> Outcome:
    """The baseline and the package, with everybody's events."""
    return simulate([scenario(), scenario("package")], [1], detail="area", log_people=None)


def test_a_null_reform_changes_nothing() -> None:
    null = changed("return_to_work.hazard_ratio", 1.0)
    outcome = simulate([scenario(), null], [1])
    for table in ("stocks", "flows", "events", "waits", "spells"):
        pd.testing.assert_frame_equal(
            rows(outcome, table, "baseline"), rows(outcome, table, "changed")
        )


def test_a_reform_in_its_own_run_changes_nothing_before_its_day() -> None:
    """Two runs that share no branch agree event for event until the reform, and not after."""
    stronger = changed("return_to_work.hazard_ratio", 1.5)
    alone = simulate([scenario()], [1], log_people=None).tables.log
    other = simulate([stronger], [1], log_people=None).tables.log
    assert alone is not None
    assert other is not None
    first = pd.Timestamp(REFORM_DAY)
    keep = ["day", "person", "event", "detail"]
    before = [
        log[log["day"] < first][keep].astype(str).reset_index(drop=True) for log in (alone, other)
    ]
    pd.testing.assert_frame_equal(*before)
    assert len(before[0]) > 3_000
    assert len(alone) != len(other)


def test_branching_equals_running_from_the_start(pair: Outcome) -> None:
    for name in ("baseline", "package"):
        alone = simulate([scenario(name)], [1], detail="area")
        for table in ("stocks", "flows", "events", "waits", "spells"):
            pd.testing.assert_frame_equal(
                _ordered(rows(pair, table, name)),
                _ordered(rows(alone, table, name)),
                obj=f"{name} {table}",
            )


def test_who_is_touched_by_no_reform_keeps_an_identical_life(pair: Outcome) -> None:
    """In Dorset no part of the package but sanctions and the assessment applies: the others live alike."""
    log = pair.tables.log
    assert log is not None
    reached = log[
        log["event"].isin(
            [
                "sanction",
                "claim_closed",
                "missed_appointment",
                "wca_decision",
                "wca_referral",
                "claim",
                "leaves_benefit",
            ]
        )
    ]
    untouched = ~log["person"].isin(reached["person"]) & (log["area"] == "E54000041")
    lives = [
        log[untouched & (log["scenario"] == name)][["day", "person", "event", "detail"]]
        .astype(str)
        .reset_index(drop=True)
        for name in ("baseline", "package")
    ]
    assert len(lives[0]) > 500
    pd.testing.assert_frame_equal(*lives)


def test_results_do_not_depend_on_the_order_of_arms_or_their_company() -> None:
    arms = [scenario(n, warm_up_years=0) for n in ("baseline", "workwell_pilots", "wca_reform")]
    assert_same(simulate(arms, [1, 2]), simulate(arms[::-1], [2, 1]))


def test_results_do_not_depend_on_shards_and_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    import sim.run as run

    package = scenario("package")
    whole = simulate([package], [1, 2], detail="area")
    spread = simulate([package], [1, 2], detail="area", workers=2)
    assert_same(whole, spread)
    monkeypatch.setattr(run, "SHARD_PEOPLE", 1)
    assert len(list(run.shards(AREAS, 0.001))) == len(AREAS)
    split = simulate([package], [1, 2], detail="area")
    assert_same(whole, split)


def test_one_scenario_of_everybody_runs_in_fewer_and_larger_shards() -> None:
    import sim.run as run

    england = library("baseline").areas
    alone, seven = (list(run.shards(england, 1.0, arms)) for arms in (1, 7))
    assert len(seven) == len(england)
    assert run.ENOUGH_SHARDS <= len(alone) <= len(england) / 2
    assert sorted(area for shard in alone for area in shard) == sorted(england)
    assert len(list(run.shards(england, 0.01))) == 1


def test_results_do_not_depend_on_the_hash_seed(tmp_path: Any) -> None:
    code = (
        "from tests.test_contracts import *\n"
        "o = simulate([scenario('package', scale=0.0004, warm_up_years=0)], [1])\n"
        "from sim.tables import content_hash\n"
        "print([content_hash(f) for _, f in o.tables.conformed().items()])"
    )
    printed = set()
    for seed in ("0", "4711"):
        env = os.environ | {"PYTHONHASHSEED": seed, "FITFLOW_CACHE": str(tmp_path / seed)}
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True
        )
        printed.add(done.stdout)
    assert len(printed) == 1


def test_the_kept_start_gives_the_same_run_as_a_fresh_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("FITFLOW_CACHE", str(tmp_path))
    fresh = simulate([scenario()], [3])
    assert len(list(tmp_path.glob("*.feather"))) == 1
    assert_same(fresh, simulate([scenario()], [3]))


def test_a_reform_may_start_on_the_first_day() -> None:
    start = scenario().start
    outcome = simulate([scenario(), changed("return_to_work.hazard_ratio", 3.0, start)], [1])
    away = [
        rows(outcome, "stocks", name).query("labour == 'off_sick'")["people"].sum()
        for name in ("baseline", "changed")
    ]
    assert away[1] < 0.8 * away[0]


def test_a_reform_aimed_at_some_people_follows_them_as_they_change() -> None:
    """A rate far higher for one condition is looked up anew when somebody gains the condition."""
    aimed = changed("job_search.search_rate", 40.0).changes[0]
    at = {"who": {"condition": ("mental_health",)}, "entries": (40.0, 40.0)}
    reform = scenario().model_copy(
        update={"name": "aimed", "changes": (aimed.model_copy(update=at),)}
    )
    outcome = simulate([scenario(), reform], [1])
    searching = [
        rows(outcome, "stocks", name).query("labour == 'searching' and month == '2025-03'")
        for name in ("baseline", "aimed")
    ]
    most = [frame.groupby("condition")["people"].sum()["mental_health"] for frame in searching]
    assert most[1] > most[0]


def test_results_cover_every_month_of_the_horizon(pair: Outcome) -> None:
    months = sorted(pair.tables.stocks["month"].astype(str).unique())
    assert months[0] == "2024-04"
    assert months[-1] == "2025-03"
    assert len(months) == 12


def test_all_arms_hold_everybody(pair: Outcome) -> None:
    people = pair.tables.stocks.groupby(["scenario", "month"], observed=True)["people"].sum()
    assert people.nunique() == 1


def test_people_are_conserved_in_every_cell_every_day() -> None:
    base = scenario("package", scale=0.0005)
    world = new_world(base, 1, AREAS)
    per_area = world.recorder.layout.per_area
    states = world.areas * per_area
    first = world.place_of(np.arange(len(world.keys))) * per_area
    before = np.bincount(first + world.people["state"], minlength=states)
    for _ in range(120):
        world.recorder.begin(world.day)
        conduct(world, world.day + 1)
        after = np.bincount(first + world.people["state"], minlength=states)
        change = np.zeros(states, int)
        for _, ids, old, new in world.recorder.moves:
            np.add.at(change, first[ids] + new, 1)
            np.subtract.at(change, first[ids] + old, 1)
        if world.recorder.moves:
            np.testing.assert_array_equal(before + change, after)
        assert after.sum() == len(world.keys)
        before = after
        assert POSSIBLE_PAIRS[world.people["labour"], world.people["benefit"]].all()


def test_no_service_takes_on_more_than_it_can() -> None:
    crowded = scenario("workwell_pilots", scale=0.004)
    start = day_of(crowded.start)
    world = warm_up(new_world(crowded, 1, AREAS), start - 1)
    from sim.support.workwell import places

    for _ in range(300):
        conduct(world, world.day + 1)
        service = world.services["workwell"]
        in_use = service.capacity.in_use
        assert (in_use >= 0).all()
        assert (in_use <= np.ceil(places(world) + 1e-9)).all()
        assert in_use.sum() == (world.people["workwell"] == 2).sum()
        assert service.lines.waiting.sum() == (world.people["workwell_ticket"] >= 0).sum()
    assert service.capacity.in_use.sum() > 0
    wca = world.services["wca"]
    assert wca.lines.waiting.sum() == (world.people["wca_ticket"] >= 0).sum()


def test_thinning_keeps_more_than_half_of_the_candidates() -> None:
    """Over all streams together, from the warmed-up start."""
    base = scenario(scale=0.002)
    world = warm_up(new_world(base, 1, AREAS), day_of(base.start) - 1)
    seen = dict(world.candidates)
    struck = dict(world.strikes_so_far)
    conduct(world, world.day + 250)
    candidates = sum(world.candidates.values()) - sum(seen.values())
    events = sum(world.strikes_so_far.values()) - sum(struck.values())
    assert events / candidates > 0.5


def test_bounds_hold_every_evening_for_everybody() -> None:
    """No hazard is above the layers of candidates that were looked at: nothing changes without a touch."""
    from sim.core.candidates import top_layer

    base = scenario("package", scale=0.0007)
    world = warm_up(new_world(base, 1, AREAS), day_of(base.start) - 1)
    everybody = np.arange(len(world.keys))
    for _ in range(14):
        conduct(world, world.day + 20)
        for name, stream in world.streams.items():
            p = world.people
            can = np.broadcast_to(stream.states, (len(Condition), len(Labour), len(Benefit)))
            peak = world.hazard(name, everybody, peak=True)
            peak[~can[p["condition"], p["labour"], p["benefit"]]] = 0
            high = (peak > 0) & (top_layer(peak, stream.base) >= world.band[name])
            assert not high.any(), name


def test_a_dead_or_retired_person_has_nothing_left_to_wait_for() -> None:
    base = scenario(scale=0.002)
    world = warm_up(new_world(base, 1, AREAS), day_of(base.start) - 1)
    outside = np.flatnonzero(world.people["labour"] == Labour.OUTSIDE)
    assert (world.people["benefit"][outside] == Benefit.NONE).all()
    for clock in (
        "recovery",
        "leaves_while_sick",
        "fit_note",
        "wca_referral",
        "wca_ready",
        "sanction",
    ):
        assert (world.due[clock][outside] == NEVER).all(), clock


def test_streams_and_ratios_say_which_parameters_they_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever a rate looks up is among its ``reads``: else a reform would come in late."""
    base = scenario("package", scale=0.0007)
    world = warm_up(new_world(base, 1, AREAS), day_of(base.start) + 300)
    looked_up: set[str] = set()
    settings = world.settings
    assert isinstance(settings, ParameterSettings)
    original = settings.value
    monkeypatch.setattr(
        settings,
        "value",
        lambda w, name, ids, *index: (looked_up.add(name), original(w, name, ids, *index))[1],
    )
    everybody = np.arange(len(world.keys))
    for stream in world.streams.values():
        looked_up.clear()
        if stream.by_kind:
            stream.by_kind(world)
        if stream.rate:
            stream.rate(world, everybody, True)
            stream.rate(world, everybody, False)
        assert looked_up <= set(stream.reads), stream.name
    for ratio in world.ratios:
        looked_up.clear()
        ratio.ratio(world, everybody)
        assert looked_up <= set(ratio.reads), ratio.clock
