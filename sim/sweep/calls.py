"""Calls of a plain function on the workers of a dask scheduler; what a call needs and gives goes over the network."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import CancelledError
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from distributed import Client, Future, KilledWorker
from distributed.comm.core import CommClosedError

from sim.sweep.cluster import ANSWER_SECONDS, RETRIES, Warn, Watch, connected
from sim.sweep.execute import SweepError

Item = TypeVar("Item")
Result = TypeVar("Result")


def as_finished_by(
    address: str, call: Callable[[Item], Result], items: Sequence[Item], warn: Warn
) -> Generator[tuple[int, Result], None, None]:
    """Like :func:`sim.processes.as_finished`, on the workers of a scheduler; if it is lost, of the next that answers.

    Raises
    ------
    SweepError
        When no scheduler answers, or workers die of an item.
    """
    missing = set(range(len(items)))
    while missing:
        with connected(address, warn) as client:
            for place, result in _answers(
                client, call, {k: items[k] for k in sorted(missing)}, Watch(client, warn)
            ):
                missing.remove(place)
                yield place, result
        if missing:
            warn("The scheduler was lost; what was under way is asked for again.")


def _answers(
    client: Client, call: Callable[[Item], Result], items: dict[int, Item], watch: Watch
) -> Generator[tuple[int, Result], None, None]:
    """Results as they come, until all are there or the scheduler is lost."""
    # Not as_completed: it never ends where the scheduler is lost.
    over: SimpleQueue[int] = SimpleQueue()
    sent: dict[int, Future[Result]] = {}

    def tell(place: int) -> Callable[[Any], None]:
        return lambda _: over.put(place)

    for place, item in items.items():
        sent[place] = client.submit(call, item, retries=RETRIES, pure=False)
        sent[place].add_done_callback(tell(place))
    while sent:
        try:
            place = over.get(timeout=1.0)
        except Empty:
            states = {future.status for future in sent.values()}
            if client.status != "running" or states & {"cancelled", "lost"}:
                return
            watch.look()
            continue
        watch.answered()
        future = sent.pop(place)
        if future.status in ("cancelled", "lost"):
            return
        try:
            result = future.result(timeout=ANSWER_SECONDS)
        except (KilledWorker, MemoryError):
            raise SweepError(
                "Workers died of a block of draws, most likely for lack of memory. Give them more, or make --scale "
                "smaller. What is finished is kept, and the same command goes on from there."
            ) from None
        except (CancelledError, CommClosedError, TimeoutError):
            return
        future.release()
        yield place, result
