"""The battery: every statistical check of the core against theory, with a law that is slightly wrong for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from tests.theory import ageing, chains, services, spells, stages
from tests.theory.battery import PValues

SEEDS: Final = (1, 2, 3)


@dataclass(frozen=True)
class Theory:
    """A check: p-values of the sample of a seed, against the right law and against a wrong one."""

    name: str
    right: Callable[[int], PValues]
    wrong: Callable[[int], PValues]

    def p_values(self, law: Callable[[int], PValues]) -> dict[str, float]:
        """P-values of all seeds under one of its laws."""
        return {f"{name}, seed {seed}": p for seed in SEEDS for name, p in law(seed).items()}


def _queues() -> tuple[Theory, ...]:
    of = services.of_a_queue
    return tuple(
        Theory(name, partial(of, name), partial(of, name, told=services.WRONG[name]))
        for name in services.QUEUES
    )


def _throughputs() -> tuple[Theory, ...]:
    of = services.of_a_throughput
    return tuple(
        Theory(name, partial(of, name), partial(of, name, told=1.05)) for name in services.A_DAY
    )


def _spells() -> tuple[Theory, ...]:
    first, second, third = spells.RATIOS
    told = (first, 0.9 * second, third)
    return tuple(
        Theory(
            f"{name}_spells",
            partial(spells.of_spells, name),
            partial(spells.of_spells, name, told=told),
        )
        for name in spells.SPECS
    )


THEORIES: Final[tuple[Theory, ...]] = (
    *_queues(),
    *_throughputs(),
    Theory(
        "part_of_a_place",
        services.of_a_part_of_a_place,
        partial(services.of_a_part_of_a_place, told=1.05 * services.PART_SUPPORT),
    ),
    Theory(
        "closed_clinic",
        services.of_a_closed_clinic,
        partial(services.of_a_closed_clinic, told=1.1 * services.FALLS_ILL),
    ),
    Theory(
        "competing_shocks",
        partial(chains.of_competing_shocks, chains.COMPETING),
        partial(
            chains.of_competing_shocks,
            chains.COMPETING,
            told=replace(chains.COMPETING, from_day=16),
        ),
    ),
    Theory(
        "frequent_shocks",
        partial(chains.of_competing_shocks, chains.FREQUENT),
        partial(
            chains.of_competing_shocks,
            chains.FREQUENT,
            told=chains.hastened(chains.FREQUENT, 1.05),
        ),
    ),
    Theory(
        "phases",
        chains.of_phases,
        partial(chains.of_phases, told=chains.hastened(chains.PHASES, 1.1)),
    ),
    Theory(
        "states",
        chains.of_states,
        partial(chains.of_states, told=chains.hastened(chains.ROUND, 1.05)),
    ),
    *_spells(),
    Theory("stages", stages.of_stages, partial(stages.of_stages, told=stages.LONGER)),
    Theory("ageing", ageing.of_ageing, partial(ageing.of_ageing, told=0.9 * ageing.LIMITED)),
)
