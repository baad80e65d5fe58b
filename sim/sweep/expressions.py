"""Conditions between factors, such as ``coaches * caseload <= 2000``: arithmetic, and nothing else."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sim.scenario.errors import listed, nearest_names

_OPERATORS: Final[dict[type[ast.AST], Callable[..., Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
    ast.Not: operator.not_,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {"min": min, "max": max, "abs": abs}
_LONGEST: Final = 500
ALLOWED: Final = "names of factors, numbers, quoted text, + - * /, comparisons, and, or, not, min(), max(), abs()"


class ExpressionError(Exception):
    """A condition cannot be used; the message says why."""


@dataclass(frozen=True)
class Condition:
    """A condition that can be asked of any point.

    Parameters
    ----------
    text : str
        As it was written.
    factors : frozenset of str
        Those that it names.
    """

    text: str
    factors: frozenset[str]
    _tree: ast.expr

    @classmethod
    def of(cls, text: str, names: Iterable[str]) -> Condition:
        """Read a condition over some names; a name with a dot is written as it is.

        Raises
        ------
        ExpressionError
            When it is not one, or names something else.
        """
        if len(text) > _LONGEST:
            raise ExpressionError(f"a condition of {len(text)} characters; at most {_LONGEST}")
        try:
            tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise ExpressionError(f"'{text}' is not a condition; allowed: {ALLOWED}") from None
        return cls(text, frozenset(_named(tree, list(names))), tree)

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether it holds at a point.

        Raises
        ------
        ExpressionError
            When it cannot be worked out there, such as text times text.
        """
        try:
            return bool(_worth(self._tree, values))
        except (TypeError, ArithmeticError) as error:
            where = ", ".join(f"{n} {value}" for n, value in values.items() if n in self.factors)
            raise ExpressionError(
                f"'{self.text}' cannot be worked out at {where}: {error}"
            ) from None


def _named(node: ast.expr, names: list[str]) -> set[str]:
    """The factors that an expression names, once nothing in it is refused."""
    match node:
        case ast.Constant(value=bool() | int() | float() | str()):
            return set()
        case ast.Name() | ast.Attribute() if (name := _name(node)) is not None:
            if name not in names:
                near = next(iter(nearest_names(name, names)), None)
                hint = f"; did you mean '{near}'?" if near else ""
                raise ExpressionError(f"'{name}' is not a factor; factors: {listed(names)}{hint}")
            return {name}
        case ast.UnaryOp() | ast.BinOp() if type(node.op) in _OPERATORS:
            parts = [node.operand] if isinstance(node, ast.UnaryOp) else [node.left, node.right]
        case ast.Compare() if all(type(op) in _OPERATORS for op in node.ops):
            parts = [node.left, *node.comparators]
        case ast.BoolOp():
            parts = node.values
        case ast.Call(func=ast.Name(id=name), keywords=[]) if name in _FUNCTIONS and node.args:
            parts = node.args
        case _:
            raise ExpressionError(f"'{ast.unparse(node)}' is not allowed; allowed: {ALLOWED}")
    return {name for part in parts for name in _named(part, names)}


def _worth(node: ast.expr, values: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant():
            return node.value
        case ast.UnaryOp():
            return _OPERATORS[type(node.op)](_worth(node.operand, values))
        case ast.BinOp():
            return _OPERATORS[type(node.op)](_worth(node.left, values), _worth(node.right, values))
        case ast.Compare():
            chain = [_worth(part, values) for part in (node.left, *node.comparators)]
            steps = zip(chain, node.ops, chain[1:], strict=False)
            return all(_OPERATORS[type(op)](left, right) for left, op, right in steps)
        case ast.BoolOp():
            answers = (bool(_worth(part, values)) for part in node.values)
            return all(answers) if isinstance(node.op, ast.And) else any(answers)
        case ast.Call(func=ast.Name(id=name)):
            return _FUNCTIONS[name](*(_worth(part, values) for part in node.args))
        case _:
            return values[_name(node) or ""]


def _name(node: ast.expr) -> str | None:
    """A name, or names joined by dots; None for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (outer := _name(node.value)):
        return f"{outer}.{node.attr}"
    return None
