"""The integer clock."""

from __future__ import annotations

import datetime as dt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.core.dates import EPOCH, NEVER, date_of, day_of, month_starts

DAYS = st.integers(0, NEVER - 1)


@given(DAYS)
def test_day_and_date_are_each_others_inverse(day: int) -> None:
    assert day_of(date_of(day)) == day
    assert date_of(day) - EPOCH == dt.timedelta(days=day)


def test_known_days() -> None:
    assert day_of(dt.date(2000, 1, 1)) == 0
    assert day_of(dt.date(2024, 4, 1)) == 8_857
    assert date_of(np.int16(8_857)) == dt.date(2024, 4, 1)
    assert np.int16(NEVER) == np.iinfo(np.int16).max


@given(st.integers(0, 30_000), st.integers(-40, 800))
def test_months_are_those_that_begin_after_the_start_and_by_the_end(start: int, days: int) -> None:
    firsts = [day for day in range(start + 1, start + days + 1) if date_of(day).day == 1]
    assert month_starts(start, start + days) == firsts
