from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from results import scope
from sim.cli import summary
from sim.cli.arms import base_and_reforms
from sim.cli.values import value_rows
from sim.contracts import CAPACITY, ONE_PAST, Tally, statement
from sim.scenario import load_scenario
from sim.scenario.in_words import entry


def levels(values: list[float]) -> str:
    frame = pd.DataFrame(
        {"seed": range(len(values)), "outcome": "in_work", "year": 1, "value": values}
    )
    return str(summary.level_rows(frame, ["in_work"], [1])["Year 1"].item())


def test_levels_have_the_digits_that_their_error_allows() -> None:
    assert levels([1000.0, 1000.0]) == "1,000 (1,000 to 1,000)"
    assert levels([26_512_345.0, 26_498_765.0]) == "26,510,000 (26,420,000 to 26,590,000)"
    assert levels([0.0, 0.0]) == "0"
    assert levels([26_512_345.0]) == "26,500,000"
    assert levels([float("nan"), 1.0]) == "[x]"


@pytest.mark.parametrize(
    ("years", "shown"), [(1, [1]), (2, [1, 2]), (5, [1, 3, 5]), (7, [1, 3, 5, 7])]
)
def test_years_shown(years: int, shown: list[int]) -> None:
    assert summary.years_shown(years) == shown


def test_places() -> None:
    base = load_scenario("baseline")

    def at(*areas: str) -> tuple[tuple[str, str], str]:
        scenario = base.model_copy(update={"areas": areas})
        return scope.place(scenario), scope.all_places(scenario)

    assert at(*base.areas) == (("england", "England"), "England")
    assert at(*base.areas, "W92000004") == (("england", "England"), "England and Wales")
    assert at("W92000004") == (("wales", "Wales"), "Wales")
    assert at("E54000041") == (("england", "Dorset"), "Dorset")
    assert at("E54000041", "E54000062")[1] == "2 areas of England"


def counts(nearer: list[float], further: list[float]) -> dict[str, np.ndarray]:
    return {"nearer": np.array(nearer), "further": np.array(further)}


def test_the_coupling_line_rounds_as_chance_allows() -> None:
    def line(nearer: list[float], further: list[float]) -> str:
        return summary.coupling_line(counts(nearer, further), "It", "on 1 May 2029", "England")

    assert line([46_400.0, 46_900.0, 45_800.0], [0.0, 2_600.0, 1_300.0]) == (
        "It: on 1 May 2029, 46,400 (45,000 to 47,700) people are nearer to work in England than "
        "without it, and 1,000 (0 to 5,000) people are further from it. Everybody else is in the "
        "same state as without it."
    )
    assert ", and nobody is further from it." in line([1.0, 2.0], [0.0, 0.0])
    assert "everybody in England is in the same state" in line([0.0, 0.0], [0.0, 0.0])


def test_the_contracts_line_says_how_often_and_when_scenarios_part() -> None:
    def parting(
        name: str, day: str | None, people: str | None, month: str | None
    ) -> dict[str, Any]:
        return {
            "base": "base",
            "scenario": name,
            "values_differ_from": day,
            "people_part_on": people,
            "tables_differ_from": month,
        }

    partings = [
        parting("soon", "2024-10-01", "2024-10-03", "2024-10"),
        parting("late", "2024-10-01", None, "2025-02"),
        parting("null", "2024-10-01", None, None),
    ]
    tally = Tally({ONE_PAST: 1_234, CAPACITY: 5}, partings)
    assert summary.contracts_line(statement(tally)) == (
        "Contracts kept: one past (1,234 times), capacity (5 times). "
        "soon differs from 1 October 2024, and the first people part on 3 October 2024. "
        "late differs from 1 October 2024, and its results from 2025-02. "
        "The history of null is that of base to the end."
    )


def test_assumed_effects_are_those_that_a_reform_brings_into_play(folder: Path) -> None:
    base, workwell, sanctions = base_and_reforms(
        "baseline", ["workwell_pilots", "stronger_sanctions"], {}
    )
    assumed = scope.assumed_effects(base, workwell)
    assert "workwell.job_loss_hazard_ratio" in assumed
    assert "workwell.return_hazard_ratio" not in assumed  # an estimate from comparable support
    assert all(name.startswith("workwell.") for name in assumed)
    assert scope.assumed_effects(base, base) == []
    assert not any(n.startswith("workwell.") for n in scope.assumed_effects(base, sanctions))
    _, quick = base_and_reforms(str(folder / "tiny.yaml"), [str(folder / "quick.yaml")], {})
    assert "job_loss.hazard_ratio" in scope.assumed_effects(base, quick)


def test_reforms_after_the_end_are_noted() -> None:
    _, reform = base_and_reforms("baseline", ["workwell_pilots"], {})
    assert summary.late_reforms(reform) == []
    early = reform.model_copy(update={"start": dt.date(2020, 4, 1), "years": 1})
    assert summary.late_reforms(early) == [
        "workwell_pilots starts on 1 October 2024, after the end of the run: it makes no difference."
    ]


def test_values_as_rows() -> None:
    assert value_rows(["sex"], {"female": 1.5, "male": 2.0}) == (
        ["sex", "value"],
        [["female", "1.5"], ["male", "2"]],
    )
    nested = {"a": {"x": {"p": 1.0, "q": 2.0}}, "b": {"x": {"p": 3.0, "q": 4.0}}}
    assert value_rows(["one", "two", "three"], nested) == (
        ["one", "two", "p", "q"],
        [["a", "x", "1", "2"], ["b", "x", "3", "4"]],
    )
    assert value_rows(["area"], {"E54000041": 0.1})[1] == [["Dorset", "0.1"]]


def test_entries() -> None:
    assert entry([1.0, 0.25]) == "1, 0.25"
    assert entry({"distribution": "expon", "scale": 30.0}) == "expon with scale 30"
    assert entry({"rates": {0: 0.1, 7: 0.2}}) == "rates by day 0: 0.1, 7: 0.2"
