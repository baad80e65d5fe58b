from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.testing import assert_array_equal

from sim.scenario import Parameter, Problem, Scenario, ScenarioError, load_parameters
from sim.states import LABELS
from tests.scenario.conftest import LIBRARY

ENTRY: dict[str, Any] = {
    "description": "A number for a test.",
    "unit": "per year",
    "value": 1,
    "range": [0, 5],
    "grade": "assumption",
    "reasoning": "Made up.",
}
SOURCE = {"publisher": "ONS", "title": "T", "date": "2024", "url": "https://www.ons.gov.uk/t"}
ASSUMED = {"grade": "assumption", "reasoning": "Made up."}


@pytest.fixture
def read(library: Path) -> Callable[..., Parameter]:
    """Load one parameter from its entry, which differs from a sound one as stated."""

    def read_entry(*without: str, **fields: Any) -> Parameter:
        entry = {k: v for k, v in (ENTRY | fields).items() if k not in without}
        path = library / "parameters" / "extra.yaml"
        path.write_text(yaml.safe_dump({"extra.number": entry}, sort_keys=False))
        return load_parameters(library)["extra.number"]

    return read_entry


@pytest.fixture
def wrong(read: Callable[..., Parameter]) -> Callable[..., list[Problem]]:
    """The problems of an entry."""

    def problems_of(*without: str, **fields: Any) -> list[Problem]:
        with pytest.raises(ScenarioError) as error:
            read(*without, **fields)
        return list(error.value.problems)

    return problems_of


def test_the_library_of_the_tests() -> None:
    parameters = load_parameters(LIBRARY)
    assert list(parameters) == [
        "job_search.offer_rate",
        "job_search.health_ratio",
        "job_search.earnings_shares",
        "job_search.places",
        "sickness.rate",
        "sickness.weekly_pay",
        "sickness.length",
        "sickness.wait",
    ]
    offers = parameters["job_search.offer_rate"]
    assert (offers.unit, offers.grade, offers.range) == ("per year", "published", (0, 5))
    assert offers.labels == (("0-3", "3-6", "12+"),)
    assert offers.source[0].publisher == "ONS"
    assert offers.origins["range"].endswith("job_search.yaml:7")
    ((start, value),) = offers.dated()
    assert start is None
    assert value.dtype == np.float64
    assert_array_equal(value, [2.4, 1.3, 0.5])


def test_a_single_number_has_no_dimension(read: Callable[..., Parameter]) -> None:
    ((_, value),) = read(value=2).dated()
    assert value.shape == ()
    assert value == 2


def test_nested_tables_follow_the_order_of_labels() -> None:
    ratio = load_parameters(LIBRARY)["job_search.health_ratio"]
    assert ratio.labels == (LABELS["condition"], LABELS["limiting"])
    ((_, value),) = ratio.dated()
    # A number in the place of a mapping holds for every label below it.
    assert_array_equal(value, [[1, 1], [0.9, 0.4], [0.95, 0.5], [0.95, 0.5], [0.9, 0.45]])
    assert ratio.labelled()[0][1]["mental_health"] == {"no": 0.9, "yes": 0.4}


def test_the_order_of_keys_in_the_file_does_not_matter(read: Callable[..., Parameter]) -> None:
    table = read(by=["sex", "limiting"], value={
        "male": {"yes": 4, "no": 3}, "female": {"no": 1, "yes": 2}
    })  # fmt: skip
    assert_array_equal(table.dated()[0][1], [[1, 2], [3, 4]])


def test_lists_are_an_inner_dimension(read: Callable[..., Parameter]) -> None:
    assert_array_equal(read(value=[1, 2, 3]).dated()[0][1], [1, 2, 3])
    table = read(by=["sex"], value={"female": [1, 2, 3], "male": [3, 4, 5]})
    assert (table.shape, table.length) == ((2, 3), 3)
    assert_array_equal(table.dated()[0][1], [[1, 2, 3], [3, 4, 5]])
    assert table.labelled() == [(None, {"female": [1, 2, 3], "male": [3, 4, 5]})]


def test_dated_values_come_by_date(read: Callable[..., Parameter]) -> None:
    dated = read(
        by=["sex"], value={"2025-04-01": 3, "2020-01-01": {"female": 1, "male": 2}}
    ).dated()
    assert [start for start, _ in dated] == [dt.date(2020, 1, 1), dt.date(2025, 4, 1)]
    assert_array_equal(dated[0][1], [1, 2])
    assert_array_equal(dated[1][1], [3, 3])


def test_areas_are_a_dimension(read: Callable[..., Parameter]) -> None:
    places = load_parameters(LIBRARY)["job_search.places"]
    assert places.labels == (("E01", "E02", "E03", "W01"),)
    table = read(by=["area"], value={"england": 1, "Wales": 2, "South Vale": 3})
    assert_array_equal(table.dated()[0][1], [1, 3, 1, 2])


