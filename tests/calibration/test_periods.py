"""Which months of a run stand for a published period."""

from __future__ import annotations

import pytest

from calibration.periods import months_between, months_used, period_bounds

MONTHS = months_between(2024 * 12 + 3, 2029 * 12 + 2)


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2024-09", "2024-09", "2024-09"),
        ("2023-12-14", "2023-12", "2023-12"),
        ("2026-27", "2026-04", "2027-03"),
        ("2025", "2025-01", "2025-12"),
        ("2022-04/2023-03", "2022-04", "2023-03"),
        ("2011/2013", "2011-01", "2013-12"),
    ],
)
def test_periods_are_placed(period: str, first: str, last: str) -> None:
    bounds = period_bounds(period)
    assert bounds is not None
    months = months_between(*bounds)
    assert (months[0], months[-1]) == (first, last)


@pytest.mark.parametrize("period", ["to 2018", "2025 and 1998/2013"])
def test_loose_periods_are_not_placed(period: str) -> None:
    assert period_bounds(period) is None
    assert months_used(period, MONTHS, level=False) == MONTHS[:12]


@pytest.mark.parametrize(
    ("period", "level", "first", "last"),
    [
        ("2024-01/2024-12", True, "2024-04", "2024-12"),
        ("2024-01/2024-12", False, "2024-04", "2025-03"),
        ("2024-03/2024-05", False, "2024-04", "2024-05"),
        ("2024-01/2024-03", False, "2025-01", "2025-03"),
        ("2023-12-14", True, "2024-04", "2024-04"),
        ("2031-01", True, "2029-03", "2029-03"),
        ("2025", False, "2025-01", "2025-12"),
    ],
)
def test_months_outside_the_run_give_the_nearest(
    period: str, level: bool, first: str, last: str
) -> None:
    used = months_used(period, MONTHS, level=level)
    assert (used[0], used[-1]) == (first, last)
