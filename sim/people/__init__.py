"""The people of a run: who lives where, in which state, and who will turn 16."""

from sim.people.areas import Areas, read_areas
from sim.people.parameters import PeopleParameters
from sim.people.pension_age import pension_day
from sim.people.population import People, build

__all__ = ["Areas", "People", "PeopleParameters", "build", "pension_day", "read_areas"]
