"""Designs fill their ranges evenly, and the same seed gives the same points."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.scenario import ScenarioError
from sim.sweep.files import load_sweep
from tests.sweep.conftest import TINY, written

HEAD = TINY.split("designs:")[0]


def values(folder: Path, design: str) -> pd.DataFrame:
    points = load_sweep(written(folder, f"{HEAD}designs:\n  - {design}\n")).points
    return pd.DataFrame([point.values for point in points])


@pytest.mark.parametrize("kind", ["latin_hypercube", "sobol"])
def test_a_sample_fills_every_part_of_every_range(tmp_path: Path, kind: str) -> None:
    found = values(
        tmp_path,
        f"{kind}: {{points: 16, seed: 3, ranges: {{loss: [0.5, 1.5], offers: "
        "{low: 0.1, high: 10, scale: log}}}",
    )
    loss = (found["loss"] - 0.5) * 16
    offers = (np.log10(found["offers"]) + 1) / 2 * 16
    for column in (loss, offers):
        assert sorted(np.floor(column).astype(int)) == list(range(16))


def test_the_seed_decides_a_sample(tmp_path: Path) -> None:
    design = "sobol: {points: 8, seed: SEED, ranges: {loss: [0, 1], offers: [1, 2]}}"
    one, again, other = (values(tmp_path, design.replace("SEED", seed)) for seed in "112")
    pd.testing.assert_frame_equal(one, again)
    assert (one != other).all(axis=None)


def test_whole_numbers_are_equally_likely(tmp_path: Path) -> None:
    found = values(
        tmp_path,
        "latin_hypercube: {points: 12, ranges: {loss: {low: 1, high: 3, scale: whole}, offers: [1, 2]}}",
    )
    assert found["loss"].value_counts().to_dict() == {1: 4, 2: 4, 3: 4}


def test_the_plausible_interval_is_that_of_the_parameter(tmp_path: Path) -> None:
    design = (
        "list: [{loss: 1, offers: 1}]\n  - sobol: {points: 64, ranges: "
        "{fit_notes.may_be_fit_hazard_ratio: plausible}}"
    )
    found = values(tmp_path, design)["fit_notes.may_be_fit_hazard_ratio"]
    assert found.min() == pytest.approx(0.95, abs=0.02)
    assert found.max() == pytest.approx(1.35, abs=0.02)
    assert found.mean() == pytest.approx(1.15, abs=0.005)


def test_posterior_draws_are_laid_over_as_a_whole(tmp_path: Path) -> None:
    rows = [
        {"draw": d, "parameter": "offers_to_all", "number": n, "what": "job_search.offer_rate",
         "who": "{}", "part": "scale", "value": json.dumps(n)}
        for d, n in enumerate([0.001, 0.002, 0.003])
    ]  # fmt: skip
    pd.DataFrame(rows).to_parquet(tmp_path / "draws.parquet")
    sweep = load_sweep(
        written(
            tmp_path,
            f"{HEAD}designs:\n  - list: [{{loss: 1, offers: 1}}]\n"
            "  - posterior: {draws: draws.parquet, number: 2}\n",
        )
    )
    first, second = sweep.points
    assert (first.values["draw"], second.values["offers_to_all"]) == (0, 0.002)
    assert first.base != second.base
    for point, rate in ((first, 0.001), (second, 0.002)):
        for name in (point.arm, point.base):
            parameters = sweep.scenarios[name].parameters
            assert (parameters["job_search.offer_rate"].dated()[0][1] == rate).all()
            drawn = parameters["workwell.return_hazard_ratio"].numbers[0].entries[0]
            assert drawn == point.values["workwell.return_hazard_ratio"]
    assert sweep.factors["draw"].kind == "uncertainty"


@pytest.mark.parametrize(
    ("design", "words"),
    [
        ("sobol: {points: 12, ranges: {loss: [0, 1], offers: [0, 1]}}", "a power of two"),
        ("sobol: {points: 8, ranges: {loss: [1, 0], offers: [0, 1]}}", "lowest before highest"),
        ("sobol: {points: 8, ranges: {loss: plausible, offers: [0, 1]}}", "no plausible interval"),
        ("latin_hypercube: {points: 8, range: {loss: [0, 1]}}", "did you mean 'ranges'"),
        ("list: nowhere.csv", "there is no file .*nowhere.csv"),
        ("list: point.csv", "did you mean 'points.csv'"),
        ("list: points.csv", "points.csv is not UTF-8 text; save the file as UTF-8"),
        ("list: empty.csv", "empty.csv is empty"),
        ("list: wide.csv", "wide.csv has rows longer than its first .*line 2"),
        ("list: no.xlsx", "no.xlsx is not a workbook"),
        ("grid: {loss: []}", "an empty list given; a list of values"),
        ("posterior: {draws: nowhere.parquet}", "fitflow calibrate makes them"),
    ],
)
def test_a_design_that_cannot_be_used_says_why(tmp_path: Path, design: str, words: str) -> None:
    (tmp_path / "points.csv").write_bytes("loss,offers\n1,2 \u00a3".encode("latin-1"))
    (tmp_path / "empty.csv").touch()
    (tmp_path / "wide.csv").write_text("loss\n1,2\n3,4\n", encoding="utf-8")
    (tmp_path / "no.xlsx").write_text("text", encoding="utf-8")
    with pytest.raises(ScenarioError, match=words):
        values(tmp_path, design)
