"""Starts the program by the hundred: forks of a process that has loaded the libraries already.

Most of what a start takes is the loading of libraries. A fork has that behind it; what is the project's own it loads
itself, reads its command line and ends as any start does. Only variables that libraries read when they are loaded, such
as ``OMP_NUM_THREADS``, come too late for it. Run as a script, this is the process that is forked.
"""

from __future__ import annotations

import gc
import importlib
import json
import multiprocessing.process
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

MODULE: Final = "sim.cli.app"
SECONDS: Final = 300
"""A start that takes longer is ended."""
LIBRARIES: Final = (
    *("afcharts", "distributed", "gptables", "jinja2", "matplotlib.backends.backend_agg"),
    *("matplotlib.backends.backend_svg", "openpyxl", "pandas", "pydantic", "pyarrow.parquet"),
    *("rich.progress", "rich.table", "scipy.optimize", "scipy.stats", "seaborn", "typer", "yaml"),
)


class Forks:
    """The process that is forked; it ends with whoever started it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(
        self, words: Sequence[str], folder: Path, environment: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Start the program in a folder; returns as it ends."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory() as place:
            said = [Path(place) / name for name in ("stdout", "stderr")]
            job = (list(words), str(folder), environment, *map(str, said))
            print(json.dumps(job), file=self._process.stdin, flush=True)
            answer = self._process.stdout.readline()
            assert answer, "the process that is forked has ended"
            code = int(answer)
            out, err = (path.read_text(encoding="utf-8") for path in said)
        return subprocess.CompletedProcess([MODULE, *words], code, out, err)


def _serve() -> None:
    for name in LIBRARIES:
        importlib.import_module(name)
    # Whatever is there by now is left alone: a collection would copy it into each fork.
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _be_the_program(*json.loads(line))
            return
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _be_the_program(words: list[str], folder: str, environment: dict[str, str], *said: str) -> None:
    signal.alarm(SECONDS)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, path in enumerate((os.devnull, *said)):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
    sys.path[0] = folder
    sys.argv = [MODULE, *words]
    # Processes that it starts begin where it began.
    here: Any = multiprocessing.process
    here.ORIGINAL_DIR = folder
    runpy.run_module(MODULE, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _serve()
