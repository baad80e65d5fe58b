"""The page of the verification report."""

from __future__ import annotations

import datetime as dt
import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import sim
from tests.verification.ledger import AGREES, Entry, Ledger

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "verification.md"
SCORE: Final = ROOT / "tests" / "mutation" / "score.json"
"""Mutation score, where it has been measured; written by ``python -m tests.mutation``."""

LIBRARIES: Final = ("numpy", "scipy", "simpy", "ciw", "epydemix")

_HEAD: Final = """\
<!-- Written by `python -m tests.verification`; do not edit. -->
# Verification

Does the engine compute what it says it computes? Each check below compares it with something that does
not share its code: an exact law, an identity, or another published simulator. Whether the model describes
the world is another question; see the [calibration](calibration/index.md).

*Statistic* is what was worked out. Where chance plays a part, p-values are decided upon together
([how](#how-it-is-decided)); elsewhere numbers must be equal. A check that did not run counts as failed.
"""

_DECIDED: Final = """\
## How it is decided

Every statistical check gives p-values over several seeds. One decision is taken over all of them by
the procedure of Benjamini and Hochberg (1995) at a false discovery rate of {rate:g}: if the engine is right,
the chance that any check is called wrong is at most {rate:g}. Seeds are fixed, so the answer does not
change from run to run. Two controls guard the battery itself: samples drawn directly with numpy from
the laws must give uniform p-values, and laws that are slightly wrong must be found out.

Laws are those of whole days, since the clock of the engine is whole days: geometric for exponential,
batches of a day for a stream of arrivals. That the laws of days tend to the formulas of Erlang as the day
gets short is a check of its own.
"""


def page(ledger: Ledger, date: dt.date, rate: float) -> str:
    """The report as Markdown."""
    entries = list(ledger.entries.values())
    good = sum(entry.result == AGREES for entry in entries)
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    summary = (
        f"**{good} of {len(entries)} checks agree.** fitflow {sim.__version__}, Python "
        f"{platform.python_version()}, {libraries}; {date.day} {date:%B %Y}; "
        f"{sum(entry.seconds for entry in entries):.0f} seconds.\n"
    )
    parts = [_HEAD, summary]
    for part in dict.fromkeys(entry.check.part for entry in entries):
        rows = [_row(entry) for entry in entries if entry.check.part == part]
        parts.append(
            "\n".join(
                [
                    f"## {part}\n",
                    "| Check | Compares | Statistic | Result | Seconds |",
                    "|---|---|---|---|---:|",
                    *rows,
                    "",
                ]
            )
        )
    return "\n".join([*parts, _DECIDED.format(rate=rate), _mutation(SCORE)])


def _row(entry: Entry) -> str:
    found = "<br>".join(_line(line) for line in entry.lines)
    check = entry.check
    return (
        f"| [`{check.name}`](../{check.where}) | {check.compares} | {found} | {entry.result} "
        f"| {entry.seconds:.1f} |"
    )


def _line(line: dict[str, Any]) -> str:
    value = "" if line["value"] is None else f": {line['value']}"
    chance = "" if line["p"] is None else f", p = {line['p']:.2g}"
    return f"{line['statistic']}{value}{chance}"


def _mutation(path: Path) -> str:
    head = "## Mutation score\n\n"
    if not path.exists():
        return head + "Not measured yet.\n"
    score = json.loads(path.read_text(encoding="utf-8"))
    runs = [_sample(run) for run in score["runs"]]
    rows = [
        f"| `{module}` | {counts['mutants']:,} | {counts['sampled']} | {counts['killed']} "
        f"| {counts['survived']} | {counts['equivalent']} |"
        for module, counts in score["runs"][-1]["modules"].items()
    ]
    return "\n".join(
        [
            head
            + "Small faults put into the code one at a time, drawn at random, and how many of them the "
            f"tests notice ({score['tool']}). The score leaves out faults that nobody could notice; each has its "
            "reason in `tests/mutation/equivalent.json`.\n",
            *runs,
            "",
            "The last sample by module:",
            "",
            "| Module | Possible faults | Tried | Noticed | Not noticed | Nobody could notice |",
            "|---|---:|---:|---:|---:|---:|",
            *rows,
            "",
        ]
    )


def _sample(run: dict[str, Any]) -> str:
    low, high = run["interval"]
    return (
        f"- {run['date']}, seed {run['seed']}: of {run['sampled']} faults out of {run['mutants']:,}, "
        f"{run['killed']} were noticed, {run['survived']} were not, and {run['equivalent']} could not be: "
        f"**{run['score']:.1%}** (95% interval {low:.1%} to {high:.1%})."
    )
