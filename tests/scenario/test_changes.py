from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sim.scenario import Problem, Scenario, ScenarioError, load_scenario
from tests.scenario.conftest import LIBRARY

QUICK = "reforms:\n  - name: quick\n    changes:\n      - {%s}\n"


def test_a_change_of_a_reform_file() -> None:
    scenario = load_scenario("baseline", LIBRARY)
    (change,) = scenario.changes
    assert change.what == "job_search.offer_rate"
    assert change.value == 1.2
    assert_array_equal(change.array(scenario.parameters["job_search.offer_rate"]), [1.2, 1.2, 1.2])
    assert change.join == "multiply"
    assert change.who == {
        "condition": ("mental_health", "musculoskeletal"),
        "limiting": ("yes",),
    }
    assert change.where == ("E01", "E03")
    assert (change.from_, change.until) == (dt.date(2024, 10, 1), dt.date(2026, 4, 1))
    assert change.ramp_months == 6
    assert change.range == (1.0, 1.4)
    assert (change.grade, change.reasoning) == ("assumption", "Nobody has measured it.")
    assert change.reform == "pilot"
    assert change.origin.endswith("pilot.yaml:8")


def test_a_change_inside_a_scenario_may_leave_out_its_evidence(
    load: Callable[[str], Scenario],
) -> None:
    scenario = load(QUICK % "what: sickness.rate, value: 0.5, from: 2025-01-01")
    (change,) = scenario.changes
    assert change.join == "replace"
    assert (change.who, change.where, change.until, change.ramp_months) == ({}, (), None, 0)
    assert change.grade == "assumption"
    assert change.reasoning == "Set inside the scenario as an assumption."
    (reform,) = scenario.reforms
    assert (reform.name, reform.title, reform.status) == ("quick", "quick", "hypothetical")
    assert reform.origin.endswith("mine.yaml:5")


def test_entries_that_a_change_leaves_alone_are_nan(load: Callable[[str], Scenario]) -> None:
    scenario = load(
        QUICK % "what: job_search.health_ratio, value: {other: {yes: 0.5}}, from: 2025-01-01"
    )
    array = scenario.changes[0].array(scenario.parameters["job_search.health_ratio"])
    assert array.shape == (5, 2)
    assert array[4, 1] == 0.5
    assert np.isnan(array).sum() == 9


@pytest.mark.parametrize(
    ("value", "array"), [("0.5", [0.5] * 3), ("[0.1, 0.2, 0.7]", [0.1, 0.2, 0.7])]
)
def test_changes_of_a_list(load: Callable[[str], Scenario], value: str, array: list[float]) -> None:
    scenario = load(QUICK % f"what: job_search.earnings_shares, value: {value}, from: 2025-01-01")
    parameter = scenario.parameters["job_search.earnings_shares"]
    assert_array_equal(scenario.changes[0].array(parameter), array)


def test_areas_as_labels_go_by_name(load: Callable[[str], Scenario]) -> None:
    scenario = load(
        QUICK % "what: job_search.places, value: {South: 30, east fen: 40}, from: 2025-01-01"
    )
    array = scenario.changes[0].array(scenario.parameters["job_search.places"])
    assert_array_equal(array, [np.nan, 30, 40, np.nan])


def test_a_multiplier_may_leave_the_range_of_the_parameter(
    load: Callable[[str], Scenario],
) -> None:
    scenario = load(QUICK % "what: sickness.rate, value: 9, join: multiply, from: 2025-01-01")
    assert scenario.changes[0].entries == (9,)


@pytest.mark.parametrize("dates", [
    "from: 2029-03-31",
    "from: 2014-01-01",
    "from: 2014-01-01, until: 2024-04-02",
])  # fmt: skip
def test_a_change_may_touch_the_horizon_anywhere(
    load: Callable[[str], Scenario], dates: str
) -> None:
    assert load(QUICK % f"what: sickness.rate, value: 1, {dates}").changes


