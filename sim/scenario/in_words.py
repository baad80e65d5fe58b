"""Values, dates and tables as text, the way that the reference pages show them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from sim.scenario.areas import Areas
from sim.scenario.hazards import is_spec
from sim.scenario.models import Parameter

_LONGEST: Final = 15
"""Entries of a table that fit into a line."""


def entry(value: Any) -> str:
    """One entry: a number, a list of numbers, or a hazard table in words."""
    if isinstance(value, list | tuple):
        return ", ".join(map(entry, value))
    if not isinstance(value, Mapping):
        return f"{value:,.10g}"
    if "distribution" in value:
        shape = ", ".join(f"{k} {entry(v)}" for k, v in value.items() if k != "distribution")
        return f"{value['distribution']} with {shape}"
    kind, points = next(iter(value.items()))
    return f"{kind} by day " + ", ".join(f"{day}: {entry(v)}" for day, v in points.items())


def line_of(parameter: Parameter) -> str:
    """The value in a line, by date; empty if it has different entries by label."""
    depth, dated = len(parameter.by), parameter.labelled()
    if depth == 0:
        return "; ".join(
            entry(value) + (f" from {day_text(date)}" if date else "") for date, value in dated
        )
    different = {entry(leaf) for _, value in dated for leaf in _leaves(value, depth)}
    every = f" for every {words(' and '.join(parameter.by))}"
    return different.pop() + every if len(different) == 1 else ""


def tables_of(parameter: Parameter, areas: Areas) -> list[list[str]]:
    """The value as Markdown tables: a column a date, or with more dimensions a table a date."""
    dated = parameter.labelled()
    heads = [words(name) for name in parameter.by]
    if len(heads) == 1:
        columns = [f"from {day_text(date)}" if date else "value" for date, _ in dated]
        rows = [
            [label_text(label, areas), *(entry(value[label]) for _, value in dated)]
            for label in parameter.labels[0]
        ]
        return [markdown_table([*heads, *columns], rows)]
    tables = []
    for date, value in dated:
        first = f"from {day_text(date)}: {heads[0]}" if date else heads[0]
        rows = [
            [*(label_text(label, areas) for label in labels), *map(entry, last.values())]
            for labels, last in innermost(value, len(heads) - 1)
        ]
        tables.append(markdown_table([first, *heads[1:-1], *parameter.labels[-1]], rows))
    return tables


def short_table(value: Mapping[str, Any], areas: Areas) -> str:
    """A table of one dimension in a line; empty if it has more dimensions or many entries."""
    nested = any(isinstance(inner, Mapping) and not is_spec(inner) for inner in value.values())
    if nested or len(value) > _LONGEST:
        return ""
    return "; ".join(f"{label_text(label, areas)}: {entry(v)}" for label, v in value.items())


def interval(low: float, high: float) -> str:
    """An interval in words."""
    return f"{entry(low)} to {entry(high)}"


def plausible(parameter: Parameter) -> str:
    """The plausible interval of a parameter in words; empty if none is stated."""
    span = parameter.uncertainty
    if span is None:
        return ""
    single = parameter.shape == () and len(parameter.numbers) == 1
    return interval(span.low, span.high) + ("" if single else " times the value")


def label_text(label: str, areas: Areas) -> str:
    """A label; an area by its name rather than its code."""
    return areas.short_names[areas.codes.index(label)] if label in areas.codes else label


def words(name: str) -> str:
    """A name without its underscores."""
    return name.replace("_", " ")


def day_text(date: dt.date) -> str:
    """A date as a reader would write it, such as 1 April 2024."""
    return f"{date.day} {date:%B %Y}"


def slug(heading: str) -> str:
    """The anchor that a heading gets where Markdown is shown."""
    kept = "".join(c for c in heading.lower() if c.isalnum() or c in " -_")
    return kept.replace(" ", "-")


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a Markdown table."""
    lines = [[text.replace("|", r"\|") for text in row] for row in (head, *rows)]
    lines.insert(1, ["---"] * len(head))
    return [f"| {' | '.join(row)} |" for row in lines]


def _leaves(value: Any, depth: int) -> Iterator[Any]:
    if depth == 0:
        yield value
    else:
        for inner in value.values():
            yield from _leaves(inner, depth - 1)


def innermost(
    value: Mapping[str, Any], depth: int
) -> Iterator[tuple[list[str], Mapping[str, Any]]]:
    """The mappings that lie so many dimensions deep, with the labels that lead there."""
    if depth == 0:
        yield [], value
    else:
        for label, inner in value.items():
            for labels, last in innermost(inner, depth - 1):
                yield [label, *labels], last
