from __future__ import annotations

import io

import numpy as np
import openpyxl
import pandas as pd
import pytest
from scipy import stats

from results.appraisal import Appraisal, AppraisalError, Options, appraise
from results.appraisal.columns import FRAMES, MEASURES, TOTAL
from results.appraisal.publish import appraisal_files
from results.appraisal.quantities import CELLS, DAYS_A_YEAR, quantities
from results.appraisal.shown import headline_table, losers_table, switching_table
from results.appraisal.values import Z_90
from tests.results.appraisal.cases import opened


@pytest.fixture(scope="module")
def appraisal() -> Appraisal:
    run = opened({"workwell_pilots": 40.0, "same_again": 0.0})
    return appraise(run, Options(draws=400))


@pytest.fixture(scope="module")
def headline(appraisal: Appraisal) -> pd.DataFrame:
    rows = appraisal.headline.query("scenario == 'workwell_pilots'")
    return rows.set_index(["measure", "year"])


def test_every_frame_has_its_declared_columns(appraisal: Appraisal) -> None:
    assert [name for name, _ in appraisal.items()] == list(FRAMES)
    for name, frame in appraisal.items():
        assert list(frame.columns) == [column.name for column in FRAMES[name][1]], name
        assert len(frame), name


def test_person_years_are_the_person_days_of_the_tables() -> None:
    run = opened({"workwell_pilots": 40.0})
    counts = quantities(run.tables, run.scale, ["E54000008"])
    stocks = run.tables.stocks
    rows = stocks[(stocks["area"] == "E54000008") & (stocks["scenario"] == "workwell_pilots")]
    for labour, benefit, work in [
        ("in_work", "none", "works"),
        ("off_sick", "sick_pay", "off_sick"),
        ("sick_inactive", "lcwra", "out_of_work"),
    ]:
        days = rows[(rows["labour"] == labour) & (rows["benefit"] == benefit)]["person_days"]
        found = counts.states[1][..., CELLS.index((work, benefit)), :].sum() / len(counts.seeds)
        expected = days.sum() / DAYS_A_YEAR / run.scale / len(run.seeds)
        assert found == pytest.approx(expected)


def test_society_is_the_sum_of_its_members_on_every_line(appraisal: Appraisal) -> None:
    keys = ["scenario", "line", "year", "basis"]
    lines = appraisal.lines
    whole = lines[lines["perspective"] == "society"].set_index(keys)["value"]
    members = lines[lines["perspective"] != "society"].groupby(keys)["value"].sum()
    pd.testing.assert_series_equal(whole.sort_index(), members.sort_index(), atol=1e-3)


def test_lines_add_up_to_the_exchequer_and_to_npsv(
    appraisal: Appraisal, headline: pd.DataFrame
) -> None:
    mine = appraisal.lines.query("scenario == 'workwell_pilots' and basis == 'present_value'")
    totals = mine[mine["year"] == TOTAL].groupby("perspective")["value"].sum()
    assert totals["society"] == pytest.approx(headline.loc[("npsv", TOTAL), "value"])
    cost = headline.loc[("exchequer_net_cost", TOTAL), "value"]
    assert totals["exchequer"] == pytest.approx(-cost)
    row = appraisal.exchequer.query(
        "scenario == 'workwell_pilots' and basis == 'present_value' and year == 'total'"
    )
    assert row["value"].item() == pytest.approx(-cost)


def test_years_add_up_to_their_total(appraisal: Appraisal) -> None:
    keys = ["scenario", "line", "perspective", "basis"]
    lines = appraisal.lines
    total = lines[lines["year"] == TOTAL].set_index(keys)["value"]
    years = lines[lines["year"] != TOTAL].groupby(keys)["value"].sum()
    pd.testing.assert_series_equal(total.sort_index(), years.sort_index(), atol=1e-3)


def test_additional_people_are_those_of_the_comparison(headline: pd.DataFrame) -> None:
    run = opened({"workwell_pilots": 40.0})
    found = run.differences_by_year
    for year in (1, 3):
        rows = found[(found["scenario"] == "workwell_pilots") & (found["year"] == year)]
        expected = rows.set_index("outcome")
        for measure, outcome in (("in_work_gross", "in_work"), ("in_work_net", "in_work_net")):
            value = headline.loc[(measure, str(year))]
            assert value["value"] == pytest.approx(expected.loc[outcome, "difference"])
            assert value["error"] == pytest.approx(expected.loc[outcome, "standard_error"])


