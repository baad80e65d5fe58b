"""The store of sweeps: blocks of finished simulation, each known by what determines it.

    sweeps/<name>-<digest>.json   a sweep: its factors, its points, and every arm as it differs from the base
    bases/<digest>.json           the scenarios that arms are told apart from
    blocks/<digest>/spec.json     some arms of a sweep, some seeds, some areas
    blocks/<digest>/*.parquet     the tables of the block
    blocks/<digest>/done.json     written last: the block is finished, and these are the checksums of its tables

Every file gets its name when it is complete, so that what can be read is whole. Who writes a file that is there
already writes the same content, so that any number of sweeps may write at once.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
from filelock import FileLock, Timeout

from sim.explained import ExplainedError
from sim.tables import TABLES, conform

Cell = tuple[str, int, tuple[str, ...]]
"""An arm by its name, a seed, and the areas that are simulated together."""
DONE: Final = "done.json"
SPEC: Final = "spec.json"


class StoreError(ExplainedError):
    """A store does not hold what was asked for; the message says what to do."""


@dataclass(frozen=True)
class Block:
    """What is simulated together in one process: every one of some arms with every one of some seeds."""

    arms: tuple[str, ...]
    seeds: tuple[int, ...]
    areas: tuple[str, ...]

    @property
    def name(self) -> str:
        """The first 20 digits of the hash of what determines it; the name of an arm says the rest."""
        text = json.dumps([self.arms, self.seeds, self.areas])
        return hashlib.sha256(text.encode()).hexdigest()[:20]

    def cells(self) -> Iterator[Cell]:
        """All that it yields."""
        return ((arm, seed, self.areas) for seed in self.seeds for arm in self.arms)


@dataclass(frozen=True)
class Finished:
    """A finished block: what it holds, and what it took."""

    block: Block
    tables: dict[str, dict[str, Any]]
    facts: dict[str, Any]


class Store:
    """A folder of sweeps; it may be shared by any number of processes and machines."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def blocks(self) -> Path:
        """The folder of blocks."""
        return self.folder / "blocks"

    # ---- Sweeps -------------------------------------------------------------------------------------------------

    def keep_json(self, kind: str, name: str, content: Mapping[str, Any]) -> None:
        """Keep something under its name."""
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False)
        write_whole(self.folder / kind / f"{name}.json", text.encode())

    def read_json(self, kind: str, name: str) -> dict[str, Any]:
        """Read what was kept.

        Raises
        ------
        StoreError
            When there is nothing of the name, or it cannot be read.
        """
        path = self.folder / kind / f"{name}.json"
        try:
            return dict(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise StoreError(f"{path} cannot be read ({error}).") from None

    def sweeps(self) -> list[str]:
        """Names of the sweeps, the latest first."""
        found = sorted((self.folder / "sweeps").glob("*.json"), key=_age)
        return [path.stem for path in found]

    def latest(self, name: str) -> str | None:
        """The sweep of a name in the store, or the latest of a file's name; None if there is none."""
        return next((s for s in self.sweeps() if name in (s, file_name(s))), None)

    # ---- Blocks -------------------------------------------------------------------------------------------------

    def finished(self) -> Iterator[Finished]:
        """All finished blocks, by name; what is half written is no block."""
        # Not by a pattern, which would pass over folders that must not be read.
        for path in sorted(self.blocks.iterdir()) if self.blocks.exists() else ():
            if found := self.done(path.name):
                yield found

    def done(self, name: str) -> Finished | None:
        """A finished block; None if it is not finished, or its record is damaged.

        Raises
        ------
        StoreError
            When the record is there and must not, or cannot, be read.
        """
        path = self.blocks / name / DONE
        try:
            record = json.loads(path.read_bytes())
            block = Block(tuple(record["arms"]), tuple(record["seeds"]), tuple(record["areas"]))
            found = Finished(block, dict(record["tables"]), dict(record["facts"]))
        except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
            return None
        except OSError as error:
            raise _unreadable(path, error) from None
        return found if block.name == name else None

    def damage(self, found: Finished) -> str | None:
        """What is wrong with the files of a block; None if they are as they were written.

        Raises
        ------
        StoreError
            When a file is there and must not, or cannot, be read: that says nothing of what it holds.
        """
        for name, expected in found.tables.items():
            path = self.blocks / found.block.name / f"{name}.parquet"
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                return f"{path} is gone"
            except OSError as error:
                raise _unreadable(path, error) from None
            if hashlib.sha256(content).hexdigest() != expected["sha256"]:
                return f"{path} is not as it was written"
        return None

    def sound(
        self, arms: Iterable[str], warn: Callable[[str], None] = lambda text: None
    ) -> dict[Cell, str]:
        """The block that holds each finished cell of some arms.

        Damaged blocks are taken out of the store, so that their cells count as not simulated.
        """
        wanted = set(arms)
        cells: dict[Cell, str] = {}
        for found in self.finished():
            if wanted.isdisjoint(found.block.arms):
                continue
            if wrong := self.damage(found):
                warn(f"{wrong}: the block is simulated again.")
                self.drop(found.block.name)
                continue
            for cell in found.block.cells():
                # A block of another sweep may hold arms that are not of this one.
                if cell[0] in wanted:
                    cells.setdefault(cell, found.block.name)
        return cells

    def drop(self, name: str) -> None:
        """Take a block out of the store; its record goes first, so that it never looks finished."""
        (self.blocks / name / DONE).unlink(missing_ok=True)
        shutil.rmtree(self.blocks / name, ignore_errors=True)

    def write(
        self, block: Block, tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any]
    ) -> None:
        """Keep the tables of a finished block."""
        folder = self.blocks / block.name
        sums = {}
        for name, frame in tables.items():
            content = frame.to_parquet(None, index=False, compression="zstd")
            sums[name] = {
                "sha256": hashlib.sha256(content).hexdigest(),
                "bytes": len(content),
                "rows": len(frame),
            }
            write_whole(folder / f"{name}.parquet", content)
        record = {
            "arms": block.arms,
            "seeds": block.seeds,
            "areas": block.areas,
            "tables": sums,
            "facts": dict(facts),
        }
        write_whole(folder / DONE, json.dumps(record, indent=1).encode())

    def read(self, name: str, table: str) -> pd.DataFrame:
        """A table of a finished block.

        Raises
        ------
        StoreError
            When the file is not as it was written.
        """
        path = self.blocks / name / f"{table}.parquet"
        found = self.done(name)
        if found is None or table not in found.tables:
            raise StoreError(f"{path.parent} holds no table {table}.")
        if wrong := self.damage(found):
            raise StoreError(f"{wrong}. Run the sweep again: only this block is simulated.")
        return conform(TABLES[table], pd.read_parquet(path))

    @contextmanager
    def claimed(self, name: str) -> Iterator[bool]:
        """Whether this process may simulate a block: nobody else is at it.

        The claim ends with the process, however it ends. Where the file system has no locks, nobody is kept
        from a block, and it may be simulated twice, with the same result.
        """
        lock = FileLock(self.blocks / name / "lock", is_singleton=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        except NotImplementedError:
            yield True
            return
        try:
            yield True
        finally:
            lock.release()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is never seen half written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _unreadable(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{path} cannot be read ({error.strerror}). See to its permissions and its disk; the store is as it was."
    )


def file_name(sweep: str) -> str:
    """What the file of a sweep calls it."""
    return sweep.rpartition("-")[0]


def _age(path: Path) -> float:
    return -path.stat().st_mtime
