"""Gainers and losers on the last evening, by hand and by the account."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from results.appraisal import appraise
from results.appraisal.incomes import EVERYBODY, incomes
from results.appraisal.lines import prices
from results.appraisal.quantities import CELLS
from results.appraisal.shown import GAINS, groups_table
from results.opened import Opened, OpenError
from sim.tables import TABLES, conform
from tests.results.appraisal import cases

WHO = {"age_band": "25-34", "sex": "male", "condition": "other"}
ROWS = [
    # fifth, base, reform, people simulated in each of four seeds
    ("lowest", ("searching", "uc_search"), ("in_work", "none"), (3, 5, 4, 4)),
    ("lowest", ("in_work", "none"), ("searching", "none"), (1, 1, 1, 1)),
    ("highest", ("sick_inactive", "lcwra"), ("sick_inactive", "uc_fit_note"), (2, 2, 2, 2)),
    ("highest", ("in_work", "none"), ("in_work", "none"), (90, 90, 90, 90)),
]


def run() -> Opened:
    """A run in which it is known who is where."""
    made = cases.opened({"package": 30.0})
    rows = [
        {
            "base": "baseline", "scenario": "package", "seed": seed, "earnings_band": fifth,
            "labour_base": before[0], "benefit_base": before[1], "labour": after[0],
            "benefit": after[1], "people": people, **WHO,
        }
        for fifth, before, after, by_seed in ROWS
        for seed, people in zip((1, 2, 3, 4), by_seed, strict=True)
    ]  # fmt: skip
    table = conform(TABLES["same_people"], pd.DataFrame(rows))
    return replace(made, tables=replace(made.tables, same_people=table))


def test_gainers_and_losers_are_counted_and_valued() -> None:
    appraisal = appraise(run())
    income = incomes(appraisal.study.values)
    found = appraisal.distribution.set_index(["dimension", "group", "measure"])[
        "value"
    ].sort_index()

    def at(fifth: int, work: str, benefit: str) -> float:
        return float(income[fifth, CELLS.index((work, benefit))])

    people = found[EVERYBODY, EVERYBODY]
    assert people[["people", "nearer", "further"]].to_list() == [9_700, 400, 100]
    assert people[["higher_income", "lower_income"]].to_list() == [400, 300]
    gained = at(0, "works", "none") - at(0, "out_of_work", "uc_search")
    assert people["income_gained"] == pytest.approx(400 * gained)
    lost = 100 * at(0, "works", "none") + 200 * (
        at(4, "out_of_work", "lcwra") - at(4, "out_of_work", "uc_fit_note")
    )
    assert people["income_lost"] == pytest.approx(lost)
    for dimension in ("earnings_band", "age_band", "sex", "condition"):
        parts = found[dimension].unstack()
        np.testing.assert_allclose(parts[people.index].sum(), people)
    table = groups_table(appraisal, "package").set_index("Group")
    assert table.loc["Earnings: highest fifth", GAINS["lower_income"]] == "200 (200 to 200)"
    assert table.loc["Everybody of working age", GAINS["nearer"]].startswith("400 (")


def test_a_person_has_the_income_that_the_account_gives() -> None:
    """Averaged over the fifths of an added job it is the income lines of the account."""
    values = cases.unit_values()
    found, priced = incomes(values), prices(values)
    shares = values["pay.fifth_share"][0, -1]
    lines = ("pay", "sick_pay", "benefits")

    def last(name: str) -> Any:
        cells = priced[name].cells
        assert cells is not None
        return cells[0, -1]

    account = sum(map(last, lines)) - sum(map(last, ("income_tax", "employee_nics")))
    real = (
        found[0, CELLS.index(("off_sick", "uc_search"))]
        / account[CELLS.index(("off_sick", "uc_search"))]
    )
    for cell in (
        ("works", "none"),
        ("out_of_work", "lcwra"),
        ("out_of_work", "esa"),
        ("off_sick", "sick_pay"),
    ):
        k = CELLS.index(cell)
        assert found[:, k] @ shares == pytest.approx(account[k] * real)


def test_turned_round_gains_are_losses() -> None:
    opened = run()
    turned = replace(opened, base="package")
    one, other = opened.same_people("package"), turned.same_people("baseline")
    assert one["labour"].to_list() == other["labour_base"].to_list()
    assert one["benefit_base"].to_list() == other["benefit"].to_list()


def test_a_run_of_another_version_says_so() -> None:
    made = cases.opened({"package": 30.0})
    with pytest.raises(OpenError, match="run it again"):
        made.same_people("package")
    assert set(appraise(made).distribution["dimension"]) == {"condition"}
