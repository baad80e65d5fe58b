"""The schema of sweep files for editors says what the reader of the files takes."""

from __future__ import annotations

from sim.sweep.designs import KINDS
from sim.sweep.schema import Factor, Laid, SweepFile, json_schema


def test_the_schema_lists_the_keys_of_a_sweep_and_of_its_parts() -> None:
    schema = json_schema()
    parts = schema["$defs"]
    assert list(schema["properties"]) == list(SweepFile.model_fields)
    assert schema["required"] == ["name", "title", "description", "base", "designs"]
    assert list(parts["Design"]["properties"]) == list(KINDS)
    assert list(parts["Factor"]["properties"]) == list(Factor.model_fields)
    assert list(parts["Laid"]["properties"]) == list(Laid.model_fields)
    assert all(part["additionalProperties"] is False for part in (schema, *parts.values()))
    assert parts["Factor"]["properties"]["kind"]["enum"] == ["lever", "uncertainty"]
