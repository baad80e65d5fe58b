from __future__ import annotations

from pathlib import Path

import pytest

from sim.scenario import ScenarioError, load_scenario
from sim.scenario.areas import Areas, load_areas
from sim.scenario.cursor import Cursor
from sim.scenario.errors import Problems
from sim.scenario.yaml_source import Document
from tests.scenario.conftest import LIBRARY


@pytest.fixture
def areas() -> Areas:
    found = load_areas(LIBRARY, Problems())
    assert found is not None
    return found


def find(areas: Areas, value: object) -> tuple[tuple[str, ...], Problems]:
    problems = Problems()
    document = Document("file.yaml", {"areas": value}, {(): 1, ("areas",): 1})
    return areas.find(Cursor.top(document, problems).at("areas")), problems


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ("E02", "E02"),
        ("e02", "E02"),
        ("South Vale", "E02"),
        ("nhs south vale  integrated care board", "E02"),
        ("england", "E01 E02 E03"),
        ("Wales", "W01"),
        ("england_and_wales", "E01 E02 E03 W01"),
        ("England and Wales", "E01 E02 E03 W01"),
        ("south", "E02 E03"),
        ("workwell_pilot", "E01 E03"),
        (["workwell_pilots"], "E01 E03"),
        (["W01", "workwell pilot", "E01"], "E01 E03 W01"),
    ],
)
def test_areas_go_by_code_name_or_group(areas: Areas, value: object, codes: str) -> None:
    found, problems = find(areas, value)
    assert found == tuple(codes.split())
    assert not problems.found


@pytest.mark.parametrize(
    ("value", "given", "nearest"),
    [
        ("North Mor", "unknown area 'North Mor'", "North Moor"),
        ("work_well_pilot", "unknown area 'work_well_pilot'", "workwell_pilot"),
        # A column of numbers is no group.
        ("p16_24", "unknown area 'p16_24'", None),
        (7, "7 given", None),
        (None, "nothing given", None),
        ([], "an empty list", None),
        ([["E01"]], "a list given", None),
    ],
)
def test_unknown_areas(areas: Areas, value: object, given: str, nearest: str | None) -> None:
    found, problems = find(areas, value)
    assert found == ()
    assert [(p.given, p.nearest) for p in problems.found] == [(given, nearest)]


@pytest.mark.parametrize(
    ("content", "given"),
    [
        (None, "the table of areas cannot be read: No such file or directory"),
        (b"", "no column code, name, short_name, or no areas below it"),
        (b"code,name\nE01,North\n", "no column short_name, or no areas below it"),
        (b"code,name,short_name\n", "no column code, name, short_name, or no areas below it"),
    ],
)
def test_a_table_that_cannot_be_used(library: Path, content: bytes | None, given: str) -> None:
    path = library / "data" / "areas.csv"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    problems = Problems()
    assert load_areas(library, problems) is None
    assert [p.given for p in problems.found] == [given]


def test_a_table_that_is_not_text(library: Path) -> None:
    (library / "data" / "areas.csv").write_bytes(b"code,name,short_name\n\xff,\xff,\xff\n")
    problems = Problems()
    assert load_areas(library, problems) is None
    assert "cannot be read" in problems.found[0].given


def test_a_missing_table_of_areas_is_reported_once(library: Path) -> None:
    (library / "data" / "areas.csv").unlink()
    with pytest.raises(ScenarioError) as error:
        load_scenario("ambitious", library)
    assert [Path(p.file).name for p in error.value.problems] == ["areas.csv"]
