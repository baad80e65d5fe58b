"""The command ``fitflow runs``: what is kept, whether it is sound, and what can go."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sim.cli import options
from sim.cli.console import heading, say, show_items, show_table
from sim.cli.errors import CommandError
from sim.cli.sweeping import STORE
from sim.words import some

if TYPE_CHECKING:
    from sim.sweep.store import Store

DRAFTS = (".unfinished-*", ".draft-*")
"""What a write that was interrupted leaves behind."""


@dataclass(frozen=True)
class Leftover:
    """A file or folder that nothing needs, and why."""

    path: Path
    why: str


def runs(
    action: Annotated[
        Literal["list", "show", "verify", "prune"],
        typer.Argument(help="What to do: see below.", metavar="ACTION"),
    ],
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="A run or a sweep, for show.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Let prune delete what it lists.")] = False,
    out: options.Out = Path("runs"),
) -> None:
    """List what is kept, show one of it, verify all of it, or prune what nothing needs.

    list: every run and every sweep. show: what a run or a sweep is. verify: reads every table of all runs and blocks
    and checks it against its hash; a damaged block is simulated again by the next sweep that needs it. prune: lists
    what interrupted writes left behind, damaged blocks, and blocks that belong to no sweep; with --yes it is deleted,
    which is not for while a sweep runs: its blocks that wait look unfinished.
    To let go of a sweep, delete its file in runs/store/sweeps, then prune.
    """
    if not out.is_dir() and action != "list":
        raise CommandError(
            f"There is no folder {out}. Name the one that keeps all runs with --out."
        )
    if (action == "show") != (name is not None):
        raise CommandError(
            "fitflow runs show NAME: only show takes the name of a run or a sweep, and needs it."
        )
    if action == "list":
        _list(out)
    elif action == "verify":
        _verify(out)
    elif action == "prune":
        _prune(out, yes)
    elif name is not None:
        _show(out, name)


def _runs(out: Path) -> list[Path]:
    """Folders of runs; those of sweeps have no tables."""
    return sorted(
        p.parent for p in out.glob("*/manifest.json") if (p.parent / "stocks.parquet").exists()
    )


def _store(out: Path) -> Store:
    from sim.sweep.store import Store

    return Store(out / STORE)


def _list(out: Path) -> None:
    from sim.output import code_digest, read_manifest

    rows = []
    for folder in _runs(out):
        manifest = read_manifest(folder)
        version = "this version" if manifest["code"] == code_digest() else "another version"
        scenarios = ", ".join(manifest["scenarios"])
        rows.append(
            (folder.name, scenarios, f"{len(manifest['seeds'])}", f"{manifest['scale']:g}", version)
        )
    if rows:
        heading("Runs")
        show_table(("Run", "Scenarios", "Replications", "Scale", "Made by"), rows, right=(2, 3))
    store = _store(out)
    blocks = [set(found.block.arms) for found in store.finished()]
    sweeps = []
    for name in store.sweeps():
        content = store.read_json("sweeps", name)
        version = (
            "this version" if content["origin"]["code"] == code_digest() else "another version"
        )
        done = sum(not arms.isdisjoint(content["arms"]) for arms in blocks)
        points, arms = len(content["points"]), len(content["arms"])
        sweeps.append((name, content["title"], f"{points:,}", f"{arms:,}", f"{done:,}", version))
    if sweeps:
        heading("Sweeps")
        headers = ("Sweep", "Title", "Points", "Arms", "Blocks", "Planned by")
        show_table(headers, sweeps, right=(2, 3, 4))
    if not rows and not sweeps:
        say(f"{out} holds no runs and no sweeps.")


def _show(out: Path, name: str) -> None:
    if (out / name / "stocks.parquet").exists():
        _show_run(out / name)
        return
    from results.sweeps import open_sweep
    from sim.scenario.errors import listed, suggestion
    from sim.sweep.store import file_name

    store = _store(out)
    if store.latest(name) is None:
        kept, sweeps = [folder.name for folder in _runs(out)], store.sweeps()
        near = suggestion(name, [*kept, *sweeps, *map(file_name, sweeps)])
        raise CommandError(
            f"{out} holds no run and no sweep {name!r}. Runs: {listed(kept) or 'none'}. "
            f"Sweeps: {listed(sweeps) or 'none'}.{near}"
        )
    opened = open_sweep(out / STORE, name)
    content = opened.record.content
    heading(f"{content['title']} ({opened.name})")
    say(content["description"])
    heading("Factors")
    rows = [
        (
            factor,
            opened.factor_title(factor),
            about["unit"],
            about["kind"],
            _range(opened.points[factor]),
        )
        for factor, about in content["factors"].items()
    ]
    show_table(("Factor", "Title", "Unit", "Kind", "Values"), rows)
    heading("What is finished")
    numbers = [len(opened.seeds_of(arm)) for arm in opened.arms]
    say(
        f"{len(opened.points):,} points, {len(opened.arms):,} arms with bases; replications of each finished: "
        f"{min(numbers)} to {max(numbers)}."
    )
    this = "this version" if opened.record.by_this_version else "another version"
    say(f"Planned by {this}: {opened.record.version}.")


def _range(values: object) -> str:
    import pandas as pd

    column = pd.Series(values)
    if pd.api.types.is_numeric_dtype(column) and column.nunique() > 4:
        return f"{column.min():g} to {column.max():g}"
    return ", ".join(dict.fromkeys(f"{v:g}" if isinstance(v, float) else str(v) for v in column))


def _show_run(folder: Path) -> None:
    from sim.output import read_manifest

    manifest = read_manifest(folder)
    heading(f"Run {folder.name}")
    for name, scenario in manifest["scenarios"].items():
        say(f"{name}: {scenario['title']}")
    say(
        f"{len(manifest['seeds'])} replications, scale {manifest['scale']:g}, tables by {manifest['detail']}; "
        f"made by fitflow {manifest['versions']['fitflow']}, revision {manifest['revision'] or 'unknown'}."
    )
    rows = [(name, f"{t['rows']:,}", t["sha256"][:12]) for name, t in manifest["tables"].items()]
    show_table(("Table", "Rows", "Hash"), rows, right=(1,))


def _verify(out: Path) -> None:
    from sim.output import read_run
    from sim.tables import RunFolderError

    wrong = []
    folders = _runs(out)
    for folder in folders:
        try:
            read_run(folder)
        except RunFolderError as error:
            wrong.append(str(error))
    store = _store(out)
    blocks = list(store.finished())
    wrong += [why for block in blocks if (why := store.damage(block))]
    there = f"{some(len(folders), 'run')} and {some(len(blocks), 'block')} of sweeps"
    if wrong:
        heading("Damaged")
        show_items(wrong)
        raise CommandError(
            f"{len(wrong)} of {there} are not as they were written. "
            "fitflow runs prune --yes takes damaged blocks out; the same sweep again simulates only those."
        )
    say(f"{there} are as they were written.")


def _prune(out: Path, yes: bool) -> None:
    found = list(_leftovers(out))
    if not found:
        say("There is nothing to delete.")
        return
    heading("Deleted" if yes else "Would be deleted with --yes")
    show_items([f"{item.path}: {item.why}" for item in found])
    for item in found if yes else ():
        if item.path.is_dir():
            shutil.rmtree(item.path)
        else:
            item.path.unlink(missing_ok=True)


def _leftovers(out: Path) -> Iterator[Leftover]:
    from sim.sweep.store import DONE

    store = _store(out)
    for pattern in DRAFTS:
        for path in sorted(out.rglob(pattern)):
            yield Leftover(path, "an interrupted write")
    needed: set[str] = set()
    for name in store.sweeps():
        needed.update(store.read_json("sweeps", name)["arms"])
    for folder in sorted(path for path in store.blocks.glob("*") if path.is_dir()):
        block = store.done(folder.name)
        if block is None:
            if not (folder / DONE).exists() and _claimed(store, folder.name):
                continue  # somebody is at it
            yield Leftover(folder, "not finished")
        elif needed.isdisjoint(block.block.arms):
            yield Leftover(folder, "a block of no sweep")
        elif store.damage(block):
            yield Leftover(folder, "damaged")


def _claimed(store: Store, name: str) -> bool:
    with store.claimed(name) as mine:
        return not mine
