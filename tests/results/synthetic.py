"""Small run tables in the vocabulary of the model, made without running it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

import numpy as np
import pandas as pd

from sim.tables import RunTables

PAIRS = (
    ("in_work", "none", 600),
    ("off_sick", "sick_pay", 30),
    ("searching", "uc_search", 60),
    ("sick_inactive", "uc_fit_note", 20),
    ("sick_inactive", "lcw", 15),
    ("sick_inactive", "lcwra", 90),
    ("other_inactive", "none", 120),
)
AREAS = ("E54000008", "W92000004")
EVENTS = (
    ("fit_note", "not_fit_first_under_5_weeks", 40),
    ("fit_note", "may_be_fit_repeat_5_to_20_weeks", 4),
    ("sanction", "missed_appointment", 6),
    ("claim_closed", "found_work", 9),
    ("workwell_start", "in_work", 5),
)


def months(start: str, number: int) -> list[str]:
    """Consecutive months as labels."""
    return [str(m) for m in pd.period_range(start, periods=number, freq="M")]


def run_tables(
    effects: Mapping[str, float],
    seeds: Iterable[int] = (1, 2, 3, 4),
    number_of_months: int = 36,
    noise: float = 3.0,
) -> RunTables:
    """Tables in which ``effects[scenario]`` people more are in work at the end, reached in a line.

    Equal seeds share most of their noise, so that paired differences are less noisy than levels.
    """
    stocks, events, waits = [], [], []
    labels = months("2024-04", number_of_months)
    for scenario, seed in product(effects, seeds):
        shared = np.random.default_rng(seed)
        own = np.random.default_rng([seed, *scenario.encode()])
        drift = np.cumsum(shared.normal(0, noise, number_of_months))
        own_noise = np.cumsum(own.normal(0, noise / 10, number_of_months))
        for k, month in enumerate(labels):
            gain = effects[scenario] * (k + 1) / number_of_months
            if effects[scenario]:
                gain += own_noise[k]
            for area, (labour, benefit, number) in product(AREAS, PAIRS):
                people = number + (drift[k] + gain if labour == "in_work" else -drift[k] - gain) / (
                    1 if labour == "in_work" else len(PAIRS) - 1
                )
                row = (scenario, seed, month, area, "none", labour, benefit, round(people))
                stocks.append((*row, round(people) * 30))
            for area, (event, detail, number) in product(AREAS, EVENTS):
                count = int(shared.poisson(number))
                events.append((scenario, seed, month, area, event, detail, count))
                if event == "workwell_start":
                    waits.append((scenario, seed, month, "workwell", area, "started", count))
                    days = count * 30.0
                    waits.append((scenario, seed, month, "workwell", area, "waited_days", days))
    base = ["scenario", "seed", "month"]
    state = ["condition", "labour", "benefit"]
    return RunTables(
        stocks=pd.DataFrame(stocks, columns=[*base, "area", *state, "people", "person_days"]),
        flows=pd.DataFrame(
            [],
            columns=[
                *base,
                "area",
                *(s + "_from" for s in state),
                *(s + "_to" for s in state),
                "people",
            ],
        ),
        events=pd.DataFrame(events, columns=[*base, "area", "event", "detail", "count"]),
        waits=pd.DataFrame(waits, columns=[*base, "service", "area", "measure", "value"]),
        spells=pd.DataFrame(
            [(s, 1, labels[0], "sickness", "0-7", "work", 5, 20) for s in effects],
            columns=[*base, "kind", "length_band", "outcome", "count", "days"],
        ),
    ).conformed()
