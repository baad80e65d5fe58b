"""The middle of a posterior in the files of parameters."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from calibration.settle import PARAMETERS, settle
from calibration.space import read_space


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PARAMETERS, tmp_path / "parameters"))


@pytest.fixture
def draws(tmp_path: Path) -> Path:
    """Three draws around the middle of every prior but for one."""
    rows = [
        {"draw": draw, "parameter": name, "number": float(free.number(np.array(x)))}
        for name, free in read_space().free.items()
        for draw, x in enumerate((-1.0, 1.0, 0.0) if name != "long_notes" else (2.0, 2.0, 2.0))
    ]
    pd.DataFrame(rows).to_parquet(tmp_path / "draws.parquet")
    return tmp_path / "draws.parquet"


def test_the_numbers_that_are_fitted_change_and_nothing_else(draws: Path, folder: Path) -> None:
    told = settle(draws, folder)
    assert any("fit_notes.length[repeat, 42]" in line for line in told)
    for path in folder.glob("*.yaml"):
        old, new = ((d / path.name).read_text().splitlines() for d in (PARAMETERS, folder))
        assert len(old) == len(new)
        for before, after in zip(old, new, strict=True):
            assert before == after or before.lstrip()[:1] not in "#"
    free = read_space().free
    values = yaml.safe_load((folder / "sickness.yaml").read_text())["sickness.onset_rate"]["value"]
    middle = float(free["onset_without_condition"].number(np.array(0.0)))
    assert values["none"] == pytest.approx(middle, rel=1e-3)
    table = free["onset_with_condition"].table or {}
    factor = float(free["onset_with_condition"].number(np.array(0.0)))
    assert values["other"] == pytest.approx(table["other"] * factor, rel=1e-3)


def test_shares_still_sum_to_one_and_keep_what_was_fitted(draws: Path, folder: Path) -> None:
    settle(draws, folder)
    rows = yaml.safe_load((folder / "fit_notes.yaml").read_text())["fit_notes.length"]["value"]
    fitted = read_space().free["long_notes"]
    factor = float(fitted.number(np.array(2.0)))
    for order, row in rows.items():
        assert sum(row.values()) == pytest.approx(1, abs=1e-12)
        for length, share in (fitted.table or {})[order].items():
            assert row[length] == pytest.approx(share * factor, abs=1e-3)


def test_settled_twice_is_settled_once(draws: Path, folder: Path) -> None:
    assert settle(draws, folder)
    texts = [path.read_text() for path in sorted(folder.glob("*.yaml"))]
    settle(draws, folder)
    assert texts == [path.read_text() for path in sorted(folder.glob("*.yaml"))]
