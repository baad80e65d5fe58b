"""Running a plan: in this process, on a cluster of this computer, or on any dask cluster.

The store is the checkpoint: whatever is finished is on disk, so that a plan can be stopped and started at any time,
and every way of running it gives the same files. Workers get the name of a block and give back a few numbers.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from sim.explained import ExplainedError
from sim.sweep.plan import Plan, halves
from sim.sweep.record import keep_spec
from sim.sweep.store import Block, Store
from sim.sweep.work import Worked, compute

THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
BUSY_SECONDS: Final = 2.0
"""How long to wait before a block that somebody else is at is asked for again."""


class SweepError(ExplainedError):
    """A sweep could not be finished; the message says what to do."""


@dataclass(frozen=True)
class Step:
    """A block that is finished, among all."""

    block: Block
    worked: Worked
    done: int
    of: int


def one_thread() -> None:
    """Keep numerical libraries of this process and its children to one thread; before numpy is loaded."""
    for name in THREADS:
        os.environ.setdefault(name, "1")


@dataclass
class Queue:
    """The blocks of a plan, while they are worked on."""

    store: Store
    sweep: str
    waiting: list[Block]
    done: int = 0
    of: int = 0
    problems: list[str] = field(default_factory=list)

    @classmethod
    def of_plan(cls, store: Store, sweep: str, plan: Plan) -> Queue:
        """All blocks of a plan, with their specifications in the store."""
        for block in plan.blocks:
            keep_spec(store, sweep, block)
        return cls(store, sweep, list(plan.blocks), of=len(plan.blocks))

    def finish(self, block: Block, worked: Worked) -> Step:
        """Count a block as finished."""
        self.done += 1
        return Step(block, worked, self.done, self.of)

    def divide(self, block: Block, why: str) -> list[Block]:
        """A block that a worker did not survive, in two; noted as a problem if it cannot be divided."""
        parts = halves(block)
        if len(parts) == 1:
            self.problems.append(f"block {block.name}: {why}")
            return []
        self.of += len(parts) - 1
        for part in parts:
            keep_spec(self.store, self.sweep, part)
        return parts

    def check(self) -> None:
        """Raise what went wrong, once all the rest is finished.

        Raises
        ------
        SweepError
        """
        if self.problems:
            raise SweepError(
                f"{len(self.problems)} of {self.of} blocks could not be simulated; all others are kept, and the "
                "same command goes on from there.\n" + "\n".join(self.problems)
            )


def run_serially(store: Store, sweep: str, plan: Plan) -> Iterator[Step]:
    """Run a plan in this process, block by block."""
    queue = Queue.of_plan(store, sweep, plan)
    while queue.waiting:
        block = queue.waiting.pop(0)
        worked = compute(str(store.folder.resolve()), block.name)
        if worked.status == "busy":
            queue.waiting.append(block)
            time.sleep(BUSY_SECONDS)
            continue
        yield queue.finish(block, worked)
