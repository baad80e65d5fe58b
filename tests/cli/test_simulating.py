from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import psutil
import pytest

from sim.cli.simulating import compare
from sim.output import read_run
from sim.tables import RunFolderError
from tests.cli.conftest import PROGRAM, Fitflow, furnished, run_program

COMPARE = ("compare", "tiny.yaml", "quick.yaml", "--workers", "1")


def files_of(root: Path) -> dict[str, bytes]:
    """Everything that stands below a folder."""
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@dataclass(frozen=True)
class Compared:
    """A comparison that the program has made: where, the run's folder, and what it said."""

    folder: Path
    run: Path
    said: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Compared:
    folder = furnished(tmp_path_factory.mktemp("compared"))
    said = run_program(COMPARE, folder, environment)
    assert said.returncode == 0, said.stderr
    (run,) = (folder / "runs").iterdir()
    return Compared(folder, run, said)


@pytest.fixture
def copied(compared: Compared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the folder to work in; returns the run's folder in it."""
    shutil.copytree(compared.folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return Path("runs") / compared.run.name


def test_what_a_comparison_says(compared: Compared) -> None:
    said = compared.said.stdout
    assert "Quick starts: difference from Tiny baseline, 2 areas of England" in said
    assert "95% intervals from 2 pairs of runs" in said
    assert "- Quick starts: on 31 March 2025, " in said
    assert "- job_loss.hazard_ratio" in said
    (line,) = (line for line in said.splitlines() if line.startswith("Contracts kept: "))
    assert "one past (6 times), people conserved (24 times), capacity (" in line
    assert "quick differs from 1 June 2024, and the first people part on " in line
    files = [path for path in compared.run.rglob("*") if path.is_file()]
    assert all(f"  {path.relative_to(compared.folder)}\n" in said for path in files)


def test_what_a_comparison_writes(compared: Compared) -> None:
    tables, manifest = read_run(compared.run)
    assert set(tables.stocks["scenario"]) == {"tiny", "quick"}
    assert manifest["seeds"] == [1, 2]
    assert manifest["run"].startswith(compared.run.name)
    folder = compared.run / "compared_with_tiny"
    rows = pd.read_csv(folder / "differences.csv")
    assert (rows.loc[rows["outcome"] == "in_work", "difference"] > 0).all()
    kinds = {path.suffix for path in folder.glob("people_in_work.*")}
    assert kinds == {".svg", ".png", ".csv", ".json"}
    words = json.loads((folder / "people_in_work.json").read_text(encoding="utf-8"))
    assert "job_loss.hazard_ratio" in words["notes"]
    assert words["alt_text"].startswith("Line chart.")


def test_the_same_again_is_read_and_leaves_everything_as_it_was(
    compared: Compared, environment: dict[str, str]
) -> None:
    before = files_of(compared.folder)
    again = run_program(COMPARE, compared.folder, environment)
    assert again.returncode == 0
    assert "was there already, so nothing was simulated" in again.stdout
    assert again.stderr == ""
    assert files_of(compared.folder) == before


def test_the_other_way_round_is_the_same_run_compared_anew(copied: Path) -> None:
    Path("quick_scenario.yaml").write_text(
        "name: quick\ntitle: Quick starts\ndescription: The base with the reform.\n"
        "extends: ./tiny.yaml\nreforms: [./quick.yaml]\n"
    )
    before = files_of(copied)
    compare("quick_scenario.yaml", ["tiny.yaml"], workers=1)
    forth, back = (
        pd.read_csv(copied / f"compared_with_{base}" / "differences.csv")
        for base in ("tiny", "quick")
    )
    # What is displaced depends on how many search for work in the base.
    gross = (forth["outcome"] != "in_work_net").to_numpy()
    assert 0 < gross.sum() < len(gross)
    assert (back["difference"].fillna(0) == -forth["difference"].fillna(0))[gross].all()
    assert before.items() <= files_of(copied).items()


def test_a_chart_that_is_not_ours_is_kept_and_the_new_one_stands_beside_it(copied: Path) -> None:
    chart = copied / "compared_with_tiny" / "people_in_work.svg"
    chart.write_text("mine")
    before = files_of(copied)
    compare("tiny.yaml", ["quick.yaml"], workers=1)
    assert before.items() <= files_of(copied).items()
    beside = copied / "compared_with_tiny_2"
    assert sorted(path.name for path in beside.iterdir()) == sorted(
        path.name for path in chart.parent.iterdir()
    )


def test_a_run_that_was_changed_is_neither_used_nor_replaced(copied: Path) -> None:
    wrong = (copied / "flows.parquet").read_bytes()
    (copied / "stocks.parquet").write_bytes(wrong)
    with pytest.raises(RunFolderError, match="Table stocks"):
        compare("tiny.yaml", ["quick.yaml"], workers=1)
    assert (copied / "stocks.parquet").read_bytes() == wrong


def test_a_run_shows_levels_and_keeps_what_was_asked_for(fitflow: Fitflow, folder: Path) -> None:
    words = ("run", "tiny.yaml", "--replications", "1", "--areas", "Black Country")
    done = fitflow(*words, "--detail", "area", "--log", "5", "--out", "elsewhere")
    assert done.returncode == 0, done.stderr
    assert "Tiny baseline: Black Country" in done.stdout
    assert "People in work, end of year" in done.stdout
    assert "One replication" in done.stdout
    (run,) = (folder / "elsewhere").iterdir()
    tables, _ = read_run(run)
    assert set(tables.stocks["area"].astype(str)) == {"E54000062"}
    assert tables.log is not None
    assert 0 < tables.log["person"].nunique() <= 5
    # Another detail is another run.
    assert fitflow(*words, "--out", "elsewhere").returncode == 0
    assert len(list((folder / "elsewhere").iterdir())) == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "tiny.yaml", "--scale", "3"], "command line, --scale: 3.0 given"),
        (["compare", "tiny.yaml", "workwell_pilot"], "did you mean 'workwell_pilots'?"),
        (["compare", "tiny.yaml", "quick.yaml", "--replications", "1"], "at least 2 replications"),
    ],
)
def test_mistakes_are_told_before_anything_is_written(
    fitflow: Fitflow, folder: Path, words: list[str], message: str
) -> None:
    done = fitflow(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "runs").exists()


