"""Scenarios at draws of the posterior, for ``parameters: posterior``.

Each pair of neighbouring seeds lives with one draw: two runs with the same parameters tell chance, and different
draws tell what the uncertainty of parameters adds. Which draw a seed has depends on nothing but the seed. Beside the
calibrated parameters, a draw has an effect of each programme of support from the range that its evidence gives.
"""

from __future__ import annotations

import hashlib
import json
import math
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow.parquet as pq
from scipy.special import ndtri

from sim.core.draws import person_keys, stream_id, uniforms
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.models import Parameter, Scenario
from sim.scenario.varied import Variation, varied

FILE: Final = Path(__file__).parents[2] / "calibration" / "posterior" / "draws.parquet"
PROVENANCE: Final = b"fitflow"
"""Key of the metadata that says where the draws come from."""
SEEDS_A_DRAW: Final = 2
_HALF: Final = float(ndtri(0.95))
_STREAM: Final = "posterior_effect_of_support"


def posterior_digest(file: Path = FILE) -> str:
    """SHA-256 of the file of draws.

    Raises
    ------
    ScenarioError
        If there is none.
    """
    if not file.exists():
        text = "no posterior is installed"
        raise ScenarioError([Problem(str(file), None, "", text, "fitflow calibrate makes one")])
    return hashlib.sha256(file.read_bytes()).hexdigest()


def provenance(file: Path = FILE) -> dict[str, Any]:
    """Where the draws come from."""
    told: dict[str, Any] = json.loads(pq.read_schema(file).metadata[PROVENANCE])
    return told


def pair_of(seed: Any) -> Any:
    """Number of the pair that a seed, or each of an array of seeds, is in: 1 and 2 are the first."""
    return (seed + SEEDS_A_DRAW - 1) // SEEDS_A_DRAW


def draw_of(seed: int, file: Path = FILE) -> int:
    """The draw that a seed lives with."""
    return int(pair_of(seed)) % len(_draws(file))


def at_seed(scenario: Scenario, seed: int, file: Path = FILE) -> Scenario:
    """A scenario with the parameters that a seed lives with; as it is unless it uses the posterior."""
    if not scenario.posterior:
        return scenario
    if scenario.posterior != posterior_digest(file):
        text = "the draws are not those that the scenario was loaded with"
        raise ScenarioError([Problem(str(file), None, scenario.name, text)])
    return at_draw(scenario, draw_of(seed, file), file)


def at_draw(scenario: Scenario, draw: int, file: Path = FILE) -> Scenario:
    """A scenario with the parameters of one draw."""
    variations = [*_draws(file)[draw], *_effects(scenario, draw)]
    return varied(scenario, variations, name=scenario.name, origin=f"posterior draw {draw}")


def numbers_at(scenario: Scenario, draw: int, file: Path = FILE) -> dict[str, float]:
    """What one draw sets, by name: the numbers that were calibrated, and the effects of support."""
    table = pq.read_table(file, columns=["draw", "parameter", "number"]).to_pylist()
    found = {row["parameter"]: row["number"] for row in table if row["draw"] == draw}
    return found | {effect.what: effect.value for effect in _effects(scenario, draw)}


def count_draws(file: Path = FILE) -> int:
    """How many draws there are."""
    return len(_draws(file))


@cache
def _draws(file: Path) -> tuple[tuple[Variation, ...], ...]:
    draws: dict[int, list[Variation]] = {}
    for row in pq.read_table(file).to_pylist():
        who, value = json.loads(row["who"]), json.loads(row["value"])
        variation = Variation(row["what"], value, who=who, part=row["part"])
        draws.setdefault(row["draw"], []).append(variation)
    return tuple(tuple(draws[draw]) for draw in sorted(draws))


def _effects(scenario: Scenario, draw: int) -> list[Variation]:
    """What support does to hazards, from the range of its evidence: one number for each programme's ratio."""
    return [
        _effect(parameter, draw)
        for parameter in scenario.parameters.values()
        if parameter.name.endswith("hazard_ratio") and parameter.uncertainty
    ]


def _effect(parameter: Parameter, draw: int) -> Variation:
    """Normal between the ends of the 90% interval, in logarithms; a table moves by a common factor."""
    assert parameter.uncertainty is not None
    address = np.array([stream_id(parameter.name)])
    standard = ndtri(uniforms(person_keys(draw, address), stream_id(_STREAM))[0])
    low, high = (math.log(end) for end in (parameter.uncertainty.low, parameter.uncertainty.high))
    number = math.exp((low + high) / 2 + (high - low) / 2 * standard / _HALF)
    if parameter.shape:
        return Variation(parameter.name, number, "multiply")
    return Variation(parameter.name, float(np.clip(number, *parameter.range)))
