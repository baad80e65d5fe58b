"""The tables of a run: what stands in them, how they are checked, written once and read back.

A run is a folder named by the hash of all that determines it. It is written under a temporary name
and renamed when complete: a folder that can be read is a whole run, and no run replaces another.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import json
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim import __version__
from sim.states import LABELS

_MEASURES: Final = ("started", "waited_days", "waiting", "in_support", "places", "sanctioned")
_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_REQUIRED: Final = ("run", "scenarios", "seeds", "scale")


class RunFolderError(Exception):
    """A run's tables or its folder are not as they must be; the message says what to do."""


@dataclass(frozen=True)
class Column:
    """A column of a table: ``labels`` lists the values allowed, all when empty."""

    name: str
    dtype: str
    unit: str
    description: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table of a run: ``keys`` tell its rows apart, ``measures`` are counted (a log has none)."""

    name: str
    description: str
    keys: tuple[Column, ...]
    measures: tuple[Column, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns in the order they are written."""
        return (*self.keys, *self.measures)


def _label(name: str, description: str, labels: Sequence[str] = (), unit: str = "label") -> Column:
    return Column(name, "category", unit, description, tuple(labels))


def _count(name: str, description: str, unit: str) -> Column:
    return Column(name, "int64", unit, description)


def _states(suffix: str = "", moment: str = "") -> tuple[Column, ...]:
    words = {"condition": "Main condition", "labour": "Labour-market state", "benefit": "Benefit"}
    return tuple(_label(n + suffix, f"{w}{moment}.", LABELS[n]) for n, w in words.items())


_SCENARIO = _label("scenario", "Name of the scenario.")
_SEED = _count("seed", "Seed of the replication; equal seeds share people and luck.", "number")
_TIME = (_SCENARIO, _SEED, _label("month", "The month that ended.", unit="YYYY-MM"))
_AREA = _label("area", "Integrated care board or Wales; or a country.", unit="code")
_EVENT = _label("event", "What happened; see the list of events.")
_DETAIL = _label("detail", "Which kind of the event.")
_SERVICE = _label(
    "service", "What people wait for, such as `workwell` or `wca`; or `conditionality`."
)
_MEASURE = _label("measure", "`started`, `waited_days`: in the month; others: its end.", _MEASURES)
_BASE = _label("base", "Name of the scenario that another is compared with.")
_GROUPS = (
    _label("age_band", "Age on the last evening.", LABELS["age_band"]),
    _label("sex", "Sex.", LABELS["sex"]),
    _label(
        "earnings_band",
        "Fifth of earnings; without a job, of what the person could earn.",
        LABELS["earnings_band"],
    ),
    _label("condition", "Main condition in the base.", LABELS["condition"]),
)
_DAY = Column("day", "datetime64[ms]", "date", "The day of the event.")
_ORDER = _count("order", "Order of a person's events of a day.", "number")
_PERSON = Column("person", "uint64", "number", "The person; has one number in all scenarios.")
_STOCKS = (
    _count("people", "People in the state at the end of the month.", "people simulated"),
    _count("person_days", "Days that people spent in the state in the month.", "days"),
)
_SPELL = (
    _label("kind", "What the spell was, such as a sickness absence."),
    _label("length_band", "Band of the completed length."),
    _label("outcome", "How the spell ended."),
)

