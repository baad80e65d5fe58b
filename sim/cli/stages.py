"""What calibration and sensitivity share on the command line: who computes, how far it is, and what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sim.cli.console import warn

FIRST_WAIT_SECONDS: Final = 60.0
"""So long a scheduler is waited for before anything is run."""
Say = Callable[[str, int, int], None]
"""Told the name of a stage, and how many of its draws are done."""


def cores(workers: int | None) -> int:
    """Processes to use: as asked, else one a core."""
    import os

    return workers or os.cpu_count() or 1


def answering(scheduler: str | None) -> str | None:
    """The address of a scheduler, once it is known that one answers there."""
    if scheduler is not None:
        from sim.sweep.cluster import check_address, connected

        check_address(scheduler)
        connected(scheduler, warn, FIRST_WAIT_SECONDS).close()
    return scheduler


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
