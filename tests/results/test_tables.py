"""Tables say what the numbers say, and files are never written over."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from results.differences import differences
from results.files import FileKeptError, write_csv
from results.outcomes import OUTCOMES, yearly
from results.tables import TableError, difference_rows, difference_table
from tests.results.synthetic import run_tables

TITLES = {"reform": "The reform", "nothing": "Nothing new"}


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    tables = run_tables({"base": 0.0, "nothing": 0.0, "reform": 400.0, "worse": -100.0})
    return differences(yearly(tables, 0.01), "base")


def test_a_row_per_outcome_and_scenario_in_the_order_asked_for(found):
    table = difference_table(found, TITLES, outcomes=["lcwra", "in_work"])
    assert list(table.columns) == ["Outcome", "Unit", "Scenario", "Year 1", "Year 3"]
    assert table["Scenario"].tolist() == ["The reform", "Nothing new", "worse"] * 2
    assert table["Outcome"].tolist() == [
        *["People with LCWRA, end of year"] * 3,
        *["People in work, end of year"] * 3,
    ]
    assert table["Unit"].unique().tolist() == ["people"]
    assert len(difference_table(found)) == 3 * len(OUTCOMES)


def test_cells_hold_the_rounded_difference_and_interval(found):
    table = difference_table(found, TITLES, years=(2,), outcomes=["in_work", "wca_wait"])
    cells = table.set_index(["Outcome", "Scenario"])["Year 2"]
    row = found.query("scenario == 'reform' and outcome == 'in_work' and year == 2").iloc[0]
    value, low, _, high = (
        cells["People in work, end of year", "The reform"].replace("(", "").replace(")", "").split()
    )
    half = (row["high"] - row["low"]) / 2
    for text, exact in ((value, row["difference"]), (low, row["low"]), (high, row["high"])):
        assert abs(int(text.replace(",", "")) - exact) <= half / 4
    assert cells["People in work, end of year", "Nothing new"] == "0 (identical)"
    assert cells["People in work, end of year", "worse"].startswith("−")
    assert set(cells["Mean wait for a WCA in the year"]) == {"[x]"}


def test_rows_keep_full_precision_and_explain_blanks(found):
    rows = difference_rows(found, TITLES, years=(1, 3), outcomes=["wca_wait", "in_work"])
    assert rows["note"].tolist() == ["[x]"] * 6 + [""] * 6
    kept = rows[rows["note"] == ""]
    same = found.set_index(["scenario", "outcome", "year"])["difference"]
    for row in kept.to_dict("records"):
        assert row["difference"] == same[row["scenario"], row["outcome"], row["year"]]
    assert rows["title"].tolist()[:2] == ["The reform"] * 2


def test_years_after_the_end_are_left_out_but_not_all(found):
    assert "Year 5" not in difference_table(found, years=(1, 5))
    with pytest.raises(TableError, match=r"None of the years 5, 9 .* which has 3"):
        difference_table(found, years=(5, 9))


def test_unknown_outcomes_are_named(found):
    with pytest.raises(TableError, match=r"no outcome 'jobs'\. There are in_work"):
        difference_table(found, outcomes=["jobs"])


def test_csv_files_read_back_and_hold_plain_numbers(found, tmp_path):
    rows = difference_rows(found, TITLES)
    path = write_csv(rows, tmp_path / "deep" / "table.csv")
    content = path.read_bytes()
    assert content.isascii()
    assert b"\r" not in content
    back = pd.read_csv(io.BytesIO(content), keep_default_na=False, na_values=[""])
    np.testing.assert_array_equal(back["difference"], rows["difference"])
    np.testing.assert_array_equal(back["variance_ratio"], rows["variance_ratio"])


def test_files_are_never_written_over(found, tmp_path):
    path = write_csv(found, tmp_path / "table.csv")
    before = path.stat().st_mtime_ns
    assert write_csv(found, path) == path
    assert path.stat().st_mtime_ns == before
    with pytest.raises(FileKeptError, match="already there with other content"):
        write_csv(found.iloc[:-1], path)
    assert path.read_bytes() == found.to_csv(index=False).encode()
    assert [p.name for p in tmp_path.iterdir()] == ["table.csv"]
