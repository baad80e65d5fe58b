"""Calls of a plain function on the workers of a dask scheduler; what a call needs and gives goes over the network."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Final, TypeVar

from distributed import KilledWorker

from sim.sweep.cluster import LOST, Asked, Scheduler
from sim.sweep.execute import SweepError

Item = TypeVar("Item")
Result = TypeVar("Result")

DIED: Final = (
    "Workers died of a block of draws, most likely for lack of memory. Give them more, or make --scale smaller. What "
    "is finished is kept, and the same command goes on from there."
)


def as_finished_by(
    scheduler: Scheduler, call: Callable[[Item], Result], items: Sequence[Item]
) -> Generator[tuple[int, Result], None, None]:
    """Like :func:`sim.processes.as_finished`, on the workers of a scheduler; if it is lost, of the next at its address.

    Raises
    ------
    SweepError
        When no scheduler answers, or workers die of an item.
    """
    missing = set(range(len(items)))
    while missing:
        with scheduler.connect() as client:
            asked: Asked[int] = Asked(client, scheduler)
            for place in sorted(missing):
                asked.send(place, call, items[place])
            for place, result, error in asked.ended():
                if isinstance(error, KilledWorker | MemoryError):
                    raise SweepError(DIED) from None
                if error:
                    raise error
                missing.remove(place)
                yield place, result
        if missing:
            scheduler.warn(LOST)
