from __future__ import annotations

import pickle

import pytest

from sim.scenario.errors import (
    MOST_PROBLEMS,
    Problem,
    Problems,
    ScenarioError,
    listed,
    nearest_names,
    shown,
)


def test_a_problem_names_place_key_and_remedy() -> None:
    problem = Problem("a.yaml", 3, "yeers", "unknown key", "allowed: years", "years")
    assert str(problem) == ("a.yaml:3: yeers: unknown key; allowed: years; did you mean 'years'?")
    assert str(Problem("a.yaml", None, "", "there is no such file")) == (
        "a.yaml: there is no such file"
    )


def test_all_problems_are_raised_at_once_by_file_and_line() -> None:
    problems = Problems()
    problems.stop()
    for file, line in [("b.yaml", 9), ("a.yaml", 2), ("b.yaml", 4), ("b.yaml", 9)]:
        problems.add(file, line, "key", "wrong")
    with pytest.raises(ScenarioError) as error:
        problems.stop()
    assert str(error.value).splitlines() == [
        "b.yaml:4: key: wrong",
        "b.yaml:9: key: wrong",
        "a.yaml:2: key: wrong",
    ]


def test_a_hopeless_file_is_not_listed_to_the_end() -> None:
    problems = Problems()
    for line in range(MOST_PROBLEMS + 50):
        problems.add("a.yaml", line, "", "wrong")
    with pytest.raises(ScenarioError) as error:
        problems.stop()
    assert len(error.value.problems) == MOST_PROBLEMS + 1
    assert error.value.problems[-1].given == "and 50 more problems"


def test_an_error_survives_the_way_back_from_a_worker() -> None:
    error = ScenarioError([Problem("a.yaml", 1, "key", "wrong")])
    twin = pickle.loads(pickle.dumps(error))
    assert twin.problems == error.problems
    assert str(twin) == str(error)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("job_search.ofer_rate", "job_search.offer_rate"),
        ("offer_rate", "job_search.offer_rate"),
        ("OFFER_RATE", "job_search.offer_rate"),
        ("sickness.rates", "sickness.rate"),
        ("weekly", "sickness.weekly_pay"),
    ],
)
def test_the_nearest_name(name: str, nearest: str) -> None:
    names = ["job_search.offer_rate", "job_search.places", "sickness.rate", "sickness.weekly_pay"]
    assert nearest_names(name, names)[0] == nearest


def test_nothing_is_near_to_nonsense() -> None:
    assert nearest_names("zzz", ["years", "seed"]) == []
    assert nearest_names("", ["years", "seed"]) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"),
        (True, "true"),
        ({}, "a mapping"),
        ([1], "a list"),
        (0.1, "0.1"),
        (5.0, "5.0"),
        (float("nan"), "nan"),
        ("a\nb", r"'a\nb'"),
        ("£5", "'£5'"),
        ("x" * 100, "'" + "x" * 60 + "...'"),
    ],
)
def test_values_are_shown_short(value: object, text: str) -> None:
    assert shown(value) == text


def test_long_lists_of_names_are_cut() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed(str(i) for i in range(100)) == "0, 1, 2 and 97 more"