def test_measures_hang_together(headline: pd.DataFrame) -> None:
    value = headline["value"]
    delivery, npsv = value["programme_cost", TOTAL], value["npsv", TOTAL]
    assert value["return_society", TOTAL] == pytest.approx((npsv + delivery) / delivery)
    net = value["exchequer_net_cost", TOTAL]
    assert value["return_exchequer", TOTAL] == pytest.approx((delivery - net) / delivery)
    years = value["person_years_net", TOTAL]
    displaced = opened({"workwell_pilots": 40.0}).displacement
    assert 0.2 < displaced < 1  # more people search for work in the run that is made up
    assert years == pytest.approx((1 - displaced) * value["person_years_gross", TOTAL])
    assert value["in_work_gross_fte", "1"] == pytest.approx(
        value["in_work_gross", "1"] * (1 - 0.31 * 0.5)
    )
    none, high = (value[f"npsv_displacement_{end}", TOTAL] for end in ("none", "high"))
    assert high < npsv < none


def test_a_ratio_to_what_may_be_nought_is_not_given(
    appraisal: Appraisal, headline: pd.DataFrame
) -> None:
    draws = appraisal.draws.query("scenario == 'workwell_pilots' and draw > 0")
    row = headline.loc[("cost_per_person_year", TOTAL)]
    assert (draws["person_years"] > 0).mean() < 0.95
    assert np.isnan(row["value"])
    assert row["note"] == "[z]"
    # An effect that is not in doubt gives one: the reform of the assessment has no range.
    run = opened({"wca_reform": 400.0})
    certain = appraise(run, Options(draws=200)).headline.set_index(["measure", "year"])
    value = certain["value"]
    ratio = value["exchequer_net_cost", TOTAL] / value["person_years_net", TOTAL]
    assert value["exchequer_cost_per_person_year", TOTAL] == pytest.approx(ratio)
    # A reform that costs nothing to deliver has no cost of delivery per person.
    assert certain.loc[("cost_per_person_year", TOTAL), "note"] == "[z]"


def test_the_two_kinds_of_uncertainty_are_kept_apart(
    appraisal: Appraisal, headline: pd.DataFrame
) -> None:
    draws = appraisal.draws.query("scenario == 'workwell_pilots' and draw > 0")
    row = headline.loc[("npsv", TOTAL)]
    np.testing.assert_allclose([row["low"], row["high"]], np.quantile(draws["npsv"], [0.05, 0.95]))
    share = headline.loc[("probability_npsv_positive", TOTAL), "value"]
    assert share == (draws["npsv"] > 0).mean()
    with_error = stats.t.cdf(draws["npsv"] / row["error"], 3).mean()
    assert headline.loc[("probability_npsv_positive_all", TOTAL), "value"] == pytest.approx(
        with_error
    )
    # No digit is shown below half of the half-width of either interval.
    half = max((row["high"] - row["low"]) / 2, stats.t.ppf(0.975, 3) * row["error"])
    assert half / 20 < row["step"] <= half / 2


def test_a_reform_that_changes_nothing_costs_and_gains_nothing(appraisal: Appraisal) -> None:
    lines = appraisal.lines.query("scenario == 'same_again'")
    assert (lines[["value", "low", "high", "error"]] == 0).all(axis=None)
    rows = appraisal.headline.query("scenario == 'same_again'").set_index(["measure", "year"])
    assert rows.loc[("in_work_gross", "1"), "value"] == 0
    assert rows.loc[("cost_per_person_year", TOTAL), "note"] == "[z]"


def test_values_move_npsv_the_way_they_should(appraisal: Appraisal) -> None:
    table = appraisal.sensitivity.query("scenario == 'workwell_pilots'").set_index("name")
    fall = table["npsv_at_high"] - table["npsv_at_low"]
    assert fall["workwell.unit_cost"] < 0
    assert fall["job_search.displacement_share"] < 0
    assert fall["pay.fifth_ratio"] > 0
    assert abs(fall).is_monotonic_decreasing
    npsv = appraisal.headline.query("scenario == 'workwell_pilots' and measure == 'npsv'")
    cost = table.loc["workwell.unit_cost"]
    # NPSV is linear in a unit cost, so its switching value follows from two points.
    slope = (cost["npsv_at_high"] - cost["npsv_at_low"]) / (cost["at_high"] - cost["at_low"])
    switch = cost["centre"] - npsv["value"].item() / slope
    if 0 < switch < 20_000:
        assert cost["switching_value"] == pytest.approx(switch)
    else:
        assert cost["note"] == "[z]"


def test_groups_add_up_to_everybody(appraisal: Appraisal, headline: pd.DataFrame) -> None:
    rows = appraisal.distribution.query(
        "scenario == 'workwell_pilots' and measure == 'person_years'"
    )
    total = headline.loc[("person_years_gross", TOTAL), "value"]
    assert rows[rows["dimension"] == "condition"]["value"].sum() == pytest.approx(total)


