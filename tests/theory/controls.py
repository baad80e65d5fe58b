"""Reference samples, drawn directly with numpy from the laws, for the tests of the battery: all must pass.

They share the tests and the laws with the battery, and nothing with the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tests.theory import chains, services, spells
from tests.theory.battery import increments_p, same_law_p, shares_p
from tests.theory.clinic import NOT_YET, Visits
from tests.theory.spells import Spells

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

TIMES: Final = 200
"""P-values of each kind."""

CLINICS: Final = 400
QUEUE: Final = "four_servers"


def waits(seed: int) -> float:
    """Hotelling's test on waits in clinics, by the recursion of Kiefer and Wolfowitz."""
    return _of_clinics(seed)["waits"]


def people(seed: int) -> float:
    """Pearson's test on the people there on the last evening, of the same clinics."""
    return _of_clinics(seed)["people"]


@cache
def _of_clinics(seed: int) -> dict[str, float]:
    _, law, _ = services.QUEUES[QUEUE]
    rng = np.random.default_rng((seed, 1))
    counts = rng.poisson(law.arrivals, (services.DAYS, CLINICS))
    most = int(counts.sum(axis=0).max())
    free = np.zeros((CLINICS, law.servers), np.int64)
    everywhere = np.arange(CLINICS)
    running = counts.cumsum(axis=0)
    came, started, ended = (np.zeros((most, CLINICS), np.int64) for _ in range(3))
    for k in range(most):
        came[k] = (running <= k).sum(axis=0) + 1
        first = free.argmin(axis=1)
        started[k] = np.maximum(came[k], free[everywhere, first])
        ended[k] = started[k] + rng.geometric(law.ends, CLINICS)
        free[everywhere, first] = ended[k]
    real = came <= services.DAYS
    nobody = np.full(int(real.sum()), NOT_YET)
    none = np.zeros((0, CLINICS), np.int64)
    seen = Visits(
        np.broadcast_to(everywhere, came.shape)[real],
        came[real],
        started[real],
        ended[real],
        left=nobody,
        priority=nobody,
        patient_until=nobody,
        in_line=none,
        in_use=none,
    )
    return services.against(seen, CLINICS, services.expected(law))


def states(seed: int) -> float:
    """Pearson's test on the states of people on two evenings, day by day from the matrix."""
    rng = np.random.default_rng((seed, 2))
    matrix = chains.transitions(chains.ROUND)
    now = rng.multinomial(5_000, np.linalg.matrix_power(matrix, 50)[0])
    law = np.linalg.matrix_power(matrix, 50)[0]
    onward = np.linalg.matrix_power(matrix, 25)
    counts = np.stack([rng.multinomial(n, onward[k]) for k, n in enumerate(now)])
    return shares_p(counts, law[:, None] * onward)


def two_samples(seed: int) -> float:
    """Pearson's test that two samples have one law."""
    rng = np.random.default_rng((seed, 3))
    law = np.linalg.matrix_power(chains.transitions(chains.ROUND), 40)[0]
    return same_law_p(rng.multinomial(4_000, law), rng.multinomial(9_000, law))


def nelson_aalen(seed: int) -> float:
    """The test of Nelson and Aalen's estimate on censored spells with changes of ratio."""
    return _of_spells(seed)["Nelson-Aalen"]


def kaplan_meier(seed: int) -> float:
    """The test of Kaplan and Meier's estimate on the same spells."""
    return _of_spells(seed)["Kaplan-Meier"]


@cache
def _of_spells(seed: int) -> dict[str, float]:
    rng = np.random.default_rng((seed, 4))
    changes = np.broadcast_to([spells.EARLY, spells.LATE], (5_000, 2))
    cumulative = spells.hazards("log_normal", changes[:1])[0].cumsum()
    length = np.searchsorted(cumulative, rng.exponential(size=len(changes))) + 1
    stopped = np.minimum(rng.integers(0, 3 * spells.DAYS, len(changes)), spells.DAYS)
    ended = length <= stopped
    seen = Spells(np.where(ended, length, stopped), ended, changes)
    chance = -np.expm1(-np.diff(cumulative, prepend=0))
    at_risk = (seen.days[:, None] >= np.arange(1, spells.DAYS + 1)).sum(axis=0)
    events = np.bincount(seen.days[ended], minlength=spells.DAYS + 1)[1:]
    everybody = np.ones(len(changes), bool)
    return {
        "Nelson-Aalen": increments_p(events, at_risk * chance, at_risk * chance * (1 - chance)),
        "Kaplan-Meier": spells.kaplan_meier_p(seen, everybody, chance),
    }


def phases(seed: int) -> float:
    """Pearson's test on the lengths of sojourns in phases, each phase drawn as geometric."""
    rng = np.random.default_rng((seed, 5))
    matrix = chains.transitions(chains.PHASES)
    now, day, over = np.eye(chains.PHASES.states, dtype=np.int64)[0] * 4_000, 0, [0]
    law, laws_of = np.eye(chains.PHASES.states)[0], [0.0]
    while day < chains.HORIZON:
        now = np.sum([rng.multinomial(n, matrix[k]) for k, n in enumerate(now)], axis=0)
        law = law @ matrix
        over.append(int(now[-1]))
        laws_of.append(float(law[-1]))
        day += 1
    return shares_p([*np.diff(over), 4_000 - over[-1]], [*np.diff(laws_of), 1 - laws_of[-1]])


SAMPLERS: Final[dict[str, Callable[[int], float]]] = {
    f.__name__: f for f in (waits, people, states, two_samples, phases, nelson_aalen, kaplan_meier)
}
