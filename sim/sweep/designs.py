"""Designs: which values factors take together. A sweep is the product of its designs.

Latin hypercubes and Sobol sequences come from ``scipy.stats.qmc``. A Sobol sequence is scrambled, and a power of
two of its points is spread most evenly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import qmc

from sim.scenario import Parameter, Scenario, posterior
from sim.scenario.cursor import Cursor
from sim.scenario.errors import listed, shown
from sim.scenario.validation import salvaged, validated
from sim.scenario.yaml_source import display
from sim.sweep.places import Place, Places
from sim.sweep.points_file import read_points
from sim.sweep.schema import Posterior, Sampled, Span

F64 = NDArray[np.float64]
Value = float | int | str | bool | None | tuple[str, ...]
Values = dict[str, Value]
MOST_POINTS: Final = 100_000
PLAUSIBLE: Final = "plausible"
DRAW: Final = "draw"
"""The factor that numbers posterior draws."""
KINDS: Final = ("grid", "list", "latin_hypercube", "sobol", "posterior")


@dataclass(frozen=True)
class Reading:
    """What designs are read against.

    Parameters
    ----------
    folder : Path
        What paths of tables are relative to.
    factors : sequence of str
        Names that the file declares.
    base : Scenario
        A factor may be called after one of its parameters.
    drawn : list of Path
        Files of posterior draws that were read; grows.
    places : Places
        Where values stand; grows.
    """

    folder: Path
    factors: Sequence[str]
    base: Scenario
    drawn: list[Path] = field(default_factory=list)
    places: Places = field(default_factory=Places)

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """Parameters of the base."""
        return self.base.parameters

    def knows(self, name: str) -> bool:
        """Whether there is such a factor."""
        return name in self.factors or name in self.parameters

    def named_like(self, name: str) -> Sequence[str]:
        """Names of the kind that an unknown one is meant for: with a dot, a parameter's."""
        return list(self.parameters) if "." in name else self.factors

    def known(self, name: Cursor) -> bool:
        """Whether there is such a factor; if not, that is noted."""
        if not self.knows(name.key):
            name.unknown("factor", self.named_like(name.key))
        return self.knows(name.key)


@dataclass(frozen=True)
class Designs:
    """What the designs of a file come to.

    Parameters
    ----------
    points : list of dict
        Every combination; a factor of a design that is not sound has no value in them.
    names : tuple of str
        Factors that a design gives values, or is meant to.
    whole : bool
        Whether every design could be read so far that all its names are known.
    """

    points: list[Values]
    names: tuple[str, ...]
    whole: bool


UNREAD: Final = Designs([{}], (), whole=False)
"""What stands for designs that are none."""


def read_designs(cursor: Cursor, reading: Reading) -> Designs:
    """The points of all designs together; problems are noted."""
    tables: list[list[Values]] = []
    taken: dict[str, int] = {}
    whole = True
    for number, item in enumerate(cursor.each(), start=1):
        noted = cursor.problems.noted
        points = _read_design(item, reading)
        names = dict.fromkeys([*(points[0] if points else ()), *_written_names(item.value)])
        whole &= bool(names)
        for name in names:
            if name in taken:
                item.report(f"{name} stands in design {taken[name]} already", "one design a factor")
            taken.setdefault(name, number)
        if cursor.problems.noted == noted:
            tables.append(points)
    count = int(np.prod([float(len(points)) for points in tables]))
    if count > MOST_POINTS:
        cursor.report(f"{count:,} points", f"at most {MOST_POINTS:,}")
        tables = []
    points = [{k: v for part in parts for k, v in part.items()} for parts in product(*tables)]
    return Designs(points, tuple(taken), whole)


def _written_names(design: object) -> list[str]:
    """Names of factors that stand in a design, sound or not, as far as they can be told."""
    match design:
        case {"grid": dict(axes)}:
            return list(axes)
        case {"list": list(rows)}:
            return [name for row in rows if isinstance(row, dict) for name in row]
        case {"latin_hypercube": {"ranges": dict(ranges)}} | {"sobol": {"ranges": dict(ranges)}}:
            return list(ranges)
        case _:
            return []


def _read_design(cursor: Cursor, reading: Reading) -> list[Values]:
    readers: dict[str, Callable[[Cursor, Reading], list[Values]]] = {
        "grid": _grid,
        "list": _list,
        "latin_hypercube": _latin_hypercube,
        "sobol": _sobol,
        "posterior": _posterior,
    }
    if not isinstance(cursor.value, dict) or len(cursor.value) != 1:
        cursor.report(f"{shown(cursor.value)} given", "one of " + ", ".join(f"{k}:" for k in KINDS))
        return []
    [design] = cursor.each()
    if design.key not in readers:
        design.unknown("design", KINDS)
        return []
    return readers[design.key](design, reading)


