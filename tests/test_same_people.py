"""The same people in two scenarios: counted once each, where they are in both."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from results.coupling import ORDER, coupling
from sim.pathway.person import state_of
from sim.run import simulate
from sim.same_people import evening, labour_of, same_people
from sim.scenario import load_scenario
from sim.states import LABELS, Benefit, Condition, Labour
from sim.tables import TABLES, conform

KINDS = st.tuples(
    *(st.integers(0, len(LABELS[n]) - 1) for n in ("age_band", "sex", "earnings_band"))
)
STATES = st.tuples(*(st.integers(0, len(s) - 1) for s in (Condition, Labour, Benefit)))
PEOPLE = st.lists(st.tuples(KINDS, STATES, STATES), min_size=1, max_size=40)


@settings(max_examples=20)
@given(PEOPLE)
def test_people_are_counted_where_they_are(people: list[Any]) -> None:
    """Row by row what counting one person after the other gives."""
    who, first, second = (np.array(part) for part in zip(*people, strict=True))
    evenings = {
        (name, 1): evening(*who.T, state_of(*states.T))
        for name, states in (("base", first), ("reform", second))
    }
    np.testing.assert_array_equal(labour_of(evenings["reform", 1]), second[:, 1])
    table = conform(TABLES["same_people"], same_people(evenings, ["base", "reform"], [1]))
    expected: dict[tuple[str, ...], int] = {}
    for (age, sex, fifth), (condition, labour, benefit), (_, labour_2, benefit_2) in people:
        if Labour.OUTSIDE in (labour, labour_2):
            continue
        codes = (age, sex, fifth, condition, labour, benefit, labour_2, benefit_2)
        names = ("age_band", "sex", "earnings_band", "condition", *("labour", "benefit") * 2)
        key = tuple(LABELS[name][code] for name, code in zip(names, codes, strict=True))
        expected[key] = expected.get(key, 0) + 1
    found = table.drop(columns=["base", "scenario", "seed"])
    assert {tuple(row[:-1]): row[-1] for row in found.to_numpy().tolist()} == expected


def test_they_agree_with_who_is_nearer_to_work_and_with_the_stocks() -> None:
    small = {"scale": 0.0003, "years": 1, "warm_up_years": 0, "areas": ("E54000057",)}
    pair = [load_scenario(n).model_copy(update=small) for n in ("baseline", "stronger_sanctions")]
    outcome = simulate(pair, [1, 2])
    for seed in (1, 2):
        rows = outcome.tables.same_people.query("seed == @seed")
        moves = rows.groupby(["labour_base", "labour"], observed=False)["people"].sum().unstack()
        names = [LABELS["labour"][state] for state in ORDER]
        found = coupling(
            *(outcome.final_labour(name, seed) for name in ("baseline", "stronger_sanctions"))
        )
        np.testing.assert_array_equal(moves.loc[names, names], found.moves)
        stocks = outcome.tables.stocks.query("seed == @seed and scenario == 'baseline'")
        last = stocks[stocks["month"] == "2025-03"]
        both = rows.groupby(["condition", "benefit_base"], observed=True)["people"].sum()
        there = last[last["labour"] != "outside"].groupby(["condition", "benefit"], observed=True)
        assert both.sum() == there["people"].sum().sum()
        assert both.to_dict() == {k: v for k, v in there["people"].sum().items() if v}
