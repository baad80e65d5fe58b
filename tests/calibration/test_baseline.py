"""The baseline beside what was published: periods, verdicts, measures, the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from calibration.baseline import (
    INSIDE,
    NOT_SIMULATED,
    OUTSIDE,
    WITHIN,
    by_year,
    months_between,
    months_used,
    period_bounds,
    read_targets,
    report,
)
from calibration.baseline_page import number, render_markdown
from calibration.measures import MEASURES, NOT_EXPRESSED
from calibration.monthly import mean_and_error
from sim.output import RunTables
from sim.run import Outcome

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "baseline.md"
MONTHS = months_between(2024 * 12 + 3, 2029 * 12 + 2)
AREA = "E54000057"
SCALE = 0.01


def _stocks() -> pd.DataFrame:
    cells = {
        ("none", "in_work", "none"): 270_000,
        ("none", "off_sick", "none"): 6_000,
        ("none", "searching", "uc_search"): 12_810,
        ("mental_health", "sick_inactive", "lcwra"): 23_000,
        ("mental_health", "sick_inactive", "esa"): 12_000,
        ("none", "other_inactive", "none"): 52_000,
        ("other", "in_work", "lcw"): 3_000,
        ("other", "searching", "uc_fit_note"): 2_400,
    }
    rows = [
        (seed, month, AREA, *cell, people + 10 * seed, 30 * people)
        for seed in (1, 2)
        for month in MONTHS
        for cell, people in cells.items()
    ]
    columns = ["seed", "month", "area", "condition", "labour", "benefit", "people", "person_days"]
    return _named(rows, columns)


def _flows() -> pd.DataFrame:
    moves = {
        ("in_work", "none", "searching", "none"): 900,
        ("in_work", "none", "other_inactive", "none"): 1_600,
        ("searching", "uc_search", "in_work", "none"): 950,
        ("searching", "none", "other_inactive", "none"): 800,
        ("other_inactive", "none", "in_work", "none"): 1_500,
        ("other_inactive", "none", "searching", "none"): 1_200,
        ("other_inactive", "none", "sick_inactive", "none"): 200,
        ("off_sick", "none", "sick_inactive", "none"): 50,
        ("sick_inactive", "lcwra", "in_work", "none"): 60,
    }
    rows = [
        (seed, month, AREA, "none", *old_new[:2], "none", *old_new[2:], people)
        for seed in (1, 2)
        for month in MONTHS
        for old_new, people in moves.items()
    ]
    places = [f"{n}_{w}" for w in ("from", "to") for n in ("condition", "labour", "benefit")]
    return _named(rows, ["seed", "month", "area", *places, "people"])


def _events() -> pd.DataFrame:
    counts = {
        ("fit_note", "not_fit_first_under_5_weeks"): 5_000,
        ("fit_note", "not_fit_repeat_5_to_20_weeks"): 3_500,
        ("fit_note", "may_be_fit_repeat_20_weeks_plus"): 500,
        ("wca_decision", "first_fit"): 80,
        ("wca_decision", "first_lcw"): 80,
        ("wca_decision", "first_lcwra"): 240,
        ("wca_decision", "repeat_lcw"): 20,
        ("wca_decision", "repeat_lcwra"): 50,
        ("sanction", "missed_appointment"): 420,
        ("sanction", "other"): 38,
    }
    rows = [
        (seed, month, AREA, *event, count)
        for seed in (1, 2)
        for month in MONTHS
        for event, count in counts.items()
    ]
    return _named(rows, ["seed", "month", "area", "event", "detail", "count"])


def _spells() -> pd.DataFrame:
    spells = {
        ("sickness_absence", "8_to_27_days", "returned"): (3_000, 45_000),
        ("sickness_absence", "4_to_5_weeks", "returned"): (188, 5_640),
        ("sickness_absence", "4_to_5_weeks", "left_work"): (12, 360),
        ("sickness_absence", "over_52_weeks", "left_work"): (10, 4_500),
        ("sanction", "under_4_weeks", "ended"): (400, 8_000),
        ("sanction", "over_26_weeks", "ended"): (30, 9_000),
    }
    rows = [
        (seed, month, *spell, count, days)
        for seed in (1, 2)
        for month in MONTHS
        for spell, (count, days) in spells.items()
    ]
    return _named(rows, ["seed", "month", "kind", "length_band", "outcome", "count", "days"])


def _named(rows: list[tuple[Any, ...]], columns: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns)
    frame.insert(0, "scenario", "baseline")
    return frame


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    """A made-up run of five years: one area, two replications that differ by 10 people a cell."""
    waits = _named(
        [(1, m, "wca", AREA, "waiting", 5.0) for m in MONTHS],
        ["seed", "month", "service", "area", "measure", "value"],
    )
    tables = RunTables(_stocks(), _flows(), _events(), waits, _spells())
    manifest = {
        "scenarios": {"baseline": {"title": "Baseline", "start": "2024-04-01", "years": 5}},
        "seeds": [1, 2],
        "scale": SCALE,
    }
    return Outcome(tables.conformed(), manifest, {})


@pytest.fixture(scope="module")
def compared(outcome: Outcome) -> pd.DataFrame:
    return report(outcome).set_index("id")


def test_every_target_has_a_source_and_is_known() -> None:
    targets = read_targets()
    assert targets["id"].is_unique
    for column in ("source_publisher", "source_title", "source_url"):
        assert targets[column].str.len().gt(2).all()
    assert (targets["low"] <= targets["value"]).all()
    assert (targets["value"] <= targets["high"]).all()
    assert set(targets["statistic"]) <= set(MEASURES) | set(NOT_EXPRESSED)


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2024-09", "2024-09", "2024-09"),
        ("2023-12-14", "2023-12", "2023-12"),
        ("2026-27", "2026-04", "2027-03"),
        ("2025", "2025-01", "2025-12"),
        ("2022-04/2023-03", "2022-04", "2023-03"),
        ("2011/2013", "2011-01", "2013-12"),
    ],
)
def test_periods_are_placed(period: str, first: str, last: str) -> None:
    bounds = period_bounds(period)
    assert bounds is not None
    months = months_between(*bounds)
    assert (months[0], months[-1]) == (first, last)


@pytest.mark.parametrize("period", ["to 2018", "2025 and 1998/2013"])
def test_loose_periods_are_not_placed(period: str) -> None:
    assert period_bounds(period) is None
    assert months_used(period, MONTHS, level=False) == MONTHS[:12]


@pytest.mark.parametrize(
    ("period", "level", "first", "last"),
    [
        ("2024-01/2024-12", True, "2024-04", "2024-12"),
        ("2024-01/2024-12", False, "2024-04", "2025-03"),
        ("2024-03/2024-05", False, "2024-04", "2024-05"),
        ("2024-01/2024-03", False, "2025-01", "2025-03"),
        ("2023-12-14", True, "2024-04", "2024-04"),
        ("2031-01", True, "2029-03", "2029-03"),
        ("2025", False, "2025-01", "2025-12"),
    ],
)
def test_months_outside_the_run_give_the_nearest(
    period: str, level: bool, first: str, last: str
) -> None:
    used = months_used(period, MONTHS, level=level)
    assert (used[0], used[-1]) == (first, last)


def test_error_is_that_of_a_mean() -> None:
    mean, error = mean_and_error(pd.Series([1.0, 3.0]))
    assert (mean, error) == (2.0, pytest.approx(1.0))
    assert pd.isna(mean_and_error(pd.Series([1.0]))[1])


def test_counts_are_grossed_up(compared: pd.DataFrame) -> None:
    notes = compared.loc["fit_notes_2024"]
    assert notes["simulated"] == pytest.approx(9_000 * 12 / SCALE)
    assert notes["verdict"] == WITHIN
    assert compared.loc["wca_decisions_month", "simulated"] == pytest.approx(47_000)


@pytest.mark.parametrize(
    ("target", "value"),
    [
        ("not_fit_share_2024", 8_500 / 9_000),
        ("notes_5_weeks_share_2024q1", 4_000 / 9_000),
        ("notes_20_weeks_share_2021_22", 500 / 9_000),
        ("leaving_share_4_5", 12 / 200),
        ("leave_after_4_weeks", 22 * 12 / SCALE),
        ("absences_over_4_weeks", 210 * 12 / SCALE),
        ("wca_first_fit_2024", 80 / 400),
        ("wca_first_lcw_2024", 80 / 400),
        ("wca_first_lcwra_2024", 240 / 400),
        ("wca_repeat_lcw_2024", 20 / 70),
        ("wca_repeat_share_2024", 70 / 470),
        ("lcwra_decisions_2024_08", 290 / SCALE),
        ("lts_from_inactive_share", 200 / 250),
        ("lts_from_work_share", 50 / 250),
        ("missed_appointment_share", 420 / 458),
        ("absence_rate_2024_with_condition", 0.0),
    ],
)
def test_measures_by_hand(compared: pd.DataFrame, target: str, value: float) -> None:
    assert compared.loc[target, "simulated"] == pytest.approx(value)


def test_people_sanctioned_are_arrivals_times_length(compared: pd.DataFrame) -> None:
    people = compared.loc["people_sanctioned_2024_08", "simulated"]
    assert people == pytest.approx(17_000 * 12 / 365.25 / SCALE)
    long = compared.loc["disengaged_6_months", "simulated"]
    assert long == pytest.approx((9_000 - 182 * 30) * 12 / 365.25 / SCALE)


def test_a_quarter_counts_moves_there_and_back(compared: pd.DataFrame) -> None:
    # Without moves on to another state, a quarter of the yearly rate would be left.
    naive = 3 * 950 / (12_810 + 2_400)
    assert 0.7 * naive < compared.loc["lfs_u_to_e_2024", "simulated"] < naive


def test_error_over_replications(compared: pd.DataFrame) -> None:
    # Two seeds differ by 10 people in the one cell of LCWRA, 5 to either side of the mean.
    assert compared.loc["lcwra_2024_09", "simulated"] == pytest.approx(23_015 / SCALE)
    assert compared.loc["lcwra_2024_09", "standard_error"] == pytest.approx(5 / SCALE)


def test_verdicts(compared: pd.DataFrame) -> None:
    told = compared[compared["verdict"] != NOT_SIMULATED]
    near = (told["ratio"] - 1).abs() <= 0.1
    assert (told.loc[near, "verdict"] == WITHIN).all()
    between = told["simulated"].between(told["low"], told["high"])
    assert (told.loc[~near & between, "verdict"] == INSIDE).all()
    assert (told.loc[~near & ~between, "verdict"] == OUTSIDE).all()
    assert {WITHIN, OUTSIDE} <= set(told["verdict"])


def test_what_cannot_be_expressed_says_why(compared: pd.DataFrame) -> None:
    absent = compared[compared["verdict"] == NOT_SIMULATED]
    assert absent["note"].str.len().gt(10).all()
    assert "does not tell areas apart" in absent.loc["fit_notes_2023_E54000015", "note"]
    assert "log" in absent.loc["notes_per_person", "note"]


def test_one_area_is_read_alone(compared: pd.DataFrame) -> None:
    assert compared.loc[f"fit_notes_2023_{AREA}", "simulated"] == pytest.approx(9_000 * 12 / SCALE)


def test_years_side_by_side(outcome: Outcome) -> None:
    years = by_year(outcome).set_index("figure")
    assert list(years.columns)[1:] == [f"{y}-04 to {y + 1}-03" for y in range(2024, 2029)]
    assert years.loc["ESA"].iloc[1:].tolist() == [pytest.approx(12_015 / SCALE)] * 5


def test_page_says_what_is_not_within_ten_per_cent(outcome: Outcome) -> None:
    frame = report(outcome)
    page = render_markdown(frame, outcome.manifest, by_year(outcome))
    missed = page.split("## Not within 10%")[1].split("## Cannot be expressed")[0]
    for row in frame.to_dict("records"):
        assert (f"`{row['id']}`:" in missed) == (row["verdict"] == OUTSIDE)
    assert "2024-04 to 2029-03" in page
    assert "year 1 (2024-04 to 2025-03)" in page


@pytest.mark.parametrize(
    ("value", "text"), [(11_000_000.4, "11,000,000"), (0.02049, "0.02049"), (float("nan"), "–")]
)
def test_numbers_as_printed(value: float, text: str) -> None:
    assert number(value) == text


def test_written_page_names_every_target() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [i for i in read_targets()["id"] if f"`{i}`" not in page] == []
