"""The briefing in a browser: explorer by mouse and keyboard, access for all, paper, small screens."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import axe_playwright_python
import numpy as np
import pytest
from playwright.sync_api import Page

from results.numbers import shown
from results.opened import Opened
from results.outcomes import OUTCOMES
from results.tables import show_row
from tests.briefing.conftest import Reader

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def problems(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 A and AA."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    options = {"runOnly": {"type": "tag", "values": RULES}}
    found = page.evaluate("(options) => axe.run(document, options)", options)
    assert len(found["passes"]) > 20
    return [f"{v['id']}: {n['target']}" for v in found["violations"] for n in v["nodes"]]


def test_it_renders_without_errors_and_asks_nothing_of_the_network(reader: Reader) -> None:
    page = reader.page
    page.wait_for_function(
        "document.querySelectorAll('#explored-rows tr').length > 0", timeout=5000
    )
    assert reader.errors == []
    assert [url for url in reader.requests if not url.startswith(("file:", "data:"))] == []
    assert page.locator("h1").count() == 1
    assert page.locator("main svg").count() >= 5
    assert page.locator("#explored-chart .line").count() == 1


def test_it_passes_the_rules_of_wcag_2_2(reader: Reader) -> None:
    assert problems(reader.page) == []
    reader.page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert problems(reader.page) == []


def explored(page: Page) -> dict[str, str]:
    """What the explorer shows: its title, caption, first line of the chart and last row."""
    return {
        "title": page.inner_text("#explored-title"),
        "caption": page.inner_text("#explored-caption"),
        "line": page.get_attribute("#explored-chart .line", "d") or "",
        "row": " ".join(page.locator("#explored-rows tr").last.all_text_contents()),
        "file": page.get_attribute("#explored-file", "href") or "",
    }


def test_choosing_with_the_mouse_changes_chart_table_and_caption(reader: Reader) -> None:
    page = reader.page
    before = explored(page)
    page.select_option("#outcome", "lcwra")
    after = explored(page)
    assert after["title"].startswith("People with LCWRA, ")
    assert all(after[part] != before[part] for part in before)
    page.select_option("#area", label="Dorset")
    assert "Dorset" in explored(page)["caption"]
    page.select_option("#condition", "mental_health")
    assert "mental health" in explored(page)["caption"]
    page.select_option("#scenario", "workwell_pilots")
    assert explored(page)["title"].endswith("identical")


def test_everything_can_be_chosen_with_the_keyboard(reader: Reader) -> None:
    page = reader.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "outcome":
            break
    for name in ("outcome", "scenario", "area", "condition"):
        assert page.evaluate("document.activeElement.id") == name
        before = explored(page)
        page.keyboard.press("ArrowDown")
        assert explored(page)["caption"] != before["caption"], name
        page.keyboard.press("Tab")
    assert reader.errors == []


def test_what_has_no_conditions_cannot_be_chosen_by_condition(reader: Reader) -> None:
    page = reader.page
    page.select_option("#condition", "mental_health")
    page.select_option("#outcome", "fit_notes")
    assert page.input_value("#condition") == ""
    assert page.locator("#condition option:enabled").count() == 1
    assert reader.errors == []


def test_every_choice_can_be_shown(reader: Reader, opened: Opened) -> None:
    """Each series that is packed draws, and says a number or that there is none."""
    counted = reader.page.evaluate(
        """() => {
            const data = JSON.parse(document.getElementById("data").textContent);
            const form = document.getElementById("choices");
            let shown = 0;
            for (const key of Object.keys(data.series)) {
                const places = key.split(".");
                ["outcome", "scenario", "area", "condition"].forEach((id, k) => {
                    document.getElementById(id).selectedIndex = places[k];
                });
                form.dispatchEvent(new Event("change"));
                const html = document.getElementById("explored").innerHTML;
                if (/NaN|undefined|Infinity/.test(html)) throw new Error(`${key}: ${html}`);
                shown += 1;
            }
            return shown;
        }"""
    )
    assert counted > 200
    assert reader.errors == []


def test_the_explorer_rounds_as_tables_do(reader: Reader) -> None:
    rng = np.random.default_rng(7)
    scale = 10.0 ** rng.uniform(-2, 6, 3000)
    means, halves = rng.normal(0, 1, 3000) * scale, rng.uniform(0.01, 3, 3000) * scale
    points = [{"mean": m, "half": h} for m, h in zip(means.tolist(), halves.tolist(), strict=True)]
    found = reader.page.evaluate("(points) => points.map((p) => fitflow.interval(p, 0.01))", points)
    for point, text in zip(points, found, strict=True):
        m, h = point["mean"], point["half"]
        expected = shown(m, m - h, m + h, 0.01)
        assert expected is not None
        assert f"{text['mean']} ({text['low']} to {text['high']})" == expected.text(), point


def test_the_explorer_shows_the_numbers_of_the_tables(reader: Reader, opened: Opened) -> None:
    rows = opened.differences_by_year
    last = rows[rows["year"] == rows["year"].max()]
    for row in last[last["outcome"].isin(["in_work", "lcwra", "sick_inactive"])].to_dict("records"):
        reader.page.select_option("#outcome", row["outcome"])
        reader.page.select_option("#scenario", row["scenario"])
        expected = show_row(row, row["outcome"])
        assert expected is not None
        cells = reader.page.locator("#explored-rows tr").last.locator("td").all_text_contents()
        if expected.identical:
            assert cells[1] == "0 (identical)"
        else:
            assert f"{cells[1]} ({cells[2]} to {cells[3]})" == expected.text()
    assert set(last["outcome"]) <= set(OUTCOMES)


@pytest.mark.parametrize(("width", "zoom"), [(320, 1.0), (1280, 2.0), (1280, 4.0)])
def test_it_holds_on_small_screens_and_when_enlarged(
    reader: Reader, width: int, zoom: float
) -> None:
    """Zooming a page by a factor leaves it that much less room (WCAG 1.4.10: 320 pixels at 400%)."""
    page = reader.page
    page.set_viewport_size({"width": round(width / zoom), "height": 800})
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    room, needed = page.evaluate(
        "[document.documentElement.clientWidth, document.documentElement.scrollWidth]"
    )
    assert needed <= room
    cut = page.evaluate(
        """() => [...document.querySelectorAll("h1, h2, h3, p, select, summary, label, pre")]
            .filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1
                && !e.closest(".scroll") && !e.closest(".skip") && getComputedStyle(e).position !== "absolute")
            .map((e) => e.textContent.slice(0, 60))"""
    )
    assert cut == []


def test_no_table_is_cut_off_in_a_usual_window(reader: Reader) -> None:
    """Whatever the size of the numbers: intervals go below them where there is no room."""
    page = reader.page
    page.set_viewport_size({"width": 1200, "height": 800})
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    tables, cut = page.evaluate(
        """() => {
            for (const range of document.querySelectorAll("td.number .range")) {
                range.previousSibling.textContent = "-341,000 ";
                range.textContent = "(-353,000 to -329,000)";
            }
            const tables = [...document.querySelectorAll(".scroll:has(.range)")];
            const cut = tables.filter((t) => t.scrollWidth > t.clientWidth);
            return [tables.length, cut.map((t) => t.getAttribute("aria-label"))];
        }"""
    )
    assert tables > 2
    assert cut == []


def test_text_of_200_percent_fits(reader: Reader) -> None:
    reader.page.evaluate("document.documentElement.style.fontSize = '200%'")
    needed, room = reader.page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert needed <= room


def test_it_prints(reader: Reader, tmp_path: Path) -> None:
    page = reader.page
    page.emulate_media(media="print")
    assert not page.is_visible("#choices")
    assert not page.is_visible("nav")
    assert page.is_visible("#chart-difference svg")
    page.set_viewport_size({"width": 680, "height": 1000})  # the width of A4 less its margins
    over = page.evaluate(
        """() => [...document.querySelectorAll("main svg, main table")]
            .filter((e) => e.getClientRects().length && e.getBoundingClientRect().right > innerWidth + 1)
            .map((e) => e.outerHTML.slice(0, 80))"""
    )
    assert over == []
    pdf = page.pdf(
        format="A4", margin={"top": "15mm", "bottom": "15mm", "left": "15mm", "right": "15mm"}
    )
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert 3 <= pages <= 14


def test_numbers_of_the_explorer_can_be_saved(reader: Reader) -> None:
    with reader.page.expect_download() as download:
        reader.page.click("#explored-file")
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert text.splitlines()[0] == "end_of,without,difference,low,high"
    assert len(text.splitlines()) == 1 + 8


def test_without_scripts_the_rest_is_there(browser: Any, page_file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(page_file.as_uri())
    assert page.is_visible("#chart-difference svg")
    assert page.is_visible("noscript p")
    assert not page.is_visible("#choices")
    context.close()


def test_the_data_are_json(page_file: Path) -> None:
    text = page_file.read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    assert found
    assert set(json.loads(found[1])) >= {"outcomes", "scenarios", "areas", "conditions", "series"}
