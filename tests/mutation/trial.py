"""Trials: the tests run on a copy of the tree that holds one mutant, each in a process of its own.

A trial is forked from a process that has already loaded the libraries, stops at the first test that fails,
and has a limit on the processor time of each stage: a mutant that runs on for ever counts as killed.
"""

from __future__ import annotations

import compileall
import json
import os
import py_compile
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

OURS = ("sim", "scenarios", "calibration", "results", "tests", "benchmarks")
LEFT_OUT = shutil.ignore_patterns(
    ".*", "__pycache__", "runs", "outputs", "build", "dist", "*.egg-info"
)
MEMORY = 8 * 2**30
"""Bytes a trial may take."""
SLACK = (3.0, 10.0)
"""Processor time of a stage: so many times what it takes without a mutant, and seconds on top."""
BROKEN = 3
"""With this code ends a process that could not do its trial."""
PATIENCE = 20 * 60
"""Seconds on the clock after which a trial that takes no processor time is ended."""

Stages = Sequence[tuple[str, Sequence[str]]]
Limits = Mapping[str, Mapping[str, float]]
"""Seconds of processor time by folder and stage."""


OWN_TESTS: Mapping[str, str] = {
    "sim/core/recorder.py": "tests/core/test_world.py",
    "sim/core/shocks.py": "tests/core/test_world.py",
    "sim/core/spells.py": "tests/core/test_clocks.py",
}
"""Where a module is tested that has no file of tests by its own name."""
DECLARATIONS = [
    "tests/pathway/test_declarations.py",
    "tests/test_contracts.py::test_streams_and_ratios_say_which_parameters_they_read",
]
"""What is asked of every step of the pathway."""


def stages(modules: Sequence[str], root: Path, neighbours: bool = False) -> Stages:
    """Tests to try on mutants of modules of one folder, those that find most for their time first.

    Ten weeks of both engines, the tests of the modules themselves, then two years of both engines; on demand also
    the other tests of their neighbourhood, which take a minute.
    """
    folder = Path(modules[0]).parts[-2]
    named = [OWN_TESTS.get(m, f"tests/{folder}/test_{Path(m).stem}.py") for m in modules]
    if folder == "pathway":
        named += DECLARATIONS
    tests = [test for test in dict.fromkeys(named) if (root / test.partition("::")[0]).exists()]
    twin = "tests/mutation/twin.py"
    first = [
        ("glance", [twin, "-kweeks"]),
        *([("own", tests)] if tests else []),
        ("twin", [twin, "-kyears"]),
    ]
    if not neighbours:
        return first
    ignored = [f"--ignore={test}" for test in tests]
    return [*first, ("neighbours", [f"tests/{folder}", "tests/test_contracts.py", *ignored])]


@dataclass(frozen=True)
class Outcome:
    """What became of a trial."""

    killed: bool
    by: str
    """The test that failed, or ``time-out`` or ``crash``; empty if all passed."""
    seconds: Mapping[str, float]
    """Processor time of each stage that was finished."""


@contextmanager
def copies(root: Path, number: int) -> Iterator[list[Path]]:
    """Copies of the tree, one for each worker; gone at the end."""
    with tempfile.TemporaryDirectory(prefix="fitflow-mutants-") as folder:
        trees = [Path(folder) / str(k) / "tree" for k in range(number)]
        for tree in trees:
            shutil.copytree(root, tree, ignore=LEFT_OUT)
            # Byte code that is told by its hash can never be taken for that of a mutant.
            compileall.compile_dir(
                tree, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH
            )
        yield trees


def launch(
    tree: Path,
    module: str,
    source: str,
    tests: Stages,
    limits: Mapping[str, float] | None = None,
) -> int:
    """Start a trial of a module with this source; returns the number of its process."""
    (tree / module).write_text(source, encoding="utf-8")
    _outcome_file(tree).unlink(missing_ok=True)
    sys.stdout.flush()
    with warnings.catch_warnings():
        # The threads of numpy are asleep, and the child never waits for a lock of theirs.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        code = BROKEN
        try:
            code = _try(tree, tests, limits)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return child


def concluded(child: int, status: int, tree: Path, module: str, source: str) -> Outcome:
    """What became of a trial whose process has ended; the module is put back.

    Raises
    ------
    RuntimeError
        The fault lies in the trial, and not in the mutant.
    """
    end_group(child)
    (tree / module).write_text(source, encoding="utf-8")
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == BROKEN:
        raise RuntimeError((tree.parent / "log.txt").read_text(encoding="utf-8"))
    file = _outcome_file(tree)
    told: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {"seconds": {}}
    by = told.get("by")
    if os.WIFSIGNALED(status):
        timed_out = os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGALRM)
        by = "time-out" if timed_out else "crash"
    return Outcome(bool(by), by or "", told["seconds"])


def end_group(child: int) -> None:
    """End a trial and whatever it has started."""
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        return


def _outcome_file(tree: Path) -> Path:
    return tree.parent / "outcome.json"


class _FirstFailure:
    """Remembers the first test that failed."""

    def __init__(self) -> None:
        self.test = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.test:
            self.test = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.test:
            self.test = report.nodeid


def _try(tree: Path, tests: Stages, limits: Mapping[str, float] | None) -> int:
    """Run the stages in this process, which is the child; the code with which it ends."""
    os.setsid()
    _make_a_clean_place(tree)
    seconds: dict[str, float] = {}
    for stage, arguments in tests:
        before = time.process_time()
        if limits is not None:
            most = int(before + limits[stage]) + 1
            resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))
            signal.alarm(PATIENCE)
        failure = _FirstFailure()
        code = pytest.main(
            [
                *("-q", "-x", "--assert=plain", "-p", "no:cacheprovider"),
                *("-p", "no:xdist", "--hypothesis-profile=mutation"),
                *arguments,
            ],
            plugins=[failure],
        )
        seconds[stage] = time.process_time() - before
        by = None if code == 0 else failure.test or f"{stage}: ended with {int(code)}"
        _outcome_file(tree).write_text(json.dumps({"by": by, "seconds": seconds}))
        if code != 0:
            return 1
    return 0


def _make_a_clean_place(tree: Path) -> None:
    """See to it that only the code of the copy can be found, with no memory of other trials."""
    log = open(tree.parent / "log.txt", "w", buffering=1, encoding="utf-8")  # noqa: SIM115  # until the process ends
    os.dup2(log.fileno(), 1)
    os.dup2(log.fileno(), 2)
    sys.stdout = sys.stderr = log
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    os.chdir(tree)
    cache = tree.parent / "starts"
    shutil.rmtree(cache, ignore_errors=True)
    os.environ |= {
        "FITFLOW_CACHE": str(cache),
        "PYTHONPATH": str(tree),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    sys.dont_write_bytecode = True
    sys.path[:] = [str(tree), *(p for p in sys.path if p not in ("", str(tree)))]
    for name in [n for n in sys.modules if n.partition(".")[0] in OURS]:
        del sys.modules[name]
    # A failure is enough; its simplest form is of no interest.
    settings.register_profile(
        "mutation",
        derandomize=True,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),
    )
    import sim

    if not Path(sim.__file__).is_relative_to(tree):
        raise RuntimeError(f"the trial would test {sim.__file__}, which is not its copy")