def test_hazard_tables_come_in_the_order_of_labels() -> None:
    parameters = load_parameters(LIBRARY)
    length = parameters["sickness.length"]
    assert length.is_hazard_table
    assert length.dated() == []
    assert length.hazard_specs() == [
        {"distribution": "weibull_min", "c": 1.5, "scale": 4.0},
        {"rates": {0: 0.01, 28: 0.005}},
    ]
    assert length.labelled()[0][1]["serious"] == {"rates": {0: 0.01, 28: 0.005}}
    assert not parameters["sickness.rate"].is_hazard_table
    length.hazard_specs()[0]["scale"] = 99.0
    assert length.hazard_specs()[0]["scale"] == 4.0


@pytest.mark.parametrize(
    ("fields", "key", "given"),
    [
        ({"description": "No stop"}, "description", "'No stop' ends without a full stop"),
        ({"description": ""}, "description", "'' given"),
        ({"unit": None}, "unit", "nothing given"),
        ({"unit": 5}, "unit", "5 given"),
        ({"colour": "red"}, "colour", "unknown key"),
        ({"grade": "publshed"}, "grade", "'publshed' given"),
        ({"range": [5, 0]}, "range", "[5, 0] given"),
        ({"range": [0]}, "range", "a list given"),
        ({"range": [0, "x"]}, "range[2]", "'x' given"),
        ({"range": [0, float("inf")]}, "range[2]", "inf given"),
        ({"value": None}, "value", "nothing given"),
        ({"value": True}, "value", "true given"),
        ({"value": "3%"}, "value", "'3%' given"),
        ({"value": float("nan")}, "value", "nan given"),
        ({"value": float("inf")}, "value", "inf given"),
        ({"value": 5.01}, "value", "5.01 given"),
        ({"value": -1}, "value", "-1 given"),
        ({"value": []}, "value", "a list of 0 numbers"),
        ({"value": [1, 9]}, "value[2]", "9 given"),
        ({"value": [[1]]}, "value[1]", "a list given"),
        ({"value": {"a": 1}}, "value", "labels 'a' given"),
        ({"value": {"2024-01-01": 9}}, "value.2024-01-01", "9 given"),
        ({"value": {"2024-01-01": 1, "2024-02-30": 1}}, "value.2024-02-30",
         "'2024-02-30' among dates"),
        ({"value": {"2024-01-01": 1, "later": 1}}, "value.later", "'later' among dates"),
        ({"value": {"2024-01-01": {"2025-01-01": 1}}}, "value.2024-01-01",
         "labels '2025-01-01' given"),
        ({"value": {"rates": {0: 1}}}, "value", "a hazard table without kind"),
        ({"kind": "hazard_table"}, "value", "1 given"),
        ({"kind": "hazard"}, "kind", "'hazard' given"),
        ({"by": ["sexes"]}, "by", "unknown dimension 'sexes'"),
        ({"by": ["sex", "sex"]}, "by", "a dimension is repeated"),
        ({"by": "sex"}, "by", "'sex' given"),
        ({"by": ["a", "b"], "labels": {"a": list(range(400)), "b": list(range(300))}}, "by",
         "a table of 120000 entries"),
        ({"by": ["sex"], "value": {"female": 1}}, "value", "no value for male"),
        ({"by": ["sex"], "value": {}}, "value", "no value for female, male"),
        ({"by": ["sex"], "value": {"female": 1, "male": 1, "men": 1}}, "value.men",
         "unknown label of sex 'men'"),
        ({"by": ["sex"], "value": {"female": 1, "male": {"no": 1}}}, "value.male",
         "labels 'no' given"),
        ({"by": ["sex"], "value": {"female": 1, "male": [1, 2]}}, "value",
         "entries of different lengths"),
        ({"by": ["sex"], "value": {"female": {"2024-01-01": 1}, "male": 1}}, "value.female",
         "labels '2024-01-01' given"),
        ({"by": ["area"], "value": {"E01": 1}}, "value", "no value for E02, E03, W01"),
        ({"labels": {"route": ["a"]}}, "labels.route", "labels of a dimension that is not used"),
        ({"by": ["route"], "labels": {"route": ["a", "a"]}}, "labels.route",
         "a label is repeated"),
        ({"by": ["route"], "labels": {"route": []}}, "labels.route", "an empty list"),
        ({"uncertainty": {"low": 2, "high": 0.5}}, "uncertainty", "low 2 above high 0.5"),
        ({"uncertainty": {"low": 2, "high": 3}}, "uncertainty", "2 to 3 given"),
        ({"uncertainty": {"low": 0.5, "high": 6}}, "uncertainty", "6.0 given"),
        ({"uncertainty": {"low": 0.5}}, "uncertainty.high", "missing"),
        ({"uncertainty": {"low": 0.5, "high": 2, "mid": 1}}, "uncertainty.mid", "unknown key"),
        ({"source": {**SOURCE, "url": "www.ons.gov.uk"}}, "source.url",
         "'www.ons.gov.uk' given"),
        ({"source": {**SOURCE, "link": "x"}}, "source.link", "unknown key"),
        ({"source": [SOURCE, "ONS"]}, "source[2]", "'ONS' given"),
        ({"grade": "published", "reasoning": "R."}, "", "no source for the grade published"),
        ({"grade": "estimate"}, "", "no source for the grade estimate"),
        ({"reasoning": None}, "", "no reasoning for the grade assumption"),
    ],
)  # fmt: skip
def test_an_entry_that_cannot_be_used(
    wrong: Callable[..., list[Problem]], fields: dict[str, Any], key: str, given: str
) -> None:
    found = {(p.key, p.given) for p in wrong(**fields)}
    assert (f"extra.number.{key}" if key else "extra.number", given) in found


