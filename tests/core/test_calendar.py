"""The calendar: what is entered on a day comes out on that day, once."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.calendar import _FLUSH_AT, Calendar, as_days

LAST = 30
MANY = 2**40
"""Number of codes: more than fit in four bytes."""
CODES = st.lists(st.integers(0, 40), max_size=8)
ENTRIES = st.lists(st.tuples(st.integers(1, LAST + 5), CODES, st.booleans()), max_size=4)


@given(st.lists(ENTRIES, min_size=LAST, max_size=LAST))
def test_every_code_comes_out_on_its_day_once(
    evenings: list[list[tuple[int, list[int], bool]]],
) -> None:
    """Whatever is entered on the evenings of a run, on one day or on a day a code."""
    calendar, expected = Calendar(LAST, MANY), defaultdict(set)
    for day, entries in enumerate(evenings):
        if day:
            assert calendar.pop(day).tolist() == sorted(expected.pop(day, set()))
        for ahead, numbers, one_day in entries:
            codes = np.array(numbers, np.int64)
            days = day + ahead + (0 if one_day else np.arange(len(codes)) % 3)
            calendar.push(as_days(days, len(codes)), codes)
            for code, due in zip(numbers, np.broadcast_to(days, codes.shape), strict=True):
                expected[int(due)].add(code)


@pytest.mark.parametrize("number", [50_000, 2**31, MANY])
@pytest.mark.parametrize("size", [10, 20_000, 40_000])
def test_large_and_small_entries_come_out_alike(size: int, number: int) -> None:
    """Entries past what waits in the buffer are sorted into their days at once."""
    rng = np.random.default_rng(size)
    calendar, expected = Calendar(LAST, number), defaultdict(set)
    for day in range(1, LAST + 1):
        found = calendar.pop(day)
        assert found.tolist() == sorted(expected.pop(day, set()))
        assert found.dtype == np.int64
        for count in (size, 3):
            days = rng.integers(day + 1, LAST + 9, count).astype(np.int16)
            codes = rng.integers(0, number, count)
            calendar.push(days, codes)
            for due, code in zip(days.tolist(), codes.tolist(), strict=True):
                expected[due].add(code)


def test_many_codes_on_one_day_come_out_on_it() -> None:
    calendar = Calendar(LAST, MANY)
    codes = np.arange(70_000)[::-1].copy()
    calendar.push(as_days(7, len(codes)), codes)
    calendar.push(as_days(7, 2), np.array([3, 70_001]))
    assert len(calendar.pop(6)) == 0
    assert calendar.pop(7).tolist() == [*range(70_000), 70_001]


def test_what_is_due_after_the_last_day_is_left_out() -> None:
    calendar = Calendar(LAST, MANY)
    calendar.push(np.array([LAST, LAST + 1, 32_767], np.int16), np.array([1, 2, 3]))
    calendar.push(as_days(LAST + 1, 1), np.array([4]))
    assert calendar.pop(LAST).tolist() == [1]
    assert len(calendar.pop(LAST + 1)) == 0


def test_nothing_may_be_entered() -> None:
    calendar = Calendar(LAST, MANY)
    calendar.push(np.empty(0, np.int16), np.empty(0, np.int64))
    assert len(calendar.pop(4)) == 0


@pytest.mark.parametrize("more", [0, 1])
def test_more_than_the_buffer_holds_may_be_entered_at_once(more: int) -> None:
    calendar = Calendar(LAST, MANY)
    codes = np.arange(_FLUSH_AT + more)[::-1].copy()
    days = (codes % 3 + 5).astype(np.int16)
    calendar.push(np.array([5, 6], np.int16), np.array([MANY - 1, MANY - 2]))
    calendar.push(days, codes)
    calendar.push(as_days(6, 1), np.array([0]))
    assert calendar.pop(5).tolist() == [*range(0, len(codes), 3), MANY - 1]
    assert calendar.pop(6).tolist() == [0, *range(1, len(codes), 3), MANY - 2]
    assert calendar.pop(7).tolist() == [*range(2, len(codes), 3)]
