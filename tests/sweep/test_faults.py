"""Sweeps under faults, for real: processes killed, a scheduler lost, a full disk, too little memory, two at once.

Run with ``python -m pytest tests/sweep -m faults``. Each fault ends with the results of an undisturbed run, to the
last bit, and with no more simulated again than it must be.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from sim.sweep import costs
from sim.sweep.cluster import local_workers, run_on_cluster
from sim.sweep.execute import Step, run_serially
from sim.sweep.files import Sweep, load_sweep
from sim.sweep.plan import Plan
from sim.sweep.store import Block, Store
from tests.sweep.conftest import A_SEED_A_BLOCK, TINY, written
from tests.sweep.runs import blocks, plan_of, results, run

pytestmark = pytest.mark.faults
REPLICATIONS = 6
SERIAL = """
    import sys
    from pathlib import Path
    from sim.sweep.execute import run_serially
    from sim.sweep.files import load_sweep
    from sim.sweep.record import keep_record
    from sim.sweep.store import Store
    from tests.sweep.runs import plan_of
    sweep, store = load_sweep(Path(sys.argv[1])), Store(Path(sys.argv[2]))
    for step in run_serially(store, keep_record(store, sweep), plan_of(sweep, store)):
        print(step.worked.status, flush=True)
    """


@pytest.fixture(scope="module", autouse=True)
def _a_seed_a_block(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The program plans as the tests do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FITFLOW_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(costs, "_measure", lambda: A_SEED_A_BLOCK)
        costs.measured_speed()
        yield


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(
        tmp_path_factory.mktemp("file"),
        TINY.replace("replications: 2", f"replications: {REPLICATIONS}"),
    )


@pytest.fixture(scope="module")
def sweep(path: Path) -> Sweep:
    return load_sweep(path)


@pytest.fixture(scope="module")
def undisturbed(sweep: Sweep, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed") / "store"
    run(sweep, folder, run_serially)
    return folder


def fitflow(path: Path, out: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sim.cli.app", "sweep", str(path), "--out", str(out), *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def done(out: Path) -> dict[str, str]:
    """The record of each finished block."""
    files = (out / "store" / "blocks").glob("*/done.json")
    return {path.parent.name: path.read_text(encoding="utf-8") for path in files}


def wait_for(ready: Callable[[], object], seconds: float = 400) -> None:
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.05)


def same(sweep: Sweep, out: Path, undisturbed: Path) -> bool:
    return results(sweep, out / "store") == results(sweep, undisturbed)


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_any_number_of_workers(
    sweep: Sweep, undisturbed: Path, tmp_path: Path, workers: int
) -> None:
    def runner(store: Store, name: str, plan: Plan) -> Iterator[Step]:
        with local_workers(workers, 1e9, pytest.fail) as local:
            yield from run_on_cluster(store, name, plan, local)

    run(sweep, tmp_path / "store", runner)
    assert blocks(tmp_path / "store") == blocks(undisturbed)


def test_the_driver_is_killed_and_started_again(
    path: Path, sweep: Sweep, undisturbed: Path, tmp_path: Path
) -> None:
    driver = fitflow(path, tmp_path, "--workers", "2")
    wait_for(lambda: done(tmp_path))
    children = psutil.Process(driver.pid).children(recursive=True)
    driver.kill()
    driver.communicate()
    kept = done(tmp_path)
    # The workers end by themselves when the scheduler is gone; a block that is under way may still be finished.
    wait_for(lambda: not any(child.is_running() for child in children))
    kept = done(tmp_path)
    assert 0 < len(kept) < REPLICATIONS
    again = fitflow(path, tmp_path, "--workers", "2")
    _, errors = again.communicate(timeout=600)
    assert again.returncode == 0, errors
    assert f"{6 * len(kept)} of {6 * REPLICATIONS} are finished already" in errors
    assert kept.items() <= done(tmp_path).items()
    assert same(sweep, tmp_path, undisturbed)


def test_ctrl_c_keeps_what_is_finished(
    path: Path, sweep: Sweep, undisturbed: Path, tmp_path: Path
) -> None:
    driver = fitflow(path, tmp_path, "--workers", "2")
    wait_for(lambda: done(tmp_path))
    children = psutil.Process(driver.pid).children(recursive=True)
    driver.send_signal(signal.SIGINT)
    _, errors = driver.communicate(timeout=60)
    assert driver.returncode == 130
    assert "Traceback" not in errors
    assert "Stopped" in errors
    wait_for(lambda: not any(child.is_running() for child in children))
    kept = done(tmp_path)
    again = fitflow(path, tmp_path, "--serial")
    assert again.wait(timeout=600) == 0
    assert kept.items() <= done(tmp_path).items()
    assert same(sweep, tmp_path, undisturbed)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def scheduler(port: int, scratch: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A scheduler with two workers, each a process of its own."""
    address = f"tcp://127.0.0.1:{port}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = [sys.executable, "-m", "dask"]
    host = ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    first = subprocess.Popen([*dask, "scheduler", *host], **quiet)
    words = ["worker", address, "--nworkers", "2", "--nthreads", "1", "--no-dashboard"]
    second = subprocess.Popen([*dask, *words, "--local-directory", str(scratch)], **quiet)
    try:
        yield first
    finally:
        for process in (second, first):
            with suppress(ProcessLookupError):
                process.terminate()
            process.wait(timeout=30)