@pytest.mark.parametrize("field", ["description", "unit", "value", "range", "grade"])
def test_required_fields(wrong: Callable[..., list[Problem]], field: str) -> None:
    (problem,) = wrong(field)
    assert (problem.key, problem.given) == (f"extra.number.{field}", "missing")


def test_the_unknown_is_set_right(wrong: Callable[..., list[Problem]]) -> None:
    assert wrong(reasonings="x")[0].nearest == "reasoning"
    assert wrong(grade="publishd", source=SOURCE)[0].nearest == "published"
    assert wrong(by=["conditions"])[0].nearest == "condition"
    by_limiting = wrong(by=["limiting"], value={"no": 1, "yess": 2})
    assert ("yes", "allowed: no, yes") in {(p.nearest, p.allowed) for p in by_limiting}


def test_lines_of_problems(wrong: Callable[..., list[Problem]]) -> None:
    (problem,) = wrong(by=["sex"], value={"female": 1, "male": 7})
    # Below the name, description, unit and value.
    assert problem.line == 6
    assert problem.file.endswith("extra.yaml")


def test_uncertainty_of_a_table_is_a_multiplier(
    read: Callable[..., Parameter], wrong: Callable[..., list[Problem]]
) -> None:
    table = read(by=["sex"], value={"female": 3, "male": 4}, uncertainty={"low": 0.9, "high": 1.1})
    assert table.uncertainty is not None
    assert (table.uncertainty.low, table.uncertainty.high) == (0.9, 1.1)
    (problem,) = wrong(by=["sex"], value=3, uncertainty={"low": 2, "high": 4})
    assert problem.allowed == "an interval around 1 (it is a common multiplier)"


def test_sources_are_one_or_several(read: Callable[..., Parameter]) -> None:
    one = read("reasoning", grade="published", source=SOURCE)
    two = read("reasoning", grade="published", source=[SOURCE, {**SOURCE, "date": 2023}])
    assert [s.date for s in (*one.source, *two.source)] == ["2024", "2024", "2023"]


def test_names_belong_to_their_file(library: Path) -> None:
    path = library / "parameters" / "extra.yaml"
    path.write_text(
        json.dumps({"sickness.rate": ENTRY, "rate": ENTRY, "extra.x": 5, "extra.Y": ENTRY})
    )
    with pytest.raises(ScenarioError) as error:
        load_parameters(library)
    assert {(p.key, p.given) for p in error.value.problems} == {
        ("sickness.rate", "a name of another file than extra.yaml"),
        ("sickness.rate", "this parameter stands in another file too"),
        ("rate", "the name is not module.name"),
        ("extra.Y", "the name is not module.name"),
        ("extra.x", "no mapping"),
    }


