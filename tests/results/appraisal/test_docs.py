"""The pages on appraisal say what the code does."""

from __future__ import annotations

import re

import numpy as np

from results.appraisal.account import Account
from results.appraisal.lines import LINES
from results.appraisal.quantities import PROGRAMMES, Change
from results.appraisal.reference import PATH, values_page
from tests.pages import table_below, text_of
from tests.results.appraisal.cases import moved, unit_values

PAGE = text_of("concepts/appraisal.md")


def test_the_page_of_unit_values_is_up_to_date() -> None:
    assert PATH.read_text(encoding="utf-8") == values_page(), (
        "run python -m results.appraisal.reference"
    )


def year_in_work(before: str, health: str) -> Account:
    """Somebody leaves a benefit for work in 2023-24, and nobody is displaced."""
    u = unit_values((2023,), job_search__displacement_share=0.0)
    change = moved(("out_of_work", before), ("works", "none"))
    return Account(Change(change.states[:, :1], change.events[:, :1]), u, health)


def test_the_check_against_published_values_states_what_comes_out() -> None:
    (text,) = re.findall(r"- \*\*A check\.\*\* (.+?)\n\n", PAGE, flags=re.DOTALL)
    told = [int(number.replace(",", "")) for number in re.findall(r"\d\d,\d\d\d", text)]
    society = [
        round(year_in_work("lcwra", health).npsv[0], -2)
        for health in ("none", "qaly", "life_satisfaction")
    ]
    assert told[:3] == society
    published = [
        0.69 * full + 0.31 * part
        for full, part in ((28e3, 15e3), (34e3, 19e3), (36e3, 20e3), (18e3, 8e3))
    ]
    np.testing.assert_allclose(told[3:6], published[:3], atol=51)
    gains = [
        -year_in_work(before, "none").exchequer_net_cost[0]
        for before in ("uc_search", "uc_fit_note", "lcw", "lcwra", "esa")
    ]
    assert told[6:8] == [round(min(gains), -2), round(max(gains), -2)]
    np.testing.assert_allclose(told[8], published[3], atol=51)


def test_the_table_of_lines_has_the_signs_of_the_code() -> None:
    _, *rows = table_below(PAGE, "| Line |")
    marks = {"+": 1, "-": -1, "": 0, "0": 0}
    named = {
        "output": 0, "pay": 1, "pension": 2, "employer_nics": 3, "income_tax": 4,
        "employee_nics": 4, "sick_pay": 5, "benefits": 6, "sanctions": 7, "indirect_taxes": 8,
        "travel": 9, "health": 10, "nhs": 11, "turnover": 12, "conversations": 13,
        "fit_notes": 14, "assessments": 14, "jobcentres": 14, "sanction_decisions": 14,
        **dict.fromkeys(PROGRAMMES, 13),
    }  # fmt: skip
    for line in LINES:
        if line.name.startswith("displaced"):
            continue
        told = [marks[cell] for cell in rows[named[line.name]][1:]]
        who = ("participant", "employer", "exchequer", "society")
        assert told == [line.sign(each) for each in who], line.name
