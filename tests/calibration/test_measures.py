"""What is counted for each statistic, on made-up tables of two runs."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from calibration.comparison import compare
from calibration.measures.yearly import by_year
from calibration.monthly import Monthly
from calibration.periods import months_between
from calibration.simulated import simulated
from calibration.targets import errors, read_targets
from sim.tables import RunTables

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
def tables() -> RunTables:
    """A made-up run of five years: one area, two replications that differ by 10 people a cell."""
    waits = _named(
        [
            (1, m, service, AREA, measure, value)
            for m in MONTHS
            for service, measure, value in (
                ("wca", "waiting", 5.0),
                ("conditionality", "sanctioned", 560.0),
            )
        ],
        ["seed", "month", "service", "area", "measure", "value"],
    )
    return RunTables(_stocks(), _flows(), _events(), waits, _spells()).conformed()


@pytest.fixture(scope="module")
def values(tables: RunTables) -> pd.DataFrame:
    return simulated(Monthly.of(tables, SCALE), read_targets())


@pytest.fixture(scope="module")
def compared(values: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"simulated": values.mean()})


def test_counts_are_grossed_up(compared: pd.DataFrame) -> None:
    assert compared.loc["fit_notes_2024", "simulated"] == pytest.approx(9_000 * 12 / SCALE)
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
        ("sanctions_ended_under_4_weeks_2024_08", 400 / SCALE),
    ],
)
def test_measures_by_hand(compared: pd.DataFrame, target: str, value: float) -> None:
    assert compared.loc[target, "simulated"] == pytest.approx(value)


def test_people_sanctioned_are_counted_and_those_for_long_worked_out(
    compared: pd.DataFrame,
) -> None:
    people = compared.loc["people_sanctioned_2024_08", "simulated"]
    assert people == pytest.approx(560 / 2 / SCALE)  # in one of two replications
    long = compared.loc["disengaged_6_months", "simulated"]
    assert long == pytest.approx((9_000 - 182 * 30) * 12 / 365.25 / SCALE)


def test_a_quarter_counts_moves_there_and_back(compared: pd.DataFrame) -> None:
    # Without moves on to another state, a quarter of the yearly rate would be left.
    naive = 3 * 950 / (12_810 + 2_400)
    assert 0.7 * naive < compared.loc["lfs_u_to_e_2024", "simulated"] < naive


def test_runs_are_kept_apart(tables: RunTables, values: pd.DataFrame) -> None:
    # Two seeds differ by 10 people in the one cell of LCWRA.
    assert list(values.index) == [("baseline", 1), ("baseline", 2)]
    assert values["lcwra_2024_09"].tolist() == [23_010 / SCALE, 23_020 / SCALE]
    with pytest.raises(KeyError):
        Monthly.of(tables, SCALE, ["another"]).stock(["2024-04"])["another", 1]


def test_an_area_is_read_alone(compared: pd.DataFrame) -> None:
    assert compared.loc[f"fit_notes_2023_{AREA}", "simulated"] == pytest.approx(9_000 * 12 / SCALE)


def test_what_the_tables_cannot_tell_is_blank(values: pd.DataFrame) -> None:
    for target in ("fit_notes_2023_E54000015", "notes_per_person", "workwell_starts_pilot"):
        assert values[target].isna().all()


def test_years_side_by_side(tables: RunTables) -> None:
    years = by_year(Monthly.of(tables, SCALE)).set_index("figure")
    assert list(years.columns)[1:] == [f"{y}-04 to {y + 1}-03" for y in range(2024, 2029)]
    assert years.loc["ESA"].iloc[1:].tolist() == [pytest.approx(12_015 / SCALE)] * 5


def test_a_run_is_set_beside_what_was_published(tables: RunTables) -> None:
    rows = compare(tables, SCALE, "baseline").set_index("id")
    notes = rows.loc["fit_notes_2024"]
    assert notes["ratio"] == pytest.approx(notes["simulated"] / 11_000_000)
    # Two seeds: 5 to either side of the mean.
    lcwra = rows.loc["lcwra_2024_09"]
    assert lcwra["standard_error"] == pytest.approx(5 / SCALE)
    own = float(errors(rows.loc[["lcwra_2024_09"]])[0]) * lcwra["value"]
    assert lcwra["high"] - lcwra["low"] == pytest.approx(2 * 1.96 * own)
    expected = (lcwra["simulated"] - lcwra["value"]) / (own**2 + 500.0**2) ** 0.5
    assert lcwra["z"] == pytest.approx(expected)
    assert set(rows["use"]) == {"fit", "held_out"}
