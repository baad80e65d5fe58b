"""Replications added block by block until the differences are known as precisely as was asked for."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from results.numbers import NOT_AVAILABLE, plain, rounding_step
from results.outcomes import OUTCOMES, yearly
from results.replications import LOOK_AHEAD, Precision, Progress, progress
from results.scope import place
from sim.cli.errors import CommandError
from sim.cli.runs import Plan, Run, find_or_simulate
from sim.cli.summary import HEADLINES
from sim.scenario import Scenario

DEFAULT_OUTCOMES: Final = tuple(name for name in HEADLINES if name != "in_work_net")
"""Outcomes whose differences are to be precise; net of displacement is a share of gross."""


@dataclass(frozen=True)
class Goal:
    """The precision asked for: of which outcomes, and how many replications it may cost."""

    precision: Precision
    outcomes: tuple[str, ...]
    most: int


@dataclass(frozen=True)
class Standing:
    """How far the difference of one outcome in one reform has come."""

    reform: str
    outcome: str
    progress: Progress


def parse_precision(text: str, option: str) -> Precision:
    """Read ``10%`` as a share of the difference and ``500`` as a number in the outcome's unit.

    Raises
    ------
    CommandError
        When the text is neither, or not above zero.
    """
    relative = text.endswith("%")
    try:
        size = float(text.removesuffix("%").replace(",", ""))
    except ValueError:
        size = 0.0
    if not 0 < size < float("inf"):
        raise CommandError(
            f"{option}: {text!r} given; allowed: a share of the difference such as 10%, or a number "
            "in the unit of the outcome such as 500."
        )
    return Precision(size / 100 if relative else size, relative)


def goal(text: str, outcomes: Sequence[str] | None, most: int) -> Goal:
    """The goal that options ask for.

    Raises
    ------
    CommandError
        When an outcome is not known, or one number is given for outcomes in different units.
    """
    precision = parse_precision(text, "--precision")
    chosen = known_outcomes(outcomes, "--precision-outcome") or DEFAULT_OUTCOMES
    units = {OUTCOMES[name].difference_unit for name in chosen}
    if not precision.relative and len(units) > 1:
        raise CommandError(
            f"--precision: {text!r} given for outcomes in {', '.join(sorted(units))}. Give a share such as "
            "10%, or name outcomes in one unit with --precision-outcome."
        )
    return Goal(precision, chosen, most)


def known_outcomes(names: Sequence[str] | None, option: str) -> tuple[str, ...]:
    """The outcomes named, each once.

    Raises
    ------
    CommandError
        When one is not known.
    """
    for name in names or ():
        if name not in OUTCOMES:
            raise CommandError(f"{option}: {name!r} given; allowed: {', '.join(OUTCOMES)}.")
    return tuple(dict.fromkeys(names or ()))


def replicate(plan: Plan, out: Path, workers: int, aim: Goal) -> tuple[Run, list[Standing]]:
    """Add replications, as many at a time as the plan has, until every outcome is precise or cannot be.

    What is written on the way holds nothing that the final run lacks, and is removed again.

    Parameters
    ----------
    plan : Plan
        Its replications are the first block, and as many are added at a time.
    out : Path
    workers : int
    aim : Goal
    """
    block = plan.scenarios[0].replications
    number = min(block, aim.most)
    done: Run | None = None
    while True:
        longer = find_or_simulate(plan.of(number), out, workers)
        if done and not done.was_there:
            shutil.rmtree(done.folder)
        done = longer
        where = standings(done, plan.scenarios, aim)
        if number >= aim.most or all(s.progress.verdict != "not yet" for s in where):
            return done, where
        number = min(number + block, aim.most)


def standings(run: Run, scenarios: Sequence[Scenario], aim: Goal) -> list[Standing]:
    """How far each outcome of each reform has come, in the last year."""
    base, *reforms = scenarios
    key, _ = place(base)
    values = yearly(run.tables, base.scale, key)
    last = values[values["year"] == base.years]
    wide = last.pivot(index="seed", columns=["scenario", "outcome"], values="value").sort_index()
    return [
        Standing(
            reform.title,
            outcome,
            progress(
                (wide[reform.name, outcome] - wide[base.name, outcome]).to_numpy(),
                aim.precision,
                aim.most,
            ),
        )
        for outcome in aim.outcomes
        for reform in reforms
    ]


def standing_rows(where: Sequence[Standing]) -> pd.DataFrame:
    """What came of the goal, for the reader.

    Returns
    -------
    DataFrame
        Columns Outcome, Unit, Scenario, Difference, Half-width, Wanted and Precise enough.
    """
    rows = []
    for standing in where:
        outcome, found = OUTCOMES[standing.outcome], standing.progress
        if found.verdict == "not available":
            blank = dict.fromkeys(("Difference", "Half-width", "Wanted"), NOT_AVAILABLE)
            rows.append(
                {
                    "Outcome": outcome.period_label("year"),
                    "Unit": outcome.difference_unit,
                    "Scenario": standing.reform,
                    **blank,
                    "Precise enough": "nothing to measure",
                }
            )
            continue
        step = float(rounding_step(found.half_width, outcome.step))
        fine = float(rounding_step(min(found.half_width, found.target), outcome.step / 10))
        rows.append(
            {
                "Outcome": outcome.period_label("year"),
                "Unit": outcome.difference_unit,
                "Scenario": standing.reform,
                "Difference": plain(found.mean, step),
                "Half-width": plain(found.half_width, fine),
                "Wanted": plain(found.target, fine),
                "Precise enough": _answer(found),
            }
        )
    return pd.DataFrame(rows)


def _answer(found: Progress) -> str:
    if found.verdict == "met":
        return "yes, identical" if found.half_width == 0 else f"yes, from {found.enough}"
    if found.verdict == "out of reach":
        return "no, out of reach"
    if found.half_width <= found.target:
        return "not for long enough"
    return f"no, about {found.would_need:,.0f} needed" if found.would_need < 1e6 else "no"


def goal_words(aim: Goal, years: int) -> str:
    """What was asked for, in words."""
    size = aim.precision.size
    share = f"{size * 100:g}% of the difference" if aim.precision.relative else f"{size:,g}"
    return f"Precision asked for: a half-width of at most {share}, year {years}"


def goal_note(where: Sequence[Standing], aim: Goal, made: int) -> str:
    """Why it ended, and what the words of the table mean."""
    verdicts = {standing.progress.verdict for standing in where}
    parts = [
        f"{made} replications. Precise enough from n: the half-width was small enough after n replications, and "
        f"stayed so for the next {LOOK_AHEAD} (Hoad, Robinson and Davies 2010)."
    ]
    if "out of reach" in verdicts:
        parts.append(
            f"Out of reach: even if the effect were as large, and as steady, as the intervals allow, more than "
            f"{aim.most} replications would be needed (--max-replications). "
            + (
                "A share of an effect near zero is never reached: ask for a number instead of a share, "
                "or read the interval as it is."
                if aim.precision.relative
                else "Ask for less precision, or for a larger --scale."
            )
        )
    if "not yet" in verdicts:
        parts.append(
            f"The run ended at {aim.most} replications (--max-replications); the same command with more goes "
            "on from there."
        )
    return " ".join(parts)
