from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from sim.people import PeopleParameters, cells, read_areas
from sim.people.checks import checks
from sim.people.margins import Residents, national_margins
from sim.people.population import counts_at
from sim.people.start_state import national, start_state
from sim.states import POSSIBLE_PAIRS, Labour


@pytest.fixture(scope="module")
def parameters() -> PeopleParameters:
    return PeopleParameters.default()


def simulated(scale: float) -> np.ndarray:
    start = start_state(PeopleParameters.default())
    return sum(counts_at(start, int(n), scale) for n in np.flatnonzero(read_areas().in_england))


def tolerance(group: np.ndarray, scale: float) -> float:
    """Five standard deviations of what rounding does to a group, in people.

    Cells that stand together are rounded as one run; the error of a run is the difference of two
    evenly spread fractions, with variance 1/6. Each of the 42 boards has every run.
    """
    runs = int((np.diff(group.astype(int), prepend=0) == 1).sum())
    return (5 * np.sqrt(42 * runs / 6) + 1) / scale


@pytest.mark.parametrize("scale", [1.0, 0.01, 0.001])
def test_stocks_are_reproduced_at_every_scale(scale):
    counts = simulated(scale)
    for check in checks():
        found = counts[check.group].sum() / scale
        # Parameters are rounded to a thousand people or three digits.
        rounding = 0.006 * check.target
        assert found == pytest.approx(check.target, abs=tolerance(check.group, scale) + rounding), (
            check.name
        )


def test_every_margin_of_england_holds(parameters):
    areas = read_areas()
    residents = Residents.of(areas, areas.in_england)
    table = national(parameters)
    for margin in national_margins(parameters, residents):
        np.testing.assert_allclose(margin.sums(table), margin.total, rtol=1e-6, err_msg=margin.name)


def test_states_are_exact_within_a_person_an_area_at_small_scale():
    full, small = simulated(1.0), simulated(0.001)
    by_state = np.bincount(cells.STATE, full) * 0.001
    np.testing.assert_allclose(np.bincount(cells.STATE, small), by_state, atol=42)


def test_the_total_carries_over_between_areas():
    start = start_state(PeopleParameters.default())
    total = start.counts.sum() * 0.001
    assert sum(counts_at(start, n, 0.001).sum() for n in range(43)) == int(total)


def test_areas_have_their_residents_by_age_and_sex():
    areas, start = read_areas(), start_state(PeopleParameters.default())
    for band in range(4):
        wanted = areas.residents[:, band] + (areas.aged_65 if band == 3 else 0)
        found = start.counts[:, band == cells.AGE_BAND].sum(axis=1)
        # Rounding moves at most one person at each end of a run of cells, mostly to the next run.
        np.testing.assert_allclose(found, wanted, atol=60)
    people = areas.residents.sum(axis=1) + areas.aged_65
    women = start.counts[:, cells.SEX == 0].sum(axis=1)
    np.testing.assert_allclose(women, people * areas.female_share, atol=60)


def test_only_possible_cells_hold_people():
    counts = start_state(PeopleParameters.default()).counts
    assert (counts >= 0).all()
    assert counts[:, ~cells.POSSIBLE].sum() == 0
    assert POSSIBLE_PAIRS[cells.LABOUR, cells.BENEFIT].all()
    held = counts.sum(axis=0) > 0
    sick = held & (cells.LONG_TERM_SICK | cells.ON_HEALTH_BENEFIT)
    assert (cells.LIMITED[sick] == 1).all()
    assert (cells.CONDITION[held & (cells.LIMITED == 1)] > 0).all()


def test_sickness_follows_fit_notes():
    areas, start = read_areas(), start_state(PeopleParameters.default())
    rate = start.counts[:, cells.LONG_TERM_SICK].sum(axis=1) / start.counts.sum(axis=1)
    assert np.corrcoef(rate, areas.fit_notes)[0, 1] > 0.9
    assert 0.03 < rate.min() < 0.05
    assert 0.08 < rate.max() < 0.11


def test_no_gradient_makes_areas_alike():
    flat = dataclasses.replace(
        PeopleParameters.default(), sick_inactive_gradient=0.0, unemployment_gradient=0.0
    )
    counts = start_state(flat).counts[:42]
    older = cells.LONG_TERM_SICK & (cells.AGE_BAND == 3)
    rate = counts[:, older].sum(axis=1) / counts[:, cells.AGE_BAND == 3].sum(axis=1)
    assert rate.max() / rate.min() < 1.03


def test_wales_has_its_employment():
    areas, start = read_areas(), start_state(PeopleParameters.default())
    people = start.counts[-1]
    with_job = 0.718 * areas.residents[-1].sum() + 0.365 * areas.aged_65[-1]
    assert people[cells.EMPLOYED].sum() == pytest.approx(with_job, rel=1e-3)


def test_a_parameter_moves_its_stock(parameters):
    more = dataclasses.replace(parameters, long_term_sick=parameters.long_term_sick * 1.1)
    before, after = (national(p)[cells.LONG_TERM_SICK].sum() for p in (parameters, more))
    assert after - before == pytest.approx(0.1 * parameters.long_term_sick, rel=1e-6)


def test_too_many_claimants_are_refused(parameters):
    stock = (parameters.benefit_stock[0] * 4, *parameters.benefit_stock[1:])
    crowded = dataclasses.replace(parameters, benefit_stock=stock)
    with pytest.raises(ValueError, match="more people on benefits than there are searching"):
        national(crowded)


def test_more_sick_than_inactive_is_refused(parameters):
    with pytest.raises(ValueError, match="other_inactive"):
        national(dataclasses.replace(parameters, long_term_sick=6e6))


def test_people_above_65_join_as_pension_age_rises():
    areas = read_areas()
    at_66, at_67 = (start_state(PeopleParameters.default(), age) for age in (66.0, 67.0))
    more = at_67.counts.sum(axis=1) - at_66.counts.sum(axis=1)
    np.testing.assert_allclose(more, areas.aged_65, atol=1)
    assert Labour.OUTSIDE not in cells.LABOUR
