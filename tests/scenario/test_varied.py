from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from sim.scenario import ScenarioError, Variation, load_scenario, varied

BASE = load_scenario("baseline")


def values(variation: Variation) -> list[np.ndarray]:
    changed = varied(BASE, [variation], name="v")
    return [array for _, array in changed.parameters[variation.what].dated()]


def problem(variation: Variation) -> str:
    with pytest.raises(ScenarioError) as error:
        varied(BASE, [variation], name="v")
    return str(error.value)


def test_a_factor_multiplies_every_dated_value() -> None:
    name = next(n for n, p in BASE.parameters.items() if len(p.numbers) > 1 and p.unit != "share")
    before = [array for _, array in BASE.parameters[name].dated()]
    assert len(before) > 1
    for old, new in zip(before, values(Variation(name, 0.99, "multiply")), strict=True):
        assert_allclose(new, old * 0.99)


def test_nothing_else_moves() -> None:
    changed = varied(BASE, [Variation("sickness.onset_rate", 1.1, "multiply")], name="v")
    differ = [n for n in BASE.parameters if changed.parameters[n] != BASE.parameters[n]]
    assert differ == ["sickness.onset_rate"]
    assert changed.name == "v"
    assert changed.digest() != BASE.digest()


def test_only_the_entries_named_are_replaced() -> None:
    who = {"condition": ["mental_health", "other"]}
    (new,) = values(Variation("sickness.onset_rate", 0.9, who=who))
    old = BASE.parameters["sickness.onset_rate"].dated()[0][1]
    labels = BASE.parameters["sickness.onset_rate"].labels[0]
    for label, a, b in zip(labels, old, new, strict=True):
        assert b == (0.9 if label in who["condition"] else a)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.05, 0.999), st.sampled_from(["replace", "multiply"]))
def test_shares_that_are_not_named_make_room(value: float, join: str) -> None:
    name, who = "assessment.outcome_first", {"outcome": "lcwra"}
    (new,) = values(Variation(name, value, join, who=who))
    parameter = BASE.parameters[name]
    old = parameter.dated()[0][1]
    place = parameter.labels[-1].index("lcwra")
    assert new.sum() == pytest.approx(1, abs=1e-12)
    assert new[place] == pytest.approx(value if join == "replace" else value * old[place])
    others = np.delete(old, place)
    assert_allclose(np.delete(new, place) / others, (1 - new[place]) / others.sum())


def test_shares_cannot_sum_to_more_than_one() -> None:
    text = problem(
        Variation("assessment.outcome_first", 1.9, "multiply", who={"outcome": ["lcwra", "lcw"]})
    )
    assert "shares named sum to" in text
    assert "assessment.outcome_first" in text


def test_a_hazard_table_is_stretched_by_its_scale_or_another_number() -> None:
    name, who = "sickness.duration", {"cause": "other"}
    old = BASE.parameters[name].hazard_specs()
    longer = varied(BASE, [Variation(name, 2.0, "multiply", who)], name="v").parameters[name]
    assert longer.hazard_specs()[-1] == {**old[-1], "scale": 2 * old[-1]["scale"]}
    assert longer.hazard_specs()[:-1] == old[:-1]
    wider = varied(BASE, [Variation(name, 1.9, "replace", who, "s")], name="v").parameters[name]
    assert wider.hazard_specs()[-1] == {**old[-1], "s": 1.9}


def test_variations_follow_one_another() -> None:
    twice = [Variation("sickness.onset_rate", 1.1, "multiply")] * 2
    new = varied(BASE, twice, name="v").parameters["sickness.onset_rate"].dated()[0][1]
    assert_allclose(new, BASE.parameters["sickness.onset_rate"].dated()[0][1] * 1.21)


@pytest.mark.parametrize(
    ("variation", "words"),
    [
        (Variation("sickness.onset_rat", 1.0), "did you mean 'sickness.onset_rate'"),
        (Variation("sickness.onset_rate", 9.0), "a number from 0 to 4"),
        (Variation("sickness.onset_rate", 90.0, "multiply"), "; a number from 0 to 4"),
        (Variation("sickness.onset_rate", -1, "multiply"), "a number above 0"),
        (Variation("sickness.onset_rate", 1, who={"condtion": "none"}), "did you mean 'condition'"),
        (Variation("sickness.onset_rate", 1, who={"condition": "non"}), "did you mean 'none'"),
        (Variation("sickness.duration", 999, "multiply"), "a number from 0.5 to 200"),
        (Variation("sickness.duration", 2, part="sigma"), "no sigma"),
        (Variation("people.time_in_state", 2, "multiply"), "a distribution"),
    ],
)
def test_what_cannot_be_used_is_said(variation: Variation, words: str) -> None:
    assert words in problem(variation)


def test_every_problem_is_said_at_once() -> None:
    with pytest.raises(ScenarioError) as error:
        varied(BASE, [Variation("no.such", 1), Variation("sickness.onset_rate", 9)], name="v")
    assert len(error.value.problems) == 2
