"""Published figures behind the starting population, and arithmetic that brings them to England."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from sim.people.areas import read_data

_OPERATORS: Final[Mapping[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@cache
def figures() -> dict[str, float]:
    """Figures of ``published.csv``, and those worked out in ``derivations.csv``, by name."""
    known = {line["id"]: float(line["value"]) for line in read_data("published.csv")}
    for line in read_data("derivations.csv"):
        known[line["name"]] = evaluate(line["formula"], known)
    return known


def evaluate(formula: str, known: Mapping[str, float]) -> float:
    """Value of a formula of names, numbers, brackets and ``+ - * /``.

    Raises
    ------
    ValueError
        If there is anything else in it, or a name that is not known.
    """
    return _value(ast.parse(formula, mode="eval").body, known, formula)


def _value(node: ast.expr, known: Mapping[str, float], formula: str) -> float:
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = (_value(side, known, formula) for side in (node.left, node.right))
        return _OPERATORS[type(node.op)](left, right)
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.Name) and node.id in known:
        return known[node.id]
    raise ValueError(
        f"{ast.unparse(node)!r} in the formula {formula!r} is not a known name or operation"
    )
