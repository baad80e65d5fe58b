"""Where a number comes from and how far to trust it: grade, source, reasoning and uncertainty."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from sim.scenario.cursor import Cursor

Grade = Literal["published", "second_hand", "estimate", "assumption"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
NEED_REASONING: Final = ("estimate", "assumption")


class Frozen(BaseModel):
    """A model that cannot be changed and knows every one of its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def as_list(value: Any) -> Any:
    """One item where a list is wanted, as a list of one."""
    return value if isinstance(value, list | tuple) else [value]


def as_text(value: Any) -> Any:
    """A whole number where text is wanted (a year, a label), as text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Source(Frozen):
    """Where a number was published.

    ``date`` is text, since many sources state a month or a year only.
    """

    publisher: Text = Field(description="the publisher, as text")
    title: Text = Field(description="the title, as text")
    date: Annotated[Text, BeforeValidator(as_text, json_schema_input_type=str | int)] = Field(
        description="the date of publication, as text such as 2024-05-16 or 2024"
    )
    url: Annotated[Text, StringConstraints(pattern=r"^https?://\S+$")] = Field(
        description="an address that begins with https:// or http://"
    )


class Uncertainty(Frozen):
    """A 90% plausible interval: of the value if it is one number, of a common multiplier if not."""

    low: Annotated[float, Field(strict=True, allow_inf_nan=False)] = Field(
        description="the lower end of the interval, a number"
    )
    high: Annotated[float, Field(strict=True, allow_inf_nan=False)] = Field(
        description="the upper end of the interval, a number"
    )


Sources = Annotated[
    tuple[Source, ...],
    BeforeValidator(as_list, json_schema_input_type=Source | tuple[Source, ...]),
]


def check_evidence(cursor: Cursor) -> None:
    """Note what is missing: a source unless assumed, reasoning if estimated or assumed."""
    grade = cursor.value.get("grade")
    if grade in ("published", "second_hand", "estimate") and not cursor.value.get("source"):
        cursor.report(f"no source for the grade {grade}", "a source, or the grade assumption")
    if grade in NEED_REASONING and not cursor.value.get("reasoning"):
        cursor.report(f"no reasoning for the grade {grade}", "say in reasoning where it comes from")
