"""Contracts are checked in every run: each kind of mistake in the model stops it, with the place and the day."""

from __future__ import annotations

import datetime as dt
import pickle
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim import contracts
from sim.contracts import BrokenContractError
from sim.core.dates import day_of
from sim.core.engine import conduct
from sim.core.queues import WaitingLines
from sim.core.recorder import Recorder
from sim.core.world import World
from sim.model import new_world
from sim.pathway.person import state_of
from sim.run import simulate
from sim.scenario import Scenario
from sim.states import Benefit, Labour
from sim.support.service import Service
from tests.test_contracts import REFORM_DAY, changed, scenario

AREAS = ("E54000057", "E54000062")
DAY = r"on \d{1,2} [A-Z][a-z]+ 20\d\d"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path_factory.getbasetemp() / "contract_starts"
    monkeypatch.setenv("FITFLOW_CACHE", str(folder))


def pair() -> list[Scenario]:
    """The baseline, and job offers twice as frequent from a day on."""
    small = {"scale": 0.0005, "areas": AREAS}
    reform = changed("job_search.hazard_ratio", 2.0).model_copy(update=small)
    return [scenario(**small), reform]


def crowded() -> Scenario:
    """A scenario with more people than its services can take."""
    return scenario("workwell_pilots", scale=0.002, areas=AREAS)


def broken(scenarios: list[Scenario]) -> str:
    """What is said of the contract that a run breaks."""
    with pytest.raises(BrokenContractError) as caught:
        simulate(scenarios, [1])
    message = str(caught.value)
    assert "please report it" in message
    # Processes hand their errors over, and the words must arrive.
    assert str(pickle.loads(pickle.dumps(caught.value))) == message
    return message


def test_a_healthy_run_says_what_was_checked_how_often_and_when_people_part() -> None:
    report = simulate(pair(), [1, 2]).manifest["contracts"]
    assert [entry["name"] for entry in report] == list(contracts.CONTRACTS)
    assert {entry["result"] for entry in report} == {"kept"}
    times = {entry["name"]: entry["times"] for entry in report}
    # Six months before October in the tables, and an evening, for each of two seeds.
    assert times[contracts.ONE_PAST] == 2 * (6 + 1)
    assert times[contracts.PEOPLE] == times[contracts.STATES] == 2 * 12
    services = new_world(pair()[0], 1, AREAS).services.values()
    assert times[contracts.CAPACITY] == 2 * 365 * sum(isinstance(s, Service) for s in services)
    (parting,) = report[0]["partings"]
    assert (parting["base"], parting["scenario"]) == ("baseline", "changed")
    assert parting["values_differ_from"] == str(REFORM_DAY)
    assert parting["tables_differ_from"] == "2024-10"
    assert str(REFORM_DAY) <= parting["people_part_on"] < "2024-11"


def test_one_scenario_has_no_past_to_compare() -> None:
    report = simulate(pair()[:1], [1]).manifest["contracts"]
    assert report[0] | {"times": 0, "result": "not checked", "partings": []} == report[0]


def test_a_value_that_an_override_changes_later_leaves_the_past_shared() -> None:
    base = pair()[0]
    parameter = base.parameters["job_search.hazard_ratio"]
    (number,) = parameter.numbers
    later = number.model_copy(
        update={"start": REFORM_DAY, "entries": tuple(2.0 * e for e in number.entries)}
    )
    changed_later = parameter.model_copy(update={"numbers": (number, later)})
    other = base.model_copy(
        update={
            "name": "later",
            "parameters": base.parameters | {"job_search.hazard_ratio": changed_later},
        }
    )
    report = simulate([base, other], [1]).manifest["contracts"]
    assert report[0]["times"] == 6 + 1
    (parting,) = report[0]["partings"]
    assert parting["values_differ_from"] == str(REFORM_DAY)
    assert parting["tables_differ_from"] == "2024-10"


def test_a_service_that_takes_on_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    serve = WaitingLines.serve
    monkeypatch.setattr(WaitingLines, "serve", lambda self, free: serve(self, free + 1))
    message = broken([crowded()])
    assert "broken (capacity)" in message
    assert re.search(rf"{DAY}, in scenario 'workwell_pilots', in [\w ]+, (workwell|wca) ", message)
    assert re.search(r"takes on (\d+) people where (\d+) can start", message)


def test_a_service_that_loses_count(monkeypatch: pytest.MonkeyPatch) -> None:
    leave = WaitingLines.leave

    def forgets(self: WaitingLines, ids: Any, place: Any) -> None:
        leave(self, ids, place)
        self.waiting[place] += 1

    monkeypatch.setattr(WaitingLines, "leave", forgets)
    message = broken([crowded()])
    assert re.search(r"(workwell|wca) has \d+ people waiting and counts \d+", message)


def test_a_move_that_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    move = Recorder.move
    lost = day_of(REFORM_DAY) + 3

    def forgets(self: Recorder, w: World, ids: Any, old: Any, new: Any) -> None:
        if w.day != lost:
            move(self, w, ids, old, new)

    monkeypatch.setattr(Recorder, "move", forgets)
    message = broken(pair()[:1])
    assert "broken (people conserved)" in message
    assert "on 31 October 2024, in scenario 'baseline'" in message
    assert re.search(
        r"\d+ people are \w+ with .* of the month, and by its flows \d+ should be", message
    )


