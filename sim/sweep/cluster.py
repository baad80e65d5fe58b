"""Running a plan on dask workers: those of this computer, or those of a scheduler anywhere.

Settings are those that were measured to lose nothing when workers are killed: futures are released as they finish,
one death blames one block, one thread a worker.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Final, Generic, TypeVar
from uuid import uuid4

import dask
from distributed import Client, Future, KilledWorker, LocalCluster
from distributed.comm.addressing import get_address_host_port
from distributed.comm.core import CommClosedError

from sim.sweep.execute import BUSY_SECONDS, THREADS, Queue, Step, SweepError
from sim.sweep.plan import Plan
from sim.sweep.store import Block, Store
from sim.sweep.waits import (
    ANSWER_SECONDS,
    FIRST_WAIT_SECONDS,
    PATIENCE_SECONDS,
    WITHOUT_WORKERS_SECONDS,
)
from sim.sweep.work import compute
from sim.words import some

Item = TypeVar("Item")

DEATHS: Final = 2
"""So many deaths of a worker over one block are accidents; after one more the block is divided."""
RETRIES: Final = 2
"""An ordinary error, such as of a network file system, is tried again so often."""
LOST: Final = (
    "The scheduler was lost, or a worker left with results; what was under way is asked for again."
)
SETTINGS: Final[dict[str, Any]] = {
    "distributed.scheduler.allowed-failures": DEATHS,
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.worker-ttl": "1 hour",
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": 0.9,
    "distributed.worker.memory.terminate": 0.95,
    # Its samples of what a worker does make it wait.
    "distributed.worker.profile.enabled": False,
    "distributed.comm.timeouts.connect": "10s",
    "distributed.admin.log-format": "%(name)s: %(message)s",
}
MEMORY_KEPT: Final = {"MALLOC_TRIM_THRESHOLD_": str(2**29), "MALLOC_MMAP_THRESHOLD_": str(2**25)}
"""For workers under Linux: memory of large arrays is used again.

