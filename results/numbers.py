"""Numbers as a reader sees them: never more digits than the error allows.

The rule: a value and its interval are rounded to the largest power of ten that is not above half of
the half-width of the interval, and never to less than the smallest unit of the outcome (people are
whole). Halves are rounded away from zero, so that a gain and an equal loss look alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MINUS = "\N{MINUS SIGN}"
NOT_AVAILABLE = "[x]"
"""Shorthand of the Analysis Function for a value that is not available."""


@dataclass(frozen=True)
class Shown:
    """A difference with its interval, rounded for the reader to multiples of ``step``."""

    value: Decimal
    low: Decimal
    high: Decimal
    step: Decimal
    identical: bool

    @property
    def measurable(self) -> bool:
        """Whether the interval, as it is shown, leaves out zero."""
        return self.low > 0 or self.high < 0

    def text(self, divisor: int = 1) -> str:
        """Value and interval in units of ``divisor`` (1,000: thousands), as ``46 (36 to 60)``."""
        if self.identical:
            return "0 (identical)"
        low, high = (number(x, self.step, divisor) for x in (self.low, self.high))
        return f"{number(self.value, self.step, divisor)} ({low} to {high})"

    def size(self) -> str:
        """The value without its sign, for a sentence that says which way it goes."""
        return number(abs(self.value), self.step)


def shown(value: float, low: float, high: float, smallest: float = 1) -> Shown | None:
    """Round a difference and its interval for display; None when it is not available (NaN).

    Parameters
    ----------
    value, low, high : float
        Difference and interval, in the unit of the outcome.
    smallest : float
        Power of ten below which nothing is shown, such as 1 for people.
    """
    if not (math.isfinite(value) and math.isfinite(low) and math.isfinite(high)):
        return None
    step = rounding_step((high - low) / 2, smallest)
    middle, bottom, top = (round_to(x, step) for x in (value, low, high))
    return Shown(middle, bottom, top, step, identical=value == low == high == 0)


def rounding_step(half_width: float, smallest: float = 1) -> Decimal:
    """Largest power of ten not above half of ``half_width``, but at least ``smallest``."""
    least = _exact(smallest)
    half = _exact(half_width) / 2
    return max(Decimal(1).scaleb(half.adjusted()), least) if half > 0 else least


def round_to(value: float, step: Decimal) -> Decimal:
    """``value`` as a multiple of ``step``, halves away from zero."""
    return (_exact(value) / step).to_integral_value(ROUND_HALF_UP) * step


def number(value: Decimal, step: Decimal, divisor: int = 1) -> str:
    """A multiple of ``step`` as text in units of ``divisor``, with commas and a true minus sign."""
    places = max(0, -(step / divisor).normalize().adjusted())
    text = f"{abs(value) / divisor:,.{places}f}"
    return MINUS + text if value < 0 else text


def plain(value: float, step: float) -> str:
    """A number rounded to ``step``, a power of ten, as text."""
    return number(round_to(value, _exact(step)), _exact(step))


def within_error(value: float, low: float, high: float, smallest: float) -> str:
    """A number as text, with the digits that its interval allows; by the smallest unit where that is not known."""
    half = (high - low) / 2
    return plain(value, float(rounding_step(half, smallest)) if math.isfinite(half) else smallest)


def _exact(value: float) -> Decimal:
    return Decimal(repr(float(value)))
