"""The free parameters and their priors: from standard normal numbers to scenarios.

A prior is normal on the scale of its transform, and its 90% interval is what ``parameters.yaml`` says. All methods
work on standard normal coordinates, one a parameter; here they become values and scenarios.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator
from scipy.special import expit, logit
from scipy.stats import norm, qmc

from sim.scenario import Scenario, Variation, varied
from sim.scenario.cursor import Cursor
from sim.scenario.errors import Problems
from sim.scenario.schema import rule
from sim.scenario.validation import validated
from sim.scenario.yaml_source import read_yaml

FILE: Final = Path(__file__).with_name("parameters.yaml")
F64 = NDArray[np.float64]
_HALF: Final = float(norm.ppf(0.95))
_FORWARD: Final = {"log": np.log, "logit": logit, "linear": np.asarray}
_BACKWARD: Final = {"log": np.exp, "logit": expit, "linear": np.asarray}


class Free(BaseModel):
    """One calibrated parameter; ``low`` and ``high`` hold 90% of the prior, of the value or of a factor on a table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(description="a few words")
    what: str = Field(description="the name of a parameter")
    low: float = Field(description="a number, the lower end of 90% of the prior")
    high: float = Field(description="a number, the upper end of 90% of the prior")
    transform: Literal["log", "logit", "linear"] = Field(description="log, logit or linear")
    prior: str = Field(description="where the interval comes from, in words")
    told_by: str = Field(description="the targets that are meant to tell it, in words")
    who: dict[str, str | list[str]] = Field(
        default_factory=dict, description="labels, or lists of them, by dimension"
    )
    part: str | None = Field(None, description="the name of a number of a hazard table")
    table: dict[str, Any] | None = Field(None, description="a mapping of numbers by label")

    @model_validator(mode="after")
    def _within(self) -> Free:
        if not self.low < self.high:
            raise rule(f"low {self.low:g} and high {self.high:g} given", "low is below high")
        if self.table is not None and not self.low < 1 < self.high:
            raise rule(f"{self.low:g} to {self.high:g} given", "a factor on a table lies around 1")
        if self.transform != "linear" and self.low <= 0:
            raise rule(f"low {self.low:g} given", f"above 0 with the transform {self.transform}")
        if self.transform == "logit" and self.high >= 1:
            raise rule(f"high {self.high:g} given", "below 1 with the transform logit")
        return self

    def number(self, x: F64) -> F64:
        """The value, or the factor, at standard normal coordinates."""
        low, high = _FORWARD[self.transform](np.array([self.low, self.high]))
        return np.asarray(
            _BACKWARD[self.transform]((low + high) / 2 + (high - low) / 2 / _HALF * x)
        )

    def coordinate(self, number: F64 | float) -> F64:
        """Standard normal coordinates of a value or a factor."""
        low, high = _FORWARD[self.transform](np.array([self.low, self.high]))
        middle, half = (low + high) / 2, (high - low) / 2
        return np.asarray((_FORWARD[self.transform](np.asarray(number)) - middle) / half * _HALF)

    def variations(self, number: float) -> list[Variation]:
        """What a number does to a scenario."""
        if self.table is None:
            return [Variation(self.what, number, who=self.who, part=self.part or "scale")]
        if self.part is None:
            return [Variation(self.what, _times(self.table, number), who=self.who)]
        (dimension,) = self.who
        return [
            Variation(self.what, entry * number, who={dimension: label}, part=self.part)
            for label, entry in self.table.items()
        ]


@dataclass(frozen=True)
class Space:
    """All free parameters, in order."""

    free: Mapping[str, Free]

    @cached_property
    def names(self) -> list[str]:
        """Names of the parameters."""
        return list(self.free)

    @property
    def size(self) -> int:
        """Number of parameters."""
        return len(self.free)

    def numbers(self, x: F64) -> F64:
        """Values (or factors) at standard normal coordinates, of the same shape (..., parameters)."""
        columns = [free.number(x[..., k]) for k, free in enumerate(self.free.values())]
        return np.stack(columns, axis=-1)

    def coordinates(self, numbers: F64) -> F64:
        """Standard normal coordinates of values (or factors), of the same shape (..., parameters)."""
        columns = [free.coordinate(numbers[..., k]) for k, free in enumerate(self.free.values())]
        return np.stack(columns, axis=-1)

    def scenario(self, base: Scenario, numbers: Sequence[float] | F64, name: str) -> Scenario:
        """The scenario at values (or factors) of all parameters."""
        variations = [
            variation
            for free, number in zip(self.free.values(), numbers, strict=True)
            for variation in free.variations(float(number))
        ]
        return varied(base, variations, name=name, origin="calibration")


def read_space(path: Path = FILE) -> Space:
    """The free parameters of a file.

    Raises
    ------
    ScenarioError
        With everything that is wrong with it.
    """
    problems = Problems()
    document = read_yaml(path, problems)
    problems.stop()
    assert document is not None
    top = Cursor.top(document, problems)
    if not isinstance(top.value.get("free"), dict):
        top.report("no free parameters", "a mapping of them by name, under the key free")
    problems.stop()
    free = {item.key: validated(item, Free) for item in top.at("free").each()}
    problems.stop()
    return Space({name: entry for name, entry in free.items() if entry is not None})


def latin_hypercube(size: int, number: int, seed: int) -> F64:
    """A design over the prior: Latin hypercube in standard normal coordinates, shape (number, size)."""
    unit = qmc.LatinHypercube(size, rng=np.random.default_rng(seed)).random(number)
    return np.asarray(norm.ppf(np.clip(unit, 1e-4, 1 - 1e-4)))


def shown(number: float) -> str:
    """A value of a parameter for a reader: four digits, and no powers of ten."""
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"


def _times(value: Any, factor: float) -> Any:
    if isinstance(value, dict):
        return {label: _times(inner, factor) for label, inner in value.items()}
    return value * factor
