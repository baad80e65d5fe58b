"""Calls of a plain function on several processes, with Ctrl-C for the parent alone to answer."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def as_finished(
    call: Callable[[Item], Result], items: Sequence[Item], workers: int
) -> Generator[tuple[int, Result], None, None]:
    """Call a function of a module on each item; yields the item's place and its result as it is there.

    Whatever stops the caller stops the processes too, once this is closed: what is yielded by then is all there is.

    Parameters
    ----------
    call : callable
        Can be sent to another process, like its items and results.
    items : sequence
    workers : int
        Processes; with one, everything happens in this one.
    """
    if workers == 1 or len(items) < 2:
        for k, item in enumerate(items):
            yield k, call(item)
        return
    # One thread a process: the processes are the parallelism.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        min(workers, len(items)), mp_context=context, initializer=_follow_parent
    ) as pool:
        try:
            with _deaf_to_interrupts():
                places = {pool.submit(call, item): k for k, item in enumerate(items)}
            for future in as_completed(places):
                yield places[future], future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True, wait=False)
            for process in multiprocessing.active_children():
                process.terminate()
            raise


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes started inside never hear Ctrl-C, which is for the parent to answer, not even at birth."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    # The process that keeps track of resources clears the mask when it starts, so it goes first.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _follow_parent() -> None:
    """Leave Ctrl-C to the parent, and end with it, also when it is killed and can tell nobody."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
