"""One number or one list of numbers of a file, checked against what is allowed."""

from __future__ import annotations

import math
import sys
from typing import Final

from sim.scenario.cursor import Cursor, advice_on_number
from sim.scenario.errors import shown

Interval = tuple[float, float]
ANY: Final[Interval] = (-math.inf, math.inf)
POSITIVE: Final[Interval] = (math.ulp(0.0), math.inf)
_LONGEST: Final = 1000


def read_number(cursor: Cursor, allowed: Interval) -> float | None:
    """A finite number within ``allowed``; None, with the problem noted, if it is none."""
    value = cursor.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        advice = advice_on_number(value)
        cursor.report(f"{shown(value)} given", "a number" + (f" ({advice})" if advice else ""))
        return None
    if not abs(value) <= sys.float_info.max:
        cursor.report(f"{shown(value)} given", "a finite number")
        return None
    if not allowed[0] <= value <= allowed[1]:
        cursor.report(f"{value!r} given", interval_text(allowed))
        return None
    return float(value)


def read_numbers(cursor: Cursor, allowed: Interval) -> float | tuple[float, ...] | None:
    """A number, or a list of numbers as a tuple; None, with the problems noted, if neither."""
    if not isinstance(cursor.value, list):
        return read_number(cursor, allowed)
    if not 0 < len(cursor.value) <= _LONGEST:
        cursor.report(f"a list of {len(cursor.value)} numbers", f"1 to {_LONGEST} numbers")
        return None
    numbers = [read_number(item, allowed) for item in cursor.each()]
    return None if None in numbers else tuple(n for n in numbers if n is not None)


def interval_text(allowed: Interval) -> str:
    """An interval in words."""
    low, high = allowed
    if allowed == POSITIVE:
        return "a number above 0"
    if math.isinf(high):
        return f"a number of {low:.12g} or more"
    return f"a number from {low:.12g} to {high:.12g}"
