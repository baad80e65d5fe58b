"""The months of a run that stand for the period of a published statistic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_FISCAL: Final = re.compile(r"(\d{4})-(\d{2})$")
_PART: Final = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-\d{2})?$")


def months_between(first: int, last: int) -> list[str]:
    """Months as ``2024-04``, from and to numbers that count months since year 0."""
    return [f"{m // 12:04d}-{m % 12 + 1:02d}" for m in range(first, last + 1)]


def period_bounds(period: str) -> tuple[int, int] | None:
    """First and last month of a period; None when it is too loose to be placed.

    Accepted are a month, a day, a calendar year, a fiscal year such as ``2026-27``, and two months
    with a slash between them.
    """
    parts = period.split("/")
    fiscal = _FISCAL.match(period)
    if fiscal and int(fiscal[2]) == (int(fiscal[1]) + 1) % 100 and int(fiscal[2]) > 12:
        return int(fiscal[1]) * 12 + 3, int(fiscal[1]) * 12 + 14
    found = [_PART.match(part) for part in parts]
    if len(found) > 2 or not all(found):
        return None
    first, last = found[0], found[-1]
    assert first is not None
    assert last is not None
    start = int(first[1]) * 12 + (int(first[2]) - 1 if first[2] else 0)
    end = int(last[1]) * 12 + (int(last[2]) - 1 if last[2] else 11)
    return start, end


def months_used(period: str, months: Sequence[str], *, level: bool) -> list[str]:
    """The months of a run that stand for a period.

    Those of the period that were simulated; of a flow over a year or longer only when all were.
    Otherwise a level is read at the nearest month, and a flow in the same months of the first year
    simulated, all twelve for a period of a year or longer.
    """
    bounds = period_bounds(period)
    if bounds is None:
        return list(months[:12])
    wanted = months_between(*bounds)
    inside = [m for m in wanted if m in set(months)]
    if inside and (level or len(inside) == len(wanted) or len(wanted) < 12):
        return inside
    if level:
        return [months[0] if wanted[0] < months[0] else months[-1]]
    if len(wanted) >= 12:
        return list(months[:12])
    names = {m[-2:] for m in wanted}
    return [m for m in months[:12] if m[-2:] in names]
