"""Scenarios: what a user writes in YAML, checked and resolved before anything runs."""

from __future__ import annotations

from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.evidence import Source, Uncertainty
from sim.scenario.explain import Explanation, explain, nearest_names
from sim.scenario.library import LibraryEntry, default_library, list_library, load_parameters
from sim.scenario.loader import load_scenario, override
from sim.scenario.models import Change, Parameter, Reform, Scenario, Setting
from sim.scenario.schema import json_schema
from sim.scenario.varied import Variation, varied

__all__ = [
    "Change",
    "Explanation",
    "LibraryEntry",
    "Parameter",
    "Problem",
    "Reform",
    "Scenario",
    "ScenarioError",
    "Setting",
    "Source",
    "Uncertainty",
    "Variation",
    "default_library",
    "explain",
    "json_schema",
    "list_library",
    "load_parameters",
    "load_scenario",
    "nearest_names",
    "override",
    "varied",
]
