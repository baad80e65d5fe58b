"""Every word on a chart is true of the data drawn."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.charts import difference as charts
from results.charts.difference import ChartError, DifferenceChart, Line, difference_chart
from results.differences import differences
from results.outcomes import OUTCOMES, monthly
from sim import __version__
from tests.results.synthetic import months, run_tables

NB = "\N{NO-BREAK SPACE}"


def line(title: str, end: float, half: float, number: int = 60) -> Line:
    """A line that goes straight to its end, with an interval that opens in proportion."""
    share = np.arange(1, number + 1) / number
    return Line(title, end * share, (end - half) * share, (end + half) * share)


def chart(
    *ends: tuple[str, float, float],
    outcome: str = "in_work",
    number: int = 60,
    start: str = "2024-04",
    assumptions: tuple[str, ...] = (),
) -> DifferenceChart:
    return DifferenceChart(
        OUTCOMES[outcome],
        tuple(months(start, number)),
        tuple(line(*end, number) for end in ends),
        "the baseline",
        "England",
        (8, 8),
        "7f3a9c1b2d4e",
        assumptions,
    )


def plain(text: str) -> str:
    return text.replace(NB, " ")


@pytest.mark.parametrize(
    ("made", "title"),
    [
        (
            chart(("More WorkWell", 4567, 620)),
            "More WorkWell would raise the number of people in work by about 4,600 after 5 years",
        ),
        (
            chart(("Sanctions", -46_123, 700), ("Other", 9, 1), number=18),
            "Sanctions would lower the number of people in work by about 46,100 after 18 months",
        ),
        (
            chart(("Sanctions", 310, 30), outcome="sanctions", number=12),
            "Sanctions would raise the number of sanctions by about 310 a month after 1 year",
        ),
        (
            chart(("Fit note reform", 0.071, 0.03), outcome="may_be_fit_share", number=1),
            "Fit note reform would raise the share of fit notes that say may be fit for work by "
            "about 0.07 percentage points after 1 month",
        ),
        (
            chart(("More coaches", -3.4, 0.7), outcome="workwell_wait", number=24),
            "More coaches would lower the mean wait of those who started WorkWell by about "
            "3.4 days after 2 years",
        ),
        (
            chart(("A", 120, 620)),
            "A would make no measurable difference to the number of people in work after 5 years",
        ),
        (
            chart(("Plan", 0, 0), ("Other", 500, 10)),
            "Plan would make no difference to the number of people in work after 5 years",
        ),
    ],
)
def test_titles_state_the_finding(made, title):
    assert plain(charts.title(made)) == title


@given(end=st.floats(-1e8, 1e8), half=st.floats(0, 1e8))
def test_the_number_in_the_title_is_the_one_at_the_end_of_the_line(end, half):
    made = chart(("Plan", end, half))
    title, value = plain(charts.title(made)), made.final[0].text().split(" ")[0]
    if made.final[0].measurable:
        assert f"about {value.lstrip('−')} after" in title
        assert ("raise" in title) == (end > 0)
        assert ("lower" in title) == (end < 0)
        assert (value[0] == "−") == (end < 0)
    else:
        assert "no difference" in title or "no measurable difference" in title


@pytest.mark.parametrize(
    ("made", "unit"),
    [
        (chart(("A", 400, 9)), "people"),
        (chart(("A", 9_999, 0)), "people"),
        (chart(("A", 9_000, 2_000)), "thousands"),
        (chart(("A", 9, 0), ("B", 10_000, 0)), "thousands"),
        (chart(("A", -9e6, 9e6)), "millions"),
        (chart(("A", 4, 9), outcome="sanctions"), "sanctions a month"),
        (chart(("A", 2e4, 9), outcome="sanctions"), "thousands a month"),
        (chart(("A", 4, 9), outcome="sickness_absence"), "percentage points"),
    ],
)
def test_subtitles_name_measure_and_unit(made, unit):
    start = f"{made.outcome.label}: difference from the baseline, {unit}, England, "
    assert plain(charts.subtitle(made)).startswith(start)


def test_subtitles_name_place_and_period():
    made = chart(("A", 4, 9), number=7, start="2024-06")
    assert plain(charts.subtitle(made)).endswith(", England, June 2024 to December 2024")


def test_labels_are_in_the_unit_of_the_axis():
    made = chart(("A", 46_300, 12_000), ("B", -123, 40), ("C", 0, 0))
    labels = [charts.end_label(made, k) for k in range(3)]
    assert labels == ["46 (34 to 58)", "−0.12 (−0.16 to −0.08)", "0 (identical)"]


def test_notes_say_what_the_intervals_are_and_what_is_assumed():
    made = chart(("Plan", 400, 9), ("Other", 0, 0), assumptions=("effect of WorkWell", "take-up"))
    notes = plain(charts.notes(made))
    assert notes.startswith("Notes: The intervals hold Monte Carlo error only")
    assert "do not include uncertainty about the parameters" in notes
    assert "8 pairs of runs" in notes
    assert "95% interval for ‘Plan’ in each month; the bars give it for each scenario" in notes
    assert "at the end of March 2029" in notes
    assert "Identical: both runs of every pair are equal." in notes
    assert notes.endswith("Effects that are assumed, not measured: effect of WorkWell; take-up.")
    single = plain(charts.notes(chart(("Plan", 400, 9))))
    assert "; the bar gives it at the end" in single
    assert "assumed" not in single
    assert "Identical" not in single


def test_the_source_names_version_and_run():
    found = chart(("Plan", 400, 9)).words.source
    assert found == f"Source: fitflow {__version__}, run 7f3a9c1b2d4e."


def test_alternative_text_holds_the_finding_and_the_values():
    made = chart(("Plan", 46_300, 12_000), ("Other", -9_000, 1_000))
    text = plain(made.words.alt_text("figure.csv"))
    assert text.startswith("Line chart. People in work: difference from the baseline, thousands")
    assert plain(charts.title(made)) in text
    assert "Plan: 46 (34 to 58) thousands; Other: −9.0 (−10.0 to −8.0) thousands" in text
    assert text.endswith("Data are in figure.csv.")


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    effects = {"base": 0.0, "reform": 40.0, "nothing": 0.0}
    return differences(monthly(run_tables(effects, number_of_months=24), 0.01), "base")


def test_charts_are_made_from_differences(found):
    titles = {"reform": "The reform", "nothing": "Nothing new"}
    made = difference_chart(found, "in_work", titles, run="abc", assumptions=["x"])
    assert [entry.title for entry in made.lines] == ["The reform", "Nothing new"]
    assert made.months == tuple(months("2024-04", 24))
    assert made.pairs == (4, 4)
    assert made.assumptions == ("x",)
    rows = found.query("scenario == 'reform' and outcome == 'in_work'")
    data = charts.data(made)
    assert len(data) == 48
    for column in ("difference", "low", "high", "month"):
        assert data[column][:24].tolist() == rows[column].tolist()
    assert made.final[1].identical
    number = re.search(r"about ([\d,]+)", plain(charts.title(made)))
    assert number is not None
    half = (rows["high"] - rows["low"]).iloc[-1] / 2
    assert abs(int(number[1].replace(",", "")) - rows["difference"].iloc[-1]) <= half / 4


@pytest.mark.parametrize(
    ("outcome", "titles", "message"),
    [
        ("jobs", {"reform": "A"}, r"no outcome 'jobs'. There are in_work"),
        ("in_work", {}, "1 to 6 scenarios, not 0"),
        ("in_work", {str(k): "A" for k in range(7)}, "1 to 6 scenarios, not 7"),
        ("in_work", {"base": "A"}, "no differences for 'base', only for nothing, reform"),
        ("wca_wait", {"reform": "A"}, "no difference to draw for 'A', because some of the runs"),
    ],
)
def test_what_cannot_be_drawn_is_refused(found, outcome, titles, message):
    with pytest.raises(ChartError, match=message):
        difference_chart(found, outcome, titles, run="abc")
