"""Options and arguments that cannot be used, told in the words of all other messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


class PlainGroup(TyperGroup):
    """The commands of the program, which say what was given, what is allowed, and the nearest of it."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command; where values are refused, it is not in the words of the library that checks them."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            from pydantic import ValidationError

            if isinstance(error.__cause__, ValidationError):
                (details, *_) = error.__cause__.errors(include_url=False)
                error.message = refused(details, error.param)
            raise


def refused(details: ErrorDetails, param: Any) -> str:
    """What was given to an option or argument, and what is allowed."""
    from sim.scenario.errors import nearest_names, shown

    descriptor = param.type_descriptor
    given = f"{shown(details['input'])} given"
    if descriptor.is_choice:
        choices = [str(choice) for choice in descriptor.choices]
        near = nearest_names(str(details["input"]), choices, 1)
        hint = f"; did you mean {shown(near[0])}?" if near else ""
        return f"{given}; allowed: {', '.join(choices)}{hint}"
    return f"{given}; allowed: {_number(descriptor)}"


def _number(descriptor: Any) -> str:
    """A number within the limits of an option."""
    info, annotation = descriptor.parameter_info, descriptor.annotation
    whole = annotation is int or int in get_args(annotation)
    limits = {
        (True, True): f" from {info.min} to {info.max}",
        (True, False): f" of {info.min} or more",
        (False, True): f" of {info.max} or less",
    }.get((info.min is not None, info.max is not None), "")
    return ("a whole number" if whole else "a number") + limits