# ---- Grids and lists --------------------------------------------------------------------------------------------


def _grid(cursor: Cursor, reading: Reading) -> list[Values]:
    if not isinstance(cursor.value, dict) or not cursor.value:
        cursor.report(_given(cursor.value), "lists of values by the name of a factor")
        return []
    axes: list[list[Value]] = []
    for item in cursor.each():
        reading.known(item)
        if not isinstance(item.value, list) or not item.value:
            item.report(_given(item.value), "a list of values")
            continue
        axes.append([_value(each, item.key, reading) for each in item.each()])
    if len(axes) < len(cursor.value):
        return []
    return [dict(zip(cursor.value, values, strict=True)) for values in product(*axes)]


def _list(cursor: Cursor, reading: Reading) -> list[Values]:
    if isinstance(cursor.value, str):
        return _table(cursor, reading)
    if not isinstance(cursor.value, list) or not cursor.value:
        cursor.report(_given(cursor.value), "a list of points, or the path of a table")
        return []
    points: list[Values] = []
    told: set[str] = set()
    first: list[str] = []
    for row in cursor.each():
        if not isinstance(row.value, dict) or not row.value:
            row.report(f"{shown(row.value)} given", "values by the name of a factor")
            continue
        strange = [name for name in row.value if name not in told and not reading.knows(name)]
        told.update(strange)
        for name in strange:
            reading.known(row.at(name))
        if all(map(reading.knows, row.value)):
            first = first or list(row.value)
            if row.value.keys() != set(first):
                row.report("other factors than in the first point", ", ".join(first))
        points.append({item.key: _value(item, item.key, reading) for item in row.each()})
    return points


def _given(value: object) -> str:
    """What stands where something with content should."""
    empty = {"[]": "an empty list", "{}": "an empty mapping"}
    return f"{empty.get(str(value), shown(value))} given"


def _value(cursor: Cursor, factor: str, reading: Reading) -> Value:
    """One value of a factor: a number, text, true or false, nothing, or a list of names."""
    value = cursor.value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        value = tuple(value)
    elif value is not None and not isinstance(value, str | int | float | bool):
        cursor.report(f"{shown(value)} given", "a number, text or a list of names")
        return None
    reading.places.note(factor, value, Place(*cursor.place))
    return value


def _table(cursor: Cursor, reading: Reading) -> list[Values]:
    """Points from a file of their own."""
    if (table := read_points(reading.folder / cursor.value, cursor)) is None:
        return []
    problems = cursor.problems
    for name, place in table.name_places():
        if not reading.knows(name):
            names = reading.named_like(name)
            given, allowed = f"unknown factor {shown(name)}", f"allowed: {listed(names)}"
            problems.add(place.file, place.line, place.key, given, allowed, (name, names))
    for row in range(len(table.rows)):
        for name, value, place in table.cells(row):
            if value is None:
                problems.add(place.file, place.line, place.key, "no value", "a value")
            else:
                reading.places.note(name, value, place)
    return [dict(zip(table.names, row, strict=True)) for row in table.rows]


# ---- Samples ----------------------------------------------------------------------------------------------------


def _latin_hypercube(cursor: Cursor, reading: Reading) -> list[Values]:
    def cube(dimensions: int, points: int, seed: int) -> F64:
        return np.asarray(
            qmc.LatinHypercube(dimensions, rng=np.random.default_rng(seed)).random(points)
        )

    return _sampled(cursor, reading, cube)


def _sobol(cursor: Cursor, reading: Reading) -> list[Values]:
    points = cursor.value.get("points") if isinstance(cursor.value, dict) else None
    if isinstance(points, int) and points > 0 and points & (points - 1):
        cursor.at("points").report(f"{points} given", "a power of two, such as 32, 64 or 128")

    def cube(dimensions: int, points: int, seed: int) -> F64:
        engine = qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(seed))
        return np.asarray(engine.random_base2(points.bit_length() - 1))

    return _sampled(cursor, reading, cube)


