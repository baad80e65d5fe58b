from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.cli import runs
from sim.cli.arms import base_and_reforms
from sim.cli.runs import Plan, Stopped, coupling_of, find_or_simulate
from sim.output import read_run
from sim.run import Interrupted, simulate


@pytest.fixture
def plan(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    monkeypatch.setenv("FITFLOW_CACHE", str(folder / "cache"))
    settings = {"areas": ["Frimley"], "replications": 4}
    scenarios = base_and_reforms(str(folder / "tiny.yaml"), [str(folder / "quick.yaml")], settings)
    return Plan(scenarios, "country", 0)


def fewer(plan: Plan, replications: int) -> Plan:
    scenarios = [s.model_copy(update={"replications": replications}) for s in plan.scenarios]
    return Plan(tuple(scenarios), plan.detail, plan.log_people)


def test_what_is_kept_apart(plan: Plan) -> None:
    """Whatever changes a table changes the name of the folder, and the order of reforms does not."""
    base, quick = plan.scenarios
    others = [
        fewer(plan, 3),
        Plan(plan.scenarios, "area", 0),
        Plan(plan.scenarios, "country", 1),
        Plan((base,), "country", 0),
        Plan((base, quick.model_copy(update={"seed": 2})), "country", 0),
    ]
    assert len({p.digest() for p in (plan, *others)}) == 1 + len(others)
    assert Plan((quick, base), "country", 0).digest() == plan.digest()


@pytest.mark.parametrize(
    ("seeds", "kept"), [([1, 2, 4], 2), ([2, 3], 0), (None, 0)], ids=["gap", "no-first", "none"]
)
def test_a_stopped_run_keeps_the_replications_without_a_gap(
    plan: Plan,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seeds: list[int] | None,
    kept: int,
) -> None:
    def stopped(scenarios: Any, _seeds: Any, **options: Any) -> Any:
        options.pop("progress")
        raise Interrupted(simulate(scenarios, seeds, **options) if seeds else None)

    monkeypatch.setattr(runs, "simulate", stopped)
    out = tmp_path / "out"
    with pytest.raises(Stopped) as caught:
        find_or_simulate(plan, out, 1)
    monkeypatch.undo()
    folders = list(out.iterdir())
    if not kept:
        assert str(caught.value) == "Stopped. Nothing was written."
        assert folders == []
        return
    assert f"The first {kept} of 4 replications were finished" in str(caught.value)
    tables, manifest = read_run(folders[0])
    assert manifest["seeds"] == [1, 2]
    assert set(tables.stocks["seed"]) == {1, 2}
    # It is the run that so many replications would have been.
    again = find_or_simulate(fewer(plan, kept), out, 1)
    assert again.was_there
    fresh = find_or_simulate(fewer(plan, kept), tmp_path / "fresh", 1)
    assert fresh.manifest["coupling"] == manifest["coupling"]
    for table, frame in fresh.tables.items():
        assert frame.equals(getattr(tables, table.name)), table.name


def test_the_coupling_turns_round_with_the_comparison(plan: Plan, tmp_path: Path) -> None:
    done = find_or_simulate(fewer(plan, 2), tmp_path / "out", 1)
    there = coupling_of(done.manifest, "tiny", "quick")
    back = coupling_of(done.manifest, "quick", "tiny")
    assert there["nearer"] == back["further"] > 0
    assert there["further"] == back["nearer"]
    assert there["unchanged"] == back["unchanged"]
    people = sum(there[k] for k in ("nearer", "further", "unchanged", "not_compared"))
    assert people == pytest.approx(491_000, rel=0.1)  # of working age in Frimley
