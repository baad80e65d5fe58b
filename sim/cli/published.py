"""The published results: ``python -m sim.cli.published`` makes ``results/published`` anew.

They are of the announced package. ``--check`` says whether what stands there is whole, and what has
changed since it was made; it simulates nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from results.appraisal import Appraisal
from results.briefing.page import briefing
from results.charts.chart import ChartError
from results.figures import write_chart
from results.files import csv_bytes
from results.gallery import KINDS, PRICED, Wanted, make_chart
from results.opened import Opened, open_run
from results.tables import difference_rows
from sim.cli.arms import base_and_reforms
from sim.cli.briefings import appraised
from sim.cli.runs import Plan, find_or_simulate
from sim.output import code_digest, data_digest

FOLDER: Final = Path(__file__).parents[2] / "results" / "published"
BASE: Final = "no_plan"
PACKAGE: Final = ("back_to_work_plan",)
DETAIL: Final = "area"
FACTS: Final = "facts.json"
LARGEST_PICTURES: Final = (".png",)
"""Endings of files that are left out: the SVG says the same and is smaller."""


def publish(folder: Path, runs: Path, workers: int, settings: Mapping[str, Any]) -> Opened:
    """Make the run of the announced package, or find it, and write what is published of it.

    Parameters
    ----------
    folder : Path
        Replaced once everything is made; until then it stays as it is.
    runs : Path
        Folder of all runs.
    workers : int
    settings : mapping
        Settings that differ from those of the scenarios, for a smaller run.
    """
    plan = announced(settings)
    run = open_run(find_or_simulate(plan, runs, workers).folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder.parent))
    try:
        _write(run, plan, settings, draft)
        draft.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return run


def _write(run: Opened, plan: Plan, settings: Mapping[str, Any], folder: Path) -> None:
    appraisal = appraised(run)
    _text(folder / "briefing.html", briefing(run, appraisal=appraisal))
    years = range(1, plan.scenarios[0].years + 1)
    rows = difference_rows(run.differences_by_year, run.titles, years)
    (folder / "differences.csv").write_bytes(csv_bytes(rows))
    _figures(run, appraisal, folder / "figures")
    _workbook(run, appraisal, folder)
    _text(folder / "README.md", _readme(run))
    facts = {
        "run": plan.digest(),
        "settings": dict(settings),
        "made_from": made_from(plan),
        "versions": run.manifest["versions"],
        "revision": run.manifest["revision"],
        "files": dict(_hashes(folder)),
    }
    _text(folder / FACTS, json.dumps(facts, indent=2) + "\n")


def _text(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="\n")


def announced(settings: Mapping[str, Any]) -> Plan:
    """What is run for publication."""
    return Plan(base_and_reforms(BASE, PACKAGE, settings), DETAIL, 0)


def damaged(folder: Path) -> list[str]:
    """Names of published files that are missing, changed or not known."""
    stated = json.loads((folder / FACTS).read_text(encoding="utf-8"))["files"]
    there = dict(_hashes(folder))
    return sorted(name for name in {*stated, *there} if stated.get(name) != there.get(name))


def made_from(plan: Plan) -> dict[str, str]:
    """Digests of what results are made from, by what it is in words."""
    scenarios = "".join(sorted(scenario.digest() for scenario in plan.scenarios))
    return {
        "the code of the model (sim)": code_digest(),
        "parameters or scenarios": hashlib.sha256(scenarios.encode()).hexdigest(),
        "the tables of the population (scenarios/data)": data_digest(),
    }


def changed(folder: Path) -> list[str]:
    """What has changed since the files were made, so that the run would be another."""
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    plan = announced(facts["settings"])
    if facts["run"] == plan.digest():
        return []
    before = facts.get("made_from", {})
    found = [what for what, digest in made_from(plan).items() if before.get(what) != digest]
    return found or ["settings"]


def _figures(run: Opened, appraisal: Appraisal, folder: Path) -> None:
    for kind in KINDS:
        try:
            chart = make_chart(
                kind, Wanted(run, PACKAGE[0], money=appraisal if kind in PRICED else None)
            )
        except ChartError:
            continue
        for file in write_chart(chart, folder, kind):
            if file.suffix in LARGEST_PICTURES:
                file.unlink()


def _workbook(run: Opened, appraisal: Appraisal, folder: Path) -> None:
    from results.appraisal.publish import appraisal_files

    (folder / "appraisal.xlsx").write_bytes(appraisal_files(appraisal, run.name)["appraisal.xlsx"])


def _readme(run: Opened) -> str:
    titles = " and ".join(run.titles[name] for name in run.reforms)
    return (
        f"# Published results: {titles}\n\n"
        f"What fitflow {run.manifest['versions']['fitflow']} gives for {titles} against "
        f"{run.titles[run.base]}, in {run.place}, run `{run.name}`. Written by `make published`; do not "
        "edit.\n\n"
        "| File | What it is |\n| --- | --- |\n"
        "| `briefing.html` | the briefing, with an explorer |\n"
        "| `differences.csv` | the difference of each outcome in each year, with its interval |\n"
        "| `appraisal.xlsx` | costs and benefits, an accessible workbook |\n"
        "| `figures/` | charts (`svg`), their numbers (`csv`) and words (`json`) |\n"
        f"| `{FACTS}` | what made them: the hash of the run, versions, revision, hashes of all files |\n\n"
        "They stand as they were made: `python -m sim.cli.published --check` says whether the code, the "
        "parameters or the scenarios have changed since.\n"
    )


def _hashes(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != FACTS:
            content = path.read_bytes()
            if path.suffix != ".xlsx":
                content = content.replace(b"\r\n", b"\n")
            yield path.relative_to(folder).as_posix(), hashlib.sha256(content).hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """Publish, or check what is published."""
    parser = argparse.ArgumentParser(prog="python -m sim.cli.published", description=__doc__)
    parser.add_argument("--check", action="store_true", help="check, and make nothing")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder of all runs")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    given = parser.parse_args(arguments)
    if not given.check:
        run = publish(FOLDER, given.runs, given.workers, {})
        print(f"Published in {FOLDER}: run {run.name}")
        return 0
    broken, since = damaged(FOLDER), changed(FOLDER)
    for name in broken:
        print(f"{name} is not as it was published.")
    for what in since:
        print(f"Changed since it was published: {what}.")
    if broken or since:
        print("make published makes it anew.")
        return 1
    print("What is published is whole, and the same command would make the same run.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
