"""The core beside other published simulators: Ciw for queues, epydemix for people who move between states.

Sources: Palmer, Knight, Harper and Hawa (2019), "Ciw: an open-source discrete event simulation library",
Journal of Simulation 13:68; Gozzi, Chinazzi et al. (2025), "Epydemix: an open-source Python package for
epidemic modeling with integrated approximate Bayesian calibration", PLOS Computational Biology.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ciw
import numpy as np
import pytest
from epydemix import EpiModel
from epydemix.model.epimodel import stochastic_simulation
from numpy.typing import NDArray

from tests.theory import chains
from tests.theory.battery import adjusted, same_law_p, wrong
from tests.theory.chains import Chain, Exit, paths
from tests.theory.clinic import NOT_YET, Design, Visits, visits
from tests.verification.plugin import Verified

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

# ---- Queues, customer by customer ----------------------------------------------------------------

CLINICS, DAYS, LONGER = 6, 250, 150
"""Few clinics, because Ciw takes customers one by one; all waits end within the days that are followed."""

QUEUES: Mapping[str, tuple[Design, float]] = {
    "one place": (Design(1, support=6), 0.13),
    "three places": (Design(3, support=8), 0.3),
    "fixed support": (Design(2, support=5, fixed=True), 0.35),
    "three starts a day": (Design(a_day=3, backlog=120), 2.8),
    "giving up": (Design(2, support=8, patience=6), 0.35),
    "nobody waits": (Design(3, support=8, loses=True), 0.4),
    "two priorities": (Design(3, support=8, priorities=2), 0.33),
}
GIVES_UP, EARLY, ENDS, LATE, AFTER_ANOTHER = 1 / 8, 1 / 4, 1 / 2, 3 / 4, 1 / 1_024
"""Times of day in Ciw, which fills a place as soon as it is free.

