"""What calibration and sensitivity share on the command line: who computes, how far it is, and what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.console import warn
from sim.sweep.waits import FIRST_WAIT_SECONDS

if TYPE_CHECKING:
    from sim.sweep.cluster import Scheduler


Say = Callable[[str, int, int], None]
"""Told the name of a stage, and how many of its draws are done."""


def cores(workers: int | None) -> int:
    """Processes to use: as asked, else one a core."""
    import os

    return workers or os.cpu_count() or 1


def scheduler_at(address: str | None, first_wait: float = FIRST_WAIT_SECONDS) -> Scheduler | None:
    """The scheduler at an address; it is asked once there is something to simulate."""
    if address is None:
        return None
    from sim.sweep.cluster import Scheduler, check_address

    check_address(address)
    return Scheduler(address, warn, first_wait)


@contextmanager
def keeping(folder: Path) -> Iterator[None]:
    """Say after Ctrl-C that what is finished is kept."""
    try:
        yield
    except KeyboardInterrupt:
        warn(f"Stopped. What is finished is kept in {folder}: the same command goes on there.")
        raise


@contextmanager
def stages() -> Iterator[Say]:
    """Show stages: a bar for each on a terminal, a line for each elsewhere."""
    import sys

    if not sys.stderr.isatty():
        shown: set[str] = set()

        def line(stage: str, done: int, of: int) -> None:
            if stage not in shown:
                shown.add(stage)
                warn(f"{stage} ({of}) ...")

        yield line
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeElapsedColumn(), TimeRemainingColumn(), console=Console(stderr=True)
    ) as bars:
        tasks = {}

        def bar(stage: str, done: int, of: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=of)
            bars.update(tasks[stage], completed=done, total=of)

        yield bar
