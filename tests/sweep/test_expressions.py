"""Conditions between factors: they count like Python, and do nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.sweep.expressions import Condition, ExpressionError

NUMBERS = st.floats(-1e6, 1e6)
TEXTS = [
    "a + b * 2 <= 10",
    "-a < b and not (b == 3)",
    "0 <= a <= b or min(a, b, 1) > -5",
    "abs(a - b) / (1 + abs(b)) != max(a, 1)",
]


@pytest.mark.parametrize("text", TEXTS)
@given(a=NUMBERS, b=NUMBERS)
def test_a_condition_counts_as_python_does(text: str, a: float, b: float) -> None:
    expected = eval(text, {"min": min, "max": max, "abs": abs}, {"a": a, "b": b})
    assert Condition.of(text, ["a", "b"]).holds({"a": a, "b": b}) == expected


def test_a_factor_may_be_called_after_a_parameter_or_hold_text() -> None:
    condition = Condition.of(
        "workwell.effect > 1 and area == 'Dorset'", ["workwell.effect", "area"]
    )
    assert condition.holds({"workwell.effect": 1.2, "area": "Dorset"})
    assert not condition.holds({"workwell.effect": 1.2, "area": "Kent"})


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "a.__class__",
        "(lambda: 1)()",
        "[x for x in (1, 2)]",
        "a if a else a",
        "open('x')",
        "a ** 9",
        "a =",
        "min()",
        "a" * 501,
    ],
)
def test_nothing_but_arithmetic_is_read(text: str) -> None:
    with pytest.raises(ExpressionError):
        Condition.of(text, ["a"])


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    told = "'coachs' is not a factor; factors: coaches, area; did you mean 'coaches'"
    with pytest.raises(ExpressionError, match=told):
        Condition.of("coachs < 3", ["coaches", "area"])


def test_what_cannot_be_worked_out_says_where() -> None:
    with pytest.raises(ExpressionError, match="at a 0: "):
        Condition.of("1 / a > 2", ["a"]).holds({"a": 0, "b": 1})