def test_losers_come_with_their_error(appraisal: Appraisal) -> None:
    rows = appraisal.losers.query("scenario == 'workwell_pilots'").set_index("measure")
    assert rows.loc["further", "value"] == 4
    assert rows.loc["further", "error"] == 0
    assert np.isfinite(rows.loc["lcwra_years", "error"])


def test_the_budget_stands_beside_its_envelope(appraisal: Appraisal) -> None:
    rows = appraisal.budget.query("year == 'total'").set_index(["scenario", "measure"])
    assert rows.loc[("workwell_pilots", "workwell"), "envelope"] == 64e6
    assert rows.loc[("workwell_pilots", "assessments"), "note"] == "[x]"


def test_wellbeing_can_stand_in_for_health_and_both_never_stand_together() -> None:
    run = opened({"workwell_pilots": 40.0})
    lines = {how: appraise(run, Options(draws=100, health=how)).lines for how in ("qaly", "none")}
    assert (lines["none"].query("line == 'health'")["value"] == 0).all()
    assert (lines["qaly"].query("line == 'health'")["value"] == 0).all()  # nobody has a condition


def test_a_run_without_a_reform_or_a_whole_year_is_refused() -> None:
    with pytest.raises(AppraisalError, match="nothing to appraise"):
        appraise(opened({}), Options(draws=100))
    with pytest.raises(AppraisalError, match="shorter than a year"):
        appraise(opened({"workwell_pilots": 4.0}, months=6), Options(draws=100))


def test_one_replication_gives_values_without_an_error() -> None:
    found = appraise(opened({"workwell_pilots": 40.0}, seeds=(1,)), Options(draws=100))
    rows = found.headline.set_index(["measure", "year"])
    assert np.isfinite(rows.loc[("npsv", TOTAL), "value"])
    assert np.isnan(rows.loc[("npsv", TOTAL), "error"])
    assert rows.loc[("probability_npsv_positive_all", TOTAL), "note"] == "[x]"


def test_tables_of_text_show_what_the_frames_hold(appraisal: Appraisal) -> None:
    table = headline_table(appraisal, "workwell_pilots")
    assert set(table["Measure"]) == {label for label, *_ in MEASURES.values()}
    gross = table.query("Measure == 'Additional people in work' and When == 'end of year 1'")
    assert gross["Central"].item().split()[0].replace(",", "").isdigit()
    assert not (table["Central"] == "nan").any()
    assert len(switching_table(appraisal, "workwell_pilots")) == 5
    assert len(losers_table(appraisal, "workwell_pilots")) == 7


def test_the_files_are_the_same_again_and_the_workbook_is_accessible(
    appraisal: Appraisal,
) -> None:
    files = appraisal_files(appraisal, "0123456789ab")
    assert files == appraisal_files(appraisal, "0123456789ab")
    headline = pd.read_csv(io.BytesIO(files["headline.csv"]))
    pd.testing.assert_frame_equal(headline[["value"]], appraisal.headline[["value"]])
    described = pd.read_csv(io.BytesIO(files["data_dictionary.csv"]))
    for name in FRAMES:
        columns = set(pd.read_csv(io.BytesIO(files[f"{name}.csv"]), nrows=1).columns)
        assert columns == set(described.query("table == @name")["column"])
    book = openpyxl.load_workbook(io.BytesIO(files["appraisal.xlsx"]))
    assert book.sheetnames[:4] == ["Cover", "Contents", "Notes", "Headline"]
    assert book.properties.title.startswith("Costs and benefits")
    for sheet in book.worksheets[1:]:
        (marked,) = sheet.tables.values()
        last_row = int(marked.ref.rpartition(":")[2].lstrip("ABCDEFGHIJKLMNOP"))
        assert sheet.max_row == last_row, "nothing stands below the table"
        assert marked.ref.startswith("A")
        assert not sheet.merged_cells.ranges
        first, *rows = sheet[marked.ref]
        heads = [cell.value for cell in first]
        assert len(set(heads)) == len(heads)
        blank = [cell.coordinate for row in rows for cell in row if cell.value in (None, "")]
        assert not blank, (sheet.title, blank[:3])
    numbers = [c for c in book["Headline"]["E"] if isinstance(c.value, int | float)]
    assert numbers
    assert {(c.alignment.horizontal, c.number_format) for c in numbers} == {("right", "#,##0.00")}


def test_a_range_of_nine_in_ten_is_what_the_quantile_says() -> None:
    assert stats.norm.cdf(Z_90) == pytest.approx(0.95)
