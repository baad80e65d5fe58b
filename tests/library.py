"""The library, of which each scenario is read once: nobody can change one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sim.scenario import Parameter, Scenario, load_parameters, load_scenario


@cache
def library(name: str) -> Scenario:
    """A scenario of the library."""
    return load_scenario(name)


@cache
def parameters() -> Mapping[str, Parameter]:
    """The parameters of the library."""
    return load_parameters()
