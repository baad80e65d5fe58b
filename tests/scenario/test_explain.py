from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from sim.scenario import Scenario, ScenarioError, explain, load_scenario, nearest_names
from tests.scenario.conftest import LIBRARY


def test_an_explanation_names_all_that_set_the_value() -> None:
    scenario = load_scenario("ambitious", LIBRARY)
    rate = explain("sickness.rate", scenario)
    assert (rate.description, rate.unit) == ("Rate of falling sick.", "per year")
    assert rate.values == ((None, 0.7),)
    assert (rate.range, rate.grade) == ((0, 3), "second_hand")
    assert rate.source[0].title == "Sickness absence"
    assert [(s.origin.rpartition("/")[2], s.value) for s in rate.settings] == [
        ("sickness.yaml:4", 0.8),
        ("ambitious.yaml:8", 0.7),
    ]
    assert rate.changes == ()


def test_an_explanation_names_the_reforms() -> None:
    offers = explain("job_search.offer_rate", load_scenario("ambitious", LIBRARY))
    assert offers.by == ("search_months",)
    assert offers.values == ((None, {"0-3": 2.4, "3-6": 1.3, "12+": 0.5}),)
    assert [(c.reform, c.join, c.value) for c in offers.changes] == [
        ("pilot", "multiply", 1.2),
        ("national", "cap", {"0-3": 3.0}),
    ]
    assert offers.changes[1].origin.endswith("national.yaml:6")


def test_an_explanation_by_date(load: Callable[[str], Scenario]) -> None:
    scenario = load("parameters: {sickness.weekly_pay: {2026-04-06: 123.25}}")
    assert explain("sickness.weekly_pay", scenario).values == (
        (dt.date(2023, 4, 6), 109.4),
        (dt.date(2025, 4, 6), 118.75),
        (dt.date(2026, 4, 6), 123.25),
    )


def test_an_explanation_of_a_hazard_table() -> None:
    ((start, value),) = explain("sickness.length", load_scenario("baseline", LIBRARY)).values
    assert start is None
    assert value["minor"] == {"distribution": "weibull_min", "c": 1.5, "scale": 4.0}


def test_an_unknown_parameter() -> None:
    scenario = load_scenario("baseline", LIBRARY)
    with pytest.raises(ScenarioError) as error:
        explain("ofer_rate", scenario)
    assert str(error.value) == (
        "baseline: unknown parameter 'ofer_rate'; one of 8 parameters; "
        "did you mean 'job_search.offer_rate'?"
    )
    assert nearest_names("sickness.wate", scenario)[:2] == ["sickness.wait", "sickness.rate"]
