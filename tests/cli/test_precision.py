"""Replications until the differences are precise, and what pairing buys, by the program itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.cli import precision
from sim.cli.arms import base_and_reforms
from sim.cli.errors import CommandError
from sim.cli.precision import Goal, goal, goal_note, parse_precision, replicate, standing_rows
from sim.cli.runs import Plan, find_or_simulate
from sim.output import read_run
from tests.cli.conftest import Fitflow

COMPARE = ("compare", "tiny.yaml", "quick.yaml", "--workers", "1", "--areas", "Black Country")


def test_replications_are_added_until_the_precision_is_there_or_cannot_be(
    fitflow: Fitflow, folder: Path
) -> None:
    """First as many as were asked for; then two at a time; sanctions are out of reach."""
    first = fitflow(*COMPARE)
    assert first.returncode == 0, first.stderr
    (short,) = (folder / "runs").iterdir()
    kept = sorted(path.name for path in short.iterdir())
    words = ("--precision", "60%", "--max-replications", "10")
    outcomes = ("--precision-outcome", "in_work", "--precision-outcome", "fit_notes")
    done = fitflow(*COMPARE, *words, *outcomes)
    assert done.returncode == 0, done.stderr
    title = "Precision asked for: a half-width of at most 60% of the difference, year 1"
    assert title in done.stdout
    rows = done.stdout.split(title)[1].splitlines()[3:5]
    assert re.fullmatch(r"People in work, end of year .*  yes, from \d+", rows[0])
    assert re.fullmatch(r"Fit notes in the year .*  no, .*", rows[1])
    # Nothing was made twice, the first run stays as it was, and nothing half-way is left.
    blocks = re.findall(r"Simulating 2 scenarios, 2 more replications", done.stderr)
    long = next(path for path in (folder / "runs").iterdir() if path != short)
    _, manifest = read_run(long)
    made = len(manifest["seeds"])
    assert len(blocks) == (made - 2) / 2
    assert 8 <= made <= 10
    assert f"{made} replications. Precise enough from n" in done.stdout
    assert sorted(path.name for path in (folder / "runs").iterdir()) == sorted(
        [short.name, long.name]
    )
    assert sorted(path.name for path in short.iterdir()) == kept
    # Asked again, it is all there.
    again = fitflow(*COMPARE, *words, *outcomes)
    assert again.stderr == ""
    assert again.stdout.split(title)[1].split("Checks")[0] in done.stdout
    # So it is for the table of what pairing buys.
    bought = fitflow("coupling", *COMPARE[1:], "--replications", str(made), "--half-width", "500")
    assert bought.returncode == 0, bought.stderr
    assert bought.stderr == ""
    assert "was there already, so nothing was simulated" in bought.stdout
    assert (
        "Quick starts against Tiny baseline, Black Country: what the same seeds buy"
        in bought.stdout
    )
    number = r"[\d,.]+ \([\d,.]+ to [\d,.]+\)"
    assert re.search(
        rf"^People in work, end of year +1 .* {number} +{number} +{number}$", bought.stdout, re.M
    )
    assert re.search(rf"^Quick starts +{number} .*{number} +{number}$", bought.stdout, re.M)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("compare", "--precision", "0%"), "--precision: '0%' given; allowed: a share"),
        (("compare", "--precision", "500"), "for outcomes in "),
        (("compare", "--precision", "5%", "--precision-outcome", "jobs"), "'jobs' given; allowed:"),
        (("compare", "--precision-outcome", "in_work"), "give both"),
        (("coupling", "--half-width", "a tenth"), "--half-width: 'a tenth' given"),
        (("coupling", "--outcome", "jobs"), "--outcome: 'jobs' given"),
        (("coupling", "--replications", "1"), "at least 2 replications"),
    ],
)
def test_mistakes_are_told_before_anything_is_simulated(
    fitflow: Fitflow, folder: Path, words: tuple[str, ...], message: str
) -> None:
    done = fitflow(words[0], "tiny.yaml", "quick.yaml", *words[1:])
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert not (folder / "runs").exists()


def test_a_precision_is_a_share_or_a_number() -> None:
    assert parse_precision("12.5%", "--x") == precision.Precision(0.125, relative=True)
    assert parse_precision("1,500", "--x") == precision.Precision(1500.0, relative=False)
    for wrong in ("", "%", "-5%", "nan", "inf", "0"):
        with pytest.raises(CommandError):
            parse_precision(wrong, "--x")


def test_a_goal_without_outcomes_is_for_those_of_the_table() -> None:
    assert goal("10%", None, 64).outcomes == precision.DEFAULT_OUTCOMES
    assert goal("500", ["in_work", "in_work", "lcwra"], 64).outcomes == ("in_work", "lcwra")


@pytest.fixture
def plan(folder: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> Plan:
    monkeypatch.setenv("FITFLOW_CACHE", environment["FITFLOW_CACHE"])
    settings = {"areas": ["Frimley"], "replications": 2}
    scenarios = base_and_reforms(str(folder / "tiny.yaml"), [str(folder / "quick.yaml")], settings)
    return Plan(scenarios, "country", 0)


def test_the_end_is_at_the_most_replications_and_says_how_many_would_do(
    plan: Plan, tmp_path: Path
) -> None:
    aim = Goal(precision.Precision(0.3, relative=True), ("in_work",), 5)
    done, where = replicate(plan, tmp_path / "out", 1, aim)
    assert done.manifest["seeds"] == [1, 2, 3, 4, 5]
    (standing,) = where
    assert standing.progress.verdict in ("not yet", "out of reach")
    (answer,) = standing_rows(where)["Precise enough"]
    assert re.fullmatch(r"no, about [\d,]+ needed|no, out of reach|not for long enough", answer)
    assert "5 replications" in goal_note(where, aim, 5)
    assert "--max-replications" in goal_note(where, aim, 5)
    # A longer run is the same as one that was made at once.
    whole = find_or_simulate(plan.of(5), tmp_path / "fresh", 1)
    assert whole.folder.name == done.folder.name
    for table, frame in whole.tables.items():
        assert frame.equals(getattr(done.tables, table.name))


def test_only_its_own_steps_are_removed(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shorter run that was there before stays, with whatever its user has put there."""
    mine = find_or_simulate(plan.of(4), tmp_path, 1)
    (mine.folder / "notes.txt").write_text("keep")
    aim = Goal(precision.Precision(1e-9, relative=False), ("in_work",), 5)
    monkeypatch.setattr(precision, "standings", lambda *_: [_not_yet()])
    done, _ = replicate(plan, tmp_path, 1, aim)
    assert done.manifest["seeds"] == list(range(1, 6))
    left = {path.name for path in tmp_path.iterdir() if path.is_dir() and path.name != "cache"}
    assert left >= {mine.folder.name, done.folder.name}
    assert len([name for name in left if len(name) == 12]) == 2
    assert (mine.folder / "notes.txt").read_text() == "keep"


def _not_yet() -> precision.Standing:
    found = precision.Progress("not yet", 1.0, 1.0, 0.5, None, 9.0)
    return precision.Standing("Quick starts", "in_work", found)
