"""Outcomes are the counts of the tables they name, grossed up."""

from __future__ import annotations

import dataclasses
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from results.outcomes import OUTCOMES, OutcomeError, monthly, yearly
from sim.states import LABELS, POSSIBLE_PAIRS
from sim.tables import TABLES, RunTables
from tests.results.synthetic import months, run_tables

STATE = ["condition", "labour", "benefit"]
BASE = {"scenario": "base", "seed": 1, "month": "2024-04", "area": "E54000008"}
PAIRS = [
    (labour, benefit)
    for (i, labour), (j, benefit) in product(
        enumerate(LABELS["labour"]), enumerate(LABELS["benefit"])
    )
    if POSSIBLE_PAIRS[i, j]
]


def empty(table: str) -> pd.DataFrame:
    return pd.DataFrame(columns=[c.name for c in TABLES[table].columns])


def tables(**frames: list[dict[str, object]]) -> RunTables:
    """Tables with the rows given, each on top of the same scenario, seed, month and area."""
    full = {name: pd.DataFrame([BASE | row for row in rows]) for name, rows in frames.items()}
    return RunTables(**{n: full.get(n, empty(n)) for n in TABLES if n != "log"}).conformed()


def in_state(labour: str, benefit: str, people: int, **more: object) -> dict[str, object]:
    row = {"condition": "none", "labour": labour, "benefit": benefit, "people": people}
    return row | {"person_days": 30 * people} | more


def value(frame: pd.DataFrame, outcome: str) -> float:
    (found,) = frame.loc[frame["outcome"] == outcome, "value"]
    return float(found)


@settings(max_examples=15)
@given(numbers=st.lists(st.integers(0, 1000), min_size=len(PAIRS), max_size=len(PAIRS)))
def test_stocks_count_the_states_they_name(numbers):
    people = dict(zip(PAIRS, numbers, strict=True))
    found = monthly(tables(stocks=[in_state(*pair, n) for pair, n in people.items()]), 0.1)

    def count(labours: str | None = None, benefits: str | None = None) -> float:
        chosen = [
            n
            for (labour, benefit), n in people.items()
            if (labours is None or labour in labours.split())
            and (benefits is None or benefit in benefits.split())
        ]
        return pytest.approx(10 * sum(chosen))

    assert value(found, "in_work") == count("in_work off_sick")
    assert value(found, "sick_inactive") == count("sick_inactive")
    assert value(found, "lcw") == count(None, "lcw")
    assert value(found, "lcwra") == count(None, "lcwra")
    assert value(found, "uc_health") == count(None, "uc_fit_note lcw lcwra")
    assert value(found, "on_uc") == count(None, "uc_search uc_light uc_fit_note lcw lcwra")


def test_ratios_are_of_sums_and_are_not_grossed_up():
    year = months("2024-04", 12)
    made = tables(
        stocks=[in_state("in_work", "none", 300, month=m) for m in year]
        + [in_state("off_sick", "sick_pay", k, month=m) for k, m in enumerate(year)],
        events=[
            {"event": "fit_note", "detail": "not_fit_first_under_5_weeks", "count": 90},
            {"event": "fit_note", "detail": "may_be_fit_repeat_20_weeks_plus", "count": 10},
            {"event": "fit_note", "detail": "may_be_fit_first_under_5_weeks", "count": 100}
            | {"month": year[5]},
            {"event": "sickness_start", "detail": "may_be_fit", "count": 999},
        ],
        waits=[
            {"service": service, "measure": measure, "value": number, "month": month}
            for service, measure, number, month in [
                ("workwell", "started", 10, year[0]),
                ("workwell", "waited_days", 100, year[0]),
                ("workwell", "started", 30, year[1]),
                ("workwell", "waited_days", 900, year[1]),
                ("workwell", "waiting", 77, year[1]),
                ("wca", "started", 2, year[1]),
                ("wca", "waited_days", 60, year[1]),
            ]
        ],
    )
    found = yearly(made, 0.01)
    assert value(found, "may_be_fit_share") == pytest.approx(100 * 110 / 200)
    assert value(found, "workwell_wait") == pytest.approx(1000 / 40)
    assert value(found, "wca_wait") == pytest.approx(30)
    assert value(found, "sickness_absence") == pytest.approx(100 * 66 / (3600 + 66))
    by_month = monthly(made, 0.01).query("outcome == 'workwell_wait'")["value"].to_numpy()
    np.testing.assert_allclose(by_month, [10, 30, *[np.nan] * 10])


