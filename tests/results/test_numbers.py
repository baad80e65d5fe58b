"""Numbers are rounded as the error allows, and written as the style guide asks."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.numbers import MINUS, number, plain, round_to, rounding_step, shown

SIZES = st.floats(1e-6, 1e12)
VALUES = st.floats(-1e12, 1e12)


@pytest.mark.parametrize(
    ("half_width", "smallest", "step"),
    [
        (500, 1, "100"),
        (200, 1, "100"),
        (199, 1, "10"),
        (20, 1, "10"),
        (2, 1, "1"),
        (0.3, 1, "1"),
        (0, 1, "1"),
        (0, 0.01, "0.01"),
        (0.2, 0.01, "0.1"),
        (0.19, 0.01, "0.01"),
        (1e-9, 0.01, "0.01"),
        (12_000_000, 1, "1000000"),
    ],
)
def test_the_step_follows_the_rule(half_width, smallest, step):
    assert rounding_step(half_width, smallest) == Decimal(step)


@given(half_width=SIZES, smallest=st.sampled_from([1, 0.1, 0.01]))
def test_the_step_is_the_largest_power_of_ten_within_half_the_half_width(half_width, smallest):
    step = rounding_step(half_width, smallest)
    half = Decimal(repr(half_width)) / 2
    assert step.normalize().as_tuple().digits == (1,)
    assert step == Decimal(str(smallest)) or step <= half
    assert 10 * step > half


@given(value=VALUES, half_width=SIZES, smallest=st.sampled_from([1, 0.1, 0.01]))
def test_rounding_moves_nothing_by_more_than_a_quarter_of_the_error(value, half_width, smallest):
    found = shown(value, value - half_width, value + half_width, smallest)
    assert found is not None
    assert found.low <= found.value <= found.high
    half = (value + half_width - (value - half_width)) / 2
    allowed = max(half / 4, smallest / 2) * (1 + 1e-9)
    for exact, rounded in ((value, found.value), (value + half_width, found.high)):
        assert abs(float(rounded) - exact) <= allowed + abs(exact) * 1e-12


@given(value=VALUES, half_width=SIZES)
def test_a_loss_looks_like_the_gain_of_its_size(value, half_width):
    gain = shown(value, value - half_width, value + half_width)
    loss = shown(-value, -value - half_width, -value + half_width)
    assert gain is not None
    assert loss is not None
    assert (loss.value, loss.low, loss.high) == (-gain.value, -gain.high, -gain.low)
    assert loss.measurable == gain.measurable


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (4567, 3890, 5244, "4,600 (3,900 to 5,200)"),
        (-4567, -5244, -3890, "−4,600 (−5,200 to −3,900)"),
        (12, -30, 54, "10 (−30 to 50)"),
        (0.4, -0.3, 1.1, "0 (0 to 1)"),
        (-0.4, -1.1, 0.3, "0 (−1 to 0)"),
        (0, 0, 0, "0 (identical)"),
        (300, 300, 300, "300 (300 to 300)"),
        (1234567, 1230000, 1239134, "1,235,000 (1,230,000 to 1,239,000)"),
        (3.2e7, 1e7, 5.4e7, "30,000,000 (10,000,000 to 50,000,000)"),
        (45, 35, 55, "45 (35 to 55)"),
        (250, -250, 750, "300 (−300 to 800)"),
    ],
)
def test_people_are_shown_as_the_error_allows(value, low, high, text):
    found = shown(value, low, high)
    assert found is not None
    assert found.text() == text


def test_shares_keep_their_decimals():
    found = shown(-1.25, -1.449, -1.051, 0.01)
    assert found is not None
    assert found.text() == "−1.25 (−1.45 to −1.05)"
    assert found.size() == "1.25"


@pytest.mark.parametrize(
    ("value", "half", "divisor", "text"),
    [
        (46_123, 12_000, 1000, "46 (34 to 58)"),
        (46_123, 700, 1000, "46.1 (45.4 to 46.8)"),
        (-46_123, 7, 1000, "−46.123 (−46.130 to −46.116)"),
        (2_345_678, 400_000, 1_000_000, "2.3 (1.9 to 2.7)"),
        (2_345_678, 4_000_000, 1_000_000, "2 (−2 to 6)"),
    ],
)
def test_thousands_and_millions_keep_the_digits_of_the_rounding(value, half, divisor, text):
    found = shown(value, value - half, value + half)
    assert found is not None
    assert found.text(divisor) == text


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_what_is_not_available_is_not_shown(wrong):
    assert shown(wrong, 1, 2) is None
    assert shown(1, wrong, 2) is None
    assert shown(1, 1, wrong) is None


def test_an_interval_that_reaches_zero_when_rounded_is_not_measurable():
    almost = shown(300, 12, 588)
    clear = shown(300, 60, 540)
    below = shown(-300, -540, -60)
    assert almost is not None
    assert clear is not None
    assert below is not None
    assert almost.text() == "300 (0 to 600)"
    assert not almost.measurable
    assert clear.measurable
    assert below.measurable


@given(value=VALUES, power=st.integers(-2, 6))
def test_written_numbers_read_back(value, power):
    step = Decimal(1).scaleb(power)
    rounded = round_to(value, step)
    text = number(rounded, step)
    assert Decimal(text.replace(",", "").replace(MINUS, "-")) == rounded
    assert "-" not in text
    assert not text.startswith(MINUS + "0.00") or rounded != 0


def test_plain_numbers():
    assert plain(-1234.5, 1) == "−1,235"
    assert plain(-0.001, 0.01) == "0.00"
