from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest

from tests.cli.forks import MODULE, SECONDS, Forks

PROGRAM = (sys.executable, "-m", MODULE)
Fitflow = Callable[..., subprocess.CompletedProcess[str]]

SCENARIO = """\
name: tiny
title: Tiny baseline
description: Two areas for a year.
start: 2024-04-01
years: 1
scale: 0.0005
areas: [Greater Manchester, Black Country]
seed: 1
replications: 2
warm_up_years: 0
"""
REFORM = """\
name: quick
title: Quick starts
description: Sickness spells are shorter and nobody loses a job.
status: hypothetical
changes:
  - what: job_loss.hazard_ratio
    value: 0.2
    from: 2024-06-01
    grade: assumption
    reasoning: For a test.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of a user with a scenario and a reform."""
    return furnished(tmp_path)


def furnished(path: Path) -> Path:
    """The folder with a scenario and a reform in it."""
    (path / "tiny.yaml").write_text(SCENARIO)
    (path / "quick.yaml").write_text(REFORM)
    return path


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> dict[str, str]:
    """The environment of the program: one cache for all that run the tests, and lines of a known length."""
    folder = tmp_path_factory.getbasetemp()
    cache = (folder if worker_id == "master" else folder.parent) / "cache"
    return {**os.environ, "FITFLOW_CACHE": str(cache), "COLUMNS": "80"}


@pytest.fixture
def fitflow(environment: dict[str, str], tmp_path: Path) -> Fitflow:
    """Run the program in the folder of the test, as a user would."""
    return lambda *words: run_program(words, tmp_path, environment)


def run_program(
    words: Sequence[str], folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run the program in a folder; where forks are safe, without loading the libraries each time."""
    if sys.platform == "linux":
        return _forks().run(words, folder, environment)
    return start_program(words, folder, environment)


@cache
def _forks() -> Forks:
    return Forks()


def start_program(
    words: Sequence[str], folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Start the program in a folder from nothing, as a user does."""
    return subprocess.run(
        [*PROGRAM, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
    )
