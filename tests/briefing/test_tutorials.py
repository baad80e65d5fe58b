"""The tutorials run as they stand, on a small run."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from results.opened import Opened
from tests.pages import ROOT

TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.py"))


def test_there_is_one_for_each_reader() -> None:
    assert [path.stem for path in TUTORIALS] == ["analyst", "economist", "researcher"]


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_tutorials_run(
    path: Path,
    opened: Opened,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", [path.name, str(opened.folder), str(tmp_path)])
    runpy.run_path(str(path), run_name="__main__")
    assert len(capsys.readouterr().out.splitlines()) > 10
    written = {file.name for file in tmp_path.iterdir()}
    expected = {"analyst": "briefing.html", "economist": "tornado.svg", "researcher": None}[
        path.stem
    ]
    assert expected is None or expected in written
