"""The commands ``calibrate`` and ``sensitivity``: what is refused, what is kept, and what goes on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from calibration.space import FILE
from tests.cli.conftest import Fitflow

FEW = ("offer_rate", "short_notes")
SCALE = "simulated people for each person, above 0 and at most 1"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["calibrate", "--scale", "-1"], f"command line, --scale: -1.0 given; {SCALE}"),
        (["calibrate", "--scale", "7"], f"command line, --scale: 7.0 given; {SCALE}"),
        (["calibrate", "--full-scale", "0"], f"command line, --full-scale: 0.0 given; {SCALE}"),
        (["calibrate", "--base", "nope"], "unknown scenario 'nope'"),
        (
            ["calibrate", "--seed", "-1"],
            "'--seed': '-1' given; allowed: a whole number of 0 or more",
        ),
        (["calibrate", "--scheduler", "nonsense"], "--scheduler: 'nonsense' given"),
        (["sensitivity", "--scale", "0"], f"command line, --scale: 0.0 given; {SCALE}"),
        (["sensitivity", "--scale", "-0.1"], f"command line, --scale: -0.1 given; {SCALE}"),
        (["sensitivity", "--year", "99"], "'99' given; allowed: a whole number from 1 to 30"),
        (["sensitivity", "in_wrk"], "Did you mean 'in_work'?"),
        (["sensitivity", "--draws", "3"], "3 paths given; the screening needs 4 or more"),
        (
            ["sensitivity", "--method", "sobol", "--draws", "12"],
            "12 draws given; Sobol indices of 25 parameters need 250 or more",
        ),
    ],
)
def test_what_cannot_be_used_is_told_before_anything_else(
    fitflow: Fitflow, folder: Path, words: list[str], message: str
) -> None:
    done = fitflow(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "calibrations").exists()


def test_indices_of_a_difference_are_kept_and_shown_again(fitflow: Fitflow, folder: Path) -> None:
    every = yaml.safe_load(FILE.read_text(encoding="utf-8"))["free"]
    (folder / "few.yaml").write_text(yaml.safe_dump({"free": {name: every[name] for name in FEW}}))
    text = (folder / "tiny.yaml").read_text().replace("tiny", "other").replace("Tiny", "Other")
    (folder / "other.yaml").write_text(text + "parameters:\n  job_loss.hazard_ratio: 0.5\n")
    words = ["sensitivity", "in_work", "--scenario", "other.yaml", "--against", "tiny.yaml"]
    words += ["--method", "sobol", "--parameters", "few.yaml", "--workers", "1", "--pool", "2"]
    done = fitflow(*words)
    assert done.returncode == 0, done.stderr
    assert "Other baseline less Tiny baseline" in done.stdout
    assert "kept in calibrations; the same command shows this again without a run" in done.stdout
    (noise,) = re.findall(r"Luck, and what a quadratic misses, is (\d+)%", done.stdout)
    assert 0 <= int(noise) <= 100
    files = sorted((folder / "calibrations").iterdir())
    # Ten draws a parameter, sixteen pairs of them side by side.
    assert len(files) == 2
    before = {path: path.stat().st_mtime_ns for path in files}
    # Nothing is left to simulate: whether a scheduler answers is of no matter.
    at_none = fitflow(*words, "--scheduler", "tcp://127.0.0.1:1")
    assert (at_none.returncode, at_none.stdout) == (0, done.stdout)
    # One is lost, as after Ctrl-C: it is made again, and no other.
    files[0].unlink()
    again = fitflow(*words)
    assert again.stdout == done.stdout
    after = {path: path.stat().st_mtime_ns for path in (folder / "calibrations").iterdir()}
    assert after.keys() == before.keys()
    assert after[files[0]] > before[files[0]]
    assert after[files[1]] == before[files[1]]
