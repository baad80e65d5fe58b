"""Sweep files: read, checked with all problems at once, and laid out into arms."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from sim.scenario import Scenario, default_library, load_scenario, posterior
from sim.scenario.areas import Areas, load_areas
from sim.scenario.cursor import Cursor
from sim.scenario.errors import Problems, ScenarioError, shown
from sim.scenario.library import find_file, unknown_name
from sim.scenario.settled import of_options, settled
from sim.scenario.validation import salvaged, validated
from sim.scenario.varied import Variation, varied
from sim.scenario.yaml_source import read_yaml
from sim.sweep.designs import DRAW, Reading, Values, read_designs
from sim.sweep.expressions import Condition, ExpressionError
from sim.sweep.identity import Identity
from sim.sweep.overlay import Overlay, of_factors
from sim.sweep.schema import SETTINGS, Factor, Laid, SweepFile, Wanted

TAKEN: Final = (
    "point", "arm", "base_arm", "outcome", "measure", "year", "base", "reform", "difference", "standard_error",
    "low", "high", "pairs", "value", "draw",
)  # fmt: skip
"""Names of columns that stand beside those of factors."""
_STAND_INS: Final = {
    "name": "unknown",
    "title": "unknown",
    "description": "Unknown.",
    "base": "baseline",
    "designs": [{}],
}
"""For keys that are missing or wrong, so that the rest of the file is checked all the same."""


@dataclass(frozen=True)
class Point:
    """One choice of a value for every factor, and the scenarios that it stands for.

    Parameters
    ----------
    values : dict
        By the name of a factor.
    arm, base : str
        Names of the scenario at the point, and of the one it is compared with.
    """

    values: Values
    arm: str
    base: str


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
    outcomes: Collection[str] | None = None,
) -> Sweep:
    """Load a sweep by name or path, with every scenario that it stands for.

    Parameters
    ----------
    ref : str or Path
        A name of the library, or the path of a file.
    settings : mapping
        Settings of a scenario that take the place of the file's.
    outcomes : collection of str, optional
        Names of outcomes that are known; None accepts any.

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

    def load(self, settings: Mapping[str, Any], outcomes: Collection[str] | None) -> Sweep | None:
        """The sweep; None if what it stands for cannot be worked out."""
        file = salvaged(self.top, SweepFile, _STAND_INS)
        factors = self.factors()
        precision = self.precision()
        self.check_outcomes(file, precision, outcomes)
        base = self.base(file, settings)
        if base is None or "designs" not in self.top.value or not isinstance(file.designs, tuple):
            return None
        self.check_names(factors, base)
        reading = Reading(self.path.parent, list(factors), base)
        points = read_designs(self.top.at("designs"), reading) if file.designs != ({},) else []
        points = self.constrained(file, points)
        overlays = {name: self.overlay(name, file.name) for name in ("everywhere", "arms")}
        self.check_used(factors, points, overlays)
        if self.top.problems.noted:
            return None
        shown_factors = {name: factors.get(name) or _own_factor(base, name) for name in points[0]}
        made, scenarios = self.arms(base, points, overlays, file, reading)
        if self.top.problems.noted:
            return None
        return Sweep(
            path=self.path,
            name=file.name,
            title=file.title,
            description=file.description,
            base=base,
            factors=shown_factors,
            points=tuple(made),
            scenarios=scenarios,
            outcomes=file.outcomes,
            precision=precision,
            detail=file.detail,
            keep=file.keep,
        )

    # ---- Parts of the file --------------------------------------------------------------------------------------

    def factors(self) -> dict[str, Factor]:
        """What is said of each factor."""
        found: dict[str, Factor] = {}
        if isinstance(self.top.value.get("factors"), dict):
            for item in self.top.at("factors").each():
                if not isinstance(item.value, dict):
                    item.report(f"{shown(item.value)} given", "a mapping {title, unit, kind}")
                found[item.key] = (
                    validated(item, Factor) if isinstance(item.value, dict) else None
                ) or Factor()
        return found

    def precision(self) -> Wanted | None:
        """The precision wanted, if any."""
        if not isinstance(self.top.value.get("precision"), dict):
            return None
        return validated(self.top.at("precision"), Wanted)

    def check_outcomes(
        self, file: SweepFile, precision: Wanted | None, known: Collection[str] | None
    ) -> None:
        """Note outcomes that are not known."""
        named = [("outcomes", name) for name in file.outcomes]
        named += [("precision", precision.outcome)] if precision else []
        for key, name in named:
            if known is not None and name not in known:
                place = self.top.at(key) if key in self.top.value else self.top
                place.unknown("outcome", known, name)

    def base(self, file: SweepFile, settings: Mapping[str, Any]) -> Scenario | None:
        """The base with the settings of the file, then those given elsewhere."""
        base_path = find_file(file.base, "scenario", self.library, self.path.parent)
        if base_path is None:
            self.top.at("base").report(*unknown_name(file.base, "scenario", self.library))
            return None
        scenario = load_scenario(base_path, self.library)
        if scenario.posterior:
            self.top.at("base").report(
                f"{shown(file.base)} lives with the posterior draw of each seed",
                "a base without, and a posterior design, which tells draws apart",
            )
            return None
        if isinstance(self.top.value.get("settings"), dict):
            items = list(self.top.at("settings").each())
            for item in items:
                if item.key not in SETTINGS:
                    item.unknown("setting", SETTINGS)
            known = [item for item in items if item.key in SETTINGS]
            scenario = settled(scenario, known, self.areas)
        return settled(scenario, of_options(settings, self.top.problems), self.areas)

    def check_names(self, factors: Mapping[str, Factor], base: Scenario) -> None:
        """A name with a dot is a parameter's; none is that of another column of the results."""
        for name in factors:
            if "." in name and name not in base.parameters:
                self.top.at("factors", name).unknown("parameter", base.parameters, name)
            if name in TAKEN:
                self.top.at("factors", name).report(
                    "a column of the results is called so", "any name but " + ", ".join(TAKEN)
                )

    def constrained(self, file: SweepFile, points: list[Values]) -> list[Values]:
        """The points at which every constraint holds."""
        for number, text in enumerate(file.constraints if points else ()):
            place = self.top.at("constraints", number)
            try:
                condition = Condition.of(text, points[0])
                points = [point for point in points if condition.holds(point)]
            except ExpressionError as error:
                place.report(str(error))
                continue
            if not points:
                place.report(f"'{text}' holds at no point", "a condition that some points meet")
                break
        return points

    def overlay(self, key: str, name: str) -> Overlay:
        """The section of what is laid over; an empty one if there is none."""
        section = self.top.value.get(key)
        place = Cursor(self.top.document, self.top.problems, (key,), section or {})
        if not isinstance(place.value, dict) or validated(place, Laid) is None:
            place = Cursor(place.document, place.problems, place.keys, {})
        return Overlay(place, f"{name}_{key}", self.library, self.path.parent, self.areas)

    def check_used(
        self,
        factors: Mapping[str, Factor],
        points: Sequence[Values],
        overlays: Mapping[str, Overlay],
    ) -> None:
        """Every factor has values and does something."""
        if not points:
            return
        marked = {name for overlay in overlays.values() for name in overlay.factors}
        for name in factors:
            if name not in points[0]:
                self.top.at("factors", name).report("no design gives it values", "one that does")
            elif name not in marked and "." not in name:
                place = self.top.at("factors", name)
                place.report("it stands nowhere", f"'${name}' under everywhere or arms")
        for overlay in overlays.values():
            for name in overlay.factors:
                if name not in points[0]:
                    overlay.section.unknown("factor", points[0], name)

    # ---- Arms ---------------------------------------------------------------------------------------------------

    def arms(
        self,
        base: Scenario,
        points: Sequence[Values],
        overlays: Mapping[str, Overlay],
        file: SweepFile,
        reading: Reading,
    ) -> tuple[list[Point], dict[str, Scenario]]:
        """The points with their scenarios, and those by name."""
        identity = Identity(file.detail, file.keep)
        scenarios: dict[str, Scenario] = {}
        grounds: dict[str, tuple[Scenario, str]] = {}
        everywhere, arms = overlays["everywhere"], overlays["arms"]
        made = []
        drawn: set[str] = set()
        if reading.drawn:
            # These only tell what a draw sets; the draw itself is laid over as a whole.
            drawn = set(posterior.numbers_at(base, 0, reading.drawn[0]))
        for values in points:
            own = {
                n: value for n, value in values.items() if n in base.parameters and n not in drawn
            }
            common = own | of_factors(values, [*everywhere.factors, DRAW])
            key = json.dumps(common, sort_keys=True)
            if key not in grounds:
                ground = base
                if reading.drawn:
                    ground = posterior.at_draw(base, int(str(values[DRAW])), reading.drawn[0])
                ground = everywhere.over(self.varied(ground, own, reading), values, reading.places)
                grounds[key] = ground, identity.add(ground, base.title, scenarios)
            ground, name = grounds[key]
            title = ", ".join(f"{factor} {in_words(value)}" for factor, value in values.items())
            arm = identity.add(arms.over(ground, values, reading.places), title, scenarios)
            made.append(Point(values, arm, name))
            if not reading.places.told.issuperset(self.top.problems.found):
                break  # the other points would say the same again
        return made, scenarios

    def varied(self, base: Scenario, own: Mapping[str, Any], reading: Reading) -> Scenario:
        """The base with parameters at the values of factors that are called after them; problems are noted."""
        variations = [
            Variation(name, value, "replace" if not base.parameters[name].by else "multiply")
            for name, value in own.items()
        ]
        try:
            return varied(base, variations, name=base.name) if variations else base
        except ScenarioError as error:
            for problem in error.problems:
                factor = max((name for name in own if name in problem.key), key=len, default=None)
                told = replace(problem, key="") if factor else problem
                self.top.problems.take(reading.places.moved(told, factor, own))
            return base


def in_words(value: Any) -> str:
    """A value of a factor as text."""
    if isinstance(value, tuple | list):
        return " + ".join(map(str, value)) or "none"
    if value is None:
        return "none"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _own_factor(base: Scenario, name: str) -> Factor:
    """What a factor is of which the file says nothing: a parameter, or a part of a posterior draw.

    It is called by its name, since what a parameter is takes more words than there is room for on a chart.
    """
    title = name.replace("_", " ").replace(".", ": ").capitalize()
    parameter = base.parameters.get(name)
    if parameter is None:
        return Factor(title=title, kind="uncertainty")
    unit = parameter.unit if not parameter.by else "times the value"
    return Factor(title=title, unit=unit, kind="uncertainty")
