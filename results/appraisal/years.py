"""Financial years: their names, and which one a day or month belongs to."""

from __future__ import annotations

import datetime as dt

APRIL = 4


def financial_year(date: dt.date) -> int:
    """The calendar year in which the financial year of a day begins; it begins on 1 April."""
    return date.year - (date.month < APRIL)


def year_of_month(month: str) -> int:
    """The same for a month such as 2024-04."""
    return financial_year(dt.date.fromisoformat(f"{month}-01"))


def year_name(year: int) -> str:
    """A financial year by its name, such as 2024-25."""
    return f"{year}-{(year + 1) % 100:02d}"
