"""``fitflow run --engine reference``: the same tables, in a run of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from tests.cli.conftest import Fitflow

ASKED = ("run", "warmed.yaml", "--log", "80", "--replications", "1", "--detail", "area")


def test_both_engines_write_the_same_tables(fitflow: Fitflow, folder: Path) -> None:
    tiny = (folder / "tiny.yaml").read_text()
    # With a warm-up, which both engines live through by themselves.
    warmed = tiny.replace("name: tiny", "name: warmed").replace(
        "warm_up_years: 0", "warm_up_years: 1"
    )
    (folder / "warmed.yaml").write_text(warmed)
    found = {}
    for engine in ("vectorised", "reference"):
        said = fitflow(*ASKED, "--engine", engine)
        assert said.returncode == 0, said.stderr
        assert "Contracts kept: people conserved (12 times)" in said.stdout
    for path in (folder / "runs").glob("*/manifest.json"):
        found[json.loads(path.read_text())["engine"]] = path.parent
    assert len(found) == 2
    names = sorted(path.name for path in found["reference"].glob("*.parquet"))
    assert "log.parquet" in names
    for name in names:
        mine, theirs = (pd.read_parquet(run / name) for run in found.values())
        pd.testing.assert_frame_equal(mine, theirs, obj=name)
