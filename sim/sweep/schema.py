"""What may stand in a sweep file, key by key; designs and what is laid over are read elsewhere."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field, TypeAdapter, create_model

from sim.scenario.evidence import Frozen, Text
from sim.scenario.schema import AT_LEAST_ONE, DIALECT, ListedReform, Name, Number, Sentence
from sim.tables import TABLES

Kind = Literal["lever", "uncertainty"]
KEPT: Final = ("stocks", "events", "waits")
"""Tables that outcomes and appraisals are counted from."""
SETTINGS: Final = (
    "start",
    "years",
    "scale",
    "areas",
    "seed",
    "replications",
    "warm_up_years",
)
Whole = Annotated[int, Field(strict=True)]
_SHARE: Final = r"^(\d*[1-9]\d*(\.\d+)?|0*\.\d*[1-9]\d*)%$"
"""More than nothing, in per cent."""


class Factor(Frozen):
    """Something that differs between the points of a sweep."""

    title: Text | None = Field(None, description="text")
    unit: Text = Field("", description="the unit in words")
    kind: Kind = Field("lever", description="lever (chosen) or uncertainty (not known)")


class Laid(Frozen):
    """What is laid over a scenario; read like a scenario file once factors have their values."""

    parameters: dict[str, Any] = Field(
        default_factory=dict, description="values by the name of a parameter"
    )
    reforms: Any = Field((), description="a list of names or paths of reforms")
    changes: Any = Field((), description="a list of changes, as in a reform")


class Listed(Frozen):
    """The reforms of what is laid over, once factors have their values."""

    model_config = ConfigDict(extra="ignore")
    reforms: tuple[ListedReform, ...] = Field(description="a list of names, paths or reforms")


class Wanted(Frozen):
    """The precision wanted of the difference of every point from its base in the last year."""

    half_width: Annotated[Number, Field(gt=0)] | Annotated[Text, Field(pattern=_SHARE)] = Field(
        description="a share of the difference such as 10%, or a number such as 500"
    )
    outcome: Text = Field(description="the name of an outcome")
    most: Annotated[Whole, Field(ge=2, le=10_000)] = Field(
        64, description="the most replications, a whole number from 2 to 10000"
    )


class Sampled(Frozen):
    """A Latin hypercube or a Sobol sequence over ranges of factors."""

    points: Annotated[Whole, Field(ge=1, le=65_536)] = Field(
        description="a whole number from 1 to 65536"
    )
    seed: Annotated[Whole, Field(ge=0)] = Field(1, description="a whole number of 0 or more")
    ranges: dict[str, Any] = Field(
        description="[lowest, highest], {low, high, scale} or plausible, by the name of a factor"
    )


class Span(Frozen):
    """The range of a factor: evenly spread over numbers, or over their logarithms or log-odds."""

    low: Number = Field(description="a number")
    high: Number = Field(description="a number")
    scale: Literal["linear", "log", "logit", "whole"] = Field(
        "linear", description="linear, log, logit or whole (numbers)"
    )


class Posterior(Frozen):
    """Draws of parameters from a fit."""

    draws: Text | None = Field(
        None, description="the path of a file of draws; the installed posterior if left out"
    )
    number: Annotated[Whole, Field(ge=1)] = Field(
        100, description="how many of the draws to take, a whole number of 1 or more"
    )


class SweepFile(Frozen):
    """A sweep as a whole; what stands inside its parts is read with them."""

    name: Name = Field(description="a name of letters, digits, hyphens and underscores")
    title: Text = Field(description="text")
    description: Sentence = Field(description="one sentence or more, ending with a full stop")
    base: Text = Field(description="the name or path of a scenario")
    settings: dict[str, Any] = Field(
        default_factory=dict, description="settings of a scenario: " + ", ".join(SETTINGS)
    )
    factors: dict[str, Any] = Field(
        default_factory=dict, description="mappings {title, unit, kind} by the name of a factor"
    )
    everywhere: dict[str, Any] = Field(
        default_factory=dict, description="a mapping {parameters, reforms, changes}"
    )
    arms: dict[str, Any] = Field(
        default_factory=dict, description="a mapping {parameters, reforms, changes}"
    )
    designs: Annotated[tuple[Any, ...], AT_LEAST_ONE] = Field(
        description="a list of designs, at least one"
    )
    constraints: tuple[Text, ...] = Field((), description="a list of conditions between factors")
    outcomes: Annotated[tuple[Text, ...], AT_LEAST_ONE] = Field(
        ("in_work",), description="a list of names of outcomes"
    )
    precision: dict[str, Any] | None = Field(
        None, description="a mapping {half_width, outcome, most}"
    )
    detail: Literal["country", "area"] = Field("country", description="country or area")
    keep: Annotated[
        tuple[Literal["stocks", "flows", "events", "waits", "spells"], ...], AT_LEAST_ONE
    ] = Field(
        KEPT,
        description="a list of tables: "
        + ", ".join(t for t in TABLES if t not in ("log", "same_people")),
    )


def json_schema() -> dict[str, Any]:
    """What may stand in a sweep file, with its parts, as a JSON schema for editors."""
    design = create_model(
        "Design",
        __base__=Frozen,
        grid=(dict[str, tuple[Any, ...]] | None, None),
        list=(str | tuple[dict[str, Any], ...] | None, None),
        latin_hypercube=(Sampled | None, None),
        sobol=(Sampled | None, None),
        posterior=(Posterior | None, None),
    )
    whole = create_model(
        "Sweep",
        __base__=SweepFile,
        factors=(dict[str, Factor], {}),
        everywhere=(Laid, Laid()),
        arms=(Laid, Laid()),
        designs=(tuple[design, ...], ...),
        precision=(Wanted | None, None),
    )
    return {"$schema": DIALECT} | TypeAdapter(whole).json_schema()
