"""The words of a briefing come from the run, and what a run does not hold is left out."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from results import outcomes
from results.appraisal import appraise
from results.briefing import story
from results.briefing.page import LARGEST, briefing
from results.differences import differences
from results.figures import write_chart
from results.gallery import KINDS, PRICED, Wanted, make_chart
from results.opened import Opened, OpenError, open_run
from results.outcomes import OUTCOMES
from sim.cli.app import app
from sim.tables import RunTables


@pytest.fixture(scope="session")
def plain_page(opened: Opened) -> str:
    """The briefing without costs and benefits."""
    return briefing(opened)


def words(page: str) -> str:
    """The text of a page, without marks, scripts and drawings."""
    page = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", page, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_breakdowns_add_up_to_the_outcomes_of_the_tables(opened: Opened) -> None:
    """Counting by cells gives what counting by groups of rows gives, for every outcome."""
    expected = outcomes.yearly(opened.tables, opened.scale, opened.country)
    keys = ["scenario", "seed", "outcome", "year"]
    one, other = (
        frame.set_index(keys)["value"].sort_index() for frame in (expected, opened.yearly)
    )
    np.testing.assert_allclose(other.loc[one.index], one, rtol=1e-12)
    assert len(one) == len(other)
    by_hand = differences(expected, opened.base, displacement=opened.displacement)
    found = opened.differences_by_year.set_index(["scenario", "outcome", "year"])
    for row in by_hand.to_dict("records"):
        same = found.loc[(row["scenario"], row["outcome"], row["year"])]
        np.testing.assert_allclose(
            [same["difference"], same["low"]], [row["difference"], row["low"]], rtol=1e-9, atol=1e-9
        )


@pytest.mark.parametrize("name", [n for n, o in OUTCOMES.items() if o.kind != "ratio"])
def test_areas_add_up_to_the_country(opened: Opened, name: str) -> None:
    parts, whole = opened.breakdown("area").values(name, 12), opened.breakdown().values(name, 12)
    np.testing.assert_allclose(parts.sum(axis=2), whole)


def test_the_finding_is_the_number_of_the_table(opened: Opened, plain_page: str) -> None:
    found = story.final_difference(opened, "package", "in_work")
    assert found is not None
    table = story.headline_table(opened, "package")
    assert table.iloc[0, -1] == found.text()
    heading = re.search(r"<h1>(.*?)</h1>", plain_page)
    assert heading
    assert unescape(heading[1]) == story.headline(opened, "package")
    if found.measurable:
        assert found.size() in heading[1]


def test_every_assumed_effect_is_named_with_its_reason(opened: Opened, plain_page: str) -> None:
    text = words(plain_page)
    effects = {name for scenario in opened.reforms for name in opened.assumed(scenario)}
    assert len(effects) > 3
    assert f"Nobody has measured {len(effects)} of the effects" in text
    for effect in story.assumed(opened):
        assert effect["name"] in effects
        assert effect["description"] in text
        assert " ".join(effect["reasoning"].split()) in text


def test_without_an_appraisal_nothing_is_said_of_money(plain_page: str) -> None:
    text = words(plain_page)
    assert "Costs and benefits" not in text
    assert "Exchequer" not in text
    assert 'id="money"' not in plain_page


def test_a_run_without_areas_has_no_map(opened: Opened) -> None:
    """Tables that do not tell areas apart have one code for the country."""

    def joined(name: str) -> Any:
        frame = getattr(opened.tables, name)
        if "area" not in frame:
            return frame
        one = frame.assign(area="E92000001")
        keys = [c for c in one.columns if c not in ("people", "person_days", "count", "value")]
        return one.groupby(keys, as_index=False, observed=True).sum()

    names = ("stocks", "flows", "events", "waits", "spells")
    tables = RunTables(**{name: joined(name) for name in names}).conformed()
    page = briefing(
        replace(opened, tables=tables, manifest={**opened.manifest, "detail": "country"})
    )
    assert 'id="chart-map"' not in page
    assert 'id="chart-difference"' in page
    assert words(page).count("more people in work") == words(briefing(opened)).count(
        "more people in work"
    )


def test_the_page_is_small_the_same_each_time_and_whole(opened: Opened, plain_page: str) -> None:
    assert briefing(opened) == plain_page
    assert len(plain_page.encode()) < LARGEST
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", plain_page)
    assert "{{" not in plain_page
    assert "None" not in words(plain_page)
    assert " nan" not in words(plain_page)


def test_identifiers_of_a_page_are_its_own(plain_page: str) -> None:
    names = re.findall(r'\bid="([^"]+)"', plain_page)
    assert len(names) == len(set(names))


def test_scenarios_that_are_not_there_are_named(opened: Opened) -> None:
    with pytest.raises(
        OpenError, match=r"compares no 'other'. It compares package, workwell_pilots"
    ):
        briefing(opened, "other")
    with pytest.raises(OpenError, match=r"has no scenario 'other'. It has baseline, package"):
        open_run(opened.folder, "other")


def test_another_base_turns_the_comparison_round(opened: Opened) -> None:
    turned = open_run(opened.folder, "package")
    assert turned.reforms == ["baseline", "workwell_pilots"]
    for name in ("in_work", "lcwra"):
        one, other = (
            run.breakdown().difference(name, *pair).mean
            for run, pair in ((opened, ("baseline", "package")), (turned, ("package", "baseline")))
        )
        np.testing.assert_allclose(one, -other)
    np.testing.assert_allclose(turned.moves("baseline"), opened.moves("package").transpose(0, 2, 1))


def test_bars_of_a_tornado_name_their_programme(opened: Opened) -> None:
    """Every programme has a cost of a start, so that alone says nothing."""
    chart = make_chart("tornado", Wanted(opened, "package", money=appraise(opened)))
    labels = dict(zip(chart.table["name"], chart.table["label"], strict=True))
    assert labels["workwell.unit_cost"].startswith("WorkWell: ")
    assert len(set(labels.values())) == len(labels)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in PRICED])
def test_charts_of_a_real_run_can_be_written(opened: Opened, tmp_path: Path, kind: str) -> None:
    files = write_chart(make_chart(kind, Wanted(opened, "package")), tmp_path, kind)
    assert [file.suffix for file in files] == [".svg", ".png", ".csv", ".json"]


def test_the_commands(opened: Opened, tmp_path: Path) -> None:
    def fitflow(*arguments: str) -> str:
        done = CliRunner().invoke(app, list(arguments))
        assert done.exit_code == 0, done.output
        return done.output

    run = str(opened.folder)
    assert set(KINDS) <= set(fitflow("chart", run).split())
    said = fitflow("chart", run, "movers", "--out", str(tmp_path))
    assert "package_movers.svg" in said
    page = tmp_path / "page.html"
    fitflow("brief", run, "--scenario", "workwell_pilots", "--no-costs", "--out", str(page))
    assert "<h1>WorkWell pilots: " in page.read_text(encoding="utf-8")
    fitflow("chart", run, "fit", "--out", str(tmp_path))
    assert (tmp_path / "fit.csv").exists()
