"""What is published is whole and agrees with itself; publishing it again gives the same files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from results.numbers import shown
from results.opened import Opened
from sim.cli import published
from sim.cli.runs import Plan
from tests.briefing.conftest import SMALL, small

PAGE = published.FOLDER / "briefing.html"


def test_published_files_are_as_they_were_written() -> None:
    assert published.damaged(published.FOLDER) == []


def test_published_files_are_of_one_run() -> None:
    facts = json.loads((published.FOLDER / published.FACTS).read_text(encoding="utf-8"))
    name = facts["run"][:12]
    figures = list((published.FOLDER / "figures").glob("*.json"))
    assert len(figures) >= 8
    for figure in figures:
        assert json.loads(figure.read_text(encoding="utf-8"))["run"] == name
    assert f"run {name}" in PAGE.read_text(encoding="utf-8")


def test_the_headline_is_the_number_of_the_table() -> None:
    rows = pd.read_csv(published.FOLDER / "differences.csv")
    last = rows[(rows["outcome"] == "in_work") & (rows["year"] == rows["year"].max())].iloc[0]
    found = shown(last["difference"], last["low"], last["high"])
    assert found is not None
    heading = re.search(r"<h1>(.*?)</h1>", PAGE.read_text(encoding="utf-8"))
    assert heading
    assert f"about {found.size()} {'more' if found.value > 0 else 'fewer'} people" in heading[1]


def test_publishing_twice_gives_the_same_files(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenarios = tuple(small(name) for name in ("baseline", "package", "workwell_pilots"))
    monkeypatch.setattr(published, "announced", lambda settings: Plan(scenarios, "area", 0))
    monkeypatch.setattr(published, "PACKAGE", ("package",))
    found = []
    for number in (1, 2):
        folder = tmp_path / str(number)
        published.publish(folder, opened.folder.parent, 1, SMALL)
        assert published.damaged(folder) == []
        assert published.changed(folder) == []
        found.append({p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file()})
    assert found[0] == found[1]
    monkeypatch.setattr(published, "code_digest", lambda: "other")
    monkeypatch.setattr(published, "announced", lambda settings: Plan(scenarios[:2], "area", 0))
    assert published.changed(tmp_path / "1") == [
        "the code of the model (sim)",
        "parameters or scenarios",
    ]
    (tmp_path / "1" / "briefing.html").write_text("something else", encoding="utf-8")
    assert published.damaged(tmp_path / "1") == ["briefing.html"]
