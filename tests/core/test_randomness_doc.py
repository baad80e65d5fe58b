"""The page on chance names exactly what the model draws, and no two draws share an address."""

from __future__ import annotations

import ast
import re
from itertools import combinations
from pathlib import Path
from typing import Final

import pytest

from sim.core.draws import GOLDEN, stream_id
from sim.model import STEPS
from sim.pathway.person import YEAR
from sim.support.programmes import PROGRAMMES, SLOTS

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "concepts" / "randomness.md").read_text(encoding="utf-8")
DRAWING: Final = ("uniform", "uniforms", "exponential", "stream_id")


def table(heading: str) -> list[list[str]]:
    """The rows of the table under a heading, without its head."""
    part = PAGE.split(f"### {heading}\n")[1].split("\n#")[0]
    rows = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in row] for row in rows[2:]]


def lots_in(module: Path) -> list[tuple[str, str]]:
    """Name and module of each lot that a module draws; ``<...>`` for what a name leaves open."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    found = []
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not call.args:
            continue
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        lots = _texts(call.args[0]) if name in DRAWING else []
        found += [(lot, module.stem) for lot in lots]
    return found


def _texts(node: ast.expr) -> list[str]:
    """The names in an argument: one, or those of a tuple or of a list made by a rule."""
    nodes = node.elts if isinstance(node, ast.Tuple) else [getattr(node, "elt", node)]
    return [text for text in map(_text, nodes) if text is not None]


def _text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join((_text(part) or "<service>") for part in node.values)
    return None


def drawn_lots() -> set[tuple[str, str]]:
    folders = (ROOT / "sim" / "pathway", ROOT / "sim" / "support")
    modules = [module for folder in folders for module in sorted(folder.glob("*.py"))]
    return {lot for module in modules for lot in lots_in(module)}


def test_the_streams_are_those_of_the_model() -> None:
    told = [(name, step, float(base)) for name, step, base, _ in table("Calendar streams")]
    assert told == [
        (stream.name, step.name, pytest.approx(stream.base * YEAR))
        for step in STEPS
        for stream in step.streams
    ]


def test_the_spell_clocks_are_those_of_the_model() -> None:
    told = [(name, step) for name, step, _ in table("Spell thresholds")]
    assert told == [(spell, step.name) for step in STEPS for spell in step.spells]


def test_the_lots_are_those_of_the_model() -> None:
    told = [
        (re.sub(r"<(slot|programme|route)>", "<service>", name), step)
        for name, step, _ in table("Lots")
    ]
    assert len(told) == len(set(told))
    assert set(told) == drawn_lots()


def test_every_decision_has_a_name_of_its_own() -> None:
    """One name is one source of luck: two decisions under one name would always agree."""
    streams = [stream.name for step in STEPS for stream in step.streams]
    spells = [spell for step in STEPS for spell in step.spells]
    names = [*streams, *spells, *(name for name, _ in drawn_lots())]
    assert len(names) == len(set(names)) > 50


def spelt_out(name: str) -> list[str]:
    """The names that a row stands for: of every slot, or of every programme and its routes."""
    if "<slot>" in name:
        return [name.replace("<slot>", slot.name) for slot in SLOTS]
    return [
        name.replace("<programme>", programme.name).replace("<route>", route.name)
        for programme in (PROGRAMMES.values() if "<programme>" in name else ())
        for route in programme.routes
    ] or [name]


def test_no_two_streams_share_an_address() -> None:
    """Counters move an address by a constant; streams lie further apart than counters reach."""
    names = {
        name
        for heading in ("Calendar streams", "Spell thresholds", "Lots")
        for row in table(heading)
        for name in spelt_out(row[0])
    }
    undo = pow(int(GOLDEN), -1, 2**64)
    # Counters of one kind differ by less than this in their lower part; layers stand above it.
    reach, layers = 1 << 40, 24
    steps = {(up << 56) + (mark << 62) for up in range(-layers, layers + 1) for mark in (-1, 0, 1)}
    for one, other in combinations(sorted(names), 2):
        apart = (int(stream_id(one)) - int(stream_id(other))) * undo % 2**64
        assert all(min((apart - s) % 2**64, (s - apart) % 2**64) > reach for s in steps)


def test_the_tests_that_the_page_points_to_are_there() -> None:
    paths = [
        row.split("`")[1]
        for row in PAGE.split("## Where it is tested")[1].splitlines()
        if "`" in row
    ]
    assert len(paths) > 6
    assert all((ROOT / path).is_file() for path in paths)