def test_years_take_stocks_at_their_end_and_add_up_events():
    span = months("2024-04", 29)
    made = tables(
        stocks=[in_state("in_work", "none", 100 + k, month=m) for k, m in enumerate(span)],
        events=[
            {"event": "workwell_start", "detail": "in_work", "count": k, "month": m}
            for k, m in enumerate(span)
        ],
    )
    found = yearly(made, 0.5).set_index(["outcome", "year"])["value"]
    assert found["in_work"].to_dict() == {1: 222, 2: 246}
    assert found["workwell_starts"].to_dict() == {1: 2 * sum(range(12)), 2: 2 * sum(range(12, 24))}
    assert found["workwell_starts_so_far"].to_dict() == {
        1: 2 * sum(range(12)),
        2: 2 * sum(range(24)),
    }
    so_far = monthly(made, 0.5).query("outcome == 'workwell_starts_so_far'")["value"]
    assert so_far.tolist() == (2 * np.cumsum(range(29))).tolist()


def test_a_run_without_an_event_counts_none():
    made = run_tables({"base": 0.0}, seeds=(1, 2), number_of_months=12)
    events = made.events[(made.events["event"] != "sanction") | (made.events["seed"] != 2)]
    found = yearly(dataclasses.replace(made, events=events), 0.01).query("outcome == 'sanctions'")
    assert found["seed"].tolist() == [1, 2]
    assert found["value"].iloc[0] > 0
    assert found["value"].iloc[1] == 0


def test_england_wales_and_single_areas_add_up():
    made = run_tables({"base": 0.0, "reform": 5.0}, seeds=(1, 2), number_of_months=12)
    choices = ("england", "wales", "england_and_wales", ["E54000008"], ["E54000008", "W92000004"])
    england, wales, both, one, two = (yearly(made, 1, areas) for areas in choices)
    totals = [n for n, o in OUTCOMES.items() if o.kind != "ratio"]
    chosen = england["outcome"].isin(totals)
    np.testing.assert_allclose(
        both["value"][chosen], england["value"][chosen] + wales["value"][chosen]
    )
    assert (england["value"][chosen] != wales["value"][chosen]).any()
    pd.testing.assert_frame_equal(one, england)
    pd.testing.assert_frame_equal(two, both)
    pd.testing.assert_frame_equal(yearly(made, 1), england)


@pytest.mark.parametrize(
    ("areas", "message"),
    [
        ("scotland", "'scotland' are not known. Give england, wales"),
        (["E54000009"], "no area E54000009. It has E54000008, W92000004"),
        ([], "empty list"),
    ],
)
def test_unknown_areas_are_refused(areas, message):
    with pytest.raises(OutcomeError, match=message):
        yearly(run_tables({"base": 0.0}, seeds=(1,), number_of_months=1), 1, areas)


def test_a_run_of_england_has_no_wales():
    made = tables(stocks=[in_state("in_work", "none", 1)])
    with pytest.raises(OutcomeError, match="no area in wales"):
        yearly(made, 1, "wales")


def test_runs_of_other_lengths_and_gaps_are_refused():
    made = run_tables({"base": 0.0, "reform": 0.0}, seeds=(1, 2), number_of_months=4)
    short = (made.stocks["scenario"] == "reform") & (made.stocks["month"] == "2024-07")
    with pytest.raises(OutcomeError, match="Scenario reform, seed 1 has 3 months"):
        monthly(dataclasses.replace(made, stocks=made.stocks[~short]), 1)
    gap = made.stocks["month"] == "2024-06"
    with pytest.raises(OutcomeError, match="lacks the month 2024-06"):
        monthly(dataclasses.replace(made, stocks=made.stocks[~gap]), 1)
    with pytest.raises(OutcomeError, match="no months"):
        monthly(dataclasses.replace(made, stocks=made.stocks[:0]), 1)


@pytest.mark.parametrize("scale", [0, -1, 1.01])
def test_the_scale_must_be_a_share(scale):
    with pytest.raises(OutcomeError, match="scale"):
        yearly(run_tables({"base": 0.0}, seeds=(1,), number_of_months=1), scale)


def test_outcomes_only_name_labels_that_exist():
    for outcome in OUTCOMES.values():
        for count in filter(None, (outcome.count, outcome.per)):
            for column, labels in count.where:
                assert column in {c.name for c in TABLES[count.table].keys}
                assert set(labels) <= set(LABELS.get(column, labels))
        assert (outcome.kind == "ratio") == (outcome.per is not None)


def test_labels_say_when():
    assert OUTCOMES["in_work"].period_label("year") == "People in work, end of year"
    assert OUTCOMES["sanctions"].period_label("month") == "Sanctions in the month"
    assert OUTCOMES["workwell_starts_so_far"].period_label("year").endswith("since the start")
    assert OUTCOMES["may_be_fit_share"].difference_unit == "percentage points"
    assert OUTCOMES["wca_wait"].difference_unit == "days"
