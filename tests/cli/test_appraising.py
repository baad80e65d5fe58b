"""``fitflow appraise`` and ``fitflow export-log`` on a small run, through the installed program."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.cli.conftest import furnished, run_program

MEMBERS = ("participant", "other_people", "employer", "exchequer")


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """The folder of a run with a log."""
    folder = furnished(tmp_path_factory.mktemp("appraised"))
    words = ("compare", "tiny.yaml", "quick.yaml", "--workers", "1", "--log", "20")
    said = run_program(words, folder, environment)
    assert said.returncode == 0, said.stderr
    (run,) = (folder / "runs").iterdir()
    return run


@pytest.fixture(scope="module")
def appraised(compared: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What the program said about its costs and benefits."""
    said = run_program(("appraise", str(compared), "--draws", "200"), compared, environment)
    assert said.returncode == 0, said.stderr
    return said


def test_the_headline_table_is_shown_with_how_to_read_it(
    appraised: subprocess.CompletedProcess[str],
) -> None:
    said = appraised.stdout
    assert "Quick starts against Tiny baseline: 2 areas of England" in said
    assert "Additional people in work" in said
    assert "Net present social value" in said
    assert "Monte Carlo error" in said
    assert "appraisal.xlsx" in said


@pytest.mark.usefixtures("appraised")
def test_the_account_of_a_real_run_adds_up(compared: Path) -> None:
    folder = compared / "appraised_against_tiny"
    lines = pd.read_csv(folder / "lines.csv")
    keys = ["line", "year", "basis"]
    wide = lines.pivot(index=keys, columns="perspective", values="value").fillna(0)
    np.testing.assert_allclose(wide["society"], wide[list(MEMBERS)].sum(axis=1), atol=1e-3)
    assert (wide["society"].xs("total", level="year") != 0).any()
    headline = pd.read_csv(folder / "headline.csv").set_index(["measure", "year"])["value"]
    present = wide.xs("present_value", level="basis").xs("total", level="year")
    assert headline["npsv", "total"] == pytest.approx(present["society"].sum())
    assert headline["exchequer_net_cost", "total"] == pytest.approx(-present["exchequer"].sum())
    # Nobody loses a job any more, so there is more work, and somebody replaces fewer leavers.
    assert headline["person_years_gross", "total"] > 0
    assert present.loc["turnover", "employer"] > 0


@pytest.mark.usefixtures("appraised")
def test_no_appraisal_overwrites_another(compared: Path, environment: dict[str, str]) -> None:
    before = (compared / "appraised_against_tiny" / "lines.csv").read_bytes()
    words = ("appraise", str(compared), "--draws", "200", "--health", "none")
    again = run_program(words, compared, environment)
    assert again.returncode == 0, again.stderr
    assert (compared / "appraised_against_tiny" / "lines.csv").read_bytes() == before
    other = pd.read_csv(compared / "appraised_against_tiny_2" / "lines.csv")
    assert (other[other["line"] == "health"]["value"] == 0).all()
    # The same once more finds its own files and writes nothing new.
    run_program(words, compared, environment)
    assert not (compared / "appraised_against_tiny_3").exists()


def test_mistakes_are_told_in_plain_words(compared: Path, environment: dict[str, str]) -> None:
    said = run_program(("appraise", str(compared), "--base", "tny"), compared, environment)
    assert said.returncode == 2
    assert "has no scenario 'tny'" in said.stderr
    missing = run_program(("appraise", "nowhere"), compared, environment)
    assert missing.returncode == 2
    assert "There is no folder nowhere" in missing.stderr
    above = run_program(("appraise", str(compared.parent)), compared, environment)
    assert "not a finished run" in above.stderr
    assert "Delete" not in above.stderr
    listed = run_program(("list", "runs", "--out", str(compared.parent)), compared, environment)
    assert str(compared) in listed.stdout
    assert "tiny" in listed.stdout


@pytest.mark.parametrize(("format_", "ending"), [("csv", ".csv"), ("xes", ".xes")])
def test_the_event_log_is_written_once_a_scenario_and_replication(
    compared: Path, environment: dict[str, str], format_: str, ending: str, tmp_path: Path
) -> None:
    words = ("export-log", str(compared), "--format", format_, "--out", str(tmp_path))
    said = run_program(words, compared, environment)
    assert said.returncode == 0, said.stderr
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"{s}_seed_{k}{ending}" for s in ("tiny", "quick") for k in (1, 2)}
    log = pd.read_parquet(compared / "log.parquet")
    assert f"{len(log):,} events" in said.stdout
