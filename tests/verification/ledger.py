"""What became of each declared check in a test run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from tests.verification.checks import CHECK, CHECKS, LINE, Check

AGREES: Final = "agrees"


@dataclass
class Entry:
    """A check, the lines that its tests reported, what went wrong, and the seconds it took."""

    check: Check
    lines: list[dict[str, Any]] = field(default_factory=list)
    passed: int = 0
    troubles: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def result(self) -> str:
        """``agrees`` only if something was run, nothing failed or was skipped, and a line came of it."""
        if self.troubles:
            return self.troubles[0]
        if not self.passed:
            return "did not run"
        return AGREES if self.lines else "reported nothing"


class Ledger:
    """A pytest plugin that keeps the reports of tests with the mark ``verification``."""

    def __init__(self, checks: Sequence[Check] = CHECKS) -> None:
        self.entries = {check.name: Entry(check) for check in checks}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Enter the report of one phase of one test."""
        of_test = dict(p for p in report.user_properties if p[0] == CHECK)
        if CHECK not in of_test:
            return
        entry = self.entries[str(of_test[CHECK])]
        if report.failed:
            entry.troubles.append("differs" if report.when == "call" else "error")
        elif report.skipped or hasattr(report, "wasxfail"):
            entry.troubles.append("skipped")
        elif report.when == "call":
            entry.passed += 1
        if report.when == "call":
            found: list[Any] = [line for name, line in report.user_properties if name == LINE]
            entry.lines += found
            own = [line["seconds"] for line in found if line["seconds"] is not None]
            entry.seconds += sum(own) if own else report.duration
        else:
            entry.seconds += report.duration

    @property
    def agrees(self) -> bool:
        """Whether every declared check ran and agrees."""
        return all(entry.result == AGREES for entry in self.entries.values())
