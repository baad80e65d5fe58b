"""Parameters in force: dates, ramps, who and where, joins, arms, and the first day of difference."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.core.dates import date_of, day_of
from sim.core.world import World
from sim.scenario import Change, Parameter, Scenario
from sim.scenario.models import DatedNumbers
from sim.settings import (
    CELL_SIZES,
    CELLS_PER_AREA,
    ParameterSettings,
    Timeline,
    cell_of,
    first_difference,
)
from sim.states import LABELS

AREAS = ("north", "middle", "south")
START = dt.date(2024, 4, 1)
END = day_of(dt.date(2029, 4, 1))
CONDITIONS = LABELS["condition"]


def day(text: str) -> int:
    return day_of(dt.date.fromisoformat(text))


def parameter(
    *numbers: tuple[str | None, Any], by: Sequence[str] = (), name: str = "sickness.rate"
) -> Parameter:
    """A parameter worth each value from its date on."""
    return Parameter(
        name=name,
        description="A number.",
        unit="per year",
        by=tuple(by),
        labels=tuple(AREAS if d == "area" else LABELS[d] for d in by),
        numbers=tuple(
            DatedNumbers(
                start=dt.date.fromisoformat(date) if date else None,
                entries=tuple(np.ravel(value).tolist()),
            )
            for date, value in numbers
        ),
        range=(0, 100),
        grade="assumption",
        reasoning="A test.",
        origins={},
        settings=(),
    )


def change(value: Any, **fields: Any) -> Change:
    """A change from 2025-01-01 on, by replacement, for everybody, unless told otherwise."""
    entries = tuple(None if v is None else float(v) for v in np.ravel(np.array(value, object)))
    usual: dict[str, Any] = {
        "what": "sickness.rate",
        "value": value,
        "entries": entries,
        "join": "replace",
        "who": {},
        "where": (),
        "from_": dt.date(2025, 1, 1),
        "ramp_months": 0,
        "until": None,
        "range": None,
        "grade": "assumption",
        "source": (),
        "reasoning": "A test.",
        "reform": "test",
        "origin": "test.yaml:1",
    }
    return Change(**(usual | fields))


def line(base: Parameter, *changes: Change) -> Timeline:
    return Timeline(base, list(changes), AREAS)


@dataclass(frozen=True)
class Plan:
    """As much of a scenario as the settings ask of it."""

    parameters: dict[str, Parameter]
    changes: list[Change] = field(default_factory=list)
    start: dt.date = START


def scenario(base: Parameter, *changes: Change) -> Scenario:
    return cast(Scenario, Plan({base.name: base}, list(changes)))


def people(arms: int = 1, **columns: Any) -> World:
    """Two people an arm: no condition in the north, mental health in the south."""
    cell = columns.get("cell", cells(area=[0, 2], condition=[0, 1]))
    w = SimpleNamespace(arms=arms, people_per_arm=2, people={"cell": np.tile(cell, arms)})
    return cast(World, w)


def cells(**digits: Any) -> NDArray[np.uint16]:
    size = max(np.size(d) for d in digits.values())
    order = ("area", "condition", "sex", "age_band", "limiting")
    return cell_of(*(np.broadcast_to(digits.get(name, 0), size) for name in order))


# ---- Dates and ramps ----------------------------------------------------------------------------


def test_a_dated_value_holds_from_its_day_on() -> None:
    dated = line(parameter((None, 1.0), ("2025-04-06", 2.0), ("2026-04-06", 3.0)))
    values = {
        text: float(dated.at(day(text))) for text in ("1990-01-01", "2025-04-05", "2025-04-06")
    }
    assert values == {"1990-01-01": 1.0, "2025-04-05": 1.0, "2025-04-06": 2.0}
    assert dated.at(day("2030-01-01")) == 3.0
    assert dated.days() == {day("2025-04-06"), day("2026-04-06")}


def test_the_first_value_also_holds_before_its_date() -> None:
    dated = line(parameter(("2024-04-01", 1.0), ("2025-04-01", 2.0)))
    assert dated.at(day("2020-01-01")) == 1.0


def test_a_change_holds_from_its_first_day_to_the_day_before_its_end() -> None:
    changed = line(parameter((None, 1.0)), change(5.0, until=dt.date(2025, 3, 1)))
    texts = ("2024-12-31", "2025-01-01", "2025-02-28", "2025-03-01")
    assert [float(changed.at(day(text))) for text in texts] == [1, 5, 5, 1]
    assert changed.days() == {day("2025-01-01"), day("2025-03-01")}


def test_a_ramp_rises_by_equal_monthly_steps() -> None:
    """A part on the first day, the rest on the first days of the months that follow."""
    ramp = line(parameter((None, 1.0)), change(5.0, ramp_months=4, from_=dt.date(2025, 1, 15)))
    expected = {
        "2025-01-14": 1, "2025-01-15": 2, "2025-01-31": 2, "2025-02-01": 3,
        "2025-03-01": 4, "2025-03-31": 4, "2025-04-01": 5, "2026-01-01": 5,
    }  # fmt: skip
    assert {text: float(ramp.at(day(text))) for text in expected} == expected
    assert ramp.days() == {day(f"2025-{d}") for d in ("01-15", "02-01", "03-01", "04-01")}


@pytest.mark.parametrize(
    ("join", "expected"), [("multiply", [6.0, 8.0, 8.0]), ("replace", [3.0, 2.0, 2.0])]
)
def test_a_ramp_goes_from_the_value_below_it(join: str, expected: list[float]) -> None:
    ramp = line(parameter((None, 4.0)), change(2.0, ramp_months=2, join=join))
    texts = ("2025-01-01", "2025-02-01", "2025-03-01")
    assert [float(ramp.at(day(text))) for text in texts] == expected


@given(
    st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31)),
    st.integers(0, 30),
    st.integers(0, 60),
    st.sampled_from(["multiply", "replace", "cap"]),
)
def test_between_the_days_of_change_nothing_changes(
    first: dt.date, ramp: int, months: int, join: str
) -> None:
    until = first + dt.timedelta(days=30 * months) if months else None
    base = parameter((None, 1.0), ("2025-04-06", 2.0))
    changed = line(base, change(0.5, from_=first, ramp_months=ramp, until=until, join=join))
    days = sorted(changed.days())
    for one, following in zip(days, [*days[1:], END + 2_000], strict=True):
        values = {float(changed.at(d)) for d in range(one, min(following, one + 70))}
        assert len(values | {float(changed.at(following - 1))}) == 1


# ---- Joins --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("join", "value", "expected"),
    [("multiply", 0.5, 2.0), ("replace", 0.5, 0.5), ("cap", 0.5, 0.5), ("cap", 9.0, 4.0)],
)
def test_a_change_joins_the_value_below_it(join: str, value: float, expected: float) -> None:
    assert line(parameter((None, 4.0)), change(value, join=join)).at(END) == expected


def test_changes_join_in_their_order() -> None:
    base = parameter((None, 4.0))
    double, three = change(2.0, join="multiply"), change(3.0)
    cap = change(5.0, join="cap")
    assert line(base, double, three).at(END) == 3.0
    assert line(base, three, double).at(END) == 6.0
    assert line(base, three, double, cap).at(END) == 5.0
    assert line(base, cap, three, double).at(END) == 6.0


def test_a_change_of_a_dated_value_follows_it() -> None:
    dated = parameter((None, 1.0), ("2026-01-01", 10.0))
    doubled = line(dated, change(2.0, join="multiply"))
    assert doubled.at(day("2025-12-31")) == 2.0
    assert doubled.at(day("2026-01-01")) == 20.0


def test_entries_that_a_change_leaves_out_stay() -> None:
    base = parameter((None, [1.0, 2.0, 3.0, 4.0]), by=["age_band"])
    changed = line(base, change([None, 9.0, None, 0.5], join="replace"))
    assert changed.at(END).tolist() == [1, 9, 3, 0.5]
    assert not changed.by_cell()


def test_what_a_reader_is_given_is_not_the_parameter_itself() -> None:
    base = line(parameter((None, [1.0, 2.0]), by=["sex"]))
    base.at(END)[:] = 7
    assert base.at(END).tolist() == [1, 2]


# ---- Who and where ------------------------------------------------------------------------------


def spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """A value by cell, by area, condition, sex, age band and limit on work."""
    return values.reshape(len(AREAS), *CELL_SIZES, *values.shape[1:])


def test_a_filter_on_people_reaches_those_people_in_every_area() -> None:
    who = {"condition": ("mental_health", "other"), "limiting": ("yes",)}
    values = spread(line(parameter((None, 1.0)), change(5.0, who=who)).at(END))
    reached = values == 5
    conditions = [CONDITIONS.index(name) for name in who["condition"]]
    assert reached[:, conditions, :, :, 1].all()
    assert reached.sum() == len(AREAS) * 2 * 2 * 4
    assert (values[~reached] == 1).all()


def test_a_filter_on_areas_reaches_everybody_there() -> None:
    values = spread(
        line(parameter((None, 1.0)), change(2.0, join="multiply", where=("south",))).at(END)
    )
    assert (values[2] == 2).all()
    assert (values[:2] == 1).all()


def test_filters_on_people_and_areas_both_hold() -> None:
    both = change(5.0, who={"sex": ("male",)}, where=("north", "south"))
    values = spread(line(parameter((None, 1.0)), both).at(END))
    assert values[..., 1, :, :].shape[0] == len(AREAS)
    assert (values[[0, 2], :, 1] == 5).all()
    assert (values == 5).sum() == 2 * CELLS_PER_AREA // 2


def test_a_filter_keeps_the_other_dimensions_of_a_table() -> None:
    base = parameter((None, [1.0, 2.0, 3.0, 4.0]), by=["age_band"])
    changed = line(base, change([None, 9.0, None, None], who={"condition": ("none",)}))
    values = spread(changed.at(END))
    assert values.shape == (len(AREAS), *CELL_SIZES, 4)
    assert (values[:, 0] == [1, 9, 3, 4]).all()
    assert (values[:, 1:] == [1, 2, 3, 4]).all()


def test_a_change_for_all_after_one_for_some_reaches_all() -> None:
    some = change(4.0, who={"condition": ("none",)})
    values = spread(line(parameter((None, 1.0)), some, change(10.0, join="multiply")).at(END))
    assert (values[:, 0] == 40).all()
    assert (values[:, 1:] == 10).all()


def test_areas_of_a_table_by_area_are_changed_in_the_table() -> None:
    base = parameter((None, [1.0, 2.0, 3.0]), by=["area"])
    changed = line(base, change([9.0, 9.0, 9.0], where=("middle",)))
    assert not changed.by_cell()
    assert changed.at(END).tolist() == [1, 9, 3]


@given(st.tuples(*(st.integers(0, size - 1) for size in (len(AREAS), *CELL_SIZES))))
def test_a_cell_is_the_place_of_a_person_in_the_table(digits: tuple[int, ...]) -> None:
    values = spread(np.arange(len(AREAS) * CELLS_PER_AREA, dtype=float))
    cell = cell_of(*(np.array([digit], np.uint8) for digit in digits))
    assert values[digits] == cell[0]


# ---- Arms ---------------------------------------------------------------------------------------


def test_one_value_for_everybody_is_one_number() -> None:
    settings = ParameterSettings([scenario(parameter((None, 3.0)))] * 2, AREAS, END)
    assert settings.value(people(2), "sickness.rate", np.arange(4)) == 3.0


def test_each_arm_has_its_own_value() -> None:
    base = parameter((None, [1.0, 2.0, 3.0, 4.0]), by=["age_band"])
    arms = [scenario(base), scenario(base, change([5.0] * 4)), scenario(base)]
    settings = ParameterSettings(arms, AREAS, END)
    ids, w = np.array([0, 2, 3, 5]), people(3)
    assert settings.value(w, "sickness.rate", ids, np.array([0, 1, 2, 3])).tolist() == [1, 5, 5, 4]
    assert settings.value(w, "sickness.rate", ids, 2).tolist() == [3, 5, 5, 3]
    rows = settings.value(w, "sickness.rate", ids[:2], slice(None))
    assert rows.tolist() == [[1, 2, 3, 4], [5, 5, 5, 5]]
    assert settings.by_arm(w, "sickness.rate")[:, 0].tolist() == [1, 5, 1]


def test_each_person_has_the_value_of_their_cell() -> None:
    base = parameter((None, [1.0, 2.0]), by=["sex"])
    aimed = change([8.0, 9.0], who={"condition": ("mental_health",)})
    settings = ParameterSettings([scenario(base), scenario(base, aimed)], AREAS, END)
    w, ids = people(2), np.arange(4)
    assert settings.value(w, "sickness.rate", ids, np.array([0, 0, 0, 1])).tolist() == [1, 1, 1, 9]
    assert settings.value(w, "sickness.rate", ids, slice(None)).shape == (4, 2)


def test_a_value_by_place_is_the_same_in_arms_that_agree() -> None:
    base = parameter((None, [1.0, 2.0, 3.0]), by=["area"])
    settings = ParameterSettings([scenario(base)] * 2, AREAS, END)
    assert settings.by_arm(people(2), "sickness.rate").tolist() == [[1, 2, 3]] * 2


def test_what_belongs_to_a_place_cannot_be_aimed_at_people() -> None:
    aimed = change(2.0, who={"sex": ("male",)})
    settings = ParameterSettings([scenario(parameter((None, 1.0)), aimed)], AREAS, END)
    with pytest.raises(ValueError, match=r"sickness\.rate cannot be aimed at some people"):
        settings.by_arm(people(), "sickness.rate")


def test_turning_to_a_day_tells_what_may_have_changed() -> None:
    base, other = parameter((None, 1.0)), parameter((None, 7.0), name="sickness.other")
    plan = Plan({base.name: base, other.name: other}, [change(2.0)])
    settings = ParameterSettings([cast(Scenario, plan)], AREAS, day("2024-12-01"))
    assert settings.change_days == {day("2025-01-01")}
    assert settings.turn_to(day("2024-12-31")) == set()
    assert settings.value(people(), base.name, np.arange(2)) == 1.0
    assert settings.turn_to(day("2025-01-01")) == {base.name}
    assert settings.value(people(), base.name, np.arange(2)) == 2.0
    assert settings.value(people(), other.name, np.arange(2)) == 7.0


def test_turning_day_by_day_gives_the_value_of_every_day() -> None:
    base = parameter((None, 1.0), ("2025-04-06", 2.0))
    ramped = change(3.0, join="multiply", ramp_months=6, until=dt.date(2025, 9, 1))
    first = day("2024-12-01")
    settings = ParameterSettings([scenario(base, ramped)], AREAS, first)
    for today in range(first, first + 400):
        settings.turn_to(today)
        value = settings.value(people(), base.name, np.arange(2))
        assert value == line(base, ramped).at(today)


# ---- The first day of difference ----------------------------------------------------------------


def differ(one: Scenario, other: Scenario) -> str | None:
    found = first_difference(one, other, AREAS, END)
    assert found == first_difference(other, one, AREAS, END)
    return None if found == END else date_of(found).isoformat()


BASE = parameter((None, 1.0))
THE_EVE = (START - dt.timedelta(days=1)).isoformat()


def test_equal_scenarios_never_differ() -> None:
    assert differ(scenario(BASE), scenario(BASE)) is None
    assert differ(scenario(BASE, change(2.0)), scenario(BASE, change(2.0))) is None


@pytest.mark.parametrize(
    ("made", "first"),
    [
        (change(2.0), "2025-01-01"),
        (change(1.0), None),
        (change(1.0, join="multiply", who={"sex": ("male",)}), None),
        (change(2.0, who={"sex": ("male",)}, where=("south",)), "2025-01-01"),
        (change(1.5, join="cap"), None),
        (change(2.0, from_=dt.date(2020, 1, 1)), THE_EVE),
        (change(2.0, from_=dt.date(2020, 1, 1), until=dt.date(2023, 1, 1)), None),
        (change(2.0, from_=dt.date(2029, 4, 1)), None),
    ],
)
def test_a_change_differs_from_the_first_day_on_which_it_counts(
    made: Change, first: str | None
) -> None:
    assert differ(scenario(BASE), scenario(BASE, made)) == first


def test_changes_that_come_to_the_same_do_not_differ() -> None:
    by_replacing = scenario(BASE, change(2.0), change(4.0, from_=dt.date(2026, 1, 1)))
    by_doubling = scenario(
        BASE,
        change(2.0, join="multiply"),
        change(2.0, join="multiply", from_=dt.date(2026, 1, 1)),
    )
    assert differ(by_replacing, by_doubling) is None


def test_two_reforms_differ_when_the_first_of_them_does() -> None:
    early = change(2.0, from_=dt.date(2025, 1, 1))
    later = change(3.0, from_=dt.date(2026, 1, 1))
    assert differ(scenario(BASE, early), scenario(BASE, early, later)) == "2026-01-01"
    assert differ(scenario(BASE, early), scenario(BASE, later)) == "2025-01-01"


def test_another_base_value_differs_from_the_start() -> None:
    assert differ(scenario(BASE), scenario(parameter((None, 2.0)))) == THE_EVE
    dated = parameter((None, 1.0), ("2027-04-01", 2.0))
    assert differ(scenario(BASE), scenario(dated)) == "2027-04-01"


def test_another_hazard_table_differs_from_the_start() -> None:
    usual = parameter(name="sickness.duration").model_copy(
        update={"specs": ({"distribution": "expon", "scale": 9.0},)}
    )
    other = usual.model_copy(update={"specs": ({"distribution": "expon", "scale": 8.0},)})
    assert differ(scenario(usual), scenario(usual)) is None
    assert differ(scenario(usual), scenario(other)) == THE_EVE