Dask has it given back and asked for anew each time, with which a block of 160 arms took 1.6 times as long.
"""
# What happens to connections is told in our own words, not by the libraries.
for _name in ("distributed", "tornado.application"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

Warn = Callable[[str], None]


@dataclass
class Scheduler:
    """A scheduler whose workers simulate.

    Parameters
    ----------
    address : str
    warn : callable
        Called with what there is to say.
    first_wait : float
        For so many seconds it is waited for until it has answered once.
    """

    address: str
    warn: Warn
    first_wait: float = FIRST_WAIT_SECONDS
    _answered: bool = field(default=False, init=False)

    def connect(self) -> Client:
        """A client of it; it is waited for if it is not there.

        Raises
        ------
        SweepError
            When it does not come.
        """
        patience = PATIENCE_SECONDS if self._answered else self.first_wait
        client = _connected(self.address, self.warn, patience)
        self._answered = True
        return client

    def check_workers(self) -> None:
        """Refuse to wait for workers that will never come; elsewhere some may always be started."""

    def without_workers(self) -> str:
        """What to say when it has had no workers for long."""
        return (
            f"The scheduler at {self.address} has no workers; waiting for some. Start them with: "
            f"dask worker {self.address} --nthreads 1. Ctrl-C ends the waiting; what is finished is kept, "
            "and the same command goes on from there."
        )


@dataclass(kw_only=True)
class _Local(Scheduler):
    """A scheduler in this process, with workers of this computer that are below another process."""

    process: subprocess.Popen[bytes]

    def check_workers(self) -> None:
        """Refuse to wait for workers whose process has ended.

        Raises
        ------
        SweepError
        """
        if self.process.poll() is not None:
            raise SweepError(
                f"The workers of this computer ended, with code {self.process.returncode}. What is finished is kept, "
                "and the same command goes on from there; --serial does without workers."
            )

    def without_workers(self) -> str:
        """What to say when they take long."""
        return (
            "The workers of this computer take long to start; waiting for them. Ctrl-C ends the waiting; what is "
            "finished is kept, and the same command goes on from there."
        )


@contextmanager
def local_workers(number: int, memory: float, warn: Warn) -> Iterator[Scheduler]:
    """A scheduler in this process, and worker processes of one thread each.

    The workers are programs of their own: they import nothing of the caller's, so that scripts without a guard
    and notebooks work, and they end when the scheduler does.

    Yields
    ------
    Scheduler
    """
    variables = {
        "DASK_" + key.replace(".", "__").replace("-", "_").upper(): str(value)
        for key, value in SETTINGS.items()
    }
    environment = {**MEMORY_KEPT, **os.environ, **variables, **dict.fromkeys(THREADS, "1")}
    with (
        dask.config.set(SETTINGS),
        tempfile.TemporaryDirectory(prefix="fitflow-", ignore_cleanup_errors=True) as scratch,
        LocalCluster(
            n_workers=0, dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL
        ) as cluster,
    ):
        words = ["-m", "dask", "worker", cluster.scheduler_address, "--no-dashboard"]
        words += ["--nworkers", str(number), "--nthreads", "1", "--death-timeout", "30"]
        words += ["--memory-limit", str(int(memory)), "--local-directory", scratch]
        process = subprocess.Popen(
            [sys.executable, *words],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for this process to answer
        )
        try:
            yield _Local(cluster.scheduler_address, warn, process=process)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


def check_address(address: str) -> None:
    """Refuse what is no address of a scheduler.

    Raises
    ------
    SweepError
    """
    try:
        get_address_host_port(address)
    except ValueError as error:
        raise SweepError(
            f"--scheduler: {address!r} given ({error}); allowed: an address such as tcp://10.0.0.1:8786."
        ) from None


def _connected(address: str, warn: Warn, patience: float) -> Client:
    until = time.monotonic() + patience
    told = False
    while True:
        left = until - time.monotonic()
        try:
            # A client that finds nobody complains when it is thrown away, so somebody has to be there.
            if not address.startswith("inproc://"):
                socket.create_connection(get_address_host_port(address), timeout=10).close()
            with dask.config.set(SETTINGS):
                return Client(address, set_as_default=False, timeout=min(max(left, 1.0), 10.0))
        except (OSError, CommClosedError):
            if time.monotonic() > until:
                raise SweepError(
                    f"No scheduler answers at {address}; it was waited for {some(patience, 'second')}. Check that the "
                    "address is the one that dask scheduler prints, that it still runs, and that no firewall stands "
                    "between. What is finished is kept, and the same command goes on from there."
                ) from None
            if not told:
                warn(
                    f"No scheduler answers at {address}; waiting for one, for {some(patience, 'second')} at most."
                )
            told = True
            time.sleep(1)


def run_on_cluster(store: Store, sweep: str, plan: Plan, scheduler: Scheduler) -> Iterator[Step]:
    """Run a plan on the workers of a scheduler; if it is lost, on those of the next at its address.

    Raises
    ------
    SweepError
        When some blocks could not be simulated; all others are finished first.
    """
    queue = Queue.of_plan(store, sweep, plan)
    while queue.waiting:
        with scheduler.connect() as client:
            yield from _Round(client, queue, scheduler).steps()
        if queue.waiting:
            scheduler.warn(LOST)
    queue.check()


class Watch:
    """Says so once if a scheduler is without workers for long."""

    def __init__(self, client: Client, scheduler: Scheduler) -> None:
        self.client, self.scheduler = client, scheduler
        self.had_workers = time.monotonic()
        self.told = False

    def answered(self) -> None:
        """There are workers: one has answered."""
        self.had_workers = time.monotonic()

    def look(self) -> None:
        """Look for workers, and tell if there are none."""
        now = time.monotonic()
        if now - self.had_workers < WITHOUT_WORKERS_SECONDS:
            return
        try:
            if self.client.nthreads():
                self.had_workers = now
                return
        except (OSError, CommClosedError, TimeoutError):
            return  # if it is lost, that is seen next
        self.scheduler.check_workers()
        if not self.told:
            self.told = True
            self.scheduler.warn(self.scheduler.without_workers())


class Asked(Generic[Item]):
    """Calls under way on the workers of one scheduler, told of as they end."""

    def __init__(self, client: Client, scheduler: Scheduler) -> None:
        self.client = client
        self._sent: dict[str, tuple[Item, Future[Any]]] = {}
        # Not as_completed: it never ends where the scheduler is lost.
        self._over: SimpleQueue[str] = SimpleQueue()
        self._watch = Watch(client, scheduler)

    def send(self, item: Item, call: Callable[..., Any], *given: Any) -> None:
        """Ask for a call that belongs to an item."""
        key = f"{call.__name__}-{uuid4().hex}"
        future = self.client.submit(call, *given, key=key, retries=RETRIES, pure=False)
        self._sent[key] = item, future
        future.add_done_callback(lambda _: self._over.put(key))

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._sent

    def ended(self) -> Iterator[tuple[Item, Any, BaseException | None]]:
        """Items with result or error as they end, those sent meanwhile too; stops early if the scheduler is lost."""
        while self._sent:
            try:
                key = self._over.get(timeout=1.0)
            except Empty:
                if self._lost():
                    return
                self._watch.look()
                continue
            self._watch.answered()
            item, future = self._sent.pop(key)
            try:
                error = future.exception(timeout=ANSWER_SECONDS)
                result = None if error else future.result(timeout=ANSWER_SECONDS)
            except (CancelledError, CommClosedError, TimeoutError):
                return
            future.release()
            yield item, result, error

    def _lost(self) -> bool:
        """Whether the scheduler has gone, and all that it knew."""
        states = {future.status for _, future in self._sent.values()}
        return self.client.status != "running" or bool(states & {"cancelled", "lost"})


class _Round:
    """Blocks sent to one scheduler, until all are finished or it is lost."""

    def __init__(self, client: Client, queue: Queue, scheduler: Scheduler) -> None:
        self.queue = queue
        self.folder = str(queue.store.folder.resolve())
        self.asked: Asked[Block] = Asked(client, scheduler)

    def steps(self) -> Iterator[Step]:
        """Finished blocks as they come; what is left of the queue was not finished."""
        for block in self.queue.waiting:
            self.send(block)
        busy: list[Block] = []
        for block, found, error in self.asked.ended():
            if error:
                self.failed(block, error)
            elif found.status == "busy":
                busy.append(block)
            else:
                self.queue.waiting.remove(block)
                yield self.queue.finish(block, found)
            if busy and self.asked.idle:
                # Somebody else is at them: their results are as good as ours.
                time.sleep(BUSY_SECONDS)
                while busy:
                    self.send(busy.pop())

    def send(self, block: Block) -> None:
        """Ask for a block."""
        self.asked.send(block, compute, self.folder, block.name)

    def failed(self, block: Block, error: Any) -> None:
        """Divide what was too much for a worker; stop at what no other attempt can mend."""
        if isinstance(error, KilledWorker | MemoryError):
            self.queue.waiting.remove(block)
            why = "workers died of it, most likely for lack of memory; give them more (--memory)"
            for part in self.queue.divide(block, why):
                self.queue.waiting.append(part)
                self.send(part)
            return
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise SweepError(
                f"{self.folder}: {error.strerror}. What is finished is kept; make room, and the same command goes "
                "on from there."
            )
        raise error
