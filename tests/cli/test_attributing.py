"""``fitflow attribute``: parts, combinations and what is shown; about ten seconds."""

from __future__ import annotations

import re
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


def test_what_cannot_be_attributed_is_said_in_plain_words(fitflow: Fitflow) -> None:
    for given, said in (
        (("back_to_work_plam",), "did you mean 'back_to_work_plan'?"),
        (("back_to_work_plan", "--base", "no_plam"), "did you mean 'no_plan'?"),
        (
            ("back_to_work_plan", "--outcome", "in_wrk"),
            "no outcome 'in_wrk'. Did you mean 'in_work'?",
        ),
        (("workwell_pilots_alone",), "adds workwell_pilots to no_plan; two or more reforms"),
    ):
        done = fitflow("attribute", *given)
        assert done.returncode == 2
        assert said in done.stderr
        assert "Traceback" not in done.stderr


STRONG = {
    "sickness.onset_hazard_ratio": 3,
    "sickness.recovery_hazard_ratio": 0.3,
    "job_search.hazard_ratio": 4,
    "job_loss.hazard_ratio": 3,
    "claims.exit_rate": 3,
    "conditionality.missed_share": 2,
}
"""Six parts that tell within a year among five hundred people."""


def test_a_package_of_many_parts_is_attributed_by_sampled_orders(
    fitflow: Fitflow, tmp_path: Path
) -> None:
    """Through the model: errors are shown, and the shares add up to the package."""
    head = "extends: baseline\nwarm_up_years: 0\n"
    (tmp_path / "one.yaml").write_text(f"name: one\ntitle: One\ndescription: The base.\n{head}")
    for k, (what, factor) in enumerate(STRONG.items()):
        (tmp_path / f"part_{k}.yaml").write_text(
            f"name: part_{k}\ntitle: Part {k}\ndescription: A strong change.\n"
            f"status: hypothetical\nchanges:\n- what: {what}\n  value: {factor}\n"
            "  join: multiply\n  from: 2024-04-02\n  grade: assumption\n  reasoning: A test.\n"
        )
    parts = ", ".join(f"./part_{k}.yaml" for k in range(len(STRONG)))
    (tmp_path / "six.yaml").write_text(
        f"name: six\ntitle: Six\ndescription: Six parts.\n{head}reforms: [{parts}]\n"
    )
    options = ["--scale", "0.001", "--years", "1", "--replications", "2", "--orders", "4"]
    options += ["--areas", "Dorset", "--outcome", "in_work", "--outcome", "on_uc"]
    done = fitflow("attribute", "./six.yaml", "--base", "./one.yaml", *options)
    assert done.returncode == 0, done.stderr
    assert "of 6 parts, 2 replications each, from 4 sampled orders" in done.stdout
    assert "of the sampled orders too" in done.stdout
    tables = done.stdout.split("Six less One")[1:]
    assert len(tables) == 2
    for table in tables:
        lines = [row for row in table.splitlines() if row.startswith(("Part ", "All together"))][1:]
        found = [re.findall(r"(-?[\d,]+)(?: ± ([\d,]+))?", row) for row in lines]
        shares = [row[-1] for row in found[:-1]]
        assert len(shares) == 6
        assert sum(_number(error) > 0 for _, error in shares) >= 4
        total, whole = sum(_number(value) for value, _ in shares), _number(found[-1][-1][0])
        rounding = sum(_half_a_unit(error) for _, error in [*shares, found[-1][0]])
        assert abs(total) > rounding
        assert abs(total - whole) <= rounding


def _half_a_unit(error: str) -> float:
    """Half of the last digit that a number is shown to: the second of its error, or a whole one."""
    return max(0.5 * 10.0 ** (len(error.replace(",", "")) - 2), 0.5)


def _number(text: str) -> float:
    return float(text.replace(",", ""))
