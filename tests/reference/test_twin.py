"""Two engines, one life: the plain and the vectorised engine agree event for event."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.reference import claims, conditionality, person, sickness, workwell
from sim.scenario.models import Change
from sim.states import LABELS
from tests.reference.twins import (
    AREAS,
    PILOTS,
    Twins,
    change,
    difference,
    everything,
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
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_engines_live_the_same_five_years(seed: int, verified: Verified) -> None:
    crowded = [change(PACKAGE, what, factor) for what, factor in CROWDED]
    twins = live(everything(0.001, 5, *crowded), seed)
    assert len(twins.plain.people) > 5_000
    assert_same(twins)
    # The comparison is worth something only if everything happens, and services are full.
    happened = {event for history in twins.core_log.values() for _, event, _ in history}
    assert happened == set(twins.core.recorder.events)
    assert most_waiting(twins, "workwell") > 5
    assert most_waiting(twins, "wca") > 50
    assert all(most_waiting(twins, name) > 0 for name in twins.plain.providers)
    people = len(twins.plain.people)
    verified("events equal", f"{events(twins):,} of {events(twins):,}, {people:,} people")


@pytest.mark.parametrize("name", ["baseline", "stronger_sanctions", "wca_reform"])
def test_both_engines_agree_on_each_scenario(name: str) -> None:
    assert_same(live(scenario(name, scale=0.0005, years=2), 7, AREAS[:2]))


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
        draw(st.floats(0, most)),
        from_=start,
        until=draw(st.none() | st.just(start + dt.timedelta(days=draw(st.integers(1, 200))))),
        ramp_months=draw(st.integers(0, 8)),
        who=who,
        where=where if personal_or_by_area else (),
    )


@pytest.mark.verification("twin_scenarios")
def test_both_engines_agree_on_any_scenario(verified: Verified) -> None:
    lived: list[int] = []

    @settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
    @given(listed=st.lists(changes(), min_size=1, max_size=8), seed=st.integers(0, 2**31))
    def agree(listed: list[Change], seed: int) -> None:
        twins = live(everything(0.0004, 2, *listed), seed, PILOTS[:2])
        assert_same(twins)
        lived.append(events(twins))

    agree()
    verified("events equal", f"{sum(lived):,} of {sum(lived):,}, {len(lived)} scenarios")


BROKEN: dict[str, Any] = {
    "a sanction that is never lifted on leaving the regime": (
        conditionality,
        "must_attend",
        lambda p: True,
    ),
    "a claim that comes a day late": (
        claims,
        "start_health_claim",
        lambda p: p.plan("claim", p.today + 1),
    ),
    "an effect of support that is left out": (workwell, "effect", lambda p, on: 1.0),
    "illness that leaves no memory": (sickness, "YEAR", 365.0),
    "a hazard of the evening": (person, "strikes", lambda *address: False),
}


@pytest.mark.verification("twin_faults")
@pytest.mark.parametrize("what", BROKEN)
def test_a_fault_in_one_engine_is_found_and_told(
    what: str, monkeypatch: pytest.MonkeyPatch, verified: Verified
) -> None:
    module, name, instead = BROKEN[what]
    monkeypatch.setattr(module, name, instead)
    told = difference(live(scenario("package", scale=0.0004, years=2), 5, PILOTS[:2]))
    assert told is not None
    assert "vectorised engine:" in told
    assert "plain engine:" in told
    assert "  > " in told
    verified("found", what)
