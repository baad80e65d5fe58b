"""The reference pages say all that the library holds, and are up to date."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.scenario import load_parameters
from sim.scenario.in_words import slug
from sim.scenario.reference import (
    FOLDER_OF_PAGES,
    PAGES,
    Library,
    assumptions,
    module_of,
    read_library,
    write_pages,
)
from tests.scenario.conftest import LIBRARY

WEEKLY_PAY, HEALTH = "sickness.weekly_pay", "job_search.health_ratio"


@pytest.fixture(scope="module")
def library() -> Library:
    return read_library()


def sections(page: str) -> dict[str, str]:
    """The text below each heading of the third level."""
    parts = re.split(r"^### (.+)$", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_up_to_date(library: Library, name: str) -> None:
    page = (FOLDER_OF_PAGES / name).read_text(encoding="utf-8")
    assert page == PAGES[name](library), "run python -m sim.scenario.reference"


def test_every_number_has_a_source_or_a_reason() -> None:
    for name, parameter in load_parameters().items():
        assert parameter.source or parameter.reasoning, name


def test_every_number_of_a_reform_has_a_source_or_a_reason(library: Library) -> None:
    assert library.changes
    for change in library.changes:
        assert change.source or change.reasoning, change.origin


def test_every_module_says_what_it_is_about(library: Library) -> None:
    assert set(library.about) == {module_of(name) for name in library.parameters}
    assert all(text.endswith(".") for text in library.about.values()), library.about


def test_every_parameter_is_told_with_its_sources(library: Library) -> None:
    told = sections(PAGES["parameters.md"](library))
    assert list(told) == list(library.parameters)
    for name, parameter in library.parameters.items():
        text = told[name]
        assert parameter.description in text
        assert f"- Unit: {parameter.unit}\n" in text
        assert ("- Value: " in text) != ("\n| " in text), name
        assert parameter.reasoning in text
        for source in parameter.source:
            assert f"(<{source.url}>), {source.publisher}, {source.date}" in text
        for change in library.changes:
            named = f"{change.reform} from" in text
            assert named == any(
                other.what == name and other.reform == change.reform for other in library.changes
            )


def test_the_log_holds_what_rests_on_judgement_and_nothing_else(library: Library) -> None:
    logged = [(row.name, row.reform) for row in assumptions(library)]
    judged = [
        *((n, "") for n, p in library.parameters.items() if p.grade in ("estimate", "assumption")),
        *((c.what, c.reform) for c in library.changes if c.grade in ("estimate", "assumption")),
    ]
    assert sorted(logged) == sorted(judged)
    assert ("workwell.job_loss_hazard_ratio", "") in logged
    assert ("assessment.outcome_first", "wca_reform") in logged
    assert all(row.reasoning and row.value for row in assumptions(library))


def test_the_log_goes_by_module(library: Library) -> None:
    modules = [module_of(row.name) for row in assumptions(library)]
    assert modules == sorted(modules)


def test_values_in_words() -> None:
    """Tables, dates, areas by name, joins and filters of the small library of the tests."""
    small = read_library(LIBRARY)
    log = {(row.name.partition(".")[2], row.reform): row for row in assumptions(small)}
    assert {key: row.value for key, row in log.items()} == {
        ("earnings_shares", ""): "0.2, 0.5, 0.3 (share)",
        ("places", ""): "North Moor: 10; South Vale: 0; East Fen: 5; Wales: 0 (places)",
        ("offer_rate", "national"): "at most 0-3: 3, from 1 April 2026",
        ("places", "national"): (
            "North Moor: 20; south: 30, from 1 April 2025, in North Moor, East Fen"
        ),
        ("offer_rate", "pilot"): (
            "times 1.2, from 1 October 2024, until 31 March 2026, over 6 months, in North Moor, "
            "East Fen, for condition mental health or musculoskeletal, for limiting yes"
        ),
        ("health_ratio", ""): "a table by condition, limiting (ratio)",
        ("length", ""): (
            "minor: weibull_min with c 1.5, scale 4; serious: rates by day 0: 0.01, 28: 0.005 "
            "(days)"
        ),
        ("wait", ""): "survival by day 0: 1, 7: 0.5, 28: 0.1 (share)",
    }
    assert log["offer_rate", "pilot"].plausible == "1 to 1.4"
    told = sections(PAGES["parameters.md"](small))
    assert "- Value: 109.4 from 6 April 2023; 118.75 from 6 April 2025\n" in told[WEEKLY_PAY]
    assert "- Plausible: 0.6 to 1\n" in told["sickness.rate"]
    assert "- Plausible: 0.8 to 1.2 times the value\n" in told["job_search.offer_rate"]
    assert "| condition | no | yes |\n| --- | --- | --- |\n| none | 1 | 1 |\n" in told[HEALTH]


@pytest.mark.parametrize("name", PAGES)
def test_rows_of_a_table_have_as_many_cells_as_its_head(library: Library, name: str) -> None:
    width = 0
    for line in PAGES[name](library).splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        assert not width or not cells or cells == width, line
        width = cells


@pytest.mark.parametrize("name", PAGES)
def test_every_anchor_is_a_heading(library: Library, name: str) -> None:
    pages = {page: write(library) for page, write in PAGES.items()}
    anchors = {
        page: {slug(line.lstrip("# ")) for line in text.splitlines() if line.startswith("#")}
        for page, text in pages.items()
    }
    links = re.findall(r"\]\(([a-z.]*)#([^)]+)\)", pages[name])
    assert links
    for page, anchor in links:
        assert anchor in anchors[page or name], anchor


def test_writing_gives_the_same_pages(tmp_path: Path) -> None:
    for path in write_pages(tmp_path / "deep"):
        assert path.read_bytes() == (FOLDER_OF_PAGES / path.name).read_bytes()
