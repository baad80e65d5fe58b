"""Hazard tables as a file states them: a distribution, rates by day, or a survival curve.

A spec is one of

- ``{distribution: weibull_min, c: 0.8, scale: 40}``: any continuous distribution of ``scipy.stats``
  on the non-negative days, with its shape parameters by name;
- ``{rates: {0: 0.01, 7: 0.02}}``: the rate a day, constant from each day to the next;
- ``{survival: {0: 1, 7: 0.4}}``: the share still in the spell at the beginning of each day.
"""

from __future__ import annotations

import math
from typing import Any, Final

from sim.scenario.cursor import Cursor
from sim.scenario.errors import listed, shown
from sim.scenario.numbers import ANY, Interval, read_number

Spec = dict[str, str | float | dict[int, float]]
KINDS: Final = ("distribution", "rates", "survival")
_NOT_NEGATIVE: Final[Interval] = (0.0, math.inf)
_SHARE: Final[Interval] = (0.0, 1.0)


def is_spec(value: Any) -> bool:
    """Whether a value of a file is meant as a spec rather than as labels."""
    return isinstance(value, dict) and any(kind in value for kind in KINDS)


def read_spec(cursor: Cursor, allowed: Interval) -> Spec | None:
    """Read and check one spec; None, with the problems noted, if it cannot be used.

    Parameters
    ----------
    cursor : Cursor
    allowed : (float, float)
        Interval of the scale (days), of each rate (per day) or of each share, whichever is stated.

    Returns
    -------
    dict or None
    """
    if not is_spec(cursor.value):
        cursor.report(
            f"{shown(cursor.value)} given",
            "a distribution such as {distribution: weibull_min, c: 0.8, scale: 40}, "
            "{rates: {day: rate}} or {survival: {day: share}}",
        )
        return None
    kinds = [kind for kind in KINDS if kind in cursor.value]
    if len(kinds) > 1:
        cursor.report(f"both {' and '.join(kinds)} given", f"one of {', '.join(KINDS)}")
        return None
    if kinds == ["distribution"]:
        return _distribution(cursor, allowed)
    kind = kinds[0]
    extra = [key for key in cursor.value if key != kind]
    for key in extra:
        cursor.at(key).unknown("key", [kind])
    steps = _steps(
        cursor.at(kind), _within(allowed, _SHARE if kind == "survival" else _NOT_NEGATIVE)
    )
    if steps is None or extra or (kind == "survival" and not _survives(cursor.at(kind), steps)):
        return None
    return {kind: steps}


def _distribution(cursor: Cursor, allowed: Interval) -> Spec | None:
    family = _family(cursor.at("distribution"))
    if family is None:
        return None
    numbers = _parameters(cursor, family, allowed)
    if numbers is None:
        return None
    lowest = family.support(**numbers)[0]
    if numbers["scale"] <= 0 or math.isnan(lowest):
        given = ", ".join(f"{key} {number:.12g}" for key, number in numbers.items())
        cursor.report(f"{family.name} has no values with {given}", "see the manual of SciPy")
        return None
    if lowest < 0:
        cursor.report(f"{family.name} reaches below 0 days", "one of non-negative values only")
        return None
    return {"distribution": family.name, **numbers}


def _family(cursor: Cursor) -> Any:
    """The distribution of SciPy that a name stands for; None, with the problem noted, if none."""
    # Imported here: it takes a second, and a command that only lists files does without.
    from scipy import stats

    name = cursor.value
    family = getattr(stats, name, None) if isinstance(name, str) else None
    if isinstance(family, stats.rv_continuous):
        return family
    families = [f for f in vars(stats).values() if isinstance(f, stats.rv_continuous)]
    names = [family.name for family in families if family.a >= 0]
    cursor.report(
        f"unknown distribution {shown(name)}",
        "a continuous distribution of scipy.stats, such as expon, weibull_min, lognorm or gamma",
        (str(name), names),
    )
    return None


def _parameters(cursor: Cursor, family: Any, allowed: Interval) -> dict[str, float] | None:
    """Shape parameters, scale and location; None, with the problems noted, if one is wrong."""
    shapes = family.shapes.split(", ") if family.shapes else []
    wanted = [*shapes, "scale"]
    sound = True
    for key in cursor.value:
        if key not in ("distribution", "loc", *wanted):
            cursor.at(key).unknown(f"parameter of {family.name}", [*wanted, "loc"])
            sound = False
    numbers: dict[str, float] = {}
    for key in (*wanted, "loc"):
        if key in cursor.value:
            number = read_number(cursor.at(key), allowed if key == "scale" else ANY)
            sound &= number is not None
            numbers[key] = number or 0.0
        elif key != "loc":
            cursor.report(f"no {key}", f"{family.name} needs {listed(wanted)}")
            sound = False
    return numbers if sound else None


def _steps(cursor: Cursor, allowed: Interval) -> dict[int, float] | None:
    if not isinstance(cursor.value, dict) or not cursor.value:
        cursor.report(f"{shown(cursor.value)} given", "a mapping such as {0: 0.01, 7: 0.02}")
        return None
    steps: dict[int, float] = {}
    sound = True
    for item in cursor.each():
        number = read_number(item, allowed)
        if not (item.key.isascii() and item.key.isdigit() and len(item.key) <= 5):
            item.report(f"the day {shown(item.key)}", "days are whole numbers from 0 to 99999")
            number = None
        if number is None:
            sound = False
        else:
            steps[int(item.key)] = number
    if sound and 0 not in steps:
        cursor.report("nothing for day 0", "the first day is 0")
    return dict(sorted(steps.items())) if sound and 0 in steps else None


def _survives(cursor: Cursor, steps: dict[int, float]) -> bool:
    shares = list(steps.values())
    if shares[0] != 1:
        cursor.report(f"the share on day 0 is {shares[0]:g}", "it is 1")
        return False
    if len(shares) < 2:
        cursor.report("one day given", "at least two days, the first of them 0")
        return False
    for (day, share), before in zip(list(steps.items())[1:], shares, strict=False):
        if share > before:
            cursor.report(f"the share rises to {share:g} on day {day}", "it can only fall")
            return False
    return True


def _within(first: Interval, second: Interval) -> Interval:
    return max(first[0], second[0]), min(first[1], second[1])
