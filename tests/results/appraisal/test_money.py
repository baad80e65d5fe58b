"""Taxes, benefits, discounting and the account, against arithmetic by hand and identities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from results.appraisal.account import Account
from results.appraisal.discounting import discount_factors
from results.appraisal.draws import standard_normals, uncertain_values
from results.appraisal.jobs import (
    employee_contributions,
    employer_contributions,
    income_tax,
    tapered,
)
from results.appraisal.lines import LINES, MEMBERS
from results.appraisal.quantities import CELLS, EVENTS, PROGRAMMES, Change
from tests.results.appraisal.cases import all_values, moved, no_change, random_change, unit_values

A = np.array
RESOURCES = {
    "output": 1, "displaced_output": 1, "health": 1, "displaced_health": 1, "nhs": 1,
    "travel": -1, "displaced_travel": -1, "turnover": -1, "conversations": -1,
    "fit_notes": -1, "assessments": -1, "jobcentres": -1, "sanction_decisions": -1, **dict.fromkeys(PROGRAMMES, -1),
}  # fmt: skip
"""The lines that are not transfers, and whether society gains or pays them."""
IN_Q3 = [0.0, 0.0, 1.0, 0.0, 0.0]


def test_taxes_by_hand() -> None:
    pay = A([10_000.0, 30_000.0, 60_000.0])
    tax = income_tax(pay, A(12_570.0), A(37_700.0), A(0.2), A(0.4))
    np.testing.assert_allclose(tax, [0, 3_486, 11_432])
    own = employee_contributions(pay, A(12_570.0), A(50_270.0), A(0.08), A(0.02))
    np.testing.assert_allclose(own, [0, 1_394.4, 3_210.6])
    np.testing.assert_allclose(
        employer_contributions(pay, A(5_000.0), A(0.15)), [750, 3_750, 8_250]
    )
    left = tapered(A(8_000.0), A([0.0, 5_000.0, 30_000.0]), A(4_000.0), A(0.55))
    np.testing.assert_allclose(left, [8_000, 7_450, 0])


def test_a_year_in_work_is_worth_what_the_dwp_says() -> None:
    """28,000 full time and 15,000 part time in 2023-24, before health; without displacement."""
    u = unit_values((2023,), job_search__displacement_share=0.0)
    published = 0.69 * 28_000 + 0.31 * 15_000
    for before in ("uc_search", "uc_fit_note", "lcw", "lcwra", "esa"):
        change = moved(("out_of_work", before), ("works", "none"))
        account = Account(Change(change.states[:, :1], change.events[:, :1]), u, "none")
        # The published values are rounded to 1,000 each.
        assert abs(account.npsv[0] - published) < 1_000


def test_discount_factors_are_those_of_the_green_book() -> None:
    factors = discount_factors(range(2024, 2030), (0.035, 0.03))
    np.testing.assert_allclose(factors, [1, 0.9662, 0.9335, 0.9019, 0.8714, 0.8420], atol=5e-5)
    long = discount_factors(range(2024, 2024 + 76), (0.035, 0.03))
    assert long[30] == pytest.approx(1.035**-30)
    assert long[75] == pytest.approx(1.035**-30 * 1.03**-45)
    with pytest.raises(ValueError, match="76 years"):
        discount_factors(range(2024, 2024 + 77), (0.035, 0.03))


def test_later_money_counts_for_less_in_real_terms_and_less_again_discounted() -> None:
    u = unit_values()
    account = Account(moved(("out_of_work", "lcwra"), ("works", "none")), u)
    pay = next(line for line in LINES if line.name == "pay")
    index = u.index("prices.deflator")
    real = account.amounts["pay"][0] * index[0] / index
    np.testing.assert_allclose(account.flow(pay, "participant", "real")[0], real)
    assert index[2] > index[0]
    discounted = real / 1.035 ** np.arange(3)
    np.testing.assert_allclose(account.flow(pay, "participant", "present_value")[0], discounted)


@pytest.mark.parametrize(("health", "rate"), [("qaly", 0.015), ("life_satisfaction", 0.035)])
def test_only_qalys_have_the_discount_rate_of_health(health: str, rate: float) -> None:
    account = Account(moved(("out_of_work", "esa"), ("works", "none")), unit_values(), health)
    line = next(line for line in LINES if line.name == "health")
    real = account.flow(line, "participant", "real")[0]
    present = account.flow(line, "participant", "present_value")[0]
    np.testing.assert_allclose(present, real / (1 + rate) ** np.arange(3))


def test_a_person_who_moves_from_lcwra_into_work_by_hand() -> None:
    """One person-year in 2024-25, in the middle fifth, not on Universal Credit, nobody displaced."""
    u = unit_values(
        (2024,), pay__fifth_share=IN_Q3, job_search__displacement_share=0.0
    )  # fmt: skip
    change = moved(("out_of_work", "lcwra"), ("works", "none"))
    one_year = Change(change.states[:, :1], change.events[:, :1])
    account = Account(one_year, u, "none")
    weeks = 365.25 / 7
    pay = 728 * weeks * 0.85
    tax = 0.2 * (pay - 12_570)
    own = 0.08 * (pay - 241.73 * weeks)
    of_employer = 0.138 * (pay - 175 * weeks)
    pension = 0.03 * (pay - 6_240)
    other = u["benefits.other_elements"][0, 0]
    benefit = 12 * (393.45 + other + 416.19)
    spent = 0.2 * (pay - tax - own - benefit)
    assert account.total("exchequer", "nominal")[0, 0] == pytest.approx(
        benefit + tax + own + of_employer + spent
    )
    travel = u["costs.travel"][0, 0]
    assert account.total("participant", "nominal")[0, 0] == pytest.approx(
        pay + pension - tax - own - benefit - spent - travel
    )
    assert account.total("employer", "nominal")[0, 0] == pytest.approx(0, abs=1e-6)
    assert account.npsv[0] == pytest.approx(pay + pension + of_employer - travel)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["qaly", "life_satisfaction", "none"]))
def test_perspectives_add_up_and_transfers_cancel(seed: int, health: str) -> None:
    """For any change and any values: society is the sum of its members, and uses of resources."""
    values = unit_values()
    uncertain = uncertain_values(all_values().values())
    z = standard_normals([u.name for u in uncertain], 3, seed)
    u = values.with_drawn({each.name: each.at(z[each.name]) for each in uncertain})
    account = Account(random_change(seed), u, health)
    for basis in ("nominal", "real", "present_value"):
        members = sum(account.total(who, basis) for who in MEMBERS)
        np.testing.assert_allclose(account.total("society", basis), members, rtol=1e-9, atol=1e-3)
        resources = sum(
            sign * account.amounts[line.name] * account.factors(line, basis)
            for line in LINES
            if (sign := RESOURCES.get(line.name, 0))
        )
        np.testing.assert_allclose(members, resources, rtol=1e-7, atol=1e-2)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-3, 3))
def test_the_account_is_linear_in_what_changes(seed: int, by: float) -> None:
    one, other = random_change(seed), random_change(seed + 1)
    together = Change(one.states + by * other.states, one.events + by * other.events)
    u = unit_values()
    np.testing.assert_allclose(
        Account(together, u).npsv,
        Account(one, u).npsv + by * Account(other, u).npsv,
        rtol=1e-9,
        atol=1,
    )


def test_nothing_comes_of_nothing() -> None:
    account = Account(no_change(), unit_values())
    assert all((amount == 0).all() for amount in account.amounts.values())


def test_a_displaced_worker_undoes_the_work_of_a_participant() -> None:
    """With everybody displaced, work gains nothing but what it does for whoever gets it."""
    change = moved(("out_of_work", "none"), ("works", "none"))
    u = unit_values(job_search__displacement_share=1.0)
    account = Account(change, u)
    assert account.person_years(net=True)[0] == pytest.approx(0)
    assert account.npsv[0] == pytest.approx(0, abs=1e-6)
    none = Account(change, unit_values(job_search__displacement_share=0.0))
    fifth = Account(change, unit_values(job_search__displacement_share=0.2))
    assert fifth.npsv[0] == pytest.approx(0.8 * none.npsv[0])


def test_health_is_valued_once_and_for_people_with_a_condition_only() -> None:
    def health(how: str, condition: int) -> float:
        change = moved(("out_of_work", "esa"), ("works", "none"), condition=condition)
        return float(Account(change, unit_values(), how).amounts["health"][0, 0])

    assert health("none", 1) == health("qaly", 0) == 0
    u = unit_values()
    full, part = u["wellbeing.qaly"][0, 0]
    assert health("qaly", 1) == pytest.approx(0.69 * full + 0.31 * part)
    full, part = u["wellbeing.life_satisfaction"][0, 0]
    assert health("life_satisfaction", 1) == pytest.approx(0.69 * full + 0.31 * part)
    assert "qaly" not in {line.name for line in LINES}


def test_a_claim_that_is_closed_makes_nobody_earn_more() -> None:
    change = moved(("works", "uc_light"), ("works", "none"))
    account = Account(change, unit_values())
    assert all((account.amounts[name] == 0).all() for name in ("output", "pay", "income_tax"))
    assert account.npsv[0] == pytest.approx(0, abs=1e-6)
    assert account.exchequer_net_cost[0] < 0


def test_a_sanction_is_a_transfer_and_its_decision_is_not() -> None:
    change = no_change()
    change.events[..., EVENTS.index("sanctioned_year")] = 1
    u = unit_values()
    account = Account(change, u)
    assert account.npsv[0] == pytest.approx(0, abs=1e-9)
    withheld = 12 * u["benefits.sanction_deduction"][0] * (1 - 0.2)
    np.testing.assert_allclose(account.total("exchequer", "nominal")[0], withheld)
    np.testing.assert_allclose(account.total("participant", "nominal")[0], -withheld)
    change.events[..., EVENTS.index("sanction")] = 1
    assert Account(change, u).npsv[0] < 0


def test_weights_count_the_income_of_participants_for_more() -> None:
    change = moved(("out_of_work", "lcwra"), ("out_of_work", "uc_search"))
    account = Account(change, unit_values())
    loss = sum(account.total("participant", "present_value", ("income",))[0])
    assert loss < 0
    weight = (1 / 0.6) ** 1.3
    assert account.npsv_weighted[0] == pytest.approx(account.npsv[0] + (weight - 1) * loss)
    at_median = unit_values(appraisal__income_ratio=1.0)
    same = Account(change, at_median)
    assert same.npsv_weighted[0] == pytest.approx(same.npsv[0])


@pytest.mark.parametrize(
    ("flows", "expected"),
    [
        ([-100, 60, 60], 2),
        ([-100, 60, 30], -1),
        ([100, -150, 10], -1),
        ([100, -150, 60], 2),
        ([10, 10, 10], 0),
        ([0, -50, 60], 2),
        ([-10, 20, -30], -1),
    ],
)
def test_payback_is_when_the_money_is_back_for_good(
    flows: list[float], expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = Account(no_change(), unit_values())
    given = A([flows], np.float64)
    monkeypatch.setattr(Account, "total", lambda *_: given)
    assert account.payback()[0] == expected


def test_cells_are_laid_out_as_prices_take_them() -> None:
    u = unit_values()
    change = moved(("out_of_work", "esa"), ("out_of_work", "none"))
    benefits = Account(change, u).amounts["benefits"][0]
    np.testing.assert_allclose(benefits, -365.25 / 7 * u["benefits.esa"][0])
    assert len(CELLS) == 24
