"""What is appraised: the changes that reforms make, and the values they are valued with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from results.appraisal.account import Account
from results.appraisal.draws import Uncertain, standard_normals, uncertain_values
from results.appraisal.effects import Effect, Part, effects_in, parts_of
from results.appraisal.lines import LINES, Health, Line
from results.appraisal.measures import Outcome
from results.appraisal.quantities import EVENTS, PROGRAMMES, Change, Quantities, quantities
from results.appraisal.values import FROM_RUN, UnitValues, load_values, values_of_run
from results.opened import Opened
from results.outcomes import area_codes
from sim.explained import ExplainedError
from sim.scenario import Scenario
from sim.scenario.models import Parameter

F64 = NDArray[np.float64]

YEARS: Final = (1, 3, 5)
"""Years since the start at whose end people in work are counted; the last of the run is added."""


class AppraisalError(ExplainedError):
    """A run cannot be appraised; the message says why."""


@dataclass(frozen=True)
class Options:
    """How to appraise.

    Parameters
    ----------
    draws : int
        Draws of unit values and effects.
    seed : int
        Of the draws.
    health : {"qaly", "life_satisfaction", "none"}
        What health of people in work is valued by; never by more than one.
    """

    draws: int = 2000
    seed: int = 1
    health: Health = "qaly"


@dataclass(frozen=True)
class Reform:
    """A reform: what it changes by replication, and how strong its assumed effects may be.

    Parameters
    ----------
    change : Change
        By replication.
    in_work : float array, shape (replications, years shown)
        Additional people in work.
    parts : list of Part
        What it is made of, as far as the run can tell.
    envelopes : dict of float
        Published cost in GBP by the programme that a reform of it adds to.
    """

    name: str
    title: str
    change: Change
    in_work: F64
    parts: list[Part]
    envelopes: dict[str, float] = field(default_factory=dict)

    @property
    def effects(self) -> dict[str, Effect]:
        """Its assumed effects by name."""
        return effects_in(self.parts)


@dataclass(frozen=True)
class Study:
    """Reforms of one run against one base, with values and draws that are common to all.

    Parameters
    ----------
    values : UnitValues
        At their centre.
    drawn : dict of float array, shape (draws,)
        Of unit values and effects, by name.
    """

    base: str
    reforms: tuple[Reform, ...]
    counts: Quantities
    values: UnitValues
    drawn: Mapping[str, F64]
    years_shown: tuple[int, ...]
    options: Options
    uncertain: tuple[Uncertain, ...] = field(default=())

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the account, but for programmes that no reform of the run starts."""
        idle = idle_programmes(self.reforms)
        return tuple(line for line in LINES if line.name not in idle)

    @cached_property
    def valued(self) -> dict[str, tuple[Outcome, Outcome, Outcome]]:
        """Each reform at the centre, in every draw, and with each replication left out."""
        return {
            reform.name: (self._centre(reform), self.in_draws(reform), self._left_out(reform))
            for reform in self.reforms
        }

    def accounts(self, reform: Reform) -> tuple[Account, Account, Account]:
        """The accounts of :attr:`valued`."""
        centre, draws, left_out = self.valued[reform.name]
        return centre.account, draws.account, left_out.account

    def _centre(self, reform: Reform) -> Outcome:
        """With all values at their centre, replications averaged; n is 1."""
        mean = reform.change.mean()
        return self._outcome(mean, self.values, reform.in_work.mean(axis=0)[None])

    def in_draws(self, reform: Reform, fixed: Mapping[str, float] | None = None) -> Outcome:
        """For every draw, replications averaged; some values can be fixed."""
        size = self.options.draws
        drawn = {n: d for n, d in self.drawn.items() if n in self.values.values}
        drawn |= {name: np.full(size, value) for name, value in (fixed or {}).items()}
        change, in_work = self._at_strength(reform, self.drawn, size)
        return self._outcome(change, self.values.with_drawn(drawn), in_work)

    def _at_strength(
        self, reform: Reform, drawn: Mapping[str, F64], size: int
    ) -> tuple[Change, F64]:
        """What a reform changes where its effects are of other strengths, replications averaged."""
        rest, rest_in_work = reform.change.mean(), reform.in_work.mean(axis=0)[None]
        total: Change | None = None
        in_work = np.zeros((size, len(self.years_shown)))
        for part in sorted(reform.parts, key=lambda part: part.alone is None):
            by = part.strength(drawn, size)
            if part.alone is None:
                change, people = rest, rest_in_work
            else:
                other = next(r for r in self.reforms if r.name == part.alone)
                change, people = other.change.mean(), other.in_work.mean(axis=0)[None]
                rest, rest_in_work = rest.less(change), rest_in_work - people
            scaled = change.scaled(by)
            total = scaled if total is None else total.plus(scaled)
            in_work = in_work + people * by[:, None]
        assert total is not None
        return total, in_work

    def _left_out(self, reform: Reform) -> Outcome:
        """At the centre of values, each replication left out in turn, for the jackknife."""
        n = len(reform.in_work)
        if n < 2:
            return self._centre(reform)
        in_work = (reform.in_work.sum(axis=0) - reform.in_work) / (n - 1)
        return self._outcome(reform.change.without_each(), self.values, in_work)

    def npsv_at(self, reform: Reform, name: str, points: F64) -> F64:
        """NPSV with one value or effect at some points, all others at their centre."""
        if name in self.values.values:
            values = self.values.with_drawn({name: points})
            return Account(reform.change.mean(), values, self.options.health).npsv
        change, _ = self._at_strength(reform, {name: points}, len(points))
        return Account(change, self.values, self.options.health).npsv

    def _outcome(self, change: Change, values: UnitValues, in_work: F64) -> Outcome:
        return Outcome(Account(change, values, self.options.health), in_work)


