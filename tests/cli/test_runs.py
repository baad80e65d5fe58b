from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.cli import runs
from sim.cli.arms import base_and_reforms
from sim.cli.runs import Plan, Run, Stopped, coupling_of, find_or_simulate
from sim.output import read_run
from sim.run import Interrupted, simulate


@pytest.fixture
def plan(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    monkeypatch.setenv("FITFLOW_CACHE", str(folder / "cache"))
    settings = {"areas": ["Frimley"], "replications": 4}
    scenarios = base_and_reforms(str(folder / "tiny.yaml"), [str(folder / "quick.yaml")], settings)
    return Plan(scenarios, "country", 0)


def test_what_is_kept_apart(plan: Plan) -> None:
    """Whatever changes a table changes the name of the folder, and the order of reforms does not."""
    base, quick = plan.scenarios
    others = [
        plan.of(3),
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
    again = find_or_simulate(plan.of(kept), out, 1)
    assert again.was_there
    fresh = find_or_simulate(plan.of(kept), tmp_path / "fresh", 1)
    assert untimed(fresh.manifest) == untimed(manifest)
    for table, frame in fresh.tables.items():
        assert frame.equals(getattr(tables, table.name)), table.name


def untimed(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """What is said of each replication but for the time that it took."""
    return [{**r, "seconds": None} for r in manifest["replications"]]


class Simulated:
    """Counts the replications that are simulated, by seed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seeds: list[int] = []
        monkeypatch.setattr(runs, "simulate", self)

    def __call__(self, scenarios: Any, seeds: list[int], **options: Any) -> Any:
        self.seeds += seeds
        options.pop("progress")
        return simulate(scenarios, seeds, **options)


def assert_same(one: Run, other: Run) -> None:
    """Equal tables, and the same said of every replication."""
    for table, frame in one.tables.items():
        assert frame.equals(getattr(other.tables, table.name)), table.name
    assert untimed(one.manifest) == untimed(other.manifest)
    assert one.manifest["contracts"] == other.manifest["contracts"]
    assert one.folder.name == other.folder.name


def test_replications_only_add_and_are_never_made_twice(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulated = Simulated(monkeypatch)
    out = tmp_path / "out"
    find_or_simulate(plan.of(1), out, 1)
    whole = find_or_simulate(plan.of(3), out, 1)
    assert simulated.seeds == [1, 2, 3]
    # Fewer, and some in the middle, are all there.
    find_or_simulate(plan.of(2), out, 1)
    later = tuple(s.model_copy(update={"seed": 2}) for s in plan.of(2).scenarios)
    middle = find_or_simulate(Plan(later, plan.detail, plan.log_people), out, 1)
    assert simulated.seeds == [1, 2, 3]
    assert set(middle.tables.stocks["seed"]) == set(middle.manifest["seeds"]) == {2, 3}
    assert_same(whole, find_or_simulate(plan.of(3), tmp_path / "fresh", 1))


def test_replications_of_another_experiment_are_not_taken(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulated = Simulated(monkeypatch)
    find_or_simulate(plan.of(1), tmp_path, 1)
    base, quick = plan.of(1).scenarios
    find_or_simulate(Plan((base,), plan.detail, 0), tmp_path, 1)
    find_or_simulate(Plan((base, quick), "area", 0), tmp_path, 1)
    assert simulated.seeds == [1, 1, 1]


def test_a_run_that_was_changed_lends_no_replications(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    simulated = Simulated(monkeypatch)
    first = find_or_simulate(plan.of(1), tmp_path, 1)
    (first.folder / "stocks.parquet").write_bytes((first.folder / "flows.parquet").read_bytes())
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "manifest.json").write_text("not ours")
    find_or_simulate(plan.of(2), tmp_path, 1)
    assert simulated.seeds == [1, 1, 2]
    assert "replications are simulated again" in capsys.readouterr().err


def test_the_coupling_turns_round_with_the_comparison(plan: Plan, tmp_path: Path) -> None:
    done = find_or_simulate(plan.of(2), tmp_path / "out", 1)
    there = coupling_of(done.manifest, "tiny", "quick")
    back = coupling_of(done.manifest, "quick", "tiny")
    assert there["nearer"].tolist() == back["further"].tolist()
    assert there["further"].tolist() == back["nearer"].tolist()
    assert there["unchanged"].tolist() == back["unchanged"].tolist()
    assert (there["nearer"] > 0).all()
    people = sum(there[k] for k in ("nearer", "further", "unchanged", "not_compared"))
    assert people == pytest.approx(491_000, rel=0.1)  # of working age in Frimley
