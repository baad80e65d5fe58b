"""The files of targets: whole, sourced, and honest about what is held out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from calibration.held_out import naive, scores, summary
from calibration.periods import period_bounds
from calibration.targets import COLUMNS, errors, read_targets, used
from sim.scenario import ScenarioError

ROW = {
    "id": "a",
    "statistic": "fit_notes_issued",
    "population": "patients",
    "area": "England",
    "period": "2024",
    "value": "10",
    "unit": "notes a year",
    "se": "1",
    "se_basis": "made up",
    "discrepancy": "0",
    "discrepancy_reason": "",
    "use": "fit",
    "geography_published": "England",
    "england_rule": "none",
    "source_publisher": "P",
    "source_title": "T",
    "source_date": "2024",
    "source_url": "https://example.org",
    "grade": "published",
}


def written(folder: Path, *rows: dict[str, str]) -> Path:
    pd.DataFrame([ROW | row for row in rows]).to_csv(folder / "mine.csv", index=False)
    return folder


def test_enough_targets_and_a_quarter_of_them_held_out() -> None:
    targets = read_targets()
    fit, held = used(targets, "fit"), used(targets, "held_out")
    assert len(fit) + len(held) >= 40
    assert len(held) >= (len(fit) + len(held)) / 4
    assert held["area"].nunique() > 10
    assert set(held["statistic"]) - set(fit["statistic"])


def test_nothing_of_the_last_year_is_fitted() -> None:
    for period in used(read_targets(), "fit")["period"]:
        bounds = period_bounds(period)
        assert bounds is None or bounds[1] <= 2025 * 12 + 5, period


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"statistic": "fit_notes_isued"}, "mine.csv:2: statistic: unknown statistic"),
        ({"statistic": "fit_notes_isued"}, "did you mean 'fit_notes_issued'?"),
        ({"value": "x"}, "mine.csv:2: value: 'x' given; a number above 0"),
        ({"se": "0"}, "mine.csv:2: se: '0' given"),
        ({"use": "held-out"}, "did you mean 'held_out'?"),
        ({"discrepancy": "0.1"}, "no reason for a discrepancy above 0"),
        ({"source_url": ""}, "source_url: nothing given"),
        ({"statistic": "workwell_starts"}, "the baseline has none"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, row: dict[str, str], words: str) -> None:
    with pytest.raises(ScenarioError) as error:
        read_targets(written(tmp_path, row))
    assert words in str(error.value)


def test_an_id_stands_once_and_columns_are_all_there(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="stands twice"):
        read_targets(written(tmp_path, {}, {}))
    pd.DataFrame([ROW]).drop(columns="unit").to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(ScenarioError, match="no column unit"):
        read_targets(tmp_path)
    assert list(ROW) == list(COLUMNS)


def test_naive_forecasts_see_only_what_came_before(tmp_path: Path) -> None:
    targets = read_targets(
        written(
            tmp_path,
            {"id": "a", "period": "2022", "value": "10", "use": "history"},
            {"id": "b", "period": "2023", "value": "12", "use": "fit"},
            {"id": "c", "period": "2025", "value": "20", "use": "held_out"},
            {"id": "d", "period": "2026", "value": "99", "use": "held_out"},
        )
    )
    last, trend = naive(targets, targets[targets["id"] == "c"].iloc[0].to_dict())
    assert (last, trend) == (12, 16)


def test_held_out_scores(tmp_path: Path) -> None:
    targets = read_targets(
        written(
            tmp_path,
            {"id": "a", "period": "2023", "value": "10", "se": "0.5", "use": "fit"},
            {"id": "b", "period": "2024", "value": "11", "se": "0.55", "use": "held_out"},
            {"id": "c", "period": "2025", "value": "20", "se": "1", "use": "held_out"},
        )
    )
    assert errors(targets)[0] == 0.05
    y = pd.DataFrame({"b": np.linspace(0.98, 1.02, 9), "c": np.linspace(0.6, 0.64, 9)})
    table = scores(targets, y).set_index("id")
    assert table.loc["b", "inside"]
    assert not table.loc["c", "inside"]
    assert table.loc["c", "z"] > 5
    assert table.loc["b", "last_value"] == pytest.approx(10 / 11 - 1)
    assert summary(table.reset_index())["inside"] == 0.5
