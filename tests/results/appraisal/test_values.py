from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from results.appraisal.draws import Uncertain, standard_normals, uncertain_values
from results.appraisal.values import (
    CARRIED_BY,
    centre,
    index_of_year,
    load_values,
    two_piece_normal,
)
from results.appraisal.years import financial_year, year_name, year_of_month
from sim.scenario import ScenarioError
from tests.results.appraisal.cases import all_values, unit_values

Z = 4.4
"""A normal estimate lies further from its mean than so many standard errors once in 100,000 times."""


def test_every_amount_says_where_it_comes_from() -> None:
    values = load_values()
    assert len(values) > 40
    for value in values.values():
        assert value.source or (value.grade == "assumption" and value.reasoning), value.name


def test_a_value_without_a_source_stops_the_reading(tmp_path: Path) -> None:
    (tmp_path / "costs.yaml").write_text(
        "costs.tea:\n  description: A cup of tea.\n  unit: GBP\n  value: 1\n  range: [0, 9]\n"
        "  grade: published\n"
    )
    with pytest.raises(ScenarioError, match=r"costs\.yaml:\d+: costs\.tea: no source"):
        load_values(tmp_path)


def test_financial_years_begin_in_april() -> None:
    assert financial_year(dt.date(2025, 3, 31)) == 2024
    assert financial_year(dt.date(2025, 4, 1)) == 2025
    assert year_of_month("2025-03") == 2024
    assert (year_name(2024), year_name(2099)) == ("2024-25", "2099-00")


def test_a_value_holds_from_its_date_and_is_carried_on_by_its_index() -> None:
    u = unit_values((2024, 2025, 2026, 2028))
    allowance = u["benefits.standard_allowance"][0]
    deflator = all_values()["prices.deflator"]
    ahead = index_of_year(deflator, 2028) / index_of_year(deflator, 2026)
    np.testing.assert_allclose(allowance, [393.45, 400.14, 424.90, 424.90 * ahead])
    back = index_of_year(deflator, 2024) / index_of_year(deflator, 2015)
    np.testing.assert_allclose(u["costs.assessment"][0, 0], 190 * back)
    # Thresholds of taxes are frozen, and so are shares.
    np.testing.assert_array_equal(u["tax.personal_allowance"][0], 12570)
    np.testing.assert_array_equal(u["pay.part_time_share"][0], 0.31)


def test_an_index_of_a_financial_year_is_a_mean_of_two_calendar_years() -> None:
    deflator = all_values()["prices.deflator"]
    assert index_of_year(deflator, 2022) == pytest.approx(0.75 * 90.5005 + 0.25 * 96.2507)
    last, before = deflator.numbers[-1].entries[0], deflator.numbers[-2].entries[0]
    grown = index_of_year(deflator, 2031) / index_of_year(deflator, 2030)
    assert grown == pytest.approx(last / before)


def test_every_file_of_amounts_has_an_index() -> None:
    of_amounts = {
        name.partition(".")[0]
        for name, value in load_values().items()
        if re.match("GBP", value.unit) and not name.startswith("tax.")
    }
    assert of_amounts == set(CARRIED_BY)


def test_a_two_piece_normal_has_the_quantiles_it_is_named_by() -> None:
    z = stats.norm.ppf([0.05, 0.5, 0.95])
    np.testing.assert_allclose(two_piece_normal(z, 1.0, 0.4, 3.0), [0.4, 1.0, 3.0], rtol=1e-12)


def test_draws_have_their_quantiles_and_stay_within_what_is_allowed() -> None:
    n = 5000
    for uncertain in uncertain_values(all_values().values()):
        z = standard_normals(["x"], n, 1)["x"]
        drawn = uncertain.at(z)
        assert uncertain.allowed[0] <= drawn.min() <= drawn.max() <= uncertain.allowed[1]
        below = (drawn < uncertain.middle).mean()
        # Stratified draws are spread more evenly than independent ones, whose bound this is.
        assert abs(below - 0.5) < Z * 0.5 / np.sqrt(n) or uncertain.low == uncertain.middle
        assert (drawn <= uncertain.high).mean() > 0.95 - Z * np.sqrt(0.05 * 0.95 / n)


def test_draws_are_the_same_again_and_not_with_another_seed() -> None:
    one, again, other = (standard_normals(["a", "b"], 50, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one["a"], again["a"])
    assert not np.array_equal(one["a"], other["a"])
    # A Latin hypercube has one draw in each of so many strata of equal probability.
    np.testing.assert_array_equal(np.sort(np.floor(stats.norm.cdf(one["b"]) * 50)), np.arange(50))


def test_a_drawn_value_keeps_its_path_over_the_years() -> None:
    u = unit_values()
    central = u["costs.turnover"][0]
    drawn = u.with_drawn({"costs.turnover": np.array([5433.0, 2 * 5433.0])})
    np.testing.assert_allclose(drawn["costs.turnover"], [central, 2 * central])
    doubled = u.with_drawn({"pay.fifth_ratio": np.array([2.0])})
    np.testing.assert_allclose(doubled["pay.fifth_ratio"], 2 * u["pay.fifth_ratio"])


def test_a_multiplied_share_is_at_most_one() -> None:
    u = unit_values().with_drawn({"benefits.lcwra_new_claim_share": np.array([3.0])})
    assert u["benefits.lcwra_new_claim_share"].max() == 1.0


def test_a_value_of_nought_can_be_varied() -> None:
    u = unit_values().with_drawn({"costs.nhs": np.array([100.0, -50.0])})
    np.testing.assert_array_equal(u["costs.nhs"], [[100.0] * 3, [-50.0] * 3])


def test_a_value_without_an_interval_is_not_drawn() -> None:
    assert Uncertain.of_value(all_values()["tax.basic_rate"]) is None
    assert centre(all_values()["pay.fifth_ratio"]) == 1.0
