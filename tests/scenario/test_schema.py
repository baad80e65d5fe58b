from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from sim.scenario import json_schema
from sim.scenario.evidence import Source, Uncertainty
from sim.scenario.schema import (
    InlineChange,
    InlineReform,
    ParameterEntry,
    ReformChange,
    ReformFile,
    ScenarioFile,
)
from sim.states import LABELS


def test_the_schemas_are_the_same_in_every_process() -> None:
    code = "import json; from sim.scenario import json_schema; print(json.dumps(json_schema()))"
    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True,
        env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": "7"},
    ).stdout  # fmt: skip
    assert json.dumps(json_schema()) == other.strip()


@pytest.mark.parametrize(("kind", "model"), [("scenario", ScenarioFile), ("reform", ReformFile)])
def test_a_schema_lists_the_keys_of_a_file(kind: str, model: Any) -> None:
    schema = json_schema()[kind]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert list(schema["properties"]) == list(model.model_fields)
    assert schema["additionalProperties"] is False


def test_a_schema_states_what_is_required_and_allowed() -> None:
    schemas = json_schema()
    scenario, reform = schemas["scenario"], schemas["reform"]
    assert scenario["required"] == ["name", "title", "description"]
    assert reform["required"] == ["name", "title", "description", "status", "changes"]
    years = scenario["properties"]["years"]
    assert (years["type"], years["minimum"], years["maximum"]) == ("integer", 1, 30)
    assert scenario["properties"]["start"]["format"] == "date"
    change = reform["$defs"]["ReformChange"]
    assert change["required"] == ["what", "value", "from", "grade"]
    assert change["properties"]["join"]["enum"] == ["multiply", "replace", "cap"]
    sexes = change["properties"]["who"]["properties"]["sex"]["anyOf"][0]
    assert sexes == {"enum": list(LABELS["sex"])}
    entry = schemas["parameters"]["$defs"]["ParameterEntry"]
    assert entry["required"] == ["description", "unit", "value", "range", "grade"]


@pytest.mark.parametrize(
    "model",
    [
        InlineChange, InlineReform, ParameterEntry, ReformChange, ReformFile, ScenarioFile, Source,
        Uncertainty,
    ],
)  # fmt: skip
def test_every_key_says_what_is_allowed(model: Any) -> None:
    """The description of a key is the second half of a message about it."""
    for name, field in model.model_fields.items():
        assert field.description, f"{model.__name__}.{name}"
        assert not field.description.endswith("."), f"{model.__name__}.{name}"
