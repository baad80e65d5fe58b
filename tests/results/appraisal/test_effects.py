from __future__ import annotations

import numpy as np
import pytest

from results.appraisal.effects import effects_in, parts_of
from results.appraisal.study import Options, study
from sim.scenario import load_scenario
from tests.results.appraisal.cases import opened


def test_the_effects_of_a_programme_are_its_hazard_ratios_with_an_interval() -> None:
    run = opened({"workwell_pilots": 40.0})
    (part,) = parts_of(run.manifest, "baseline", "workwell_pilots")
    effects = effects_in([part])
    assert set(effects) == {
        "workwell.return_hazard_ratio",
        "workwell.job_loss_hazard_ratio",
        "workwell.job_finding_hazard_ratio",
    }
    ratio = effects["workwell.return_hazard_ratio"]
    assert ratio.strength(np.array([1.0]))[0] == 0
    assert ratio.strength(np.array([ratio.centre]))[0] == 1
    assert ratio.strength(np.array([1 / ratio.centre]))[0] == pytest.approx(-1)


def test_a_change_with_a_range_counts_from_the_value_it_replaces() -> None:
    run = opened({"fit_note_reform": 40.0})
    effects = effects_in(parts_of(run.manifest, "baseline", "fit_note_reform"))
    share = effects["fit_notes.conversation_share"]
    np.testing.assert_allclose(share.strength(np.array([0.0, 0.3, 0.6])), [0, 1, 2])
    assert share.allowed == (0.0, 1.0)


def test_a_multiplied_change_counts_from_one() -> None:
    run = opened({"stronger_sanctions": 40.0})
    effects = effects_in(parts_of(run.manifest, "baseline", "stronger_sanctions"))
    share = effects["conditionality.decision_share"]
    assert share.unit == "times"
    np.testing.assert_allclose(share.strength(np.array([1.0, 1.1, 1.3])), [0, 1, 3], atol=1e-12)


def test_the_number_of_places_is_no_effect() -> None:
    scenario = load_scenario("baseline")
    run = opened({"workwell_pilots": 40.0})
    place = next(p for p in scenario.parameters.values() if p.scope == "place" and not p.by)
    change = run.manifest["scenarios"]["workwell_pilots"]["changes"][0]
    entries = [2.0 * place.numbers[0].entries[0] + 1]
    sized = change | {
        "what": place.name,
        "value": entries[0],
        "entries": entries,
        "range": (0, 9e9),
    }
    scenarios = run.manifest["scenarios"] | {
        "workwell_pilots": run.manifest["scenarios"]["workwell_pilots"] | {"changes": [sized]}
    }
    parts = parts_of({"scenarios": scenarios}, "baseline", "workwell_pilots")
    assert place.name not in effects_in(parts)


def test_a_reform_whose_strength_is_certain_stays_as_it_is() -> None:
    run = opened({"wca_reform": 40.0})
    (part,) = parts_of(run.manifest, "baseline", "wca_reform")
    assert effects_in([part]) == {}
    np.testing.assert_array_equal(part.strength({}, 3), 1)


def test_what_is_certain_about_a_reform_holds_its_part() -> None:
    """Closing claims after six months is certain, so three times the decisions are not three times it."""
    run = opened({"stronger_sanctions": 40.0})
    (part,) = parts_of(run.manifest, "baseline", "stronger_sanctions")
    (reform,) = part.reforms
    assert (len(reform.effects), reform.certain) == (2, 1)
    strength = part.strength({"conditionality.decision_share": np.array([1.3])}, 1)
    np.testing.assert_allclose(strength, (3 + 1 + 1) / 3)


def test_a_package_is_taken_apart_where_the_run_holds_its_parts() -> None:
    run = opened({"package": 100.0, "workwell_pilots": 40.0, "wca_reform": 30.0})
    parts = parts_of(run.manifest, "baseline", "package")
    assert {part.alone for part in parts} == {"workwell_pilots", "wca_reform", None}
    # Only what is left holds the other two reforms.
    (rest,) = (part for part in parts if part.alone is None)
    assert len(rest.reforms) == 2
    together = parts_of(opened({"package": 100.0}).manifest, "baseline", "package")
    assert [part.alone for part in together] == [None]
    assert len(together[0].reforms) == 4


def test_the_parts_of_a_package_add_up_to_it_at_the_centre() -> None:
    run = opened({"package": 100.0, "workwell_pilots": 40.0, "wca_reform": 30.0})
    found = study(run, Options(draws=100))
    package = next(reform for reform in found.reforms if reform.name == "package")
    at_centre = {name: np.array([e.centre]) for name, e in package.effects.items()}
    change, in_work = found._at_strength(package, at_centre, 1)
    mean = package.change.mean()
    np.testing.assert_allclose(change.states, mean.states, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(change.events, mean.events, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(in_work, package.in_work.mean(axis=0)[None])


def test_effects_scale_outcomes_but_not_the_size_of_a_programme() -> None:
    found = study(opened({"workwell_pilots": 400.0}), Options(draws=100))
    (reform,) = found.reforms
    name = "workwell.return_hazard_ratio"
    # The other two effects stay at their centre: nought for one of three leaves two thirds.
    change, in_work = found._at_strength(reform, {name: np.array([1.0])}, 1)
    mean = reform.change.mean()
    np.testing.assert_allclose(change.states, mean.states * 2 / 3)
    np.testing.assert_allclose(in_work[0], reform.in_work.mean(axis=0) * 2 / 3)
    np.testing.assert_array_equal(change.events[..., 0], mean.events[..., 0])
