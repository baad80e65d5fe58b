"""Volumes: what was announced, what the model gives, and why the two differ.

Nothing in the model is set to an announced number of people: volumes come out of places, offers and who takes
them up. This table sets the announced numbers beside what comes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from sim.tables import RunTables

GB: Final = 1 / 0.857
"""Great Britain over England, people of working age on health benefits."""
GB_PEOPLE: Final = 1 / 0.874
"""Great Britain over England, people of working age."""
ENGLAND_AND_WALES: Final = 1.055
"""England and Wales over England, residents of 16 to 64."""

SCARCE: Final = 0.1
"""Capacity is the limit of a programme if more than this share of those who took it up gave up waiting."""


@dataclass(frozen=True)
class Volume:
    """A number that was announced, and how it is counted in the model.

    Parameters
    ----------
    name, unit : str
    announced : float
    reform : str
        The reform that is run alone on the base.
    event, detail : str
        What is counted; an empty event stands for a difference of stocks.
    when : {"year", "all", "end"}
        The fullest year, the whole run, or the state at the end of it.
    where : tuple of (str, tuple of str)
        For stocks: labels by column.
    grown : float
        From England to what the announcement is about.
    why : str
        What is behind the announced number, or what the model does otherwise; what became of the offers is
        counted in the run.
    """

    name: str
    announced: float
    unit: str
    reform: str
    why: str
    event: str = ""
    detail: str = ""
    when: Literal["year", "all", "end"] = "year"
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    grown: float = 1.0


_AS_ELSEWHERE: Final = "Comparable schemes started 40 to 48% of the number planned, once 86%."
VOLUMES: Final = (
    Volume("Universal Support", 100_000, "starts a year, England and Wales", "universal_support",
           _AS_ELSEWHERE, "universal_support_start", grown=ENGLAND_AND_WALES),
    Volume("Universal Support, first size", 50_000, "starts a year, England and Wales",
           "universal_support_50000", "Half the places of the line above, and the same offers.",
           "universal_support_start", grown=ENGLAND_AND_WALES),
    Volume("Connect to Work", 100_000, "starts a year, England and Wales", "connect_to_work",
           _AS_ELSEWHERE, "connect_to_work_start", grown=ENGLAND_AND_WALES),
    Volume("Individual Placement and Support", 100_000, "more starts in five years, England", "ips_severe",
           "Places come in over two years.", "ips_severe_start", when="all"),
    Volume("NHS Talking Therapies", 384_000, "more people complete in five years, England",
           "talking_therapies", "Added courses, and the therapists for them, come in over two years.",
           "talking_therapies_end", "completed", when="all"),
    Volume("Pathways to Work advisers", 65_000, "people a year, Great Britain", "pathways_to_work_advisers",
           "Places are what 1,000 advisers have at a time. Who drops out leaves a place before the half year that the "
           "65,000 are worked out on.", "pathways_to_work_start", grown=GB),
    Volume("WorkWell pilots, first target", 59_000, "starts to March 2026, 15 areas", "workwell_pilots",
           "The target was lowered to 56,000 later: see the next line.", "workwell_start", when="all"),
    Volume("WorkWell pilots, revised", 56_000, "starts to March 2026, 15 areas", "workwell_pilots",
           "Places are those that 56,000 starts need without a gap, and come in over three months; referral "
           "rates were set by hand in that light.", "workwell_start", when="all"),
    Volume("WorkWell national rollout", 250_000, "starts in three years, England", "workwell_national",
           "The announcement is a ceiling; referrals per head are those of the pilots, and coaches come in "
           "over a year.", "workwell_start", when="all"),
    Volume("Reform of the assessment", -424_000, "people with LCWRA in 2028/29, Great Britain",
           "wca_reform",
           "Outcome shares after the change were not published and are set by hand; see the reform.",
           when="end", where=(("benefit", ("lcwra",)),), grown=GB),
    Volume("Earnings threshold, May 2024", 180_000, "people moved to intensive work search, Great Britain",
           "aet_rise_2024",
           "The share that comes below the threshold is 180,000 of the 2.3m people in work on UC in November "
           "2023; how many there are on the day comes out of the model.",
           "threshold_move", "uc_search", when="all", grown=GB_PEOPLE),
    Volume("Access to Work, any payment", 49_920, "people in 2023/24, Great Britain", "access_to_work",
           "The 49,920 are in the baseline's flows; what is simulated are the awards that a reform adds.",
           "access_to_work_start", grown=GB),
    Volume("Mental Health Support Service", 14_310, "people in 2023/24, Great Britain", "access_to_work",
           "The 14,310 are in the baseline's flows; what is simulated are the people that a reform adds.",
           "mental_health_support_start", grown=GB),
)  # fmt: skip
"""Every announced number that the library has a reform for."""


def simulated(
    tables: RunTables, scale: float, base: str, volumes: Sequence[Volume] = VOLUMES
) -> pd.DataFrame:
    """Announced and simulated, a row a volume.

    Parameters
    ----------
    tables : RunTables
        Of the base and of a scenario for each reform, named like it; all of England.
    scale : float
        People simulated for each person.
    base : str
        Name of the base.
    volumes : sequence of Volume

    Returns
    -------
    DataFrame
        Columns name, announced, simulated (mean over seeds), low, high (over seeds), ratio, unit, why.
    """
    rows = []
    for volume in volumes:
        by_seed = _count(tables, base, volume) / scale * volume.grown
        mean = float(by_seed.mean())
        rows.append(
            {
                "name": volume.name,
                "announced": volume.announced,
                "simulated": mean,
                "low": float(by_seed.min()),
                "high": float(by_seed.max()),
                "ratio": mean / volume.announced,
                "unit": volume.unit,
                "why": " ".join(filter(None, (_offers(tables, volume), volume.why))),
            }
        )
    return pd.DataFrame(rows)


def _offers(tables: RunTables, volume: Volume) -> str:
    """What became of the offers of a programme, and whether its capacity was the limit; empty if it has none."""
    name = volume.event.rpartition("_")[0]
    mine = tables.events[tables.events["scenario"] == volume.reform]

    def count(event: str, detail: str = "") -> int:
        chosen = mine["event"] == f"{name}_{event}"
        if detail:
            chosen &= mine["detail"] == detail
        return int(mine.loc[chosen, "count"].sum())

    offers = count("offer") + count("referral")
    if not offers:
        return ""
    started, gave_up = count("start"), count("gave_up") + count("not_started", "gave_up")
    told = (
        f"Of the people offered it {started / offers:.0%} started and {gave_up / offers:.0%} gave up waiting; "
        "the others declined, still wait or could no longer start: "
    )
    scarce = gave_up > SCARCE * (started + gave_up)
    told += (
        "places or staff were the limit."
        if scarce
        else "offers and take-up were the limit, not places."
    )
    ended = count("end")
    if volume.detail == "completed" and ended:
        told += f" {count('end', 'completed') / ended:.0%} of those who ended had completed."
    return told


def _count(tables: RunTables, base: str, volume: Volume) -> pd.Series:
    """The quantity by seed, in simulated people."""
    seeds = pd.Index(sorted(tables.stocks["seed"].unique()), name="seed")
    if not volume.event:
        mine = _at_end(tables.stocks, volume.reform, volume.where)
        return (mine - _at_end(tables.stocks, base, volume.where)).reindex(seeds, fill_value=0)
    events = tables.events
    chosen = (events["scenario"] == volume.reform) & (events["event"] == volume.event)
    if volume.detail:
        chosen &= events["detail"] == volume.detail
    rows = events[chosen]
    if volume.when == "all" or rows.empty:
        return rows.groupby("seed")["count"].sum().reindex(seeds, fill_value=0)
    months = sorted(tables.stocks["month"].astype(str).unique())
    year = rows["month"].astype(str).map({month: k // 12 for k, month in enumerate(months)})
    by_year = rows.groupby(["seed", year])["count"].sum().unstack(fill_value=0)
    return by_year.max(axis=1).reindex(seeds, fill_value=0)


def _at_end(
    stocks: pd.DataFrame, scenario: str, where: Sequence[tuple[str, tuple[str, ...]]]
) -> pd.Series:
    months = stocks["month"].astype(str)
    chosen = (stocks["scenario"] == scenario) & (months == months.max())
    for column, labels in where:
        chosen &= np.isin(stocks[column].astype(str), labels)
    return stocks[chosen].groupby("seed")["people"].sum()
