"""The folder of a run: written once, read back, and known by the hash of all that determines it.

A folder is written under a temporary name and renamed when complete: a folder that can be read is a whole
run, and no run replaces another.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import json
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from sim import __version__
from sim.tables import TABLES, RunFolderError, RunTables, conform, content_hash

_REQUIRED: Final = ("run", "scenarios", "seeds", "scale")


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
