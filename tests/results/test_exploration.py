"""What a sweep teaches: frontiers, boxes and regrets against answers that are known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.charts.chart import ChartError
from results.charts.conditions import conditions
from results.charts.exploring import Axis
from results.charts.frontier import frontier_chart
from results.charts.response import response
from results.exploration.boxes import suggested, trajectory
from results.exploration.frontier import frontier
from results.exploration.robust import regrets
from results.lint import check_layout
from results.style import SIZES, settings

NUMBERS = st.integers(-5, 5).map(float)
PEOPLE = Axis("People in work, end of year 5", "people")


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=12))
def test_a_point_is_on_the_frontier_unless_another_beats_it(
    points: list[tuple[float, float]],
) -> None:
    cost, gain = (np.array(column) for column in zip(*points, strict=True))
    beaten = [
        any(c <= cost[k] and g >= gain[k] and (c, g) != (cost[k], gain[k]) for c, g in points)
        for k in range(len(points))
    ]
    assert (frontier(cost, gain) == ~np.array(beaten)).all()


def cases(seed: int = 1, count: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.random((count, 4)), columns=["a", "b", "c", "d"])
    return frame.assign(kind=rng.choice(["x", "y", "z"], count))


def test_a_planted_box_is_found_and_nothing_else() -> None:
    found = cases()
    fails = ((found["a"] > 0.6) & (found["b"] < 0.5)).to_numpy()
    box = suggested(found, fails)
    assert set(box.limits) == {"a", "b"}
    assert box.limits["a"].low == pytest.approx(0.6, abs=0.05)
    assert box.limits["b"].high == pytest.approx(0.5, abs=0.05)
    assert box.coverage > 0.9
    assert box.density > 0.9
    inside = (found["a"] >= box.limits["a"].low) & (found["b"] <= box.limits["b"].high)
    assert box.density == pytest.approx(fails[inside].mean())
    assert box.coverage == pytest.approx(fails[inside].sum() / fails.sum())


def test_a_label_can_be_a_condition() -> None:
    found = cases()
    fails = ((found["kind"] == "y") & (found["c"] > 0.4)).to_numpy()
    box = suggested(found, fails)
    assert box.limits["kind"].labels == ("y",)
    assert set(box.limits) == {"kind", "c"}


def test_failures_by_chance_have_hardly_any_conditions() -> None:
    # At the level of 0.05 a condition of a peeled box is often kept by chance; four or more are not.
    kept = [
        len(suggested(cases(seed), np.random.default_rng(seed + 100).random(400) < 0.3).limits)
        for seed in range(10)
    ]
    assert np.mean(kept) < 4


def test_a_trajectory_grows_denser_and_smaller() -> None:
    found = cases()
    boxes = trajectory(found, (found["a"] + found["b"] > 1.4).to_numpy())
    assert boxes[0].coverage == boxes[0].mass == 1
    for before, after in pairwise(boxes):
        assert after.density > before.density
        assert after.mass < before.mass


def test_regrets_are_those_of_a_table_worked_out_by_hand() -> None:
    values = pd.DataFrame(
        [("safe", 1, 5.0), ("safe", 2, 5.0), ("bold", 1, 9.0), ("bold", 2, 0.0)],
        columns=["option", "world", "value"],
    )
    found = regrets(values, ["option"], more_is_better=True).set_index("option")
    assert list(found.index) == ["safe", "bold"]
    assert found.loc["safe"].tolist() == [5, 5, 0.5, 2, 4]
    assert found.loc["bold"].tolist() == [4.5, 0, 0.5, 2.5, 5]
    less = regrets(values, ["option"], more_is_better=False).set_index("option")
    assert less.loc["bold"].tolist() == [4.5, 9, 0.5, 2, 4]
    with pytest.raises(ValueError, match="every option"):
        regrets(values.iloc[:3], ["option"], more_is_better=True)


def grid() -> pd.DataFrame:
    rows = [
        {
            "coaches": c,
            "area": a,
            "difference": 900.0 * c * k,
            "low": 800.0 * c * k,
            "high": 1000.0 * c * k,
        }
        for k, a in enumerate(["Kent", "Dorset", "Greater Manchester"], start=1)
        for c in (0.5, 1.0, 2.0, 4.0)
    ]
    return pd.DataFrame(rows)


TITLES = {"coaches": Axis("Coaches", "times"), "area": Axis("Area", "")}


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_charts_keep_the_rules_of_layout(size) -> None:
    values = grid()
    options = pd.DataFrame(
        {
            "option": [f"coaches {k}" for k in range(6)],
            "gain": [0.0, 900, 2000, 1500, 2600, 3000],
            "cost": [-5e7, 0.0, 2e7, 3e7, 9e7, 2.5e8],
        }
    )
    for end in ("gain_low", "gain_high", "cost_low", "cost_high"):
        options[end] = options[end.partition("_")[0]] * (0.9 if "low" in end else 1.1)
    found = cases().rename(columns={"a": "coaches", "b": "other"})
    fails = ((found["coaches"] > 0.6) & (found["other"] < 0.5)).to_numpy()
    named = {name: TITLES.get(name, Axis(name.capitalize(), "")) for name in found.columns}
    charts = [
        response(values, "coaches", "area", TITLES, PEOPLE, 16, "a-sweep"),
        response(values, "coaches", None, TITLES, PEOPLE, 16, "a-sweep"),
        frontier_chart(options, PEOPLE, 16, "a-sweep"),
        conditions(suggested(found, fails), found, named, "fewer in work", fails.mean(), "a-sweep"),
    ]
    for made in charts:
        with settings():
            check_layout(made.draw(size))
        assert len(made.table)
        assert "a-sweep" in made.words.source


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_long_names_and_points_close_together_find_room(size) -> None:
    """Packages of many parts, and options that hardly differ: what real sweeps have."""
    package = " + ".join(["workwell_pilots", "fit_note_reform", "stronger_sanctions", "wca_reform"])
    long = "Access to work: job loss hazard ratio for people with a limiting condition in any of the areas"
    named = {"coaches": Axis(long, "times what it is"), "area": Axis("Package", "")}
    values = grid().replace({"area": {"Kent": package, "Dorset": "workwell_pilots"}})
    made = response(values, "coaches", "area", named, PEOPLE, 2, "a-sweep")
    check_layout(made.draw(size))
    rng = np.random.default_rng(5)
    for _ in range(12):
        gain = np.cumsum(rng.exponential(500, 20))
        cost = np.cumsum(rng.exponential(1e6, 20)) - 8e6
        gain[::3] -= 400
        options = pd.DataFrame({"gain": gain, "cost": cost, "option": package})
        for end in ("gain_low", "gain_high", "cost_low", "cost_high"):
            options[end] = options[end.partition("_")[0]]
        axis = Axis(PEOPLE.label, "people")
        check_layout(frontier_chart(options, axis, 2, "a-sweep").draw(size))


def test_a_response_names_what_is_furthest_from_the_base() -> None:
    made = response(grid(), "coaches", "area", TITLES, PEOPLE, 16, "a-sweep")
    assert "coaches at 4 and area at Greater Manchester" in made.words.title
    assert "10,800 people" in made.words.ends
    assert made.table["value"].tolist() == grid()["difference"].tolist()


def test_shares_are_told_as_finely_as_they_are_known() -> None:
    share = Axis("Share of notes", "percentage points", 0.01)
    values = grid().assign(
        difference=lambda t: t["difference"] / 1e4, low=float("nan"), high=float("nan")
    )
    made = response(values, "coaches", "area", TITLES, share, 16, "a-sweep")
    assert "is 1.08 percentage points" in made.words.ends
    options = pd.DataFrame({"option": ["one", "other"], "gain": [0.314, 0.2], "cost": [2e6, 1e6]})
    options = options.assign(
        gain_low=[0.312, 0.1], gain_high=[0.316, 0.3], cost_low=0.0, cost_high=0.0
    )
    told = frontier_chart(options, share, 16, "a-sweep").words.ends
    assert "brings most is one: 0.31 percentage points" in told


def test_many_points_are_shown_by_their_means() -> None:
    rng = np.random.default_rng(1)
    x = rng.random(400)
    values = pd.DataFrame(
        {"coaches": x, "difference": 10 * x + rng.normal(0, 1, 400), "low": 0.0, "high": 0.0}
    )
    table = response(values, "coaches", None, TITLES, PEOPLE, 2, "a-sweep").table
    assert len(table) == 8
    assert (table["value"] - 10 * table["x"]).abs().max() < 0.6
    covered = (table["low"] <= 10 * table["x"]) & (10 * table["x"] <= table["high"])
    assert covered.sum() >= 6


def test_what_cannot_be_drawn_says_why() -> None:
    with pytest.raises(ChartError, match="no numbers"):
        response(grid(), "area", None, TITLES, PEOPLE, 2, "a-sweep")
    with pytest.raises(ChartError, match="at least two"):
        frontier_chart(pd.DataFrame({"gain": [1.0], "cost": [1.0]}), PEOPLE, 2, "a-sweep")