_ALL: Final = (
    Table(
        "stocks",
        "People in each state at the end of each month.",
        (*_TIME, _AREA, *_states()),
        _STOCKS,
    ),
    Table(
        "flows",
        "Moves from state to state in each month.",
        (*_TIME, _AREA, *_states("_from", " before the move"), *_states("_to", " after the move")),
        (_count("people", "Moves in the month.", "moves"),),
    ),
    Table(
        "events",
        "Events in each month; a month without an event has no row for it.",
        (*_TIME, _AREA, _EVENT, _DETAIL),
        (_count("count", "Events in the month.", "events"),),
    ),
    Table(
        "waits",
        "Queues and places of each service in each month.",
        (*_TIME, _SERVICE, _AREA, _MEASURE),
        (Column("value", "float64", "people simulated, or days", "Value of the measure."),),
    ),
    Table(
        "spells",
        "Spells that ended in each month.",
        (*_TIME, *_SPELL),
        (_count("count", "Spells.", "spells"), _count("days", "Sum of their lengths.", "days")),
    ),
    Table(
        "same_people",
        "The same people on the last evening in two scenarios, by what they are; of all areas, working ages. "
        "In runs of several scenarios; each is compared with those after it.",
        (
            _BASE,
            _SCENARIO,
            _SEED,
            *_GROUPS,
            *(c for c in _states("_base", " in the base") if c.name != "condition_base"),
            *(c for c in _states() if c.name != "condition"),
        ),
        (_count("people", "People.", "people simulated"),),
    ),
    Table(
        "log",
        "Every event of a sample of people, in order; kept when it is asked for.",
        (_SCENARIO, _SEED, _DAY, _ORDER, _PERSON, _AREA, _EVENT, _DETAIL),
    ),
)
TABLES: Final = {table.name: table for table in _ALL}
"""The tables of a run by name."""


@dataclass(frozen=True)
class RunTables:
    """The tables of some scenarios and seeds; numbers are people simulated, not grossed up."""

    stocks: pd.DataFrame
    flows: pd.DataFrame
    events: pd.DataFrame
    waits: pd.DataFrame
    spells: pd.DataFrame
    same_people: pd.DataFrame | None = None
    log: pd.DataFrame | None = None

    def items(self) -> Iterator[tuple[Table, pd.DataFrame]]:
        """Each table's description with its rows; what was not kept is left out."""
        for name, table in TABLES.items():
            if getattr(self, name) is not None:
                yield table, getattr(self, name)

    def conformed(self) -> RunTables:
        """Check and type every table, and put it into the standard order of rows."""
        return RunTables(**{table.name: conform(table, frame) for table, frame in self.items()})


