from __future__ import annotations

from typing import Any

import pytest
from scipy import stats

from sim.scenario.cursor import Cursor
from sim.scenario.errors import Problem, Problems
from sim.scenario.hazards import Spec, read_spec
from sim.scenario.yaml_source import Document


def read(value: Any, allowed: tuple[float, float] = (0, 100)) -> tuple[Spec | None, list[Problem]]:
    problems = Problems()
    document = Document("file.yaml", {"value": value})
    return read_spec(Cursor.top(document, problems).at("value"), allowed), problems.found


@pytest.mark.parametrize(
    "value",
    [
        {"distribution": "expon", "scale": 30},
        {"distribution": "weibull_min", "c": 0.8, "scale": 40},
        {"distribution": "lognorm", "s": 1.2, "scale": 12.5},
        {"distribution": "gamma", "a": 2, "scale": 9},
        {"distribution": "burr12", "c": 2, "d": 1, "scale": 9, "loc": 1},
    ],
)
def test_distributions_of_scipy(value: dict[str, Any]) -> None:
    spec, problems = read(value)
    assert not problems
    assert spec == value
    shapes = {key: number for key, number in value.items() if key != "distribution"}
    assert getattr(stats, value["distribution"])(**shapes).sf(0) == 1


def test_steps_are_sorted_by_day() -> None:
    assert read({"rates": {"7": 2, "0": 1}})[0] == {"rates": {0: 1.0, 7: 2.0}}
    assert read({"survival": {"0": 1, "28": 0, "7": 0.5}})[0] == {
        "survival": {0: 1.0, 7: 0.5, 28: 0.0}
    }


@pytest.mark.parametrize(
    ("value", "given"),
    [
        (3, "3 given"),
        ({}, "a mapping given"),
        ({"rates": {"0": 1}, "survival": {"0": 1}}, "both rates and survival given"),
        ({"rates": {"0": 1}, "scale": 2}, "unknown key 'scale'"),
        ({"rates": {}}, "a mapping given"),
        ({"rates": [1, 2]}, "a list given"),
        ({"rates": {"1": 0.1}}, "nothing for day 0"),
        ({"rates": {"0": -0.1}}, "-0.1 given"),
        ({"rates": {"0": 101}}, "101 given"),
        ({"rates": {"0": 0.1, "1.5": 0.1}}, "the day '1.5'"),
        ({"rates": {"0": 0.1, "-1": 0.1}}, "the day '-1'"),
        ({"rates": {"0": 0.1, "²": 0.1}}, "the day '²'"),
        ({"rates": {"0": True}}, "true given"),
        ({"survival": {"0": 0.9, "7": 0.5}}, "the share on day 0 is 0.9"),
        ({"survival": {"0": 1, "7": 0.5, "8": 0.6}}, "the share rises to 0.6 on day 8"),
        ({"survival": {"0": 1, "7": 1.5}}, "1.5 given"),
        ({"distribution": "weibul_min", "c": 1, "scale": 1}, "unknown distribution 'weibul_min'"),
        ({"distribution": "poisson", "mu": 3}, "unknown distribution 'poisson'"),
        ({"distribution": "__doc__", "scale": 3}, "unknown distribution '__doc__'"),
        ({"distribution": ["expon"], "scale": 3}, "unknown distribution a list"),
        ({"distribution": "expon"}, "no scale"),
        ({"distribution": "weibull_min", "scale": 3}, "no c"),
        ({"distribution": "weibull_min", "c": 1, "scale": 101}, "101 given"),
        ({"distribution": "weibull_min", "c": "1", "scale": 1}, "'1' given"),
        ({"distribution": "weibull_min", "c": 1, "scale": 1, "k": 2},
         "unknown parameter of weibull_min 'k'"),
        ({"distribution": "weibull_min", "c": -1, "scale": 1},
         "weibull_min has no values with c -1, scale 1"),
        ({"distribution": "expon", "scale": 0}, "expon has no values with scale 0"),
        ({"distribution": "norm", "scale": 3}, "norm reaches below 0 days"),
        ({"distribution": "expon", "scale": 3, "loc": -1}, "expon reaches below 0 days"),
    ],
)  # fmt: skip
def test_a_spec_that_cannot_be_used(value: Any, given: str) -> None:
    spec, problems = read(value)
    assert given in [p.given for p in problems]
    assert spec is None


def test_the_nearest_distribution() -> None:
    assert read({"distribution": "weibul_min", "c": 1, "scale": 1})[1][0].nearest == "weibull_min"


def test_a_survival_curve_needs_two_days(tmp_path):
    from sim.scenario import ScenarioError, load_scenario

    path = tmp_path / "curve.yaml"
    path.write_text(
        "name: curve\ntitle: Curve\ndescription: A curve that has no hazard.\nextends: baseline\n"
        "parameters:\n  workwell.patience_days: {survival: {0: 1}}\n"
    )
    with pytest.raises(ScenarioError, match="at least two days"):
        load_scenario(path)
