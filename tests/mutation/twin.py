"""The quickest sharp tests there are: both engines, one busy area, every event; ten weeks, then two years.

They are among the tests that mutants have to pass, and no part of the test run, where
``tests/reference/test_twin.py`` compares the engines at length.
"""

from __future__ import annotations

import pytest

from tests.reference.test_twin import CROWDED, PACKAGE, assert_same
from tests.reference.twins import PILOTS, change, everything, live


@pytest.mark.parametrize("days", [70, 730], ids=["weeks", "years"])
def test_both_engines_live_the_same(days: int) -> None:
    crowded = [change(PACKAGE, what, factor) for what, factor in CROWDED]
    assert_same(live(everything(0.0005, 2, *crowded), 5, PILOTS[:1], days))
