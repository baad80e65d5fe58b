from __future__ import annotations

from pathlib import Path

from sim.people.checks import fit_note_table, table

PAGE = Path(__file__).parents[2] / "docs" / "concepts" / "people.md"


def test_the_page_shows_the_tables_as_they_are():
    page = PAGE.read_text(encoding="utf-8")
    assert "\n".join(table()) in page
    assert "\n".join(fit_note_table()) in page
