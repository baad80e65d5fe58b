"""The data dictionary names everything that is declared, and the page is up to date."""

from __future__ import annotations

from results.dictionary import MEANINGS, PATH, data_dictionary, write_data_dictionary
from results.differences import COLUMNS
from results.outcomes import OUTCOMES
from sim.model import EVENTS
from sim.tables import TABLES


def test_the_page_is_up_to_date():
    assert PATH.read_text(encoding="utf-8") == data_dictionary(), "run python -m results.dictionary"


def test_every_event_has_a_meaning_and_every_meaning_an_event():
    assert set(MEANINGS) == set(EVENTS)


def test_outcomes_count_events_that_the_model_has():
    for outcome in OUTCOMES.values():
        for count in filter(None, (outcome.count, outcome.per)):
            where = dict(count.where)
            for event in where.get("event", ()):
                details = [d for d in EVENTS[event] if d.startswith(count.starts)]
                assert details, (outcome.name, event)


def test_everything_declared_is_on_the_page():
    text = data_dictionary()
    for table in TABLES.values():
        assert f"\n## {table.name}\n" in text
        for column in table.columns:
            assert (
                f"| `{column.name}` | {column.dtype} | {column.unit} | {column.description}" in text
            )
    for name in (*OUTCOMES, *COLUMNS, *EVENTS):
        assert f"| `{name}` |" in text


def test_rows_of_a_table_have_as_many_cells_as_its_head():
    width = 0
    for line in data_dictionary().splitlines():
        cells = line.count(" | ") if line.startswith("|") else 0
        assert not width or not cells or cells == width, line
        width = cells


def test_writing_gives_the_same_page(tmp_path):
    path = write_data_dictionary(tmp_path / "deep" / "page.md")
    assert path.read_bytes() == data_dictionary().encode()