def test_a_folder_that_cannot_be_made(fitflow: Fitflow, folder: Path) -> None:
    (folder / "runs").write_text("a file")
    done = fitflow("run", "tiny.yaml", "--workers", "1")
    assert done.returncode == 2
    assert "runs" in done.stderr
    assert "Traceback" not in done.stderr


needs_process_groups = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no process groups of this kind"
)


def hear_everything() -> None:
    """Requests that whoever runs the tests ignores, as ``nohup`` does, are not ignored by what is tested."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_DFL)


@pytest.fixture
def simulating(
    request: pytest.FixtureRequest, folder: Path, environment: dict[str, str]
) -> Iterator[subprocess.Popen[str]]:
    """A long run that has just said that it began, on as many processes as the test asks for."""
    words = ("run", "baseline", "--scale", "0.01", "--replications", "4")
    process = subprocess.Popen(
        [*PROGRAM, *words, "--workers", request.param],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=hear_everything,
    )
    assert process.stderr is not None
    assert process.stderr.readline().startswith("Simulating 1 scenario")
    yield process
    process.kill()
    process.communicate()


@needs_process_groups
@pytest.mark.parametrize(
    ("simulating", "pause"), [("1", 1.5), ("2", 0.3), ("2", 1.5)], indirect=["simulating"]
)
def test_ctrl_c_stops_at_once_and_leaves_nothing(
    simulating: subprocess.Popen[str], folder: Path, pause: float
) -> None:
    """Also while the other processes are still starting."""
    time.sleep(pause)
    os.killpg(simulating.pid, signal.SIGINT)
    out, err = simulating.communicate(timeout=20)
    assert simulating.returncode == 130
    assert out == ""
    assert err == "Stopped. Nothing was written.\n"
    assert list((folder / "runs").iterdir()) == []


@needs_process_groups
@pytest.mark.parametrize("simulating", ["2"], indirect=True)
@pytest.mark.parametrize("request_to_end", ["SIGTERM", "SIGHUP", "SIGKILL"])
def test_who_ends_the_program_ends_its_processes(
    simulating: subprocess.Popen[str], request_to_end: str
) -> None:
    """A batch system at its time limit, a terminal that is closed, a kill that cannot be heard."""
    started = psutil.Process(simulating.pid)
    while len(children := started.children(recursive=True)) < 3:
        time.sleep(0.05)  # two that simulate, and the one that keeps track of resources
    simulating.send_signal(signal.Signals[request_to_end])
    _, alive = psutil.wait_procs(children, timeout=20)
    assert alive == []
    _, err = simulating.communicate(timeout=20)
    if request_to_end == "SIGKILL":
        assert simulating.returncode == -signal.SIGKILL
    else:
        assert (simulating.returncode, err) == (130, "Stopped. Nothing was written.\n")


@needs_process_groups
def test_a_second_request_to_end_is_not_heard_but_obeyed() -> None:
    code = (
        "import os, signal, time\nfrom sim.cli import app\napp._hear_requests_to_end()\n"
        "try:\n    os.kill(os.getpid(), signal.SIGTERM)\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print('heard', flush=True)\n"
        "try:\n    os.kill(os.getpid(), signal.SIGINT)\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print('heard again', flush=True)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=50,
        preexec_fn=hear_everything,
    )
    assert (done.returncode, done.stdout) == (-signal.SIGINT, "heard\n")
