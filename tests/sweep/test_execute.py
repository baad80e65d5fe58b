"""The same answer however a sweep is run, and nothing simulated twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from distributed import Client, LocalCluster

from results.exploration.worth import worth
from results.outcomes import NEEDS
from results.sweeps import open_sweep
from sim.sweep import cluster
from sim.sweep.cluster import MEMORY_KEPT, Scheduler, local_workers, run_on_cluster
from sim.sweep.execute import THREADS, Step, SweepError, run_serially
from sim.sweep.files import Sweep, load_sweep
from sim.sweep.plan import Plan
from sim.sweep.store import Block, Store, StoreError
from tests.sweep.conftest import written
from tests.sweep.runs import blocks, plan_of, results, run


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    return load_sweep(written(tmp_path_factory.mktemp("file")))


@pytest.fixture(scope="module")
def undisturbed(sweep: Sweep, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the whole sweep, simulated one block after another."""
    folder = tmp_path_factory.mktemp("undisturbed") / "store"
    steps = run(sweep, folder, run_serially)
    assert [step.worked.status for step in steps] == ["computed", "computed"]
    return folder


def test_every_arm_alone_and_in_reverse_gives_the_same_tables(
    sweep: Sweep, undisturbed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    whole = plan_of(sweep, Store(folder))
    alone = tuple(
        Block((arm,), tuple(sweep.seeds), whole.blocks[0].areas) for arm in sweep.scenarios
    )
    run(sweep, folder, run_serially, replace(whole, blocks=alone[::-1], costs=()))
    assert blocks(folder).keys().isdisjoint(blocks(undisturbed))
    assert results(sweep, folder) == results(sweep, undisturbed)


def test_threads_give_the_same_blocks(sweep: Sweep, undisturbed: Path, tmp_path: Path) -> None:
    def in_threads(store: Store, name: str, plan: Plan) -> Iterator[Step]:
        class InThreads(Scheduler):
            def connect(self) -> Client:
                return Client(
                    processes=False, n_workers=1, threads_per_worker=2, dashboard_address=None,
                    set_as_default=False,
                )  # fmt: skip

        return run_on_cluster(store, name, plan, InThreads("in threads", pytest.fail))

    run(sweep, tmp_path / "store", in_threads)
    assert blocks(tmp_path / "store") == blocks(undisturbed)


def test_a_killed_worker_loses_nothing(sweep: Sweep, undisturbed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    killed = []

    def disturbed(store: Store, name: str, plan: Plan) -> Iterator[Step]:
        with local_workers(1, 2e9, pytest.fail) as workers:
            for step in run_on_cluster(store, name, plan, workers):
                if not killed:
                    worker = int(step_worker(store, step))
                    os.kill(worker, signal.SIGKILL)
                    killed.append(worker)
                yield step

    steps = run(sweep, folder, disturbed)
    assert [step.worked.status for step in steps] == ["computed", "computed"]
    workers = {step_worker(Store(folder), step) for step in steps}
    assert len(workers) == 2
    assert blocks(folder) == blocks(undisturbed)
    assert not any(psutil.pid_exists(int(pid)) for pid in workers)


def test_a_scheduler_without_workers_is_told_of_and_waited_for(
    sweep: Sweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "WITHOUT_WORKERS_SECONDS", 0.5)
    told: list[str] = []

    def without(store: Store, name: str, plan: Plan) -> Iterator[Step]:
        with LocalCluster(
            n_workers=0, processes=False, threads_per_worker=1, dashboard_address=None
        ) as idle:

            def warn(text: str) -> None:
                told.append(text)
                idle.scale(1)

            yield from run_on_cluster(store, name, plan, Scheduler(idle.scheduler_address, warn))

    steps = run(sweep, tmp_path / "store", without)
    assert [step.worked.status for step in steps] == ["computed", "computed"]
    (words,) = told
    assert "has no workers; waiting for some" in words
    assert "Ctrl-C ends the waiting; what is finished is kept" in words


def test_workers_of_this_computer_use_one_thread_and_their_memory_again() -> None:
    wanted = dict.fromkeys(THREADS, "1") | MEMORY_KEPT
    with local_workers(1, 1e9, print) as scheduler, scheduler.connect() as client:
        client.wait_for_workers(1)
        (found,) = client.run(
            lambda names: {n: os.environ.get(n) for n in names}, tuple(wanted)
        ).values()
    assert found == wanted


def test_workers_of_this_computer_that_end_at_once_are_not_waited_for(
    sweep: Sweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "WITHOUT_WORKERS_SECONDS", 0.5)
    monkeypatch.setattr(sys, "executable", "false")

    def of_this_computer(store: Store, name: str, plan: Plan) -> Iterator[Step]:
        with local_workers(1, 2e9, pytest.fail) as workers:
            yield from run_on_cluster(store, name, plan, workers)

    with pytest.raises(SweepError, match="The workers of this computer ended, with code 1"):
        run(sweep, tmp_path / "store", of_this_computer)


def test_workers_of_this_computer_that_take_long_are_not_asked_of_the_user(
    sweep: Sweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "WITHOUT_WORKERS_SECONDS", 0.5)
    late = tmp_path / "late"
    late.write_text(f'#!/bin/sh\nsleep 3\nexec {sys.executable} "$@"\n')
    late.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(late))
    told: list[str] = []

    def of_this_computer(store: Store, name: str, plan: Plan) -> Iterator[Step]:
        with local_workers(1, 2e9, told.append) as workers:
            yield from run_on_cluster(store, name, plan, workers)

    assert len(run(sweep, tmp_path / "store", of_this_computer)) == 2
    (words,) = told
    assert words.startswith("The workers of this computer take long to start; waiting for them.")


def step_worker(store: Store, step: Step) -> str:
    """The process that a block was simulated in."""
    found = store.done(step.block.name)
    assert found
    return str(found.facts["worker"].rpartition(":")[2])


def test_a_sweep_that_is_there_is_not_simulated_again(sweep: Sweep, undisturbed: Path) -> None:
    assert run(sweep, undisturbed, run_serially) == []


def test_the_precision_of_net_figures_is_that_of_the_table(sweep: Sweep, undisturbed: Path) -> None:
    opened = open_sweep(undisturbed, sweep.name)
    table = opened.differences(["in_work", "in_work_net"], 1).set_index(["outcome", "point"])
    gross, net = opened.gains("in_work", 1), opened.gains("in_work_net", 1)
    for point, gains in net.items():
        assert gains.mean() == pytest.approx(table.loc[("in_work_net", point), "difference"])
    assert 0 < abs(net[1].mean()) < abs(gross[1].mean())


def test_what_is_not_kept_is_not_counted(sweep: Sweep, undisturbed: Path, tmp_path: Path) -> None:
    """Sanctions counted from a table of events that is not kept would be none at all."""
    opened = open_sweep(undisturbed, sweep.name)
    assert "sanctions" in set(opened.table["outcome"])
    opened.record = replace(opened.record, content=opened.record.content | {"keep": ["stocks"]})
    opened._values.clear()
    assert set(opened.yearly["outcome"]) == set(opened.table["outcome"]) == {
        name for name, tables in NEEDS.items() if tables == {"stocks"}
    }  # fmt: skip
    for refused in (
        lambda: opened.differences(["in_work", "sanctions"]),
        lambda: opened.gains("sanctions", 1),
        lambda: worth(opened),
    ):
        with pytest.raises(
            StoreError, match=r"counted from events; the sweep .* keeps stocks only"
        ):
            refused()


def test_more_replications_only_add(sweep: Sweep, undisturbed: Path, tmp_path: Path) -> None:
    before = blocks(undisturbed)
    steps = run(sweep.with_replications(3), undisturbed, run_serially)
    assert [cell[1] for step in steps for cell in step.block.cells()] == [3] * 6
    after = blocks(undisturbed)
    assert before.items() <= after.items()
    for step in steps:
        Store(undisturbed).drop(step.block.name)


def test_a_damaged_block_is_simulated_again_and_no_other(sweep: Sweep, undisturbed: Path) -> None:
    before = blocks(undisturbed)
    path = next((undisturbed / "blocks").glob("*/stocks.parquet"))
    path.write_bytes(path.read_bytes()[:-100])
    steps = run(sweep, undisturbed, run_serially)
    assert [step.block.name for step in steps] == [path.parent.name]
    assert blocks(undisturbed) == before


def test_a_block_that_somebody_else_simulates_is_waited_for(
    sweep: Sweep, undisturbed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    store = Store(folder)
    first = plan_of(sweep, store).blocks[0]
    (store.blocks / first.name).mkdir(parents=True)
    text = """
        import sys, time
        from pathlib import Path
        from sim.sweep.store import Store
        with Store(Path(sys.argv[1])).claimed(sys.argv[2]) as mine:
            print(mine, flush=True)
            time.sleep(60)
        """
    words = [sys.executable, "-c", textwrap.dedent(text), str(folder), first.name]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "True\n"
        steps = []

        def until_killed(store: Store, name: str, plan: Plan) -> Iterator[Step]:
            for step in run_serially(store, name, plan):
                other.kill()  # its claim ends with it
                other.wait()
                yield step

        began = time.monotonic()
        steps = run(sweep, folder, until_killed)
        assert time.monotonic() - began < 60
    assert [step.block for step in steps][-1] == first
    assert blocks(folder) == blocks(undisturbed)
