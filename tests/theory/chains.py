"""Calendar streams against Markov chains: competing shocks, sojourns in phases, shares of states.

People move between states. Each exit from a state is a calendar stream; where several strike on one day, the
first in order wins, as between the steps of a day. The law of days is exact: an exit with hazard h is
taken with chance ``1 - exp(-h)`` by whom no exit before it has taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.core.draws import choose
from sim.core.engine import conduct
from sim.core.steps import Step, Stream
from sim.core.world import World
from tests.core.toy import FIRST_DAY, POLICY
from tests.theory.battery import shares_p
from tests.theory.worlds import BARE, begin, world

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Exit:
    """A shock in one state: its hazard per day, the states that it leads to, and their shares."""

    state: int
    hazard: float
    to: tuple[int, ...]
    shares: tuple[float, ...] = (1.0,)


@dataclass(frozen=True)
class Chain:
    """States, the exits from them in the order of the day, and a ratio on all hazards from some day on."""

    states: int
    exits: tuple[Exit, ...]
    ratio: float = 1.0
    from_day: int = 10_000


@dataclass(frozen=True)
class Paths:
    """State of everybody on each evening watched, and the first day on which they moved, and where to."""

    at: dict[int, I64]
    moved: I64
    first: I64


COMPETING: Final = Chain(
    4, (Exit(0, 0.004, (1,)), Exit(0, 0.02, (2,)), Exit(0, 0.0111, (3,))), ratio=2.5, from_day=15
)
"""Three shocks of which the first to strike counts; after two weeks all strike more often."""
FREQUENT: Final = Chain(
    5, (Exit(0, 0.15, (1,)), Exit(0, 0.45, (2,)), Exit(0, 0.09, (3,)), Exit(0, 0.3, (4,)))
)
"""Shocks that strike within days, where the chance of a day is far from its hazard."""
PHASES: Final = Chain(
    4,
    (
        Exit(0, 0.09, (1, 3), (0.7, 0.3)),
        Exit(1, 0.05, (2, 0, 3), (0.6, 0.2, 0.2)),
        Exit(2, 0.25, (3,)),
    ),
)
"""A sojourn in three phases, one of which may lead back; the last state is the end of it."""
ROUND: Final = Chain(
    5,
    (
        Exit(0, 0.03, (1,)),
        Exit(0, 0.012, (4,)),
        Exit(1, 0.2, (2, 0), (0.55, 0.45)),
        Exit(2, 0.07, (3,)),
        Exit(2, 0.04, (0,)),
        Exit(3, 0.5, (0, 4), (0.9, 0.1)),
        Exit(4, 0.02, (0,)),
    ),
)
"""States that all lead to each other, with fast and slow exits."""

PEOPLE: Final = 60_000
MANY: Final = 180_000
"""As many where only the first move of each person counts, and runs are short."""
HORIZON: Final = 120


# ---- Samples ------------------------------------------------------------------------------------


@cache
def paths(chain: Chain, people: int, watched: Sequence[int], seed: int) -> Paths:
    """Run people from state 0 to the last evening watched."""
    names = [f"exit {k}" for k in range(len(chain.exits))]

    def hazard(out: Exit, w: World, ids: I64) -> F64:
        here = w.people["state"][ids] == out.state
        return np.where(here, out.hazard * w.value("ratio", ids), 0.0)

    def act(w: World) -> None:
        p = w.people
        for k, out in enumerate(chain.exits):
            struck = w.strikes(names[k])
            lot = w.uniform(f"theory.exit {k}", struck, p["moves"][struck])
            target = np.array(out.to)[choose(lot, np.cumsum(out.shares))]
            first = struck[p["moves"][struck] == 0]
            p["first_day"][first] = w.day
            p["first"][first] = target[p["moves"][struck] == 0]
            p["moves"][struck] += 1
            p["state"][struck] = target
            w.touch(struck, "status")

    step = Step(
        "moves",
        "People move from state to state.",
        act,
        columns={
            **BARE,
            "moves": (np.uint16, 0),
            "first": (np.uint8, 0),
            "first_day": (np.int16, 0),
        },
        streams=tuple(
            Stream(
                name,
                0.01,
                lambda w, ids, peak, out=out: hazard(out, w, ids),
                ("ratio",),
                feels=("status",),
                states=(np.arange(chain.states) == out.state)[None, :, None],
            )
            for name, out in zip(names, chain.exits, strict=True)
        ),
    )
    plan = {"ratio": [(0, 1.0), (FIRST_DAY + chain.from_day, chain.ratio)]}
    w = world(
        step, POLICY, people=people, days=watched[-1], seed=seed, states=chain.states, plan=plan
    )
    begin(w, "status")
    at = {}
    for day in watched:
        conduct(w, FIRST_DAY + day)
        at[day] = w.people["state"].astype(np.int64)
    moved = np.where(w.people["moves"] > 0, w.people["first_day"].astype(np.int64) - FIRST_DAY, 0)
    return Paths(at, moved, w.people["first"].astype(np.int64))


# ---- Laws ---------------------------------------------------------------------------------------


def transitions(chain: Chain, ratio: float = 1.0) -> F64:
    """Chance to go from state to state in a day."""
    matrix, stays = np.zeros((chain.states, chain.states)), np.ones(chain.states)
    for out in chain.exits:
        taken = stays[out.state] * -np.expm1(-out.hazard * ratio)
        stays[out.state] -= taken
        for state, share in zip(out.to, out.shares, strict=True):
            matrix[out.state, state] += taken * share
    return matrix + np.diag(stays)


def generator(chain: Chain) -> F64:
    """Rates of going from state to state, in continuous time."""
    rates = np.zeros((chain.states, chain.states))
    for out in chain.exits:
        for state, share in zip(out.to, out.shares, strict=True):
            rates[out.state, state] += out.hazard * share
    return rates - np.diag(rates.sum(axis=1))


# ---- Checks -------------------------------------------------------------------------------------


def of_competing_shocks(chain: Chain, seed: int, told: Chain | None = None) -> dict[str, float]:
    """Which shock strikes first, and when: against the product of the chances of the days."""
    told = told or chain
    seen = paths(chain, MANY, (HORIZON,), seed)
    by_day = np.array(
        [
            transitions(told, told.ratio if day >= told.from_day else 1.0)[0]
            for day in range(1, HORIZON + 1)
        ]
    )
    still = np.append(1.0, np.cumprod(by_day[:, 0]))
    law = still[:-1, None] * by_day[:, 1:]
    counts = np.zeros((HORIZON + 1, told.states))
    np.add.at(counts, (seen.moved, seen.first), 1)
    both, never = counts[1:, 1:], counts[0, 0]
    return {
        "shares": shares_p([never, *both.sum(axis=0)], [still[-1], *law.sum(axis=0)]),
        "times": shares_p([*both.sum(axis=1), never], [*law.sum(axis=1), still[-1]]),
        "times of each": shares_p([*both.T.ravel(), never], [*law.T.ravel(), still[-1]]),
    }


def of_phases(seed: int, told: Chain = PHASES) -> dict[str, float]:
    """How long a sojourn in phases lasts, against the powers of its matrix (Neuts, 1981)."""
    watched = tuple(range(1, HORIZON + 1))
    seen = paths(PHASES, PEOPLE // 2, watched, seed)
    over = np.array([(seen.at[day] == PHASES.states - 1).sum() for day in watched])
    counts = np.diff(over, prepend=0)
    matrix, now = transitions(told), np.eye(told.states)[0]
    law = []
    for _ in watched:
        now = now @ matrix
        law.append(now[-1])
    return {
        "length": shares_p(
            [*counts, PEOPLE // 2 - over[-1]], [*np.diff(law, prepend=0), 1 - law[-1]]
        )
    }


ROUND_EVENINGS: Final = (400, 405, 430)


def of_states(seed: int, told: Chain = ROUND) -> dict[str, float]:
    """Shares of states when they have settled, and who has gone from which to which after a while."""
    seen = paths(ROUND, PEOPLE, ROUND_EVENINGS, seed)
    matrix = transitions(told)
    settled = np.linalg.matrix_power(matrix, 2**14)[0]
    first = np.linalg.matrix_power(matrix, ROUND_EVENINGS[0])[0]
    assert np.abs(first - settled).max() < 1e-3
    found = {"settled": shares_p(np.bincount(seen.at[400], minlength=told.states), first)}
    for early, late in pairwise(ROUND_EVENINGS):
        start = np.linalg.matrix_power(matrix, early)[0]
        onward = np.linalg.matrix_power(matrix, late - early)
        counts = np.zeros((told.states, told.states))
        np.add.at(counts, (seen.at[early], seen.at[late]), 1)
        found[f"after {late - early} days"] = shares_p(counts, start[:, None] * onward)
    return found


def hastened(chain: Chain, by: float = 1.05, exit_: int = 0) -> Chain:
    """A chain that is slightly wrong: one exit is taken more often."""
    out = chain.exits[exit_]
    faster = Exit(out.state, out.hazard * by, out.to, out.shares)
    exits = (*chain.exits[:exit_], faster, *chain.exits[exit_ + 1 :])
    return Chain(chain.states, exits, chain.ratio, chain.from_day)