def test_the_scheduler_is_killed_and_another_takes_its_place(
    path: Path, sweep: Sweep, undisturbed: Path, tmp_path: Path
) -> None:
    port = free_port()
    out = tmp_path / "out"
    with scheduler(port, tmp_path) as first:
        driver = fitflow(path, out, "--scheduler", f"tcp://127.0.0.1:{port}")
        wait_for(lambda: done(out))
        first.kill()
        first.wait()
        kept = done(out)
    assert len(kept) < REPLICATIONS
    with scheduler(port, tmp_path):
        _, errors = driver.communicate(timeout=600)
    assert driver.returncode == 0, errors
    assert "scheduler was lost" in errors
    assert kept.items() <= done(out).items()
    assert same(sweep, out, undisturbed)


@pytest.mark.parametrize("how", [["--serial"], ["--workers", "2"]], ids=["serial", "workers"])
def test_a_full_disk(
    path: Path, sweep: Sweep, undisturbed: Path, tmp_path: Path, how: list[str]
) -> None:
    out = tmp_path / "small"
    out.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=620k", "tmpfs", str(out)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        driver = fitflow(path, out, *how)
        _, errors = driver.communicate(timeout=600)
        assert driver.returncode == 2, errors
        assert "No space left on device" in errors
        assert "Traceback" not in errors
        kept = done(out)
        assert len(kept) < REPLICATIONS
        assert list(out.rglob(".draft-*")) == []
        subprocess.run(["mount", "-o", "remount,size=64m", str(out)], check=True)
        again = fitflow(path, out, *how)
        _, errors = again.communicate(timeout=600)
        assert again.returncode == 0, errors
        assert kept.items() <= done(out).items()
        assert results(sweep, out / "store") == results(sweep, undisturbed)
    finally:
        subprocess.run(["umount", str(out)], check=True)


def test_a_worker_over_its_memory(path: Path, tmp_path: Path) -> None:
    sweep = load_sweep(path, {"scale": 0.05, "replications": 2})
    whole = plan_of(sweep, Store(tmp_path / "small"))
    one = Block(tuple(sweep.scenarios), tuple(sweep.seeds), whole.blocks[0].areas)
    plan = replace(whole, blocks=(one,), costs=())
    run(sweep, tmp_path / "large" / "store", run_serially, plan)

    def short_of_memory(store: Store, name: str, plan: Plan) -> Iterator[Step]:
        with local_workers(1, 330e6, pytest.fail) as local:
            yield from run_on_cluster(store, name, plan, local)

    steps = run(sweep, tmp_path / "small" / "store", short_of_memory, plan)
    assert len(steps) > 1
    assert sum(len(list(step.block.cells())) for step in steps) == len(list(one.cells()))
    small, large = (tmp_path / name / "store" for name in ("small", "large"))
    assert results(sweep, small) == results(sweep, large)


def test_two_drivers_on_one_store(
    path: Path, sweep: Sweep, undisturbed: Path, tmp_path: Path
) -> None:
    words = [sys.executable, "-c", textwrap.dedent(SERIAL), str(path), str(tmp_path / "store")]
    both = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [process.communicate(timeout=600)[0].split() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum(each.count("computed") for each in told) == REPLICATIONS
    assert blocks(tmp_path / "store") == blocks(undisturbed)


def test_parts_of_a_job_array(path: Path, sweep: Sweep, undisturbed: Path, tmp_path: Path) -> None:
    parts = [fitflow(path, tmp_path, "--shard", f"{number}/2") for number in (1, 2)]
    assert [part.wait(timeout=600) for part in parts] == [0, 0]
    last = fitflow(path, tmp_path, "--serial")
    _, errors = last.communicate(timeout=600)
    assert f"{6 * REPLICATIONS} of {6 * REPLICATIONS} are finished already" in errors
    assert same(sweep, tmp_path, undisturbed)


def test_a_script_without_a_guard_and_a_notebook(path: Path, tmp_path: Path) -> None:
    text = (
        textwrap.dedent(SERIAL)
        .replace("run_serially", "run_on_cluster")
        .replace("sim.sweep.execute", "sim.sweep.cluster")
    )
    text = text.replace(
        "for step in run_on_cluster(store, keep_record(store, sweep), plan_of(sweep, store)):\n    ",
        "from sim.sweep.cluster import local_workers\n"
        "with local_workers(2, 1e9, print) as local:\n"
        "  for step in run_on_cluster(store, keep_record(store, sweep), plan_of(sweep, store), local):\n    ",
    )
    assert "local_workers(2" in text
    script = tmp_path / "script.py"
    script.write_text(text, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    for number, words in enumerate(([str(script)], ["-"])):
        made = subprocess.run(
            [sys.executable, *words, str(path), str(tmp_path / f"store{number}")],
            input=text if words == ["-"] else None,
            env=environment, capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        assert made.stdout.split() == ["computed"] * REPLICATIONS


def test_a_record_that_is_cut_short_counts_as_not_finished(
    path: Path, sweep: Sweep, undisturbed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    run(sweep, folder, run_serially)
    record = next((folder / "blocks").glob("*/done.json"))
    content = json.loads(record.read_text(encoding="utf-8"))
    record.write_text(json.dumps(content)[:-20], encoding="utf-8")
    steps = run(sweep, folder, run_serially)
    assert [step.block.name for step in steps] == [record.parent.name]
    assert blocks(folder) == blocks(undisturbed)
