from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from sim.core.dates import NEVER, date_of, day_of
from sim.people import pension_day
from sim.people.pension_age import earliest_birth


@pytest.mark.parametrize(
    ("born", "reached"),
    [
        ("1958-04-02", "2024-04-02"),
        ("1960-02-29", "2026-02-28"),
        ("1960-04-05", "2026-04-05"),
        ("1960-04-06", "2026-05-06"),
        ("1960-05-05", "2026-06-05"),
        ("1960-05-06", "2026-07-06"),
        ("1960-07-31", "2026-11-30"),
        ("1960-12-31", "2027-09-30"),
        ("1961-01-31", "2027-11-30"),
        ("1961-02-06", "2028-01-06"),
        ("1961-03-05", "2028-02-05"),
        ("1961-03-06", "2028-03-06"),
        ("1975-10-20", "2042-10-20"),
        ("2013-03-31", "2080-03-31"),
    ],
)
def test_cases_of_the_act(born, reached):
    day = int(pension_day(day_of(dt.date.fromisoformat(born))))
    assert date_of(day).isoformat() == reached


def test_nobody_younger_reaches_it_earlier():
    births = np.arange(day_of(dt.date(1940, 1, 1)), day_of(dt.date(2013, 1, 1)))
    reached = pension_day(births).astype(int)
    assert (np.diff(reached) >= 0).all()
    years = (reached - births) / 365.25
    assert years.min() > 65.99
    assert years.max() < 67.01


def test_a_day_beyond_the_calendar_is_never():
    assert pension_day(day_of(dt.date(2030, 1, 1))) == NEVER


@pytest.mark.parametrize("start", ["2022-04-01", "2026-06-01", "2027-01-01", "2031-07-15"])
def test_earliest_birth_is_the_first_who_is_not_there_yet(start):
    day = day_of(dt.date.fromisoformat(start))
    birth = earliest_birth(day)
    assert pension_day(birth) > day
    assert pension_day(birth - 1) <= day
