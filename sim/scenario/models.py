"""What a scenario is once its files are read: parameters, changes and the scenario itself."""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.scenario.evidence import Frozen, Grade, Source, Uncertainty
from sim.scenario.hazards import Spec
from sim.scenario.schema import Join, Scope, Status


class DatedNumbers(Frozen):
    """Numbers of a parameter from a day on.

    Parameters
    ----------
    start : date or None
        None where they hold throughout.
    entries : tuple of float
        Flat, last dimension fastest.
    """

    start: dt.date | None
    entries: tuple[float, ...]


class Setting(Frozen):
    """One place that set the value of a parameter: its own file first, then every override.

    Parameters
    ----------
    origin : str
        ``file:line``.
    value
        As it stands there.
    """

    origin: str
    value: Any


class Parameter(Frozen):
    """A number, a list, a table of numbers or a table of hazards, with its meaning and its source.

    Parameters
    ----------
    by : tuple of str
        Dimensions, outermost first.
    labels : tuple of tuple of str
        Labels of each dimension, in order.
    length : int or None
        Length of the list that each entry is; None where each entry is one number.
    numbers : tuple of DatedNumbers
        By date; empty for a hazard table.
    specs : tuple of dict
        Hazard tables in the order of labels; empty for numbers.
    scope : {"person", "place", "start"}
        What the value belongs to: a person; a place, so that it cannot be aimed at people; or the
        start, where it is read once, so that a reform cannot change it.
    range : (float, float)
        Interval in which every entry must lie.
    origins : dict
        ``file:line`` of every field of the entry.
    settings : tuple of Setting
        What set the value, in order.
    """

    name: str
    description: str
    unit: str
    by: tuple[str, ...] = ()
    labels: tuple[tuple[str, ...], ...] = ()
    length: int | None = None
    numbers: tuple[DatedNumbers, ...] = ()
    specs: tuple[Spec, ...] = ()
    scope: Scope = "person"
    range: tuple[float, float]
    uncertainty: Uncertainty | None = None
    grade: Grade
    source: tuple[Source, ...] = ()
    reasoning: str = ""
    origins: dict[str, str]
    settings: tuple[Setting, ...]

    @property
    def is_hazard_table(self) -> bool:
        """Whether the entries are hazard tables rather than numbers."""
        return bool(self.specs)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the value: one length a dimension, and the length of the list if it is one."""
        lengths = tuple(len(labels) for labels in self.labels)
        return lengths if self.length is None else (*lengths, self.length)

    def determining(self) -> dict[str, Any]:
        """All that determines a run: texts, sources and places do not."""
        return self.model_dump(mode="json", include=_PARAMETER_DETERMINING)

    def dated(self) -> list[tuple[dt.date | None, NDArray[np.float64]]]:
        """The value by date, earliest first; the first also holds before its date.

        Returns
        -------
        list of (date or None, float64 array of shape ``shape``)
            Empty for a hazard table.
        """
        return [
            (numbers.start, np.array(numbers.entries, np.float64).reshape(self.shape))
            for numbers in self.numbers
        ]

    def hazard_specs(self) -> list[Spec]:
        """Hazard tables in the order of labels, last dimension fastest; empty for numbers."""
        return [copy.deepcopy(spec) for spec in self.specs]

    def labelled(self) -> list[tuple[dt.date | None, Any]]:
        """The value by date as nested mappings of labels; the bare entry if there is one only.

        Returns
        -------
        list of (date or None, value)
            An entry is a number, a list of numbers or a hazard table.
        """
        if self.is_hazard_table:
            return [(None, _labelled(self.hazard_specs(), self.labels))]
        shape = (-1,) if self.length is None else (-1, self.length)
        return [
            (date, _labelled(array.reshape(shape).tolist(), self.labels))
            for date, array in self.dated()
        ]


class Change(Frozen):
    """What a reform does to one parameter.

    Parameters
    ----------
    what : str
        Name of the parameter.
    value
        A number, a list or nested mappings of labels, as it stands in the file.
    entries : tuple of float or None
        The value laid out over the parameter (flat); None for entries that it leaves alone.
    join : {"multiply", "replace", "cap"}
        How it joins the value below it; a cap is the highest value allowed.
    who : dict
        Labels of the people it is for, by dimension; empty for everybody.
    where : tuple of str
        Codes of areas; empty for everywhere.
    from_, until : date
        First day, and the first day after; ``until`` is None where it stays.
    ramp_months : int
        Months over which it comes in, in equal monthly steps; 0 at once.
    range : (float, float) or None
        Uncertainty of the value; None where it is certain, such as an amount set by law.
    reform : str
        Name of the reform.
    origin : str
        ``file:line``.
    """

    what: str
    value: Any
    entries: tuple[float | None, ...]
    join: Join
    who: dict[str, tuple[str, ...]]
    where: tuple[str, ...]
    from_: dt.date
    ramp_months: int
    until: dt.date | None
    range: tuple[float, float] | None
    grade: Grade
    source: tuple[Source, ...]
    reasoning: str
    reform: str
    origin: str

    def determining(self) -> dict[str, Any]:
        """All that determines a run: texts, sources and places do not."""
        return self.model_dump(mode="json", include=_CHANGE_DETERMINING)

    def array(self, parameter: Parameter) -> NDArray[np.float64]:
        """The value laid out over its parameter, NaN for entries that it leaves alone.

        Returns
        -------
        float64 array of shape ``parameter.shape``
        """
        return np.array(self.entries, np.float64).reshape(parameter.shape)


class Reform(Frozen):
    """What a reform is called and where it stands; its changes are in the scenario.

    Parameters
    ----------
    cost_gbp_m : float or None
        Its published cost over its whole life, in millions of pounds.
    """

    name: str
    title: str
    description: str
    status: Status
    sources: tuple[Source, ...]
    origin: str
    cost_gbp_m: float | None = None


class Scenario(Frozen):
    """A scenario with everything it inherits, overrides and reforms.

    Parameters
    ----------
    start : date
        First day of results.
    years : int
        Length of the results.
    scale : float
        Simulated people for each person in the population.
    areas : tuple of str
        Codes of areas.
    seed : int
        Seed of the first replication.
    replications : int
    warm_up_years : int
        Years simulated before ``start``.
    parameters : dict
        Every parameter of the library by name, overrides included.
    reforms : tuple of Reform
        In the order in which they were listed, parents first.
    changes : tuple of Change
        Of all reforms, in order.
    origins : dict
        ``file:line`` of every field that a file sets; fields that are missing have their default.
    files : tuple of str
        Every file read.
    posterior : str
        SHA-256 of the posterior whose draws the seeds live with; empty for the parameters as they are.
    """

    name: str
    title: str
    description: str
    start: dt.date
    years: int
    scale: float
    areas: tuple[str, ...]
    seed: int
    replications: int
    warm_up_years: int
    parameters: dict[str, Parameter]
    reforms: tuple[Reform, ...]
    changes: tuple[Change, ...]
    origins: dict[str, str]
    files: tuple[str, ...]
    posterior: str = ""

    @property
    def end(self) -> dt.date:
        """The first day after the results."""
        return years_after(self.start, self.years)

    def digest(self) -> str:
        """SHA-256 (hexadecimal) of all that determines a run: texts, sources and places do not."""
        settings = self.model_dump(mode="json", include=_DETERMINING)
        parameters = {name: p.determining() for name, p in self.parameters.items()}
        changes = [change.determining() for change in self.changes]
        content = {**settings, "parameters": parameters, "changes": changes}
        if self.posterior:
            content["posterior"] = self.posterior
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()


_DETERMINING = {
    "name",
    "start",
    "years",
    "scale",
    "areas",
    "seed",
    "replications",
    "warm_up_years",
}
_PARAMETER_DETERMINING = {"by", "labels", "length", "numbers", "specs"}
_CHANGE_DETERMINING = {
    "what",
    "entries",
    "join",
    "who",
    "where",
    "from_",
    "ramp_months",
    "until",
}


def years_after(date: dt.date, years: int) -> dt.date:
    """The same day some years later; 1 March for a 29 February that does not exist."""
    try:
        return date.replace(year=date.year + years)
    except ValueError:
        return dt.date(date.year + years, 3, 1)


def _labelled(entries: list[Any], labels: Sequence[Sequence[str]]) -> Any:
    if not labels:
        return entries[0]
    first, *rest = labels
    size = math.prod(len(inner) for inner in rest)
    return {
        label: _labelled(entries[place * size : (place + 1) * size], rest)
        for place, label in enumerate(first)
    }
