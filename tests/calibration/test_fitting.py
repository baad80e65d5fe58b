"""A whole calibration, from the plan to the report, with a known law in the place of the model."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import yaml

from calibration import fitting
from calibration.blocks import Progress
from calibration.experiment import Experiment
from calibration.fitting import Fit, Method, Plan, fit, predictive
from calibration.likelihood import F64, I64
from calibration.recovery import recover
from calibration.report import write_report
from calibration.space import FILE

FREE = ("onset_without_condition", "short_notes", "offer_rate", "missed_share")
TRUTH = np.array([0.6, -0.5, 0.3, 0.0])
SEEN = 3
"""Parameters that the targets tell; the last one shows in none."""


def slopes_of(targets: int) -> F64:
    """What each parameter does to each target in large runs."""
    slopes = np.random.default_rng(5).normal(0, 0.1, (len(TRUTH), targets))
    slopes[SEEN:] = 0
    return slopes


def law(self: Experiment, x: F64, pool: I64, progress: Progress | None = None) -> F64:
    """Targets hang on three parameters; small runs have other slopes and another level than large ones."""
    slopes = slopes_of(len(self.targets))
    y = 1 + (x - TRUTH) @ slopes
    if self.base.scale < 0.002:
        y = 1.1 + 0.8 * (x - TRUTH) @ slopes
    luck = np.array(
        [np.random.default_rng(s).normal(0, 0.002, len(self.targets)) for s in self.seeds]
    )
    return np.asarray(y + luck[pool])


def silent(stage: str, done: int, of: int) -> None:
    """Say nothing."""


@pytest.fixture(scope="module", params=get_args(Method))
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Fit:
    folder = tmp_path_factory.mktemp("fit")
    every = yaml.safe_load(FILE.read_text(encoding="utf-8"))["free"]
    few = folder / "parameters.yaml"
    few.write_text(yaml.safe_dump({"free": {name: every[name] for name in FREE}}))
    plan = Plan(request.param, draws=48, steps=3, pool=6, checked=6, folder=folder, parameters=few)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Experiment, "run", law)
        patch.setattr(fitting, "TURNS", 2)
        return fit(plan, silent)


def test_the_truth_of_large_runs_is_found_with_draws_of_small_ones(found: Fit) -> None:
    middle, wide = found.posterior.draws.mean(axis=0), found.posterior.draws.std(axis=0)
    assert (np.abs(middle - TRUTH)[:SEEN] < 3 * wide[:SEEN]).all()
    assert (found.contraction()[:SEEN] > 0.9).all()
    # The emulator is that of large runs: their level at the truth, and their slopes.
    here = found.emulator(TRUTH[None])
    assert here == pytest.approx(1, abs=0.02)
    measured = (found.emulator(TRUTH + 0.5 * np.eye(len(TRUTH))) - here) / 0.5
    np.testing.assert_allclose(measured, slopes_of(here.shape[1]), atol=0.01)


def test_what_no_target_tells_keeps_its_prior(found: Fit) -> None:
    assert abs(found.contraction()[SEEN]) < 0.5


def test_the_report_tells_what_was_found(
    found: Fit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Experiment, "run", law)
    known = recover(found, 3, silent)
    files = write_report(found, predictive(found, silent), known, tmp_path, 60.0)
    assert {path.name for path in files} == {"index.md", "index.html"}
    text = (tmp_path / "index.md").read_text(encoding="utf-8")
    number = len(found.plan.fitted_to)
    assert f"Fitted targets within two standard errors: {number} of {number} (100%)" in text
    assert f"{found.runs} for the fit" in text
    for free in found.plan.space.free.values():
        assert text.count(f"| {free.title} |") == 3
    for line in ("## Recovery", "## Held out", "## What the model still gets wrong"):
        assert line in text
    for picture in ("parameters.png", "pairs.png", "targets.png", "held_out.png"):
        assert (tmp_path / picture).stat().st_size > 1_000
