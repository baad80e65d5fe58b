"""A mapping of a file against its schema, with every slip in plain English."""

from __future__ import annotations

import contextlib
import re
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sim.scenario.cursor import Cursor
from sim.scenario.errors import listed, nearest_names, shown
from sim.scenario.evidence import Source, Uncertainty
from sim.scenario.schema import REFORM_TAGS, InlineReform, ReformChange

Model = TypeVar("Model", bound=BaseModel)
_INSIDE: Final[dict[str, type[BaseModel]]] = {
    "source": Source,
    "sources": Source,
    "uncertainty": Uncertainty,
    "changes": ReformChange,
    "reforms": InlineReform,
}


def validated(cursor: Cursor, model: type[Model]) -> Model | None:
    """The mapping at a place as ``model``; None, with every problem noted, if it is not one."""
    try:
        return model.model_validate(cursor.value)
    except ValidationError as error:
        found = error.errors(include_url=False)
        meant = {
            _meant(model, details["loc"])
            for details in found
            if details["type"] == "extra_forbidden"
        }
        for details in found:
            if details["type"] != "missing" or details["loc"] not in meant:
                _report(cursor, model, details)
        return None


def salvaged(cursor: Cursor, model: type[Model], stand_ins: dict[str, Any]) -> Model:
    """The mapping at a place as ``model``; what is wrong is noted and left out.

    Parameters
    ----------
    cursor : Cursor
    model : type
    stand_ins : dict
        Values for required keys that are missing or wrong.
    """
    model_or_none = validated(cursor, model)
    if model_or_none is not None:
        return model_or_none
    sound = {}
    for key in _keys(model):
        if key not in cursor.value:
            continue
        with contextlib.suppress(ValidationError):
            model.model_validate({**stand_ins, key: cursor.value[key]})
            sound[key] = cursor.value[key]
    return model.model_validate({**stand_ins, **sound})


def _meant(model: type[BaseModel], location: tuple[Any, ...]) -> tuple[Any, ...]:
    """The place that an unknown key is meant for: it is told of, and not that the key is missing there."""
    holder, _ = _field_at(model, location)
    return (*location[:-1], *nearest_names(str(location[-1]), _keys(holder), 1))


def _report(cursor: Cursor, model: type[BaseModel], details: ErrorDetails) -> None:
    document, location = cursor.document, details["loc"]
    keys = document.known((*cursor.keys, *location))
    last = str(location[-1]) if location else ""
    holder, field = _field_at(model, location)
    nearest = None
    match details["type"]:
        case "missing" if isinstance(location[-1], int):
            keys = document.known((*cursor.keys, *location[:-1]))
            given, allowed = f"{shown(details['input'])} given", _allowed(holder, field)
        case "missing":
            keys = (*document.known((*cursor.keys, *location[:-1])), last)
            given, allowed = "missing", _allowed(holder, field)
        case "extra_forbidden":
            names = _keys(holder)
            given, allowed, nearest = "unknown key", f"allowed: {listed(names)}", (last, names)
        case "rule":
            given, allowed = details["ctx"]["given"], details["ctx"]["allowed"]
        case "literal_error" if isinstance(details["input"], str):
            given, allowed = f"{shown(details['input'])} given", _allowed(holder, field)
            nearest = (details["input"], re.findall("'(.*?)'", details["ctx"]["expected"]))
        case _:
            given, allowed = f"{shown(details['input'])} given", _allowed(holder, field)
    line = document.line(keys)
    cursor.problems.add(document.file, line, document.place(keys), given, allowed, nearest)


def _field_at(model: type[BaseModel], location: tuple[Any, ...]) -> tuple[type[BaseModel], str]:
    """The model that holds a place, and the name of its field there."""
    field = ""
    for step in location:
        if isinstance(step, int) or step in REFORM_TAGS:
            continue
        if field in _INSIDE:
            model, field = _INSIDE[field], step
        elif not field:
            field = step
    return model, field


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _allowed(model: type[BaseModel], field: str) -> str:
    for name, info in model.model_fields.items():
        if field in (name, info.alias):
            return info.description or ""
    return ""