@pytest.mark.parametrize(
    ("change", "key", "given", "allowed"),
    [
        ("what: sickness.rate, value: 1, from: 2029-04-01", "from", "2029-04-01 given",
         "before the scenario ends (2024-04-01 to 2029-03-31)"),
        ("what: sickness.rate, value: 1, from: 2014-01-01, until: 2024-04-01", "until",
         "2024-04-01 given", "after the scenario starts (2024-04-01 to 2029-03-31)"),
        ("what: sickness.rate, value: 1, from: 2025-01-01, until: 2025-01-01", "until",
         "2025-01-01 given", "a date after 2025-01-01 (from)"),
        ("what: sickness.rate, value: 1, from: 2025", "from", "2025 given",
         "a date such as 2024-04-01"),
        ("what: sickness.rate, value: 1, from: 01/04/2025", "from", "'01/04/2025' given",
         "a date such as 2024-04-01"),
        ("what: sickness.rate, value: 1", "from", "missing",
         "the first day, a date such as 2026-04-01"),
        ("value: 1, from: 2025-01-01", "what", "missing", "the name of a parameter"),
        ("what: sickness.rate, from: 2025-01-01", "value", "missing",
         "a number, a list of numbers, or a mapping by labels"),
        ("what: sickness.rate, value: 3.1, from: 2025-01-01", "value", "3.1 given",
         "a number from 0 to 3"),
        ("what: sickness.rate, value: -1, join: cap, from: 2025-01-01", "value", "-1 given",
         "a number from 0 to 3"),
        ("what: sickness.rate, value: 0, join: multiply, from: 2025-01-01", "value", "0 given",
         "a number above 0"),
        ("what: sickness.rate, value: 1.e999, join: multiply, from: 2025-01-01", "value",
         "inf given", "a finite number"),
        ("what: sickness.rate, value: {2025-01-01: 1}, from: 2025-01-01", "value",
         "a value by date", "one change for each date, with from and until"),
        ("what: sickness.rate, value: 1, from: 2025-01-01, ramp_months: 1.5", "ramp_months",
         "1.5 given", "months in which it comes in, a whole number from 0 to 120"),
        ("what: sickness.rate, value: 1, from: 2025-01-01, ramp_months: true", "ramp_months",
         "true given", "months in which it comes in, a whole number from 0 to 120"),
        ("what: sickness.rate, value: 1, from: 2025-01-01, join: add", "join", "'add' given",
         "multiply, replace or cap"),
        ("what: sickness.rate, value: 1, from: 2025-01-01, range: [0.1, 0.9]", "range",
         "[0.1, 0.9] given", "an interval that holds the value 1.0"),
        ("what: sickness.rate, value: 1, from: 2025-01-01, grade: published", "",
         "no source for the grade published", "a source, or the grade assumption"),
        ("what: sickness.rate, value: 1, from: 2025-01-01, where: nowhere", "where",
         "unknown area 'nowhere'", "an area's code or name, or a group: england_and_wales, "
         "England, Wales, North, South, workwell_pilot"),
        ("what: sickness.rate, value: 1, from: 2025-01-01, who: everybody", "who",
         "'everybody' given", "lists of labels by condition, sex, age_band, limiting"),
        ("what: sickness.rate, value: 1, from: 2025-01-01, who: {sex: [man]}", "who.sex",
         "unknown label of sex 'man'", "allowed: female, male"),
        ("what: sickness.rate, value: 1, from: 2025-01-01, who: {sex: []}", "who.sex",
         "an empty list", "at least one sex, or leave it out"),
        ("what: sickness.rate, value: 1, from: 2025-01-01, who: {labour: [in_work]}",
         "who.labour", "unknown filter 'labour'", "allowed: condition, sex, age_band, limiting"),
        ("what: sickness.wait, value: 1, from: 2025-01-01", "what",
         "sickness.wait is a hazard table, which a reform cannot change",
         "change a ratio that multiplies it, or override the table under parameters"),
        ("what: sickness.rat, value: 1, from: 2025-01-01", "what",
         "unknown parameter 'sickness.rat'",
         "allowed: job_search.offer_rate, job_search.health_ratio, job_search.earnings_shares, "
         "job_search.places, sickness.rate, sickness.weekly_pay, sickness.length, sickness.wait"),
    ],
)  # fmt: skip
def test_a_change_that_cannot_be_used(
    problems: Callable[[str], list[Problem]], change: str, key: str, given: str, allowed: str
) -> None:
    (problem,) = problems(QUICK % change)
    place = "reforms[1].changes[1]" + (f".{key}" if key else "")
    assert (problem.line, problem.key) == (7, place)
    assert (problem.given, problem.allowed) == (given, allowed)