def _sampled(
    cursor: Cursor, reading: Reading, cube: Callable[[int, int, int], F64]
) -> list[Values]:
    if not isinstance(cursor.value, dict):
        cursor.report(_given(cursor.value), "points, seed, and ranges by the name of a factor")
        return []
    noted = cursor.problems.noted
    design = salvaged(cursor, Sampled, {"points": 1, "ranges": {}})
    if cursor.problems.noted == noted and not design.ranges:
        cursor.report("no ranges", "points, seed, and ranges by the name of a factor")
    spans: dict[str, Span] = {}
    for item in cursor.at("ranges").each() if design.ranges else ():
        if reading.known(item) and (span := _span(item, reading)):
            spans[item.key] = span
    if len(spans) < len(design.ranges) or not spans:
        return []
    shares = cube(len(spans), design.points, design.seed)
    columns = [_spread(s, shares[:, k]) for k, s in enumerate(spans.values())]
    for (name, span), column in zip(spans.items(), columns, strict=True):
        # The ends are tried by themselves; a value between them that is wrong when they are not is found at its point.
        place = Place(*cursor.at("ranges", name).place, range=_ends(span))
        for value in column:
            reading.places.note(name, value, place)
    return [dict(zip(spans, row, strict=True)) for row in zip(*columns, strict=True)]


def _span(cursor: Cursor, reading: Reading) -> Span | None:
    if cursor.value == PLAUSIBLE:
        parameter = reading.parameters.get(cursor.key)
        if parameter is None or parameter.uncertainty is None:
            cursor.report(
                f"{cursor.key} has no plausible interval",
                "a parameter that has one (see fitflow explain), or [lowest, highest]",
            )
            return None
        return Span(low=parameter.uncertainty.low, high=parameter.uncertainty.high)
    if isinstance(cursor.value, list) and len(cursor.value) == 2:
        pair = dict(zip(("low", "high"), cursor.value, strict=True))
        cursor = Cursor(cursor.document, cursor.problems, cursor.keys, pair)
    if not isinstance(cursor.value, dict):
        allowed = "[lowest, highest], {low: .., high: .., scale: log} or plausible"
        cursor.report(f"{shown(cursor.value)} given", allowed)
        return None
    span = validated(cursor, Span)
    if span is None:
        return None
    if span.scale == "whole" and not (span.low.is_integer() and span.high.is_integer()):
        cursor.report(f"{_ends(span)} given", "whole numbers, for the scale whole")
        return None
    bounds = {"log": (0.0, np.inf), "logit": (0.0, 1.0)}.get(span.scale, (-np.inf, np.inf))
    if not bounds[0] < span.low < span.high < bounds[1]:
        between = f" between {bounds[0]:g} and {bounds[1]:g}" if np.isfinite(bounds[0]) else ""
        cursor.report(f"{_ends(span)} given", f"lowest before highest{between}")
        return None
    return span


def _ends(span: Span) -> str:
    return f"{span.low:g} to {span.high:g}"


def _spread(span: Span, shares: F64) -> list[float] | list[int]:
    """Values at shares of a range from 0 to 1."""
    low, high = span.low, span.high
    if span.scale == "whole":
        return np.minimum(np.floor(low + shares * (high - low + 1)), high).astype(int).tolist()
    if span.scale == "log":
        spread = np.exp(np.log(low) + shares * (np.log(high) - np.log(low)))
    elif span.scale == "logit":
        spread = expit(logit(low) + shares * (logit(high) - logit(low)))
    else:
        spread = low + shares * (high - low)
    return np.clip(spread, low, high).tolist()


# ---- Posterior draws --------------------------------------------------------------------------------------------


def _posterior(cursor: Cursor, reading: Reading) -> list[Values]:
    """Draws by their number, with the numbers that each sets, so that results can be told apart by them."""
    design = validated(cursor, Posterior) if isinstance(cursor.value, dict) else None
    if design is None:
        if not isinstance(cursor.value, dict):
            cursor.report(f"{shown(cursor.value)} given", "a mapping {draws, number}")
        return []
    file = reading.folder / design.draws if design.draws else posterior.FILE
    try:
        there = posterior.count_draws(file)
    except FileNotFoundError:
        cursor.report(
            f"there is no file {display(file)}",
            "draws of a posterior; fitflow calibrate makes them",
        )
        return []
    except (OSError, ValueError, KeyError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        cursor.report(
            f"{display(file)} cannot be read: {reason}", "a file that fitflow calibrate made"
        )
        return []
    if design.number > there:
        cursor.report(
            f"{design.number} draws asked for", f"at most {there}, as {display(file)} has"
        )
        return []
    reading.drawn.append(file)
    return [
        {DRAW: draw, **posterior.numbers_at(reading.base, draw, file)}
        for draw in range(design.number)
    ]
