"""What is looked up by kind is what is worked out person by person, in every arm and for aimed parameters."""

from __future__ import annotations

import numpy as np

from sim.core.dates import date_of
from sim.core.engine import conduct
from sim.core.world import World
from sim.pathway.person import YEAR
from sim.people import read_areas
from sim.scenario import override
from sim.settings import ParameterSettings
from tests.pathway.lives import small
from tests.reference.twins import change


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


def test_rates_are_made_anew_when_a_parameter_changes_and_for_other_settings(start: World) -> None:
    """A reform of the rate in mid-run, in one of two arms, and a branch under parameters of its own."""
    deadlier = change(small(), "demography.death_rate", 3.0, from_=date_of(start.day + 10))
    reform = small().model_copy(update={"name": "deadlier", "changes": (deadlier,)})
    settings = ParameterSettings([small(), reform], read_areas().code, start.day + 1)
    world = start.branched([0, 0], settings)
    ids = np.arange(len(world.keys))
    arm = world.arm_of(ids)
    before = world.hazard("dies", ids)
    conduct(world, start.day + 9)
    p = world.people
    alike = (p["age_band"] == start.people["age_band"][ids % world.people_per_arm]) & (
        p["limiting"] == start.people["limiting"][ids % world.people_per_arm]
    )
    np.testing.assert_allclose(
        (world.hazard("dies", ids) / before)[alike], np.where(arm == 1, 3.0, 1.0)[alike], rtol=1e-12
    )
    plain = ParameterSettings([small()], read_areas().code, world.day + 1)
    back = world.branched([1], plain)
    mine = np.arange(len(back.keys))
    np.testing.assert_allclose(
        3.0 * back.hazard("dies", mine), world.hazard("dies", ids[arm == 1]), rtol=1e-12
    )
