"""Volumes counted from tables made by hand; quick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest

from results.volumes import VOLUMES, Volume, simulated
from sim.model import EVENTS
from sim.scenario import list_library


@dataclass
class Tables:
    stocks: pd.DataFrame
    events: pd.DataFrame


MONTHS = [f"20{24 + (3 + k) // 12}-{(3 + k) % 12 + 1:02d}" for k in range(24)]


def tables() -> Any:
    stocks = [
        (
            scenario,
            seed,
            month,
            "in_work",
            "lcwra",
            100 - 10 * (scenario == "cut") * (month == MONTHS[-1]),
        )
        for scenario in ("base", "cut", "more")
        for seed in (1, 2)
        for month in MONTHS
    ]
    events = [
        ("more", seed, month, "job_start", detail, 1 + k // 12)
        for seed in (1, 2)
        for k, month in enumerate(MONTHS)
        for detail in ("searching", "other_inactive")
    ]
    return Tables(
        pd.DataFrame(stocks, columns=["scenario", "seed", "month", "labour", "benefit", "people"]),
        pd.DataFrame(events, columns=["scenario", "seed", "month", "event", "detail", "count"]),
    )


@pytest.mark.parametrize(
    ("volume", "wanted"),
    [
        (Volume("a", 100, "u", "more", "w", "job_start"), 48 / 0.1),
        (Volume("b", 100, "u", "more", "w", "job_start", when="all"), 72 / 0.1),
        (Volume("c", 100, "u", "more", "w", "job_start", "searching", when="all"), 36 / 0.1),
        (
            Volume("d", -50, "u", "cut", "w", when="end", where=(("benefit", ("lcwra",)),)),
            -10 / 0.1,
        ),
        (Volume("e", 100, "u", "more", "w", "death", grown=2.0), 0.0),
    ],
)
def test_counts(volume: Volume, wanted: float) -> None:
    table = simulated(tables(), 0.1, "base", [volume])
    assert table["simulated"].tolist() == [wanted * volume.grown]
    assert table["ratio"].tolist() == [wanted * volume.grown / volume.announced]


@pytest.mark.parametrize(("gave_up", "binds"), [(2, False), (40, True)])
def test_what_became_of_the_offers_is_counted(gave_up: int, binds: bool) -> None:
    rows = [
        ("restart_offer", "jobcentre", 200),
        ("restart_not_started", "declined", 60),
        ("restart_not_started", "gave_up", gave_up),
        ("restart_start", "out_of_work", 90),
        ("other_offer", "jobcentre", 1_000),
    ]
    made = tables()
    made.events = pd.DataFrame(
        [("more", seed, MONTHS[0], *row) for seed in (1, 2) for row in rows],
        columns=["scenario", "seed", "month", "event", "detail", "count"],
    )
    volume = Volume("a", 100, "u", "more", "And more.", "restart_start")
    (why,) = simulated(made, 0.1, "base", [volume])["why"]
    assert why.startswith(f"Of the people offered it 45% started and {gave_up / 200:.0%} gave up")
    assert ("not places" not in why) == binds
    assert why.endswith("And more.")


def test_every_volume_names_a_reform_and_an_event_of_the_model() -> None:
    reforms = {entry.name for entry in list_library() if entry.kind == "reform"}
    for volume in VOLUMES:
        assert volume.reform in reforms
        assert not volume.event or volume.event in EVENTS
        assert not volume.detail or volume.detail in EVENTS[volume.event]
        assert bool(volume.event) != bool(volume.where)
        assert volume.why.endswith(".")


def test_the_numbers_of_the_announcements_are_all_there() -> None:
    announced = {abs(volume.announced) for volume in VOLUMES}
    assert {100_000, 50_000, 384_000, 424_000, 180_000, 59_000, 56_000, 49_920, 14_310} <= announced
