"""Sweep files: read, checked with all problems at once, and laid out into arms.

Whoever finds a slip notes it and goes on with what is sound; whatever is passed over in silence was noted before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from sim.scenario import Scenario, default_library, load_scenario
from sim.scenario.areas import Areas, load_areas
from sim.scenario.changes import Horizon
from sim.scenario.cursor import Cursor
from sim.scenario.errors import Problems, ScenarioError, shown
from sim.scenario.library import find_file, unknown_name
from sim.scenario.settled import of_options, settled
from sim.scenario.validation import salvaged, validated
from sim.scenario.yaml_source import read_yaml
from sim.sweep.arms import Laying, Point
from sim.sweep.constraints import Constrained, constrained
from sim.sweep.designs import UNREAD, Designs, Reading, Values, read_designs
from sim.sweep.factors import check_used, known_names, own_factor, read_factors
from sim.sweep.identity import Identity
from sim.sweep.overlay import Overlay
from sim.sweep.places import Key, key_of
from sim.sweep.schema import SETTINGS, Factor, Laid, SweepFile, Wanted
from sim.tables import TABLES

Needs = Mapping[str, Set[str]]
"""Tables that each outcome is counted from."""
_STAND_INS: Final = {
    "name": "unknown",
    "title": "unknown",
    "description": "Unknown.",
    "base": "baseline",
    "designs": [{}],
}
"""For keys that are missing or wrong, so that the rest of the file is checked all the same."""
_TIMING: Final = ("start", "years")
"""Settings that say which days there are results of."""


@dataclass(frozen=True)
class Sweep:
    """A sweep, ready to be planned.

    Parameters
    ----------
    path : Path
    base : Scenario
        With the settings of the sweep; its name says what results of points are compared with.
    factors : dict of Factor
        In the order of the points' values.
    points : tuple of Point
    scenarios : dict of Scenario
        By name: what each arm and each base simulates.
    outcomes : tuple of str
    precision : Wanted or None
    detail : {"country", "area"}
    keep : tuple of str
        Tables that are kept.
    """

    path: Path
    name: str
    title: str
    description: str
    base: Scenario
    factors: dict[str, Factor]
    points: tuple[Point, ...]
    scenarios: dict[str, Scenario]
    outcomes: tuple[str, ...]
    precision: Wanted | None
    detail: str
    keep: tuple[str, ...]

    @property
    def seeds(self) -> list[int]:
        """One a replication."""
        return [self.base.seed + k for k in range(self.base.replications)]

    def with_replications(self, number: int) -> Sweep:
        """The same with another number of replications."""
        return replace(self, base=self.base.model_copy(update={"replications": number}))


def load_sweep(
    ref: str | Path,
    settings: Mapping[str, Any] | None = None,
    outcomes: Needs | None = None,
) -> Sweep:
    """Load a sweep by name or path, with every scenario that it stands for.

    Parameters
    ----------
    ref : str or Path
        A name of the library, or the path of a file.
    settings : mapping
        Settings of a scenario that take the place of the file's.
    outcomes : mapping, optional
        Tables that each outcome that is known is counted from; None accepts any outcome.

    Raises
    ------
    ScenarioError
        With every problem that was found.
    """
    problems = Problems()
    library = default_library()
    path = find_file(ref, "sweep", library, Path()) if isinstance(ref, str) else ref
    if path is None:
        given, allowed, nearest = unknown_name(str(ref), "sweep", library)
        problems.add("command line", None, "", given, allowed, nearest)
        problems.stop()
    assert path is not None
    document = read_yaml(path, problems)
    if document is None:
        problems.stop()
    assert document is not None
    loader = _Loader(path, Cursor.top(document, problems), library, load_areas(library, problems))
    sweep = loader.load(settings or {}, outcomes)
    problems.stop()
    assert sweep is not None
    return sweep


@dataclass
class _Loader:
    """The state of one load."""

    path: Path
    top: Cursor
    library: Path
    areas: Areas | None

    def load(self, settings: Mapping[str, Any], outcomes: Needs | None) -> Sweep | None:
        """The sweep; None if problems are noted."""
        file = salvaged(self.top, SweepFile, _STAND_INS)
        precision = self.precision()
        if outcomes is not None:
            self.check_outcomes(file, precision, outcomes)
        base, horizon = self.base(file, settings)
        factors = read_factors(self.top, base)
        reading = Reading(self.path.parent, list(factors), base)
        designs = self.designs(reading)
        left = constrained(self.top, known_names(factors, base, designs), designs)
        everywhere, arms = (self.overlay(key, file.name, horizon) for key in ("everywhere", "arms"))
        check_used(self.top, factors, base, designs, (everywhere, arms))
        laying = Laying(base, everywhere, arms, reading)
        laid = self.laid_out(laying, designs, left, Identity(file.detail, file.keep))
        if laid is None:
            return None
        points, scenarios = laid
        return Sweep(
            path=self.path,
            name=file.name,
            title=file.title,
            description=file.description,
            base=base,
            factors={n: factors.get(n) or own_factor(base, n) for n in points[0].values},
            points=tuple(points),
            scenarios=scenarios,
            outcomes=file.outcomes,
            precision=precision,
            detail=file.detail,
            keep=file.keep,
        )

    def laid_out(
        self, laying: Laying, designs: Designs, left: Constrained, identity: Identity
    ) -> tuple[list[Point], dict[str, Scenario]] | None:
        """The points with their scenarios, and those by name; None, with what is wrong with values noted.

        All points are laid out only where nothing is wrong yet, and values one by one only where something is: many
        points take long, and values that clash may do so because of another slip.
        """
        problems, clashes = self.top.problems, Problems()
        if not (problems.noted or left.unworkable):
            laid = laying.laid_out(left.points, identity, clashes)
            if not clashes.noted:
                return laid
        places = laying.reading.places
        laying.check(places.to_try(_keys(designs.points) - _keys(left.points)), problems)
        wrong = places.told.values()
        for names, problem in left.unworkable:
            if names.isdisjoint(wrong):
                problems.take(problem)
        for problem in () if problems.noted else clashes.found:
            problems.take(problem)
        return None

    def precision(self) -> Wanted | None:
        """The precision wanted, if any."""
        if not isinstance(self.top.value.get("precision"), dict):
            return None
        return validated(self.top.at("precision"), Wanted)

    def check_outcomes(self, file: SweepFile, precision: Wanted | None, needs: Needs) -> None:
        """Note outcomes that are not known, and those that cannot be counted from the tables that are kept."""
        asked, keep = (self.top.value.get(key) for key in ("outcomes", "keep"))
        # Of a list that is wrong itself it is not known what is kept.
        kept = set(file.keep if keep is None or keep == list(file.keep) else TABLES)
        common = set(TABLES).intersection(*needs.values())
        if lacking := " and ".join(sorted(common - kept)):
            allowed = f"{lacking} in keep: every outcome is counted from them"
            self.top.at("keep").report(f"{lacking} left out", allowed)
        named: list[tuple[Cursor, str]] = []
        if isinstance(asked, list):
            items = self.top.at("outcomes").each()
            named += [(item, item.value) for item in items if isinstance(item.value, str)]
        if precision:
            named.append((self.top.at("precision", "outcome"), precision.outcome))
        for place, name in named:
            if name not in needs:
                place.unknown("outcome", needs, name)
            elif lacking := " and ".join(sorted(needs[name] - common - kept)):
                given = f"{shown(name)} is counted from {lacking}, which keep leaves out"
                place.report(given, f"{lacking} in keep, or another outcome")

    def base(self, file: SweepFile, settings: Mapping[str, Any]) -> tuple[Scenario, Horizon | None]:
        """The base with the settings of the file, then those given elsewhere, and the days of its results.

        The baseline stands in for a base that cannot be used; the days are None where a slip may have moved them.
        """
        problems = self.top.problems
        noted = problems.noted
        scenario = self.base_of(file.base) or load_scenario("baseline", self.library)
        items = []
        if isinstance(self.top.value.get("settings"), dict):
            for item in self.top.at("settings").each():
                if item.key in SETTINGS:
                    items.append(item)
                else:
                    item.unknown("setting", SETTINGS)
        items += of_options(settings, problems)
        timing = [item for item in items if item.key in _TIMING]
        scenario = settled(scenario, timing, self.areas)
        as_written = (self.top.value.get("base"), self.top.value.get("settings", {}))
        sure = as_written == (file.base, file.settings) and problems.noted == noted
        scenario = settled(scenario, [i for i in items if i.key not in _TIMING], self.areas)
        return scenario, Horizon(scenario.start, scenario.end) if sure else None

    def base_of(self, name: str) -> Scenario | None:
        """The scenario that is named as the base; None, with the problems noted, if it cannot be used."""
        path = find_file(name, "scenario", self.library, self.path.parent)
        if path is None:
            self.top.at("base").report(*unknown_name(name, "scenario", self.library))
            return None
        try:
            scenario = load_scenario(path, self.library)
        except ScenarioError as error:
            for problem in error.problems:
                self.top.problems.take(problem)
            return None
        if scenario.posterior:
            self.top.at("base").report(
                f"{shown(name)} lives with the posterior draw of each seed",
                "a base without, and a posterior design, which tells draws apart",
            )
        return scenario

    def designs(self, reading: Reading) -> Designs:
        """What the designs come to."""
        written = self.top.value.get("designs")
        if not isinstance(written, list) or not written:
            return UNREAD
        return read_designs(self.top.at("designs"), reading)

    def overlay(self, key: str, name: str, horizon: Horizon | None) -> Overlay:
        """The section of what is laid over, without what is wrong with its keys; an empty one if there is none."""
        written = self.top.value.get(key)
        place = Cursor(self.top.document, self.top.problems, (key,), {})
        if isinstance(written, dict):
            sound = salvaged(replace(place, value=written), Laid, {}).model_fields_set
            place = replace(place, value={k: v for k, v in written.items() if k in sound})
        return Overlay(place, f"{name}_{key}", self.library, self.path.parent, self.areas, horizon)


def _keys(points: Iterable[Values]) -> set[Key]:
    """Every value of every factor."""
    return {key_of(*pair) for point in points for pair in point.items()}
