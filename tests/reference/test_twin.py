"""Two engines, one life: the plain and the vectorised engine agree event for event."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sim.reference import claims, conditionality, person, sickness, support, workwell
from sim.reference.durations import Spell
from sim.reference.services import Places, Ticket
from sim.run import simulate
from sim.scenario.models import Change
from sim.states import LABELS
from tests.reference.twins import (
    AREAS,
    PILOTS,
    Twins,
    change,
    difference,
    everything,
    first_difference,
    live,
    months_that_differ,
    scenario,
    states_that_differ,
)
from tests.verification.plugin import Verified

PACKAGE = scenario("package", scale=0.001)
CROWDED = (
    ("workwell.caseload_per_coach", 0.25),
    ("workwell.self_rate", 4.0),
    ("workwell.gp_referral_share", 3.0),
    ("assessment.decisions_per_month", 0.5),
    ("coach_time.today_ratio", 1.05),
    ("gp_time.capacity_ratio", 0.66),
)
"""Changes that leave lines which the services cannot clear."""

PERSONAL = (
    "sickness.onset_hazard_ratio",
    "sickness.recovery_hazard_ratio",
    "return_to_work.hazard_ratio",
    "fit_notes.may_be_fit_hazard_ratio",
    "job_loss.hazard_ratio",
    "job_loss.sick_leaving_hazard_ratio",
    "job_search.hazard_ratio",
    "conditionality.missed_share",
    "conditionality.contact_hazard_ratio",
    "claims.exit_rate",
    "claims.esa_migration_rate",
    "assessment.reassessment_rate",
    "workwell.return_hazard_ratio",
    "workwell.job_loss_hazard_ratio",
    "workwell.job_finding_hazard_ratio",
    "workwell.take_up_share",
    "connect_to_work.take_up_share",
    "ips_severe.job_finding_hazard_ratio",
    "talking_therapies.support_days",
    "work_coach_support.referral_hazard_ratio",
    "access_to_work.drop_out_rate",
    "demography.death_rate",
)
"""Parameters that a change may aim at some people."""
OF_PLACES = (
    "workwell.coaches",
    "workwell.caseload_per_coach",
    "assessment.decisions_per_month",
    "ips_primary_care.places",
    "employment_adviser.starts_per_month",
    "claims.below_threshold_share",
    "coach_time.capacity_ratio",
    "therapy_time.kept_share",
    "gp_time.today_ratio",
)


def events(twins: Twins) -> int:
    """Events of everybody."""
    return sum(map(len, twins.core_log.values()))


def assert_same(twins: Twins) -> None:
    """The same events, the same counts, the same people on the last evening."""
    told = difference(twins)
    assert told is None, told
    assert not months_that_differ(twins)
    assert not states_that_differ(twins)


def most_waiting(twins: Twins, service: str) -> int:
    """People in line for a service, at the end of the month in which they are most."""
    return max(
        int(values.sum())
        for month in twins.core.recorder.months
        for name, measure, values in month.waits
        if (name, measure) == (service, "waiting")
    )


@pytest.mark.verification("twin")
@pytest.mark.parametrize(
    ("seed", "years", "scale"),
    [
        (1, 2, 0.0005),
        *(pytest.param(seed, 5, 0.001, marks=pytest.mark.slow) for seed in (1, 2, 3)),
    ],
)
def test_both_engines_live_the_same_years(
    seed: int, years: int, scale: float, verified: Verified
) -> None:
    crowded = [change(PACKAGE, what, factor) for what, factor in CROWDED]
    twins = live(everything(scale, years, *crowded), seed)
    people = len(twins.plain.people)
    assert people > 5_000_000 * scale
    assert_same(twins)
    # The comparison is worth something only if everything happens, and services are full.
    happened = {event for history in twins.core_log.values() for _, event, _ in history}
    assert happened == set(twins.core.recorder.events)
    assert most_waiting(twins, "workwell") > people / 2_000
    assert most_waiting(twins, "wca") > people / 100
    assert all(most_waiting(twins, name) > 0 for name in twins.plain.providers)
    verified("events equal", f"{events(twins):,} of {events(twins):,}, {people:,} people")


@pytest.mark.verification("twin_library")
@pytest.mark.parametrize(
    ("name", "years"),
    [
        ("baseline", 1),
        ("stronger_sanctions", 1),
        ("wca_reform", 2),
        ("current_policy", 3),
        ("welfare_package", 2),
        ("chance_to_work_guarantee", 2),
        ("no_plan", 3),
    ],
)
def test_both_engines_agree_on_each_scenario(name: str, years: int, verified: Verified) -> None:
    twins = live(scenario(name, scale=0.0004, years=years), 7, AREAS[:2])
    assert_same(twins)
    verified("events equal", f"{events(twins):,} of {events(twins):,}, {name}")


@pytest.mark.verification("twin_together")
@pytest.mark.parametrize("warm_up_years", [0, 1])
def test_side_by_side_is_as_good_as_alone_and_as_the_plain_engine(
    warm_up_years: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    verified: Verified,
) -> None:
    monkeypatch.setenv("FITFLOW_CACHE", str(tmp_path))
    base = scenario("baseline", scale=0.0002, years=1, areas=AREAS[:1])
    base = base.model_copy(update={"warm_up_years": warm_up_years})
    # From the first day, before which nobody has lived a day apart.
    first_day = {
        "sooner_well": change(base, "sickness.recovery_hazard_ratio", 3.0),
        "more_jobs": change(base, "job_search.hazard_ratio", 1.5),
    }
    reforms = [
        base.model_copy(update={"name": name, "changes": (*base.changes, each)})
        for name, each in first_day.items()
    ]
    together = simulate([base, *reforms], [1], detail="area", log_people=None)
    for reform in [base, *reforms]:
        for engine in ("vectorised", "reference"):
            alone = simulate([reform], [1], detail="area", log_people=None, engine=engine)
            evening = together.evenings[reform.name, 1]
            np.testing.assert_array_equal(alone.evenings[reform.name, 1], evening)
            for table, mine in alone.tables.items():
                theirs = getattr(together.tables, table.name)
                theirs = theirs[theirs["scenario"] == reform.name]
                assert rows_of(mine) == rows_of(theirs), (table.name, reform.name, engine)
    verified("tables equal", f"6 of 6 pairs, warm-up of {warm_up_years} years")


def rows_of(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    """The rows of a table as text, in order."""
    return sorted(map(tuple, frame.astype(str).to_numpy().tolist()))


def test_both_engines_agree_in_wales() -> None:
    assert_same(live(scenario("package", scale=0.0005, years=1), 4, ("W92000004",)))


def dates() -> st.SearchStrategy[dt.date]:
    return st.dates(dt.date(2024, 4, 1), dt.date(2025, 9, 30))


@st.composite
def changes(draw: st.DrawFn) -> Change:
    aimed = draw(st.booleans())
    what = draw(st.sampled_from(PERSONAL if aimed else PERSONAL + OF_PLACES))
    # Shares stay shares: they can only be cut.
    most = 1.0 if what.endswith("_share") else 3.0
    # Effects of WorkWell add up as logarithms, so none of them is zero.
    least = 0.1 if what.startswith("workwell.") and what.endswith("_hazard_ratio") else 0.0
    start = draw(dates())
    who = {}
    if aimed:
        for dimension in draw(
            st.lists(
                st.sampled_from(["condition", "sex", "age_band", "limiting"]),
                unique=True,
                max_size=2,
            )
        ):
            labels = st.lists(st.sampled_from(LABELS[dimension]), unique=True, min_size=1)
            who[dimension] = tuple(draw(labels))
    personal_or_by_area = aimed or what == "workwell.coaches"
    where = tuple(draw(st.lists(st.sampled_from(AREAS), unique=True, max_size=2)))
    return change(
        PACKAGE,
        what,
        draw(st.floats(least, most)),
        from_=start,
        until=draw(st.none() | st.just(start + dt.timedelta(days=draw(st.integers(1, 200))))),
        ramp_months=draw(st.integers(0, 8)),
        who=who,
        where=where if personal_or_by_area else (),
    )


@pytest.mark.verification("twin_scenarios")
@pytest.mark.parametrize(
    ("scenarios", "scale"), [(3, 0.0002), pytest.param(12, 0.0004, marks=pytest.mark.slow)]
)
def test_both_engines_agree_on_any_scenario(
    scenarios: int, scale: float, verified: Verified
) -> None:
    lived: list[int] = []

    # What differs is told in full, so a failure need not be made smaller, which would take long.
    @settings(
        max_examples=scenarios,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(listed=st.lists(changes(), min_size=1, max_size=8), seed=st.integers(0, 2**31))
    def agree(listed: list[Change], seed: int) -> None:
        twins = live(everything(scale, 2, *listed), seed, PILOTS[:2])
        assert_same(twins)
        lived.append(events(twins))

    agree()
    verified("events equal", f"{sum(lived):,} of {sum(lived):,}, {len(lived)} scenarios")


BROKEN: dict[str, tuple[Any, str, Any]] = {
    "sanctions that outlive the regime": (conditionality, "must_attend", lambda p: True),
    "health claims that are never made": (claims, "start_health_claim", lambda p: None),
    "WorkWell without an effect": (workwell, "effect", lambda p, on: 1.0),
    "programmes without an effect": (support, "effect", lambda p, on: 1.0),
    "a year of 330 days in sickness": (sickness, "YEAR", 330.0),
    "shocks that never strike": (person, "strikes", lambda *address: False),
    "support that never ends": (support.Slot, "end", lambda slot, p: None),
    "one place too many": (Places, "free", lambda places, size: max(1 - places.in_use, 0)),
    "the last in line comes first": (
        Ticket,
        "__lt__",
        lambda one, other: one.number > other.number,
    ),
    "recovery a day late": (
        Spell,
        "last_day",
        lambda spell, table, today: today + 1 + table.day_reached(spell.group, spell.goal),
    ),
}
DAYS = {
    "sanctions that outlive the regime": 210,
    "support that never ends": 210,
    "WorkWell without an effect": 730,
}
"""Days until a fault is sure to show, where that takes longer: the pilots begin after half a year."""


@pytest.mark.verification("twin_faults")
@pytest.mark.parametrize("what", BROKEN)
def test_a_fault_in_one_engine_is_found_and_told(
    what: str, monkeypatch: pytest.MonkeyPatch, verified: Verified
) -> None:
    module, name, instead = BROKEN[what]
    monkeypatch.setattr(module, name, instead)
    told = first_difference(everything(0.0005, 2), 5, PILOTS[:2], DAYS.get(what, 120))
    assert told is not None
    assert "vectorised engine:" in told
    assert "plain engine:" in told
    assert "  > " in told
    verified("found", what)