def test_the_size_of_a_value_is_not_judged_where_its_meaning_is_unknown(
    problems: Callable[[str], list[Problem]],
) -> None:
    (problem,) = problems(QUICK % "what: sickness.rate, value: 9, join: multply, from: 2025-01-01")
    assert (problem.key, problem.nearest) == ("reforms[1].changes[1].join", "multiply")


def test_a_reform_file_says_where_its_numbers_come_from(library: Path) -> None:
    path = library / "reforms" / "pilot.yaml"
    lines = [
        line
        for line in path.read_text().splitlines()
        if not line.strip().startswith(("grade", "title", "status"))
    ]
    path.write_text("\n".join(lines))
    with pytest.raises(ScenarioError) as error:
        load_scenario("baseline", library)
    assert [(p.key, p.given) for p in error.value.problems] == [
        ("title", "missing"),
        ("status", "missing"),
        ("changes[1].grade", "missing"),
    ]


@pytest.mark.parametrize("changes", ["[]", "{}", "", "[5]"])
def test_a_reform_has_changes(problems: Callable[[str], list[Problem]], changes: str) -> None:
    (problem,) = problems(f"reforms:\n  - name: quick\n    changes: {changes}\n")
    assert problem.key.startswith("reforms[1].changes")


def test_every_problem_of_a_reform_is_found_at_once(
    problems: Callable[[str], list[Problem]],
) -> None:
    found = problems("""reforms:
  - name: quick
    staus: announced
    changes:
      - {what: sickness.rate, value: 9, from: 2050-01-01, wheer: E01}
      - {what: sickness.rat, value: 9, from: 2025-01-01, who: {sex: [men]}, where: [E09]}
""")
    assert [(p.line, p.key.rpartition(".")[2]) for p in found] == [
        (6, "staus"),
        (8, "wheer"),
        (8, "value"),
        (8, "from"),
        (9, "sex"),
        (9, "where[1]"),
        (9, "what"),
    ]
    assert [p.nearest for p in found] == [
        "status", "where", None, None, None, "E03", "sickness.rate"
    ]  # fmt: skip


def test_what_is_read_once_or_belongs_to_a_place_is_refused_with_the_reason(tmp_path):
    from sim.scenario import ScenarioError, load_scenario

    path = tmp_path / "aimed.yaml"
    path.write_text(
        "name: aimed\ntitle: Aimed\ndescription: Three changes that cannot be made.\n"
        "extends: baseline\nreforms:\n  - name: wrong\n    changes:\n"
        "      - {what: job_loss.leaving_share, value: 0.1, from: 2025-04-01}\n"
        "      - {what: workwell.coaches, value: 5, from: 2025-04-01, who: {sex: [female]}}\n"
        "      - {what: workwell.caseload_per_coach, value: 40, from: 2025-04-01, where: [Dorset]}\n"
    )
    with pytest.raises(ScenarioError) as error:
        load_scenario(path)
    text = str(error.value)
    assert "read once at the start" in text
    assert "cannot be aimed by who" in text
    assert "cannot be aimed by where" in text
    assert len(error.value.problems) == 3
