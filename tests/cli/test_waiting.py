"""``fitflow waits`` on a small run, through the installed program; some ten seconds."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from results.opened import open_run
from results.waiting import Use, who_waits
from tests.cli.conftest import SCENARIO, run_program

SMALL = SCENARIO.replace("tiny", "small").replace("Tiny", "Small").replace("0.0005", "0.002")
BUSY = """\
name: busy
title: Coaches with more to do
description: Places of two services, and no coach more.
status: hypothetical
changes:
  - {what: pathways_to_work.places, value: 60000, from: 2024-04-02, grade: assumption, reasoning: For a test.}
  - {what: pathways_to_work.call_rate, value: 4, from: 2024-04-02, grade: assumption, reasoning: For a test.}
  - {what: work_coach_support.places, value: 60000, from: 2024-04-02, grade: assumption, reasoning: For a test.}
  - {what: work_coach_support.jobcentre_rate, value: 4, from: 2024-04-02, grade: assumption, reasoning: For a test.}
  - {what: talking_therapies.starts_per_month, value: 20000, from: 2024-04-02, grade: assumption, reasoning: A test.}
  - {what: talking_therapies.gp_share, value: 0.5, from: 2024-04-02, grade: assumption, reasoning: For a test.}
  - {what: fit_notes.conversation_share, value: 0.5, from: 2024-04-02, grade: assumption, reasoning: For a test.}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """The folder of a run."""
    folder = tmp_path_factory.mktemp("waits")
    (folder / "small.yaml").write_text(SMALL)
    (folder / "busy.yaml").write_text(BUSY)
    said = run_program(
        ("compare", "small.yaml", "busy.yaml", "--workers", "1"), folder, environment
    )
    assert said.returncode == 0, said.stderr
    (found,) = (folder / "runs").iterdir()
    return found


@pytest.fixture(scope="module")
def busy(run: Path) -> dict[str, Use]:
    """The table of the reform, by who takes the time."""
    return {line.use: line for line in who_waits(open_run(run), "busy")}


def test_the_program_shows_who_waits_for_whom(run: Path, environment: dict[str, str]) -> None:
    said = run_program(("waits", str(run), "--scenario", "busy"), run, environment)
    assert said.returncode == 0, said.stderr
    assert "Coaches with more to do: 2 areas of England" in said.stdout
    assert "Small baseline" not in said.stdout
    for words in ("Work coaches' time", "Pathways to Work support", "Assessors (WCA)", "Not done"):
        assert words in said.stdout
    both = run_program(("waits", str(run)), run, environment).stdout
    assert "Small baseline" in both


def test_a_scenario_that_the_run_has_not_is_named(run: Path, environment: dict[str, str]) -> None:
    said = run_program(("waits", str(run), "--scenario", "bussy"), run, environment)
    assert said.returncode != 0
    assert "has no scenario 'bussy'. Did you mean 'busy'? It has " in said.stderr
    assert "Traceback" not in said.stderr


def test_nothing_is_crowded_out_without_a_reform(run: Path) -> None:
    lines = who_waits(open_run(run), "small")
    today = [line for line in lines if line.crowded_out == line.crowded_out]
    assert len(today) == 3
    assert all(line.crowded_out == 0 and line.share == 1 for line in today)


def test_hours_are_those_of_the_people_in_support(run: Path, busy: dict[str, Use]) -> None:
    opened = open_run(run)
    waits = opened.tables.waits
    rows = waits[
        (waits["scenario"] == "busy")
        & (waits["service"] == "pathways_to_work")
        & (waits["measure"] == "in_support")
    ]
    people = rows["value"].sum() / 2 / 12 / opened.scale
    line = busy["Pathways to Work support"]
    assert line.in_support == pytest.approx(people)
    assert line.hours == pytest.approx(people * 24 / 60)


def test_who_comes_later_waits_longer_and_the_rest_is_crowded_out(busy: dict[str, Use]) -> None:
    first, second = busy["Pathways to Work support"], busy["Additional Work Coach Support"]
    appointments = busy["Appointments of people searching, with a fit note or with LCW"]
    assert first.share > second.share
    assert second.waiting > 0
    assert 0.05 < appointments.crowded_out <= 0.16
    assert appointments.fewer_jobs == pytest.approx(1 - 0.9**appointments.crowded_out)
    assert first.share + second.share + appointments.share == pytest.approx(1)
    conversations = busy["Conversations about work and health"]
    assert conversations.crowded_out > 0.5
    assert math.isnan(conversations.waiting)
    referrals = busy["Referrals to programmes on top of today's"]
    assert referrals.hours == pytest.approx(referrals.starts * 5 / 60 / 52.18, rel=1e-3)
    assert referrals.starts > 0