def conform(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Check a table against its columns and give it their types and the standard order of rows.

    Raises
    ------
    RunFolderError
        When columns are missing or unknown, a value is not allowed, or a cell occurs twice.
    """
    expected, given = [c.name for c in table.columns], [str(c) for c in frame.columns]
    if sorted(expected) != sorted(given):
        missing = ", ".join(c for c in expected if c not in given) or "none"
        unknown = ", ".join(c for c in given if c not in expected) or "none"
        raise RunFolderError(f"Table {table.name}: columns missing: {missing}; unknown: {unknown}.")
    typed = pd.DataFrame({c.name: _typed(table, c, frame[c.name]) for c in table.columns})
    key = _row_key(table, typed)
    steps = np.diff(key)
    if (steps < 0).any():
        order = np.argsort(key, kind="stable")
        typed, steps = typed.iloc[order].reset_index(drop=True), np.diff(key[order])
    if table.measures and (steps == 0).any():
        row = typed.iloc[int(np.flatnonzero(steps == 0)[0])]
        cell = ", ".join(f"{c.name} {row[c.name]}" for c in table.keys)
        raise RunFolderError(f"Table {table.name}: there is more than one row for {cell}.")
    return typed


def _typed(table: Table, column: Column, values: pd.Series) -> pd.Series:
    where = f"Table {table.name}, column {column.name}"
    if values.isna().any():
        raise RunFolderError(f"{where}: {int(values.isna().sum())} values are missing.")
    values = values.reset_index(drop=True)
    if column.dtype == "category":
        return _labelled(where, column, values)
    try:
        typed = values.astype(column.dtype)
    except (TypeError, ValueError, OverflowError) as error:
        raise RunFolderError(f"{where}: values are not of type {column.dtype} ({error}).") from None
    if "int" in column.dtype and not (typed == values).all():
        raise RunFolderError(f"{where}: values are not whole numbers that {column.dtype} can hold.")
    return typed


def _labelled(where: str, column: Column, values: pd.Series) -> pd.Series:
    codes = values.astype("category").cat.remove_unused_categories()
    seen = [str(label) for label in codes.cat.categories]
    if column.unit == "YYYY-MM":
        wrong, allowed = [s for s in seen if not _MONTH.fullmatch(s)], "months such as 2024-04"
    else:
        wrong = [s for s in seen if column.labels and s not in column.labels]
        allowed = ", ".join(column.labels)
    if wrong:
        raise RunFolderError(f"{where}: unknown value {wrong[0]!r}; allowed: {allowed}.")
    return codes.cat.rename_categories(seen).cat.set_categories(list(column.labels) or sorted(seen))


def _row_key(table: Table, frame: pd.DataFrame) -> NDArray[np.int64]:
    """One number a row that sorts as the key columns do; equal only for equal keys."""
    key, size = np.zeros(len(frame), np.int64), 1
    for column in (frame[c.name] for c in table.keys):
        if column.dtype == "category":
            digit, base = column.cat.codes.to_numpy(np.int64), len(column.cat.categories)
        else:
            values, digit = np.unique(column.to_numpy(), return_inverse=True)
            base = len(values)
        if size * base >= 2**62:
            values, key = np.unique(key, return_inverse=True)
            size = len(values)
        key, size = key * base + digit, size * base
    return key


def content_hash(frame: pd.DataFrame) -> str:
    """SHA-256 of the values of a conformed table, whatever the platform and the file format."""
    rows = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    return hashlib.sha256(rows.astype("<u8").tobytes()).hexdigest()


def run_hash(scenarios: Mapping[str, str], seeds: Sequence[int], code: str, data: str) -> str:
    """SHA-256, in hexadecimal, of the canonical JSON of what determines a run.

    Parameters
    ----------
    scenarios : mapping of str to str
        Digest of the resolved content of each scenario by name.
    seeds : sequence of int
        Seeds of the replications; their order does not matter.
    code : str
        What identifies the code, as :func:`code_digest` gives it.
    data : str
        Digest of the data that the population is made from.
    """
    ordered = sorted(map(int, seeds))
    what = {"scenarios": dict(scenarios), "seeds": ordered, "code": code, "data": data}
    text = json.dumps(what, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def code_digest() -> str:
    """SHA-256 of the source files of ``sim``: changes with every edit, committed or not."""
    folder, digest = Path(__file__).parent, hashlib.sha256()
    for name, path in sorted((p.relative_to(folder).as_posix(), p) for p in folder.rglob("*.py")):
        text = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{name}\0{len(text)}\0".encode() + text)
    return digest.hexdigest()


@cache
def data_digest() -> str:
    """SHA-256 of the tables that the population is made from."""
    digest = hashlib.sha256()
    folder = importlib.resources.files("scenarios").joinpath("data")
    for name in sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".csv")):
        text = folder.joinpath(name).read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{name}\0{len(text)}\0".encode() + text)
    return digest.hexdigest()


def git_revision() -> str | None:
    """Revision of the code, ``+changes`` when files differ from it; None outside its checkout."""

    def git(*words: str) -> str:
        command = ["git", "-C", str(Path(__file__).parent), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        # A package installed inside another project must not take that project's revision.
        git("ls-files", "--error-unmatch", Path(__file__).name)
        return git("rev-parse", "HEAD") + ("+changes" if git("status", "--porcelain", ".") else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def origin() -> dict[str, Any]:
    """Versions, revision and digest of the code, as a manifest states them."""
    libraries = ("numpy", "scipy", "pandas", "simpy", "pyarrow")
    versions = {"fitflow": __version__, "python": platform.python_version()}
    versions |= {name: metadata.version(name) for name in libraries}
    return {"versions": versions, "revision": git_revision(), "code": code_digest()}


def write_run(tables: RunTables, manifest: Mapping[str, Any], root: Path) -> Path:
    """Write a run into a folder named by the first 12 digits of its hash, all or nothing.

    Parameters
    ----------
    tables : RunTables
        Tables of the run; checked before anything is written.
    manifest : mapping
        At least ``run`` (its hash), ``scenarios``, ``seeds`` and ``scale``; the hashes of the
        tables and :func:`origin` are added.
    root : Path
        Folder of all runs; made when it does not exist.

    Returns
    -------
    Path
        The run's folder: the existing one when this run was written before.

    Raises
    ------
    RunFolderError
        When tables or manifest are not valid, or the folder holds something else than this run.
    """
    absent = [key for key in _REQUIRED if key not in manifest]
    if absent:
        raise RunFolderError(f"The manifest of a run must say: {', '.join(absent)}.")
    tables = tables.conformed()
    hashes = {t.name: {"rows": len(f), "sha256": content_hash(f)} for t, f in tables.items()}
    folder = root / str(manifest["run"])[:12]
    if not folder.exists():
        root.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=root))
        try:
            for table, frame in tables.items():
                frame.to_parquet(draft / f"{table.name}.parquet", index=False, compression="zstd")
            content = {**origin(), **manifest, "tables": hashes}
            text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False, default=_plain)
            (draft / "manifest.json").write_text(text + "\n", encoding="utf-8")
            draft.chmod(0o755)
            draft.rename(folder)
        except OSError:
            # Somebody else may have finished the same run in the meantime; then theirs is as good.
            if not folder.exists():
                raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    kept = read_manifest(folder)
    if (kept["run"], kept["tables"]) != (manifest["run"], hashes):
        raise RunFolderError(
            f"{folder} already holds other results, so the new ones were not written. Equal runs "
            "should give equal results: please report this, and move that folder away."
        )
    return folder


def _plain(value: object) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    return str(value)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read what a run's manifest says.

    Raises
    ------
    RunFolderError
        When the folder is not a finished run.
    """
    if not folder.is_dir():
        raise RunFolderError(f"There is no folder {folder}. Finished runs: fitflow list runs")
    if not (folder / "manifest.json").exists():
        raise RunFolderError(
            f"{folder} is not a finished run: it has no manifest.json. Name the folder of one run, such as "
            f"runs/1a2b3c4d5e6f. Finished runs: fitflow list runs"
        )
    try:
        manifest = dict(json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
        _ = manifest["run"], manifest["tables"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise RunFolderError(
            f"{folder} is not a finished run: its manifest.json cannot be read ({error}). "
            "Delete the folder and run again."
        ) from None
    return manifest


def finished_runs(root: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Finished runs in a folder with what their manifests say, the newest first."""
    found = []
    for manifest in root.glob("*/manifest.json"):
        try:
            found.append((manifest.parent, read_manifest(manifest.parent)))
        except RunFolderError:
            continue  # something else, or cut off
    return sorted(found, key=lambda run: -(run[0] / "manifest.json").stat().st_mtime)


def read_run(path: Path) -> tuple[RunTables, dict[str, Any]]:
    """Read a run's tables and manifest, and check the tables against the hashes in it.

    Raises
    ------
    RunFolderError
        When the folder is not a finished run, or a table is not as it was written.
    """
    manifest = read_manifest(path)
    frames: dict[str, pd.DataFrame] = {}
    for name, expected in manifest["tables"].items():
        try:
            frames[name] = conform(TABLES[name], pd.read_parquet(path / f"{name}.parquet"))
        except (OSError, ValueError) as error:
            raise RunFolderError(f"{path}: table {name} cannot be read ({error}).") from None
        if content_hash(frames[name]) != expected["sha256"]:
            raise RunFolderError(f"{path}: table {name} was changed after the run was written.")
    return RunTables(**frames), manifest
