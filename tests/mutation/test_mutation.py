"""The mutation tests themselves: faults, samples, trials, and the record of the last runs."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("mutmut", reason="mutants are made by mutmut, which runs on Unix only")

from tests.mutation import __main__ as command
from tests.mutation import record, trial
from tests.mutation.mutants import Mutable
from tests.mutation.sampling import LEAST, allotted, drawn

ROOT = Path(__file__).resolve().parents[2]

THING = '''"""A thing."""

LIMIT = 3


def enough(world, ids):
    world.note("ids", ids)
    return len(ids) > LIMIT
'''
FAULTS = {
    "LIMIT = 3 -> LIMIT = 4",
    'world.note("ids", ids) -> pass',
    'world.note("ids", ids) -> world.note("XXidsXX", ids)',
    'world.note("ids", ids) -> world.note("ids", )',
    'world.note("ids", ids) -> world.note(ids)',
    "return len(ids) > LIMIT -> return len(ids) >= LIMIT",
}

# ---- Faults -------------------------------------------------------------------------------------


def mutable(root: Path, source: str) -> Mutable:
    (root / "thing.py").write_text(source, encoding="utf-8")
    return Mutable(root, "thing.py")


def test_the_faults_of_a_module_are_these(tmp_path: Path) -> None:
    thing = mutable(tmp_path, THING)
    faults = [thing.mutant(k) for k in range(len(thing))]
    assert sorted(f"{fault.was} -> {fault.becomes}" for fault in faults) == sorted(FAULTS)
    assert {THING.splitlines()[fault.line - 1].strip() for fault in faults} == {
        fault.was for fault in faults
    }


def test_nothing_becomes_none_and_types_are_left_alone(tmp_path: Path) -> None:
    source = (
        "Days = list[int]\n\n\ndef f(a: int | None) -> int | None:\n    b = g(a)\n    return b\n"
    )
    assert len(mutable(tmp_path, source)) == 0


def test_every_fault_is_another_program_that_can_be_read() -> None:
    module = Mutable(ROOT, "sim/core/dates.py")
    sources = [module.mutant(k).source for k in range(len(module))]
    assert len(sources) > 10
    for source in sources:
        compile(source, "fault", "exec")
    assert module.source not in sources
    assert len(set(sources)) == len(sources)


# ---- Samples ------------------------------------------------------------------------------------

populations = st.dictionaries(st.text("abcdef", min_size=1), st.integers(1, 400), min_size=1)


@given(population=populations, wanted=st.integers(1, 2_000))
def test_every_module_has_its_share_of_the_sample(population: dict[str, int], wanted: int) -> None:
    shares = allotted(population, wanted)
    everything = sum(population.values())
    wanted = min(wanted, everything)
    assert sum(shares.values()) >= wanted
    for name, size in population.items():
        fair = wanted * size / everything
        assert shares[name] >= min(size, LEAST)
        assert min(size, max(LEAST, fair - 1)) <= shares[name] <= min(size, max(LEAST, fair + 1))


def test_a_larger_sample_holds_the_smaller_one_and_seeds_differ() -> None:
    everything = drawn("a", 50, 50, 1)
    assert sorted(everything) == list(range(50))
    assert drawn("a", 50, 10, 1) == everything[:10]
    assert drawn("a", 50, 50, 2) != everything
    assert drawn("b", 50, 50, 1) != everything


# ---- Trials -------------------------------------------------------------------------------------

TEST = """
from sim.core.thing import enough


class World:
    def __init__(self):
        self.notes = []

    def note(self, *what):
        self.notes.append(what)


def test_thing():
    world = World()
    assert enough(world, [1, 2, 3, 4, 5])
    assert world.notes == [("ids", [1, 2, 3, 4, 5])]
