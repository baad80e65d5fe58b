"""The pages say what the code does: tables, names, commands, links and examples."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

import numpy as np
import pytest

from results.coupling import ORDER
from sim.cli.app import COMMANDS
from sim.cli.arms import base_and_reforms
from sim.cli.checking import check_file
from sim.core.dates import day_of
from sim.core.engine import conduct, schedule
from sim.core.world import World
from sim.model import STEPS, new_world
from sim.run import SHARD_PEOPLE
from sim.scenario import default_library, list_library, load_parameters, load_scenario
from sim.scenario.in_words import day_text, slug
from sim.states import LABELS, POSSIBLE_PAIRS
from sim.support.pools import POOLS
from sim.support.programmes import PROGRAMMES, SLOTS
from sim.warm import MOST_BYTES
from tests.pages import DOCS, README, commands_in, plain, table_below, text_of, write_files

WRITTEN_BY_HAND = [
    page
    for page in [README, *sorted(DOCS.rglob("*.md"))]
    if "<!-- Written by" not in page.read_text(encoding="utf-8")
]
TUTORIALS = sorted((DOCS / "how-to").glob("*.md"))
RARE = {("in_work", "sick_inactive"), ("off_sick", "outside")}
"""Moves that a small run may well not see."""

Moves = dict[tuple[str, str], set[str]]


@pytest.fixture(scope="module")
def observed() -> tuple[World, Moves]:
    """A small world with all reforms after some years, and which step moved people where."""
    small = {"scale": 0.001, "years": 3, "warm_up_years": 0}
    areas = ("E54000057", "E54000062", "E54000041")
    scenario = load_scenario("package").model_copy(update=small | {"areas": areas})
    world = new_world(scenario, 1, areas)
    moves: Moves = {}

    def watched(step, world):
        before = world.people["labour"].copy()
        step.act(world)
        after = world.people["labour"]
        changed = np.flatnonzero(before != after)
        for pair in set(zip(before[changed].tolist(), after[changed].tolist(), strict=True)):
            names = (LABELS["labour"][pair[0]], LABELS["labour"][pair[1]])
            moves.setdefault(names, set()).add(step.name)

    world.steps = tuple(replace(step, act=lambda w, s=step: watched(s, w)) for step in STEPS)
    conduct(world, day_of(scenario.end) - 1)
    return world, moves


# ---- A person's journey -------------------------------------------------------------------------


def test_the_journey_marks_the_pairs_that_are_possible() -> None:
    head, *rows = table_below(text_of("concepts/pathway.md"), "| | `none` |")
    assert tuple(map(plain, head[1:])) == LABELS["benefit"]
    assert tuple(plain(row[0]) for row in rows) == LABELS["labour"]
    marked = np.array([[{"yes": True, "": False}[cell] for cell in row[1:]] for row in rows])
    np.testing.assert_array_equal(marked, POSSIBLE_PAIRS)


@pytest.mark.parametrize(
    ("head", "labels"), [("| Labour-market state |", "labour"), ("| Benefit |", "benefit")]
)
def test_the_journey_explains_every_state(head: str, labels: str) -> None:
    _, *rows = table_below(text_of("concepts/pathway.md"), head)
    assert tuple(plain(row[0]) for row in rows) == LABELS[labels]


def test_the_journey_says_which_step_moves_people_where(observed: tuple[World, Moves]) -> None:
    head, *rows = table_below(text_of("concepts/pathway.md"), "| From |")
    told = {
        (plain(row[0]), plain(to)): set(cell.split(", "))
        for row in rows
        for to, cell in zip(head[1:], row[1:], strict=True)
        if cell
    }
    for move, steps in observed[1].items():
        assert steps <= told.get(move, set()), (move, steps)
    unseen = {
        (move, step)
        for move, steps in told.items()
        for step in steps - observed[1].get(move, set())
        if move not in RARE
    }
    assert not unseen


def test_the_journey_has_a_section_for_every_step_with_its_events() -> None:
    parts = re.split(r"^## (.+)$", text_of("concepts/pathway.md"), flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    acting = [step for step in STEPS if step.events]
    assert [name for name in sections if name in {s.name for s in STEPS}] == [
        s.name for s in acting
    ]
    for step in acting:
        (line,) = re.findall(r"^Events: (.+?)\.", sections[step.name], flags=re.MULTILINE)
        assert [plain(name) for name in line.split(", ")] == list(step.events), step.name
        files = [p.name for slot in SLOTS if slot.name == step.name for p in slot.programmes]
        for file in files or [step.name]:
            assert f"(../reference/parameters.md#{file})" in sections[step.name]


def test_the_page_on_time_shows_the_schedule() -> None:
    _, *rows = table_below(text_of("concepts/time-and-steps.md"), "|  | Step |")
    assert [tuple(row) for row in rows] == [(str(k), *rest) for k, *rest in schedule(STEPS)]


def test_the_page_on_services_tells_what_each_records(observed: tuple[World, Moves]) -> None:
    head, *rows = table_below(text_of("concepts/services.md"), "| Measure |")
    told = {
        (head[column].lower(), plain(row[0]))
        for row in rows
        for column in (1, 2, 3)
        if row[column] == "yes"
    }
    world, _ = observed
    shown = [service for name, service in world.services.items() if name not in PROGRAMMES]
    recorded = [row for service in shown for row in service.month_rows(world)]
    assert told == {(service, measure) for service, measure, _ in recorded}


# ---- Scenarios, comparisons, speed --------------------------------------------------------------


def test_the_page_on_reforms_lists_the_library() -> None:
    _, *rows = table_below(text_of("concepts/reforms.md"), "| Reform |")
    library = {entry.name: entry for entry in list_library() if entry.kind == "reform"}
    assert [plain(row[0]) for row in rows] == list(library)
    for name, title, status, first in rows:
        entry = library[plain(name)]
        file = default_library() / "reforms" / f"{entry.name}.yaml"
        assert title == entry.title
        assert f"\nstatus: {status}\n" in file.read_text(encoding="utf-8")
        assert entry.scope.first is not None
        assert first == day_text(entry.scope.first)
    assert {reform.name for reform in load_scenario("package").reforms} <= set(library)


def test_the_page_on_reforms_names_what_they_cannot_change() -> None:
    named = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", text_of("concepts/reforms.md")))
    scopes = {name: parameter.scope for name, parameter in load_parameters().items()}
    assert all(scopes[name] == "start" for name in scopes if name.startswith("people."))
    grouped = ("people", *PROGRAMMES, *(pool.name for pool in POOLS))
    shown = {n: s for n, s in scopes.items() if n.partition(".")[0] not in grouped}
    limited = {n for n, s in shown.items() if s != "person"}
    assert named & set(scopes) == limited | {"sickness.duration"}


def test_the_page_on_comparing_orders_states_as_the_coupling_does() -> None:
    (line,) = re.findall(r"^> (.+)$", text_of("concepts/comparing.md"), flags=re.MULTILINE)
    assert [plain(label) for label in line.split(", ")] == [LABELS["labour"][s] for s in ORDER]


def test_the_page_on_speed_states_the_limits_of_the_code() -> None:
    text = text_of("concepts/speed-and-scale.md").replace("\n", " ")
    assert f"about {SHARD_PEOPLE:,} simulated people" in text
    assert f"kept to {MOST_BYTES / 1e9:.0f} GB" in text


# ---- Names, commands, links, examples -----------------------------------------------------------


@pytest.mark.parametrize("page", WRITTEN_BY_HAND, ids=lambda page: page.stem)
def test_parameters_that_a_page_names_exist(page: Path) -> None:
    parameters = load_parameters()
    modules = {name.partition(".")[0] for name in parameters}
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"`([a-z_]+)\.([a-z_]+)`", text)
    # Draws have names of the same kind; their tables have a test of their own.
    wrong = [
        f"{module}.{name}"
        for module, name in named
        if module in modules and f"{module}.{name}" not in parameters
    ]
    assert not wrong or page.stem == "randomness"
    explained = [words[1] for words in commands_in(text) if words[0] == "explain"]
    assert set(explained) <= set(parameters)


@pytest.mark.parametrize("page", WRITTEN_BY_HAND, ids=lambda page: page.stem)
def test_commands_that_a_page_names_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = [words[0] for words in commands_in(text)] + re.findall(
        r"`fitflow ([a-z]\S*?)[` ]", text
    )
    assert {name for name, *_ in COMMANDS} >= set(named)


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_examples_can_be_used_as_they_stand(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = page.read_text(encoding="utf-8")
    for path in write_files(text, tmp_path):
        assert "without problems" in check_file(path.name)
    for command, *words in commands_in(text):
        if command in ("compare", "run"):
            base, *reforms = takewhile(lambda word: not word.startswith("--"), words)
            assert len(base_and_reforms(base, reforms, {})) == 1 + len(reforms)


@pytest.mark.parametrize("page", [README, *sorted(DOCS.rglob("*.md"))], ids=lambda page: page.stem)
def test_every_link_to_a_place_in_a_page_leads_to_a_heading(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#\s]*)#([^)]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target and "<" not in target:
            other = (page.parent / target) if target else page
            lines = other.read_text(encoding="utf-8").splitlines()
            anchors = {slug(line.lstrip("# ")) for line in lines if line.startswith("#")}
            assert anchor in anchors, f"{target}#{anchor}"


def test_the_index_leads_to_every_page() -> None:
    links = re.findall(r"\]\(([^)]+\.md)\)", text_of("index.md"))
    listed = {(DOCS / link).resolve() for link in links}
    assert {page.resolve() for page in DOCS.rglob("*.md")} - listed == {
        (DOCS / "index.md").resolve()
    }
