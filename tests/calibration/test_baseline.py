"""The page on the baseline says what the run gives."""

from __future__ import annotations

import re

import pytest

from calibration.baseline import page
from calibration.comparison import compare
from calibration.report.content import HEADLINES
from sim.run import Outcome, simulate
from sim.scenario import Scenario, load_scenario


@pytest.fixture(scope="module")
def run() -> tuple[Scenario, Outcome]:
    settings = {"scale": 0.0002, "years": 2, "warm_up_years": 0}
    scenario = load_scenario("baseline").model_copy(update=settings)
    return scenario, simulate([scenario], [1, 2], detail="area", log_people=20)


def test_every_scored_statistic_has_a_row_and_counts_are_of_the_rows(
    run: tuple[Scenario, Outcome],
) -> None:
    scenario, outcome = run
    text = page(scenario, outcome)
    rows = compare(outcome.tables, scenario.scale, scenario.name)
    england = rows[rows["area"] == "England"]
    for row in england.to_dict("records"):
        line = re.search(rf"^\| `{row['id']}` \|.*$", text, re.M)
        assert line
        assert f"| {row['ratio']:.3f} |" in line[0]
        assert ("(!)" in line[0]) == (abs(row["z"]) > 2)
    fit = england[england["use"] == "fit"]
    inside = int((fit["z"].abs() <= 2).sum())
    assert f"within two standard errors: {inside} of {len(fit)} " in text
    assert text.count("`fit_notes_issued`") == int((rows["area"] != "England").sum()) == 15


def test_each_headline_has_a_level_for_every_year(run: tuple[Scenario, Outcome]) -> None:
    text = page(*run)
    years = text[text.index("## Through the years") :]
    assert "| 2024-25 | 2025-26 |" in years
    for words in HEADLINES.values():
        line = re.search(rf"^\| {words} \|.*$", years, re.M)
        assert line
        assert line[0].count("(1.00)") >= 1
        assert line[0].count("|") == 4