"""
OWN_TEST = "tests/core/test_thing.py::test_thing"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project of one module and one test."""
    root = tmp_path / "tree"
    files = {
        "sim/__init__.py": "",
        "sim/core/__init__.py": "",
        "sim/core/thing.py": THING,
        "tests/__init__.py": "",
        "tests/core/__init__.py": "",
        "tests/core/test_thing.py": TEST,
        "tests/mutation/__init__.py": "",
        "tests/mutation/twin.py": "def test_weeks(): pass\n\n\ndef test_years(): pass\n",
        "tests/test_contracts.py": "def test_contracts(): pass\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def tried(tree: Path, source: str) -> trial.Outcome:
    module = "sim/core/thing.py"
    tests = trial.stages([module], tree, neighbours=True)
    child = trial.launch(tree, module, source, tests, {stage: 3.0 for stage, _ in tests})
    _, status = os.waitpid(child, 0)
    outcome = trial.concluded(child, status, tree, module, THING)
    assert (tree / module).read_text(encoding="utf-8") == THING
    return outcome


def test_a_mutant_that_no_test_notices_survives(tree: Path) -> None:
    outcome = tried(tree, THING.replace("LIMIT = 3", "LIMIT = 4"))
    assert not outcome.killed
    assert list(outcome.seconds) == ["glance", "own", "twin", "neighbours"]


@pytest.mark.parametrize(
    ("fault", "by"),
    [
        ("return False", OWN_TEST),
        ("import nothing_of_the_kind", OWN_TEST),
        ("while True: pass", "time-out"),
        ("import os; os.abort()", "crash"),
    ],
)
def test_a_mutant_is_killed_by_the_first_test_that_fails(tree: Path, fault: str, by: str) -> None:
    outcome = tried(tree, THING.replace("    world.note", f"    {fault}\n    world.note"))
    assert (outcome.killed, outcome.by) == (True, by)


def test_a_module_that_cannot_be_loaded_kills_the_mutant(tree: Path) -> None:
    outcome = tried(tree, THING.replace("LIMIT = 3", "LIMIT = 1 / 0"))
    assert outcome.killed
    assert outcome.by == "tests/core/test_thing.py"


def test_a_trial_that_cannot_be_done_is_no_success(tree: Path) -> None:
    (tree / "sim" / "__init__.py").write_text("1 / 0\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        tried(tree, THING)


def test_tests_of_the_module_come_before_those_of_its_neighbours() -> None:
    tests = dict(trial.stages(["sim/pathway/claims.py"], ROOT, neighbours=True))
    assert tests["own"] == ["tests/pathway/test_claims.py", *trial.DECLARATIONS]
    assert "--ignore=tests/pathway/test_claims.py" in tests["neighbours"]
    for folder in command.FOLDERS:
        for module in (ROOT / "sim" / folder).glob("*.py"):
            for _, arguments in trial.stages([module.relative_to(ROOT).as_posix()], ROOT, True):
                paths = [argument for argument in arguments if not argument.startswith("-")]
                assert all((ROOT / path.partition("::")[0]).exists() for path in paths)


# ---- The command --------------------------------------------------------------------------------


@pytest.fixture
def call(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Run the command on the small project; returns what it prints."""
    monkeypatch.setattr(command, "ROOT", tree)
    monkeypatch.setattr(command, "KEPT", tmp_path / "kept" / "trials.jsonl")
    monkeypatch.setattr(record, "SCORE", tmp_path / "score.json")
    monkeypatch.setattr(record, "EQUIVALENT", tmp_path / "equivalent.json")
    record.EQUIVALENT.write_text("[]", encoding="utf-8")

    def run(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["tests.mutation", "--workers", "1", *arguments])
        command.main()
        return capsys.readouterr().out

    return run


def the_run() -> dict[str, Any]:
    (run,) = json.loads(record.SCORE.read_text(encoding="utf-8"))["runs"]
    return run


def test_the_command_scores_goes_on_and_tries_survivors_again(
    call: Callable[..., str], tree: Path
) -> None:
    printed = call()
    run = the_run()
    assert (run["sampled"], run["killed"], run["survived"]) == (6, 4, 2)
    assert {s["becomes"] for s in run["survivors"]} == {"LIMIT = 4", "return len(ids) >= LIMIT"}
    assert printed.count("SURVIVED") == 2
    assert (tree / "sim/core/thing.py").read_text(encoding="utf-8") == THING

    assert "6 tried before" in call()
    with (tree / "tests/core/test_thing.py").open("a", encoding="utf-8") as file:
        file.write("    assert enough(world, [1, 2, 3, 4]) and not enough(world, [1, 2, 3])\n")
    assert "4 tried before" in call()
    assert (the_run()["killed"], the_run()["survived"]) == (6, 0)


def test_an_equivalent_mutant_does_not_count(call: Callable[..., str]) -> None:
    told = {"module": "sim/core/thing.py", "was": "LIMIT = 3", "becomes": "LIMIT = 4"}
    record.EQUIVALENT.write_text(json.dumps([{**told, "reason": "say"}]), encoding="utf-8")
    call()
    run = the_run()
    assert (run["killed"], run["survived"], run["equivalent"]) == (4, 1, 1)
    assert run["score"] == 0.8
    assert run["interval"] == [0.3755, 0.9638]
    assert run["equivalents"] == [{**told, "line": 3, "reason": "say"}]


def test_a_part_of_the_modules_leaves_the_score_alone(call: Callable[..., str]) -> None:
    call("--modules", "thing")
    assert not record.SCORE.exists()
    with pytest.raises(SystemExit, match="No module"):
        call("--modules", "nothing")


def test_the_tests_must_pass_before_anything_is_broken(
    call: Callable[..., str], tree: Path
) -> None:
    (tree / "tests/test_contracts.py").write_text("def test_it(): assert 0\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="fail without any mutant"):
        call("--neighbours")


# ---- What is on record --------------------------------------------------------------------------


def test_equivalent_mutants_have_a_reason_and_are_still_in_the_code() -> None:
    listed = json.loads((ROOT / "tests/mutation/equivalent.json").read_text(encoding="utf-8"))
    for entry in listed:
        lines = (ROOT / entry["module"]).read_text(encoding="utf-8").splitlines()
        assert entry["was"] in " ".join(line.strip() for line in lines), entry["was"]
        assert len(entry["reason"].split()) >= 5, entry
    assert all(k == 1 for k in Counter(map(json.dumps, listed)).values())


def test_the_score_on_record_adds_up() -> None:
    score = json.loads((ROOT / "tests/mutation/score.json").read_text(encoding="utf-8"))
    assert score["runs"]
    for run in score["runs"]:
        for fate in ("mutants", "sampled", "killed", "survived", "equivalent"):
            assert run[fate] == sum(module[fate] for module in run["modules"].values())
        assert run["sampled"] == run["killed"] + run["survived"] + run["equivalent"] >= 250
        assert len(run["survivors"]) == run["survived"]
        assert len(run["equivalents"]) == run["equivalent"]
        assert run["score"] == round(run["killed"] / (run["killed"] + run["survived"]), 4)
        assert run["interval"][0] < run["score"] < run["interval"][1]
        assert min(m["sampled"] for m in run["modules"].values()) >= LEAST
