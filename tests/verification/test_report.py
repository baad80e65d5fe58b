"""The verification report: what counts as agreeing, and that the page lists what is declared."""

from __future__ import annotations

import ast
import datetime as dt
import json
from collections import Counter
from pathlib import Path

import pytest

from tests.pages import plain, table_below, text_of
from tests.verification import report
from tests.verification.checks import CHECKS, Check
from tests.verification.ledger import AGREES, Ledger
from tests.verification.report import ROOT, page

TRIAL = Check("trial", "Part", "one with the other", "tests/trial.py")

PLUGIN = ("-p", "tests.verification.plugin", "-p", "no:cacheprovider")

TESTS = """
    import pytest
    pytestmark = pytest.mark.verification("ciw")

    def test_reports(verified):
        verified("events equal", "3 of 3")
        verified("chance", p=0.25, seconds=0.5)

    def test_says_nothing():
        pass

    def test_differs(verified):
        verified("events equal", "3 of 3")
        assert False

    @pytest.mark.skip
    def test_is_skipped(verified):
        verified("events equal")

    def test_skips_itself(verified):
        pytest.skip()

    @pytest.mark.xfail(strict=False)
    def test_may_fail(verified):
        assert False

    @pytest.mark.xfail(strict=False)
    def test_passes_by_surprise(verified):
        verified("events equal")

    @pytest.fixture
    def broken():
        raise ValueError

    def test_never_starts(broken, verified):
        verified("events equal")
"""


def ledger_of(pytester: pytest.Pytester, choose: str) -> Ledger:
    """What a run of some of the tests above leaves in a ledger that expects one check."""
    pytester.makepyfile(test_trial=TESTS)
    ledger = Ledger([check for check in CHECKS if check.name == "ciw"])
    pytester.inline_run("-k", choose, *PLUGIN, plugins=[ledger])
    return ledger


@pytest.mark.parametrize(
    ("choose", "result"),
    [
        ("test_reports", AGREES),
        ("test_reports or says_nothing", AGREES),
        ("says_nothing", "reported nothing"),
        ("differs", "differs"),
        ("test_reports or differs", "differs"),
        ("is_skipped", "skipped"),
        ("test_reports or is_skipped", "skipped"),
        ("skips_itself", "skipped"),
        ("may_fail", "skipped"),
        ("surprise", "skipped"),
        ("never_starts", "error"),
        ("nothing_of_the_kind", "did not run"),
    ],
)
def test_only_a_check_that_ran_and_reported_agrees(
    pytester: pytest.Pytester, choose: str, result: str
) -> None:
    ledger = ledger_of(pytester, choose)
    assert ledger.entries["ciw"].result == result
    assert ledger.agrees == (result == AGREES)


def test_a_check_that_is_not_declared_stops_the_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TESTS.replace('"ciw"', '"not_declared"'))
    result = pytester.inline_run(*PLUGIN)
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_the_page_tells_what_was_found(pytester: pytest.Pytester) -> None:
    ledger = ledger_of(pytester, "test_reports")
    text = page(ledger, dt.date(2026, 11, 3), 0.01)
    assert "**1 of 1 checks agree.**" in text
    assert "3 November 2026" in text
    _, row = table_below(text, "| Check |")
    check = ledger.entries["ciw"].check
    assert row[1:] == [
        check.compares,
        "events equal: 3 of 3<br>chance, p = 0.25",
        AGREES,
        "0.5",
    ]


def test_the_page_tells_what_did_not_run() -> None:
    text = page(Ledger([TRIAL]), dt.date(2026, 11, 3), 0.01)
    assert "**0 of 1 checks agree.**" in text
    assert "did not run" in table_below(text, "| Check |")[1]


def test_the_page_has_a_place_for_the_mutation_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "SCORE", tmp_path / "score.json")
    assert "Not measured yet." in page(Ledger([TRIAL]), dt.date(2026, 11, 3), 0.01)
    counts = {"mutants": 2000, "sampled": 21, "killed": 19, "survived": 1, "equivalent": 1}
    run = {
        **counts,
        **{"date": "2026-11-02", "seed": 7, "score": 0.95, "interval": [0.7639, 0.9911]},
        "modules": {"sim/core/draws.py": counts},
    }
    score = {"tool": "a tool", "runs": [run]}
    report.SCORE.write_text(json.dumps(score), encoding="utf-8")
    text = page(Ledger([TRIAL]), dt.date(2026, 11, 3), 0.01)
    assert (
        "2026-11-02, seed 7: of 21 faults out of 2,000, 19 were noticed, 1 were not, and 1 could not be: "
        "**95.0%** (95% interval 76.4% to 99.1%)."
    ) in text
    assert table_below(text, "| Module |")[1:] == [
        ["`sim/core/draws.py`", "2,000", "21", "19", "1", "1"]
    ]


# ---- The page as it stands ----------------------------------------------------------------------


def test_every_check_is_declared_once() -> None:
    assert not [name for name, k in Counter(check.name for check in CHECKS).items() if k > 1]
    assert not [check.where for check in CHECKS if not (ROOT / check.where).exists()]


def test_the_page_lists_exactly_the_declared_checks_and_all_agree() -> None:
    text = text_of("verification.md")
    rows = []
    for part in dict.fromkeys(check.part for check in CHECKS):
        section = text.split(f"## {part}\n")[1].split("\n## ")[0]
        rows += [(part, *row) for row in table_below(section, "| Check |")[1:]]
    listed = [(row[0], plain(row[1].split("]")[0].lstrip("[")), row[2]) for row in rows]
    assert listed == [(check.part, check.name, check.compares) for check in CHECKS]
    assert all(row[4] == AGREES for row in rows)
    assert f"**{len(CHECKS)} of {len(CHECKS)} checks agree.**" in text


def test_marks_stand_in_the_files_that_are_declared() -> None:
    """A mark with a name in it must be in the file that the report command runs for that name."""
    where = {check.name: check.where for check in CHECKS}
    for path in (ROOT / "tests").rglob("test_*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (
                isinstance(call, ast.Call) and ast.unparse(call.func).endswith("mark.verification")
            ):
                continue
            (name,) = call.args
            if isinstance(name, ast.Constant):
                assert where[str(name.value)] == path.relative_to(ROOT).as_posix()
