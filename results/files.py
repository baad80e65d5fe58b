"""Files of results: written whole, and never over something else."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pandas as pd

from sim.explained import ExplainedError


class FileKeptError(ExplainedError):
    """A file that holds something else was kept, so the new one was not written."""


def write_once(path: Path, content: bytes) -> Path:
    """Write a file, unless it is there with the same content.

    Raises
    ------
    FileKeptError
        When the file is there with other content.
    """
    if path.exists():
        if path.read_bytes() == content:
            return path
        raise FileKeptError(
            f"{path} is already there with other content, and was kept. Choose another folder, or "
            "move that file away."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=".unfinished-", dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(draft).chmod(0o644)
    Path(draft).rename(path)
    return path


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A tidy table as CSV: UTF-8, full precision, the same on every platform."""
    text: str = frame.to_csv(index=False, lineterminator="\n")
    return text.encode()


def write_csv(frame: pd.DataFrame, path: Path) -> Path:
    """Write a tidy table as CSV; see :func:`write_once`."""
    return write_once(path, csv_bytes(frame))
