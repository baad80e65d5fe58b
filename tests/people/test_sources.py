from __future__ import annotations

import numpy as np
import pytest

from sim.people.areas import read_data
from sim.people.margins import finer_margins
from sim.people.sources import evaluate, figures
from sim.scenario.library import load_parameters

GRADES = {"published", "second_hand", "estimate", "assumption"}


def test_parameters_are_what_their_derivation_says():
    parameters = load_parameters()
    checked = 0
    for line in read_data("derivations.csv"):
        if not line["parameter"]:
            continue
        parameter = parameters[line["parameter"]]
        value = parameter.dated()[0][1]
        if line["label"]:
            value = value[parameter.labels[0].index(line["label"])]
        tolerance = 600 if value > 1 else 0.0006
        assert float(value) == pytest.approx(figures()[line["name"]], abs=tolerance), line["name"]
        checked += 1
    assert checked == 17


def test_finer_margins_are_what_their_formula_says():
    lines = [line for line in read_data("margins.csv") if line["formula"]]
    for line in lines:
        value = evaluate(line["formula"], figures())
        assert float(line["value"]) == pytest.approx(value, abs=0.0006), line
    assert len(lines) > 20


def test_every_margin_has_a_formula_or_a_reason():
    for line in read_data("margins.csv"):
        assert line["grade"] in GRADES, line
        assert line["formula"] or line["reasoning"], line


def test_every_published_figure_has_a_source():
    for line in read_data("published.csv"):
        assert line["grade"] in {"published", "second_hand"}, line
        assert line["url"].startswith("http"), line
        assert line["publisher"], line
        assert line["title"], line
        assert line["date"], line


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("long_term_sick_by_age", "share"),
        ("long_term_sick_by_sex", "share"),
        ("long_term_sick_by_condition", "share"),
        ("uc_health_by_age", "share"),
        ("uc_health_by_sex", "share"),
        ("esa_by_age", "share"),
    ],
)
def test_shares_add_to_one(name, column):
    shares = [value for (_, c), value in finer_margins()[name].items() if c == column]
    assert sum(shares) == pytest.approx(1)


def test_splits_of_people_without_a_job_add_to_one():
    split = finer_margins()["out_of_work_by_labour"]
    for benefit in {row for row, _ in split}:
        assert sum(v for (row, _), v in split.items() if row == benefit) == pytest.approx(1)


def test_shares_of_parameters_add_to_one():
    parameters = load_parameters()
    for name in ("condition_share", "aged_65"):
        assert parameters[f"people.{name}"].dated()[0][1].sum() == pytest.approx(1)
    bands = parameters["people.earnings_band"].dated()[0][1]
    np.testing.assert_allclose(bands.sum(axis=1), 1)


@pytest.mark.parametrize("formula", ["__import__('os')", "a ** 2", "missing + 1", "a if a else a"])
def test_formulas_are_arithmetic_only(formula):
    with pytest.raises(ValueError, match="not a known name or operation"):
        evaluate(formula, {"a": 1.0})


def test_formula():
    assert evaluate("(a + 1) / 2 - b * 3", {"a": 5.0, "b": 0.5}) == 1.5
