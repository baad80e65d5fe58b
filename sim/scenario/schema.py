"""What may stand in a file, key by key: parameter entries, reforms and scenarios.

The description of a field says what is allowed there; it is shown to users in messages and to
editors through the JSON schema. Values, labels, areas and names are checked by the reader, who
knows the library.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    TypeAdapter,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from sim.scenario.errors import shown
from sim.scenario.evidence import Frozen, Grade, Sources, Text, Uncertainty, as_text
from sim.scenario.tables import read_date
from sim.states import LABELS

Join = Literal["multiply", "replace", "cap"]
Scope = Literal["person", "place", "start"]
Status = Literal["in_force", "announced", "withdrawn", "hypothetical"]
WHO_DIMENSIONS: Final = ("condition", "sex", "age_band", "limiting")
EARLIEST_START: Final = dt.date(2010, 1, 1)
LATEST_START: Final = dt.date(2058, 12, 31)


def rule(given: str, allowed: str) -> PydanticCustomError:
    """An error in words of our own, for a rule that no type states."""
    words = {"given": given.replace("{", "{{"), "allowed": allowed}
    return PydanticCustomError("rule", "{given}; {allowed}", words)


def _sentence(text: str) -> str:
    if not text.endswith("."):
        raise rule(f"{shown(text[-30:])} ends without a full stop", "a sentence with a full stop")
    return text


def _date(value: Any) -> Any:
    date = read_date(value) if isinstance(value, str) else value
    if type(date) is not dt.date:
        raise rule(f"{shown(value)} given", "a date such as 2024-04-01")
    return date


def _start(date: dt.date) -> dt.date:
    if not EARLIEST_START <= date <= LATEST_START:
        raise rule(f"{date} given", f"a date from {EARLIEST_START} to {LATEST_START}")
    return date


def _ordered(pair: tuple[float, float]) -> tuple[float, float]:
    if pair[0] > pair[1]:
        raise rule(f"[{pair[0]:.12g}, {pair[1]:.12g}] given", "the lower number comes first")
    return pair


def _some(items: tuple[Any, ...]) -> tuple[Any, ...]:
    if not items:
        raise rule("an empty list", "at least one item")
    return items


# A minimum length would also be reported where every item is wrong.
AT_LEAST_ONE: Final = AfterValidator(_some)
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=60)]
Sentence = Annotated[Text, AfterValidator(_sentence)]
Date = Annotated[dt.date, BeforeValidator(_date)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Range = Annotated[tuple[Number, Number], AfterValidator(_ordered)]
Label = Annotated[Text, BeforeValidator(as_text, json_schema_input_type=str | int)]
Places = Annotated[
    Any,
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
_NUMBERS: Final[list[dict[str, Any]]] = [
    {"type": "number"},
    {"type": "array", "items": {"type": "number"}},
]
Value = Annotated[Any, WithJsonSchema({"anyOf": [*_NUMBERS, {"type": "object"}]})]
Who = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                name: {"anyOf": [{"enum": labels}, {"type": "array", "items": {"enum": labels}}]}
                for name, labels in ((name, list(LABELS[name])) for name in WHO_DIMENSIONS)
            },
        }
    ),
]


class ParameterEntry(Frozen):
    """One parameter of the library."""

    description: Sentence = Field(description="one sentence that ends with a full stop")
    unit: Text = Field(description="the unit in words, such as 'per year' or 'share'")
    value: Value = Field(
        description="a number, a list of numbers, a mapping by the labels of its dimensions, "
        "a hazard table, or a mapping of any of the first three by date"
    )
    by: tuple[Text, ...] = Field((), description="a list of dimensions")
    labels: dict[str, Annotated[tuple[Label, ...], AT_LEAST_ONE]] = Field(
        default_factory=dict, description="lists of labels by the name of a dimension"
    )
    kind: Literal["hazard_table"] | None = Field(
        None, description="hazard_table, or nothing for numbers"
    )
    scope: Scope = Field(
        "person", description="person, place (has no people to be aimed at) or start (read once)"
    )
    range: Range = Field(description="two numbers, [lowest, highest]")
    uncertainty: Uncertainty | None = Field(None, description="a mapping {low: .., high: ..}")
    grade: Grade = Field(description="published, second_hand, estimate or assumption")
    source: Sources = Field(
        (), description="a mapping {publisher, title, date, url}, or a list of them"
    )
    reasoning: Text | None = Field(None, description="text")


class InlineChange(Frozen):
    """One change by a reform that stands inside a scenario: an assumption unless it says more."""

    what: Text = Field(description="the name of a parameter")
    value: Value = Field(description="a number, a list of numbers, or a mapping by labels")
    join: Join = Field("replace", description="multiply, replace or cap")
    who: Who = Field(
        default_factory=dict, description="lists of labels by " + ", ".join(WHO_DIMENSIONS)
    )
    where: Places = Field((), description="a list of areas or groups of areas")
    from_: Date = Field(alias="from", description="the first day, a date such as 2026-04-01")
    ramp_months: Annotated[int, Field(strict=True)] = Field(
        0, ge=0, le=120, description="months in which it comes in, a whole number from 0 to 120"
    )
    until: Date | None = Field(None, description="the first day after, a date such as 2027-04-01")
    range: Range | None = Field(None, description="two numbers, [lowest, highest]")
    grade: Grade = Field("assumption", description="published, second_hand, estimate or assumption")
    source: Sources = Field(
        (), description="a mapping {publisher, title, date, url}, or a list of them"
    )
    reasoning: Text | None = Field(None, description="text")


class ReformChange(InlineChange):
    """One change by a reform of its own file: says where its number comes from."""

    grade: Grade = Field(description="published, second_hand, estimate or assumption")


class InlineReform(Frozen):
    """A reform inside a scenario, for a quick question."""

    name: Name = Field(description="a name of letters, digits, hyphens and underscores")
    title: Text | None = Field(None, description="text")
    description: Sentence | None = Field(
        None, description="one sentence that ends with a full stop"
    )
    status: Status = Field(
        "hypothetical", description="in_force, announced, withdrawn or hypothetical"
    )
    sources: Sources = Field((), description="a list of mappings {publisher, title, date, url}")
    changes: Annotated[tuple[InlineChange, ...], AT_LEAST_ONE] = Field(
        description="a list of changes, at least one"
    )


class ReformFile(Frozen):
    """A reform of the library or of a user."""

    name: Name = Field(description="a name of letters, digits, hyphens and underscores")
    title: Text = Field(description="text")
    description: Sentence = Field(description="one sentence or more, ending with a full stop")
    status: Status = Field(description="in_force, announced, withdrawn or hypothetical")
    cost_gbp_m: Number | None = Field(
        None, ge=0, description="published cost over its whole life, in millions of pounds"
    )
    sources: Sources = Field((), description="a list of mappings {publisher, title, date, url}")
    changes: Annotated[tuple[ReformChange, ...], AT_LEAST_ONE] = Field(
        description="a list of changes, at least one"
    )


REFORM_TAGS: Final = ("a reform by name", "a reform in place")


def _tag(value: Any) -> str:
    return REFORM_TAGS[isinstance(value, dict)]


ListedReform = Annotated[
    Annotated[Text, Tag(REFORM_TAGS[0])] | Annotated[InlineReform, Tag(REFORM_TAGS[1])],
    Discriminator(_tag),
]


class ScenarioFile(Frozen):
    """A scenario; what it leaves out comes from the one that it extends, or has a default."""

    name: Name = Field(description="a name of letters, digits, hyphens and underscores")
    title: Text = Field(description="text")
    description: Sentence = Field(description="one sentence or more, ending with a full stop")
    extends: Text | None = Field(None, description="the name or path of a scenario")
    start: Annotated[Date, AfterValidator(_start)] = Field(
        dt.date(2024, 4, 1), description="the first day of the results, such as 2024-04-01"
    )
    years: Annotated[int, Field(strict=True)] = Field(
        5, ge=1, le=30, description="a whole number from 1 to 30"
    )
    scale: Number = Field(
        0.01, gt=0, le=1, description="simulated people for each person, above 0 and at most 1"
    )
    areas: Places = Field(
        "england", description="england, england_and_wales, or a list of areas and groups"
    )
    seed: Annotated[int, Field(strict=True)] = Field(
        1, ge=0, le=2**32 - 1, description=f"a whole number from 0 to {2**32 - 1}"
    )
    replications: Annotated[int, Field(strict=True)] = Field(
        8, ge=1, le=10_000, description="a whole number from 1 to 10000"
    )
    warm_up_years: Annotated[int, Field(strict=True)] = Field(
        2, ge=0, le=10, description="a whole number from 0 to 10"
    )
    parameters: dict[str, Value] | Literal["posterior"] = Field(
        default_factory=dict,
        description="values by the name of a parameter, or posterior (draws of the calibration)",
    )
    reforms: tuple[ListedReform, ...] = Field((), description="a list of names, paths or reforms")


DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, dict[str, Any]]:
    """JSON schemas for editors: what may stand in each kind of file.

    Returns
    -------
    dict
        A JSON schema (draft 2020-12) by kind of file: ``scenario``, ``reform``, ``parameters``.
    """
    adapters: dict[str, TypeAdapter[Any]] = {
        "scenario": TypeAdapter(ScenarioFile),
        "reform": TypeAdapter(ReformFile),
        "parameters": TypeAdapter(dict[str, ParameterEntry]),
    }
    return {
        kind: {"$schema": DIALECT} | adapter.json_schema() for kind, adapter in adapters.items()
    }