So places become free after all have given up and all have come; only where nobody waits do people come after.
Binary numbers hold all of these times exactly.
"""


class OfCustomer(ciw.dists.Distribution):
    """A time that depends on who the customer is, who is known by the moment of arrival."""

    def __init__(self, time: Callable[[float, float], float]) -> None:
        self.time = time

    def sample(self, t: float | None = None, ind: Any = None) -> float:
        assert t is not None
        return self.time(float(ind.arrival_date), t)


def in_ciw(seen: Visits, design: Design, mine: I64) -> list[tuple[str, int]]:
    """What becomes of the customers of one clinic in Ciw: the kind of event and its day, for each."""
    moment = moments(seen, mine) + (LATE if design.loses else EARLY)
    number = {float(when): k for k, when in enumerate(moment)}
    # A start by throughput holds a place of Ciw for the day.
    length = (seen.ended - seen.started)[mine] if design.places else np.ones(len(mine))
    until = seen.patient_until[mine]
    classes = [f"priority {k}" for k in range(design.priorities)]
    options: dict[str, Any] = {}
    if design.patience:
        patience = OfCustomer(lambda came, now: until[number[came]] + GIVES_UP - now)
        options["reneging_time_distributions"] = {name: [patience] for name in classes}
    if design.loses:
        options["queue_capacities"] = [0]
    # Support begins at any time of a day and ends at the same time of its last day.
    support = OfCustomer(lambda came, now: np.floor(now) + length[number[came]] + ENDS - now)
    network = ciw.create_network(
        arrival_distributions={
            name: [ciw.dists.Sequential(_gaps(moment[seen.priority[mine] == k]))]
            for k, name in enumerate(classes)
        },
        service_distributions={name: [support] for name in classes},
        number_of_servers=[int(design.places or design.a_day)],
        priority_classes={name: k for k, name in enumerate(classes)},
        **options,
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(float(DAYS + LONGER + 1))
    found = [("still there", 0)] * len(mine)
    for record in simulation.get_all_records():
        served = record.record_type == "service"
        time = record.service_start_date if served else record.exit_date
        found[number[float(record.arrival_date)]] = (record.record_type, int(np.floor(time)))
    return found


def moments(seen: Visits, mine: I64) -> F64:
    """When customers come, in days: one after the other in the order in which they join the line."""
    order = np.lexsort((np.arange(len(mine)), seen.priority[mine], seen.came[mine]))
    day = seen.came[mine][order]
    before_today = np.searchsorted(day, day)
    moment = np.empty(len(mine))
    moment[order] = day + (np.arange(len(mine)) - before_today) * AFTER_ANOTHER
    return moment


def _gaps(moment: F64) -> list[float]:
    # Ciw goes through a sequence again and again; nobody comes after the last.
    return [*np.diff(moment, prepend=0.0).tolist(), float("inf")]


@pytest.mark.verification("ciw")
@pytest.mark.parametrize("name", QUEUES)
def test_every_customer_fares_as_in_ciw(name: str, verified: Verified) -> None:
    """Same arrivals, same lengths of support and of patience: the same day of start, or of giving up."""
    design, rate = QUEUES[name]
    seen = visits(design, CLINICS, rate, DAYS, LONGER, seed=7)
    assert ((seen.started != NOT_YET) | (seen.left != NOT_YET)).all()
    started = seen.started != NOT_YET
    day = np.where(started, seen.started, seen.left)
    kind = np.where(started, "service", "rejection" if design.loses else "renege")
    for clinic in range(CLINICS):
        mine = np.flatnonzero(seen.clinic == clinic)
        ours = list(zip(kind[mine].tolist(), day[mine].tolist(), strict=True))
        assert in_ciw(seen, design, mine) == ours
    waits = seen.waited[seen.waited != NOT_YET]
    assert design.loses or waits.max() > 2
    verified(name, f"{len(started):,} customers fare the same, waits up to {waits.max()} days")


# ---- People who move between states --------------------------------------------------------------

PEOPLE = 40_000
EVENINGS = (10, 60)
SEEDS = (11, 12, 13)
# Epydemix lets all exits of a state compete at once; so does a stream whose event draws where it leads.
ROUND = Chain(
    4,
    (
        Exit(0, 0.05, (1, 2), (0.8, 0.2)),
        Exit(1, 0.3, (2, 0, 3), (0.5, 0.3, 0.2)),
        Exit(2, 0.09, (0,)),
        Exit(3, 0.02, (0, 1), (0.5, 0.5)),
    ),
)


def in_epydemix(chain: Chain, people: int, days: int, seed: int) -> F64:
    """Numbers of people in each state on every evening, all in state 0 at first."""
    names = [f"state {k}" for k in range(chain.states)]
    model = EpiModel(compartments=names)
    for out in chain.exits:
        for state, share in zip(out.to, out.shares, strict=True):
            model.add_transition(names[out.state], names[state], "spontaneous", out.hazard * share)
    groups = len(model.population.Nk)
    start = np.zeros((chain.states, groups))
    start[0, 0] = people
    evenings, _ = stochastic_simulation(
        days, [{}] * days, model, {}, start, dt=1.0, rng=np.random.default_rng(seed)
    )
    return evenings.sum(axis=2)


def epydemix_p(chain: Chain, seed: int) -> dict[str, float]:
    """P-values that both engines have one law of states on each evening watched."""
    ours = paths(ROUND, PEOPLE, EVENINGS, seed)
    theirs = in_epydemix(chain, PEOPLE, EVENINGS[-1], seed)
    return {
        f"day {day}": same_law_p(np.bincount(ours.at[day], minlength=chain.states), theirs[day - 1])
        for day in EVENINGS
    }


@pytest.mark.verification("epydemix")
def test_states_are_those_of_epydemix(verified: Verified) -> None:
    p_values = [p for seed in SEEDS for p in epydemix_p(ROUND, seed).values()]
    decided = {"epydemix": {str(k): p for k, p in enumerate(p_values)}}
    assert not wrong(decided), p_values
    faster = chains.hastened(ROUND, 1.05)
    p_faster = [p for seed in SEEDS for p in epydemix_p(faster, seed).values()]
    assert wrong({"faster": {str(k): p for k, p in enumerate(p_faster)}})
    verified(
        f"smallest of {len(p_values)} p-values",
        f"{min(p_values):.2g}; a hazard 5% too high is found out",
        p=adjusted(decided)["epydemix"],
    )
