"""What the README promises: its files, its examples and its table of folders."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path

import pytest

from sim.cli.arms import base_and_reforms
from sim.cli.comparison import CHART
from sim.scenario import load_parameters, load_scenario
from sim.tables import TABLES
from tests.pages import README, ROOT, commands_in, files_in, plain, table_below, write_files

TEXT = README.read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder that holds the example files."""
    write_files(TEXT, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_files_of_a_run_are_listed() -> None:
    _, *rows = table_below(TEXT, "| File |")
    compared = f"compared_with_baseline/{CHART}.*"
    expected = {*(f"{name}.parquet" for name in TABLES), "manifest.json", compared}
    expected |= {"compared_with_baseline/differences.csv", "briefing.html"}
    assert {plain(row[0]) for row in rows} == expected


def test_every_folder_in_the_layout_is_there() -> None:
    _, *rows = table_below(TEXT, "| Folder |")
    missing = [plain(row[0]) for row in rows if not (ROOT / plain(row[0])).is_dir()]
    assert not missing


def test_the_examples_are_short() -> None:
    assert list(files_in(TEXT)) == ["manchester.yaml", "longer_pilot.yaml"]
    assert all(len(block.splitlines()) <= 12 for block in files_in(TEXT).values())


@pytest.mark.usefixtures("folder")
def test_the_first_scenario_does_what_its_text_says() -> None:
    scenario = load_scenario("manchester.yaml")
    assert scenario.areas == ("E54000057",)
    assert [reform.name for reform in scenario.reforms] == ["workwell_pilots"]
    assert scenario.parameters["workwell.caseload_per_coach"].dated()[0][1] == 40


@pytest.mark.usefixtures("folder")
def test_the_first_reform_keeps_the_coaches_of_the_pilot() -> None:
    base, reform = base_and_reforms("manchester.yaml", ["longer_pilot.yaml"], {})
    area = reform.parameters["workwell.coaches"].labels[0].index(*base.areas)
    (pilot,) = (change for change in base.changes if change.what == "workwell.coaches")
    (added,) = reform.changes[len(base.changes) :]
    assert (added.what, added.from_) == (pilot.what, pilot.until)
    assert added.entries[area] == pilot.entries[area]
    assert sum(entry is not None for entry in added.entries) == 1


def test_no_effect_of_workwell_is_among_the_plausible_values() -> None:
    for name, parameter in load_parameters().items():
        if name.startswith("workwell.") and name.endswith("_hazard_ratio"):
            span = parameter.uncertainty
            assert span is not None
            assert span.low <= 1 <= span.high, name


@pytest.mark.usefixtures("folder")
def test_every_comparison_that_is_shown_can_be_made() -> None:
    shown = [words[1:] for words in commands_in(TEXT) if words[0] == "compare"]
    assert shown
    for words in shown:
        base, *reforms = takewhile(lambda word: not word.startswith("--"), words)
        assert len(base_and_reforms(base, reforms, {})) == 1 + len(reforms)
