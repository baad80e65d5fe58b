"""Values of parameters as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.people import read_areas
from sim.scenario import Parameter


def in_short(parameter: Parameter) -> str:
    """The value if it is one number, or else what kind of table it is."""
    dated = parameter.labelled()
    kind = "hazard table" if parameter.is_hazard_table else "table"
    if parameter.by:
        return f"{kind} by {', '.join(parameter.by)}"
    if parameter.is_hazard_table:
        return kind
    latest = entry(dated[-1][1])
    return latest if len(dated) == 1 else f"{latest} from {dated[-1][0]}"


def value_rows(by: Sequence[str], value: Any) -> tuple[list[str], list[list[str]]]:
    """A value as a table: a row an entry, or a column a label of the last dimension.

    Parameters
    ----------
    by : sequence of str
        Dimensions, outermost first; at least one.
    value
        Nested mappings of labels.

    Returns
    -------
    (list of str, list of list of str)
        Headers and rows.
    """
    if len(by) == 1:
        return [by[0], "value"], [[_label(k), entry(v)] for k, v in value.items()]
    rows = [[*labels, *map(entry, last.values())] for labels, last in _rows(value, len(by) - 1)]
    columns = list(next(_rows(value, len(by) - 1))[1])
    return [*by[:-1], *columns], rows


def entry(value: Any) -> str:
    """One entry: a number, a list of numbers, or a hazard table in words."""
    if isinstance(value, list | tuple):
        return ", ".join(map(entry, value))
    if isinstance(value, Mapping):
        return _hazard(value)
    return f"{value:.10g}"


def _hazard(spec: Mapping[str, Any]) -> str:
    if "distribution" in spec:
        shape = ", ".join(f"{k} {entry(v)}" for k, v in spec.items() if k != "distribution")
        return f"{spec['distribution']}: {shape}"
    kind, points = next(iter(spec.items()))
    return f"{kind} by day: " + ", ".join(f"{day}: {entry(v)}" for day, v in points.items())


def _rows(value: Mapping[str, Any], depth: int) -> Iterator[tuple[list[str], Mapping[str, Any]]]:
    for label, inner in value.items():
        if depth == 1:
            yield [_label(label)], inner
        else:
            for labels, last in _rows(inner, depth - 1):
                yield [_label(label), *labels], last


def _label(label: str) -> str:
    """A label; areas by name rather than by code."""
    areas = read_areas()
    return areas.short_name[areas.code.index(label)] if label in areas.code else label
