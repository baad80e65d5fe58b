"""Values of parameters as rows of a printed table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.people import read_areas
from sim.scenario import Parameter
from sim.scenario.in_words import entry, innermost


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
    rows = list(innermost(value, len(by) - 1))
    columns = list(rows[0][1])
    return [*by[:-1], *columns], [
        [*map(_label, labels), *map(entry, last.values())] for labels, last in rows
    ]


def _label(label: str) -> str:
    """A label; areas by name rather than by code."""
    areas = read_areas()
    return areas.short_name[areas.code.index(label)] if label in areas.code else label