def test_a_library_without_parameters(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as error:
        load_parameters(tmp_path)
    assert [p.given for p in error.value.problems] == [
        "the table of areas cannot be read: No such file or directory",
        "no parameter files (*.yaml) here",
    ]


PAY_2023, PAY_2025 = dt.date(2023, 4, 6), dt.date(2025, 4, 6)


@pytest.mark.parametrize(
    ("override", "dated"),
    [
        ("200", [(PAY_2023, 200), (PAY_2025, 200)]),
        (
            "{2026-04-01: 200}",
            [(PAY_2023, 109.4), (PAY_2025, 118.75), (dt.date(2026, 4, 1), 200)],
        ),
        # A dated override holds from its day on, whatever changed later below it.
        (
            "{2024-06-01: 200}",
            [(PAY_2023, 109.4), (dt.date(2024, 6, 1), 200), (PAY_2025, 200)],
        ),
        (
            "{2024-06-01: 200, 2026-01-01: 210}",
            [
                (PAY_2023, 109.4),
                (dt.date(2024, 6, 1), 200),
                (PAY_2025, 200),
                (dt.date(2026, 1, 1), 210),
            ],
        ),
        ("{2023-04-06: 200}", [(PAY_2023, 200), (PAY_2025, 200)]),
        # The first value also holds before its day.
        (
            "{2022-01-01: 200}",
            [(None, 109.4), (dt.date(2022, 1, 1), 200), (PAY_2023, 200), (PAY_2025, 200)],
        ),
    ],
)
def test_overrides_by_date(
    load: Callable[[str], Scenario], override: str, dated: list[tuple[dt.date | None, float]]
) -> None:
    scenario = load(f"parameters: {{sickness.weekly_pay: {override}}}")
    assert scenario.parameters["sickness.weekly_pay"].labelled() == dated


def test_overrides_of_some_entries(load: Callable[[str], Scenario]) -> None:
    scenario = load("""
parameters:
  job_search.health_ratio: {mental_health: {yes: 0.5}, other: 0.1}
  job_search.offer_rate: {2026-01-01: {12+: 1}}
  job_search.places: {workwell_pilots: 50}
  job_search.earnings_shares: [0.1, 0.1, 0.8]
""")
    p = scenario.parameters
    assert_array_equal(
        p["job_search.health_ratio"].dated()[0][1],
        [[1, 1], [0.9, 0.5], [0.95, 0.5], [0.95, 0.5], [0.1, 0.1]],
    )
    (before, old), (start, new) = p["job_search.offer_rate"].dated()
    assert (before, start) == (None, dt.date(2026, 1, 1))
    assert_array_equal(old, [2.4, 1.3, 0.5])
    assert_array_equal(new, [2.4, 1.3, 1])
    assert_array_equal(p["job_search.places"].dated()[0][1], [50, 0, 50, 0])
    assert_array_equal(p["job_search.earnings_shares"].dated()[0][1], [0.1, 0.1, 0.8])


def test_overrides_of_hazard_tables(load: Callable[[str], Scenario]) -> None:
    scenario = load("""
parameters:
  sickness.length: {serious: {distribution: expon, scale: 60}}
  sickness.wait: {survival: {0: 1, 14: 0}}
""")
    assert scenario.parameters["sickness.length"].hazard_specs() == [
        {"distribution": "weibull_min", "c": 1.5, "scale": 4.0},
        {"distribution": "expon", "scale": 60.0},
    ]
    assert scenario.parameters["sickness.wait"].hazard_specs() == [{"survival": {0: 1, 14: 0}}]


@pytest.mark.parametrize(
    ("override", "key", "given"),
    [
        ("sickness.rate: 3.5", "sickness.rate", "3.5 given"),
        ("sickness.rate: yes", "sickness.rate", "'yes' given"),
        ("sickness.rate:", "sickness.rate", "nothing given"),
        ("sickness.rate: [1]", "sickness.rate", "a list of 1 numbers"),
        ("sickness.rate: {a: 1}", "sickness.rate", "labels 'a' given"),
        ("sickness.rat: 1", "sickness.rat", "unknown parameter 'sickness.rat'"),
        ("job_search.offer_rate: {}", "job_search.offer_rate", "an empty mapping"),
        (
            "job_search.offer_rate: {3-12: 1}",
            "job_search.offer_rate.3-12",
            "unknown label of search_months '3-12'",
        ),
        (
            "job_search.offer_rate: {2025-01-01: {0-3: 9}}",
            "job_search.offer_rate.2025-01-01.0-3",
            "9 given",
        ),
        (
            "job_search.offer_rate: {0-3: {2025-01-01: 1}}",
            "job_search.offer_rate.0-3",
            "labels '2025-01-01' given",
        ),
        (
            "job_search.health_ratio: {2025-01-01: {other: 1, 2026-01-01: 1}}",
            "job_search.health_ratio.2025-01-01.2026-01-01",
            "the date 2026-01-01 inside a table",
        ),
        (
            "job_search.earnings_shares: [0.5, 0.5]",
            "job_search.earnings_shares",
            "a list of 2 numbers",
        ),
        ("sickness.length: 5", "sickness.length", "5 given"),
        (
            "sickness.length: {mnor: {distribution: expon, scale: 1}}",
            "sickness.length.mnor",
            "unknown label of cause 'mnor'",
        ),
        (
            "sickness.length: {distribution: expon, scale: 101}",
            "sickness.length.scale",
            "101 given",
        ),
    ],
)
def test_an_override_that_cannot_be_used(
    problems: Callable[[str], list[Problem]], override: str, key: str, given: str
) -> None:
    (problem,) = problems(f"parameters:\n  {override}\n")
    assert (problem.line, problem.key, problem.given) == (5, f"parameters.{key}", given)
