"""What is looked up by kind is what is worked out person by person, in every arm and for aimed parameters."""

from __future__ import annotations

import numpy as np

from sim.core.world import World
from sim.pathway.person import YEAR
from sim.people import read_areas
from sim.scenario import override
from sim.settings import ParameterSettings
from tests.pathway.lives import small


def test_a_kind_has_the_hazard_of_its_people_in_each_arm(start: World) -> None:
    arms = [small(), override(small(), {"demography.death_limiting_ratio": 7.5}, "frailer")]
    settings = ParameterSettings(arms, read_areas().code, start.day + 1)
    world = start.branched([0, 0], settings)
    ids = np.arange(len(world.keys))
    p = world.people
    rate = world.value("demography.death_rate", ids, p["sex"], p["age_band"])
    limited = world.value("demography.death_limiting_ratio", ids)
    expected = rate * np.where(p["limiting"], limited, 1.0) / YEAR
    np.testing.assert_allclose(world.hazard("dies", ids), expected, rtol=1e-12)
    some = np.array([5, world.people_per_arm + 5, world.people_per_arm + 1])
    np.testing.assert_array_equal(
        world.hazard("dies", some, peak=True), world.hazard("dies", ids, peak=True)[some]
    )