def test_a_move_that_is_not_counted_in_the_first_month(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first month is compared with the evening on which counting begins."""
    begin = Recorder.begin

    def late(self: Recorder, day: int) -> None:
        begin(self, day)
        vars(self)["move"] = lambda w, *_: w.day < day + 3 or Recorder.move(self, w, *_)

    monkeypatch.setattr(Recorder, "begin", late)
    assert "on 30 April 2024" in broken(pair()[:1])


def test_a_person_whose_state_is_not_what_they_are() -> None:
    world = prepared()
    world.people["labour"][7] = (world.people["labour"][7] + 1) % len(Labour)
    with pytest.raises(BrokenContractError, match=r"\(possible states\).*is counted as .* and is"):
        contracts.check_everybody(world)


def test_a_pair_of_states_that_cannot_be() -> None:
    world = prepared()
    p = world.people
    condition = int(p["condition"][7])
    p["state"][7] = state_of(condition, Labour.IN_WORK, Benefit.ESA)
    with pytest.raises(
        BrokenContractError, match=r"somebody is in_work with benefit esa .*not a possible"
    ):
        conduct(world, world.day + 31)


def test_more_people_leave_a_state_than_are_there() -> None:
    world = prepared()
    conduct(world, world.day + 31)
    before, month = world.recorder.months[-2:]
    world.recorder.opening = before.stocks
    who = np.array([0])
    here = month.stocks.reshape(-1, world.recorder.layout.per_area)[world.place_of(who)[0]]
    full, empty = (np.array([state], np.uint8) for state in (here.argmax(), here.argmin()))
    assert here.min() == 0
    day = month.end_day - 5
    # Coming before going is well; going before coming leaves one person too few for a day.
    joined = world.recorder.joined
    contracts.check_month(
        world, joined(world, [(day, who, full, empty), (day + 1, who, empty, full)])
    )
    with pytest.raises(BrokenContractError, match="people conserved"):
        contracts.check_month(
            world, joined(world, [(day, who, empty, full), (day + 1, who, full, empty)])
        )


def prepared() -> World:
    """A small world a month old."""
    world = new_world(scenario(scale=0.0003, areas=AREAS), 1, AREAS)
    world.recorder.begin(world.day)
    conduct(world, world.day + 31)
    return world


def test_chance_that_is_not_the_same_in_all_arms(monkeypatch: pytest.MonkeyPatch) -> None:
    uniform = World.uniform

    def spoilt(self: World, stream: str, ids: Any, counter: Any = 0) -> Any:
        return (uniform(self, stream, ids, counter) + 0.1 * self.arm_of(ids)) % 1.0

    monkeypatch.setattr(World, "uniform", spoilt)
    message = broken(pair())
    assert "broken (one past)" in message
    # Two evenings before the reform: the last on which nothing may differ.
    assert "on 29 September 2024, in scenario 'changed'" in message
    assert "in scenario 'baseline'" in message


def frames() -> dict[str, list[pd.DataFrame]]:
    """Two tables of two arms and three months of which the last differs."""
    months = (
        day_of(dt.date(2024, 4, 30)),
        day_of(dt.date(2024, 5, 31)),
        day_of(dt.date(2024, 6, 30)),
    )
    rows = [
        {
            "arm": arm,
            "month": month,
            "area": area,
            "people": 10 + (area + arm) * last,
        }
        for arm in (0, 1)
        for month, last in zip(months, (0, 0, 1), strict=True)
        for area in (0, 1, 2)
    ]
    stocks = pd.DataFrame(rows)
    # A table may come in parts, whose rows stand in any order.
    return {
        "stocks": [stocks[8:], stocks[:8][::-1]],
        "events": [stocks.rename(columns={"people": "count"})],
    }


JUNE = {(0, 1): day_of(dt.date(2024, 6, 1))}


def test_months_before_the_first_difference_are_compared_whatever_the_order_of_rows() -> None:
    assert contracts.check_tables(frames(), ["a", "b"], JUNE) == (
        2,
        {(0, 1): day_of(dt.date(2024, 6, 30))},
    )


@pytest.mark.parametrize("table", ["stocks", "events"])
@pytest.mark.parametrize("kind", ["changed", "missing", "twice"])
def test_any_other_row_in_an_early_month_is_found(table: str, kind: str) -> None:
    spoilt = frames()
    part = spoilt[table][0].copy()
    row = part.index[(part["arm"] == 1) & (part["month"] < JUNE[0, 1])][0]
    if kind == "changed":
        part.loc[row, part.columns[-1]] += 1
    else:
        part = part.drop(row) if kind == "missing" else pd.concat([part, part.loc[[row]]])
    spoilt[table][0] = part
    with pytest.raises(BrokenContractError, match=r"'a' and 'b' have other tables.*1 June 2024"):
        contracts.check_tables(spoilt, ["a", "b"], JUNE)


def test_tallies_of_parts_add_up_and_the_earliest_parting_counts() -> None:
    def tally(day: str | None, month: str, times: int) -> contracts.Tally:
        parting = {
            "base": "a",
            "scenario": "b",
            "values_differ_from": "2024-10-01",
            "people_part_on": day,
            "tables_differ_from": month,
        }
        return contracts.Tally({contracts.ONE_PAST: times, contracts.PEOPLE: 1}, [parting])

    parts = [tally(None, "2024-11", 3), tally("2024-10-09", "2024-10", 4)]
    whole = contracts.joined(parts)
    assert whole.times == {contracts.ONE_PAST: 7, contracts.PEOPLE: 2}
    assert whole.partings == tally("2024-10-09", "2024-10", 0).partings
    assert contracts.joined([whole]) == whole