def study(run: Opened, options: Options) -> Study:
    """Count what every reform of a run changes, and draw the values.

    Raises
    ------
    AppraisalError
        When there is nothing beside the base, or the run is shorter than a year.
    """
    if not run.reforms:
        raise AppraisalError(
            f"The run has only {run.base!r}: there is nothing to appraise. Compare it with a reform "
            "first, for example: fitflow compare baseline workwell_pilots."
        )
    counts = quantities(run.tables, run.scale, area_codes(run.tables.stocks["area"], run.country))
    in_work = run.yearly[run.yearly["outcome"] == "in_work"]
    if in_work.empty:
        raise AppraisalError("The run is shorter than a year, so no year of it can be appraised.")
    wide = in_work.pivot(index=["scenario", "seed"], columns="year", values="value")
    last = int(max(wide.columns))
    shown = tuple(sorted({year for year in (*YEARS, last) if year <= last}))
    reforms = tuple(
        Reform(
            name,
            run.titles[name],
            counts.difference(name, run.base),
            (wide.loc[name] - wide.loc[run.base])[list(shown)].to_numpy(np.float64),
            parts_of(run.manifest, run.base, name),
            _envelopes(run.scenarios[name], run.scenarios[run.base]),
        )
        for name in run.reforms
    )
    missing = set(FROM_RUN) - run.scenarios[run.base].parameters.keys()
    if missing:
        raise AppraisalError(
            f"The run was made by another version, which had no {min(missing)}. Make it again."
        )
    values = load_values() | values_of_run(run.manifest, run.base, run.displacement)
    return _drawn(run.base, reforms, counts, UnitValues(values, counts.years, {}), shown, options)


def _envelopes(scenario: Scenario, base: Scenario) -> dict[str, float]:
    """Published cost of the reforms that a scenario adds, by the programme that they change."""
    found: dict[str, float] = {}
    old = {reform.name for reform in base.reforms}
    for reform in scenario.reforms:
        steps = [c.what.partition(".")[0] for c in scenario.changes if c.reform == reform.name]
        programmes = [step for step in dict.fromkeys(steps) if step in PROGRAMMES]
        if reform.cost_gbp_m is not None and reform.name not in old and len(programmes) == 1:
            found[programmes[0]] = found.get(programmes[0], 0) + reform.cost_gbp_m * 1e6
    return found


def _drawn(
    base: str,
    reforms: tuple[Reform, ...],
    counts: Quantities,
    values: UnitValues,
    shown: tuple[int, ...],
    options: Options,
) -> Study:
    uncertain = uncertain_values(used_values(values, reforms, options))
    effects = {n: effect for reform in reforms for n, effect in reform.effects.items()}
    names = [*(u.name for u in uncertain), *effects]
    z = standard_normals(names, options.draws, options.seed)
    drawn = {u.name: u.at(z[u.name]) for u in uncertain}
    drawn |= {name: effect.at(z[name]) for name, effect in effects.items()}
    return Study(base, reforms, counts, values, drawn, shown, options, tuple(uncertain))


def idle_programmes(reforms: Sequence[Reform]) -> set[str]:
    """Programmes that no reform starts more or fewer people in."""
    return {
        name
        for name in PROGRAMMES
        if not any(r.change.events[..., EVENTS.index(f"{name}_start")].any() for r in reforms)
    }


def used_values(values: UnitValues, reforms: Sequence[Reform], options: Options) -> list[Parameter]:
    """The unit values that a study values with.

    All but the measure of health that is not used, and the costs of programmes that nobody starts.
    """
    unused = {f"wellbeing.{name}" for name in ("qaly", "life_satisfaction")}
    unused -= {f"wellbeing.{options.health}"}
    unused |= {f"{name}.unit_cost" for name in idle_programmes(reforms)}
    return [value for name, value in values.values.items() if name not in unused]
