from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sim.scenario import ScenarioError, default_library, list_library
from tests.scenario.conftest import LIBRARY


def test_the_library_lists_scenarios_and_reforms() -> None:
    assert [entry[:3] for entry in list_library(LIBRARY)] == [
        ("scenario", "ambitious", "More support"),
        ("scenario", "baseline", "Baseline"),
        ("reform", "national", "Support everywhere"),
        ("reform", "pilot", "Support in pilot areas"),
    ]
    assert list_library(LIBRARY)[1].description == "Policy as it stands."


def test_an_empty_library_lists_nothing(tmp_path: Path) -> None:
    assert list_library(tmp_path) == []


def test_a_file_that_cannot_be_read_is_named(library: Path) -> None:
    (library / "empty.yaml").write_text("")
    (library / "reforms" / "odd.yaml").write_text("name: odd\n")
    with pytest.raises(ScenarioError) as error:
        list_library(library)
    assert [(Path(p.file).name, p.key) for p in error.value.problems] == [
        ("empty.yaml", ""),
        ("odd.yaml", "title"),
        ("odd.yaml", "description"),
        ("odd.yaml", "status"),
        ("odd.yaml", "changes"),
    ]


def test_the_installed_library_is_the_default() -> None:
    assert (default_library() / "__init__.py").is_file()


def test_a_library_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scenarios", None)
    with pytest.raises(ScenarioError, match="the library is not installed; name its folder"):
        default_library()
