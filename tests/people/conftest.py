from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from sim.core.dates import day_of
from sim.people import People, build, read_areas

START = day_of(dt.date(2024, 4, 1))
END = day_of(dt.date(2029, 3, 31))


@pytest.fixture(scope="session")
def england() -> list[str]:
    areas = read_areas()
    return [code for code, inside in zip(areas.code, areas.in_england, strict=True) if inside]


@pytest.fixture(scope="session")
def everybody() -> People:
    """England and Wales at 1%, with the entrants of five years."""
    return build(read_areas().code, 0.01, 1, START, END)


@pytest.fixture(scope="session")
def residents(everybody: People) -> np.ndarray:
    """Who is 16 or older at the start."""
    return np.flatnonzero(everybody.enter_day <= START)
