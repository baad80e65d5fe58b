"""A small library to load from, and a way to see what is wrong with a text."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.scenario import Problem, Scenario, ScenarioError, load_scenario

LIBRARY = Path(__file__).parent / "data" / "library"
HEADER = "name: mine\ntitle: Mine\ndescription: A scenario for a test.\n"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A copy of the library that a test may change."""
    return Path(shutil.copytree(LIBRARY, tmp_path / "library"))


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], Scenario]:
    """Load a scenario from its text, below a header of three lines."""

    def load_text(text: str) -> Scenario:
        path = tmp_path / "mine.yaml"
        path.write_text(HEADER + text, encoding="utf-8")
        return load_scenario(path, LIBRARY)

    return load_text


@pytest.fixture
def problems(load: Callable[[str], Scenario]) -> Callable[[str], list[Problem]]:
    """The problems of a scenario that cannot be loaded."""

    def problems_of(text: str) -> list[Problem]:
        with pytest.raises(ScenarioError) as error:
            load(text)
        return list(error.value.problems)

    return problems_of
