from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.model import STEPS
from tests.cli.conftest import Fitflow

BAD_SCENARIO = """\
name: wrong
title: Wrong
description: Has three problems.
yeers: 3
scale: 2
parameters:
  job_search.ofer_rate: 1
"""
BAD_REFORM = """\
name: wrong_reform
title: Wrong reform
description: Changes what is not there.
status: hypothetical
changes:
  - what: workwell.return_hazard_rato
    value: 1.2
    from: 2024-10-01
    grade: assumption
    reasoning: For a test.
"""


def test_check_shows_all_problems_of_all_files_and_writes_nothing(
    fitflow: Fitflow, folder: Path
) -> None:
    (folder / "wrong.yaml").write_text(BAD_SCENARIO)
    (folder / "wrong_reform.yaml").write_text(BAD_REFORM)
    before = sorted(folder.iterdir())
    done = fitflow("check", "wrong.yaml", "tiny.yaml", "wrong_reform.yaml")
    assert done.returncode == 2
    assert done.stdout.startswith("tiny.yaml: a scenario without problems")
    problems = done.stderr.splitlines()
    assert problems[-1] == "4 problems."
    expected = [
        ("wrong.yaml:4: yeers", "'years'"),
        ("wrong.yaml:5: scale", "above 0 and at most 1"),
        ("wrong.yaml:7: parameters.job_search.ofer_rate", "'job_search.offer_rate'"),
        ("wrong_reform.yaml:6: changes[1].what", "'workwell.return_hazard_ratio'"),
    ]
    for problem, (place, hint) in zip(problems[:-1], expected, strict=True):
        assert problem.startswith(place)
        assert hint in problem
    assert sorted(folder.iterdir()) == before


def test_check_says_what_is_fine(fitflow: Fitflow, folder: Path) -> None:
    done = fitflow("check", "tiny.yaml", "quick.yaml", "baseline", "workwell_pilots")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "quick.yaml: a reform without problems (1 change)" in done.stdout
    assert len(done.stdout.splitlines()) == 4


def test_a_file_that_is_not_there(fitflow: Fitflow) -> None:
    done = fitflow("check", "nowhere.yaml")
    assert done.returncode == 2
    assert "nowhere.yaml" in done.stderr


def test_explain_a_number(fitflow: Fitflow) -> None:
    done = fitflow("explain", "workwell.return_hazard_ratio")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "workwell.return_hazard_ratio"
    assert "Value: 1.12" in lines
    assert "Unit: ratio" in lines
    assert "Grade: estimate" in lines
    assert any(line.startswith("Reasoning: ") for line in lines)
    assert any("workwell.yaml:" in line for line in lines)
    assert any(line.startswith("- Larsen") for line in lines)


def test_explain_shows_what_an_override_and_a_reform_do(fitflow: Fitflow, folder: Path) -> None:
    scenario = (folder / "tiny.yaml").read_text()
    (folder / "mine.yaml").write_text(
        scenario.replace("name: tiny", "name: mine")
        + "parameters:\n  job_loss.hazard_ratio: 1.5\nreforms: [./quick.yaml]\n"
    )
    done = fitflow("explain", "job_loss.hazard_ratio", "--scenario", "mine.yaml")
    assert "Value: 1.5" in done.stdout
    assert "- mine.yaml:12 to 1.5" in done.stdout
    assert "- quick: replace 0.2 from 2024-06-01 (quick.yaml:6)" in done.stdout


def test_explain_a_table_and_a_value_by_date(fitflow: Fitflow) -> None:
    table = fitflow("explain", "fit_notes.length").stdout
    assert [line.split()[0] for line in table.splitlines()[3:7]] == [
        "order",
        "------",
        "first",
        "repeat",
    ]
    dated = fitflow("explain", "return_to_work.ssp_waiting_days").stdout
    assert "Value from 2022-04-06: 3" in dated
    assert "Value from 2026-04-06: 0" in dated


def test_explain_offers_the_nearest_names(fitflow: Fitflow) -> None:
    done = fitflow("explain", "workwell.retrn_hazard_ratio")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Did you mean workwell.return_hazard_ratio" in done.stderr


@pytest.mark.parametrize(
    ("what", "some"),
    [
        ("scenarios", "baseline"),
        ("reforms", "workwell_pilots"),
        ("sweeps", "sanctions_by_support"),
        ("parameters", "workwell.coaches"),
        ("areas", "Black Country"),
    ],
)
def test_list(fitflow: Fitflow, what: str, some: str) -> None:
    done = fitflow("list", what)
    assert done.returncode == 0
    assert some in done.stdout


def test_schedule_shows_every_step_in_order(fitflow: Fitflow) -> None:
    text = fitflow("schedule").stdout
    places = [text.index(f" {step.name} ") for step in STEPS]
    assert places == sorted(places)
    assert all(stream.name in text for step in STEPS for stream in step.streams)


def test_schema_is_json(fitflow: Fitflow) -> None:
    for kind, key in (("scenario", "replications"), ("reform", "changes"), ("sweep", "designs")):
        assert key in json.loads(fitflow("schema", kind).stdout)["properties"]


def test_data_dictionary_is_the_page_of_the_documentation(fitflow: Fitflow) -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "data_dictionary.md"
    assert fitflow("data-dictionary").stdout == page.read_text(encoding="utf-8")
