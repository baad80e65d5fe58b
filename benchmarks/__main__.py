"""Measure speed, scale and memory: ``python -m benchmarks [PART ...]``.

Each part runs in a process of its own, so that the memory of one does not count for another. Judge by
the ratios: seconds depend on the computer and on what else it does.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable

from benchmarks.parts import PARTS, full_england
from benchmarks.sweeps import sweep_full, sweep_plans

USUAL = tuple(PARTS)
LARGE: dict[str, Callable[..., None]] = {
    "full_england": full_england,
    "sweep_full": sweep_full,
    "sweep_plans": sweep_plans,
}
"""Parts that take minutes."""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure speed, scale and memory; judge by the ratios.",
    )
    parser.add_argument(
        "parts",
        nargs="*",
        metavar="PART",
        help=f"{', '.join(USUAL)} (these by default), {', '.join(LARGE)}",
    )
    parser.add_argument("--areas", type=int, default=2, help="areas of full_england, 1 to 42")
    parser.add_argument("--here", action="store_true", help="run in this process")
    options = parser.parse_args()
    for part in options.parts:
        if part not in (*USUAL, *LARGE):
            parser.error(f"there is no part {part}; there are {', '.join((*USUAL, *LARGE))}")
    if options.here:
        for part in options.parts or USUAL:
            _run(part, options.areas)
        return 0
    return max(_apart(part, options.areas) for part in options.parts or USUAL)


def _run(part: str, areas: int) -> None:
    measure = {**PARTS, **LARGE}[part]
    print(f"{part}: {measure.__doc__}", flush=True)
    if measure is full_england:
        measure(areas)
    else:
        measure()


def _apart(part: str, areas: int) -> int:
    again = [sys.executable, "-m", "benchmarks", part, "--here", "--areas", str(areas)]
    return subprocess.run(again, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
