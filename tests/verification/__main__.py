"""Run every verification check and write the report: ``python -m tests.verification [pytest options]``."""

from __future__ import annotations

import datetime as dt
import sys

import pytest

from tests.theory.battery import FALSE_DISCOVERY_RATE
from tests.verification.checks import CHECKS
from tests.verification.ledger import AGREES, Ledger
from tests.verification.report import PAGE, ROOT, page


def main(options: list[str]) -> int:
    """Run the checks; 0 only if every declared one ran and agrees."""
    ledger = Ledger()
    places = dict.fromkeys(check.where for check in CHECKS)
    here = [str(ROOT / place) for place in places if (ROOT / place).exists()]
    code = pytest.main(["-q", "-m", "verification", *options, *here], plugins=[ledger])
    PAGE.write_text(page(ledger, dt.date.today(), FALSE_DISCOVERY_RATE), encoding="utf-8")
    for name, entry in ledger.entries.items():
        if entry.result != AGREES:
            print(f"{name}: {entry.result}", file=sys.stderr)
    print(f"written: {PAGE.relative_to(ROOT)}")
    return 0 if ledger.agrees and code == pytest.ExitCode.OK else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
