"""``fitflow attribute``: parts, combinations and what is shown; about ten seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.cli.attributing import parts_of, with_parts
from sim.cli.errors import CommandError
from sim.scenario import load_scenario, override
from tests.cli.conftest import Fitflow


def test_parts_are_what_the_package_adds_to_its_base() -> None:
    base, plan = load_scenario("no_plan"), load_scenario("back_to_work_plan")
    parts = parts_of(base, plan)
    assert parts[0] == "workwell_pilots"
    assert len(parts) == 7
    none = with_parts(plan, parts, frozenset())
    assert none.changes == base.changes
    whole = with_parts(plan, parts, frozenset(range(7)))
    assert whole.changes == plan.changes
    one = with_parts(plan, parts, frozenset({2}))
    assert {c.reform for c in one.changes} - {c.reform for c in base.changes} == {parts[2]}


def test_a_package_must_hold_its_base() -> None:
    with pytest.raises(CommandError, match="lacks"):
        parts_of(load_scenario("no_plan"), load_scenario("package"))
    other = override(load_scenario("package"), {"job_search.ill_ratio": 0.9})
    with pytest.raises(CommandError, match="differ in parameters"):
        parts_of(load_scenario("baseline"), other)


def test_the_command_shows_shares_that_add_up(fitflow: Fitflow, tmp_path: Path) -> None:
    (tmp_path / "two.yaml").write_text(
        "name: two\ntitle: Two\ndescription: Two of the reforms.\nextends: baseline\n"
        "warm_up_years: 0\nreforms: [stronger_sanctions, wca_reform]\n"
    )
    (tmp_path / "one.yaml").write_text(
        "name: one\ntitle: One\ndescription: The base.\nextends: baseline\nwarm_up_years: 0\n"
    )
    options = ["--scale", "0.0005", "--years", "2", "--replications", "2", "--areas", "Dorset"]
    done = fitflow("attribute", "./two.yaml", "--base", "./one.yaml", *options)
    assert done.returncode == 0, done.stderr
    assert "4 combinations of 2 parts" in done.stdout
    assert "Shapley share" in done.stdout
    assert "Work Capability Assessment reform" in done.stdout
