"""What the starting population reproduces, as a table: ``python -m sim.people.checks``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.people import cells
from sim.people.areas import read_areas
from sim.people.imputation import fit_note_rates
from sim.people.parameters import PeopleParameters
from sim.people.population import counts_at
from sim.people.sources import figures
from sim.people.start_state import start_state
from sim.states import LABELS, Benefit, Condition, Labour

SCALES: Final = (1.0, 0.01, 0.001)


class Check(NamedTuple):
    """A stock that the population should have.

    Parameters
    ----------
    name : str
    group : bool array, shape (cells,)
        Who is counted.
    target : float
        People in England.
    """

    name: str
    group: NDArray[np.bool_]
    target: float


def checks() -> list[Check]:
    """Stocks of England with their targets; 65-year-olds are added to figures that stop at 64."""
    f = figures()
    people, at_65 = f["england_16_64"], f["england_65"]
    p = PeopleParameters.default()
    older = dict(zip(("employed", "searching", "sick", "other"), p.aged_65, strict=True))
    employed = f["employment_rate"] * people + older["employed"] * at_65
    sick = f["long_term_sick"] + older["sick"] * at_65
    inactive = f["inactivity_rate"] * people + (older["sick"] + older["other"]) * at_65
    any_condition = cells.CONDITION != Condition.NONE
    rows = [
        Check("Residents aged 16 to 65", np.ones(cells.CELLS, bool), people + at_65),
        Check("With a job", cells.EMPLOYED, employed),
        Check("Off sick", cells.LABOUR == Labour.OFF_SICK, f["off_sick_share"] * employed),
        Check("Searching", cells.LABOUR == Labour.SEARCHING, people + at_65 - employed - inactive),
        Check("Long-term sick", cells.LONG_TERM_SICK, sick),
        Check(
            "Long-term sick aged 50 and over",
            cells.LONG_TERM_SICK & (cells.AGE_BAND == 3),
            f["uk_lts_50_64"] / (f["uk_lts_50_64"] + f["uk_lts_16_49"]) * f["long_term_sick"]
            + older["sick"] * at_65,
        ),
        Check(
            "Inactive for another reason", cells.LABOUR == Labour.OTHER_INACTIVE, inactive - sick
        ),
        Check(
            "With a long-term condition",
            any_condition,
            f["uk_long_term_condition"] * (people + at_65),
        ),
        Check(
            "Work limited, with a job", cells.EMPLOYED & (cells.LIMITED == 1), f["limited_in_work"]
        ),
        Check(
            "Work limited, without a job",
            ~cells.EMPLOYED & (cells.LIMITED == 1),
            f["limited_out_of_work"],
        ),
    ]
    for benefit, key in _BENEFITS.items():
        rows.append(
            Check(
                f"On {LABELS['benefit'][benefit]}",
                np.equal(cells.BENEFIT, benefit),
                f[f"stock_{key}"],
            )
        )
    for benefit, key in _IN_WORK.items():
        with_job = np.equal(cells.BENEFIT, benefit) & cells.EMPLOYED
        rows.append(
            Check(
                f"On {LABELS['benefit'][benefit]} with a job",
                with_job,
                f[f"in_work_{key}"] * f[f"stock_{key}"],
            )
        )
    women = cells.UC_HEALTH & (cells.SEX == 0)
    health = f["stock_fit_note"] + f["stock_lcw"] + f["stock_lcwra"]
    rows.append(Check("UC health, women", women, f["uc_health_female"] * health))
    rows.append(
        Check(
            "UC health, aged 50 and over",
            cells.UC_HEALTH & (cells.AGE_BAND == 3),
            f["uc_health_50_plus"] * health,
        )
    )
    return rows


_BENEFITS: Final = {
    Benefit.UC_SEARCH: "search",
    Benefit.UC_LIGHT: "light",
    Benefit.UC_FIT_NOTE: "fit_note",
    Benefit.LCW: "lcw",
    Benefit.LCWRA: "lcwra",
    Benefit.ESA: "esa",
}
_IN_WORK: Final = {Benefit.UC_FIT_NOTE: "fit_note", Benefit.LCW: "lcw", Benefit.LCWRA: "lcwra"}


def people_at(scale: float) -> NDArray[np.int64]:
    """Simulated people of England in every cell, shape (cells,)."""
    start = start_state(PeopleParameters.default())
    england = np.flatnonzero(read_areas().in_england)
    counts: NDArray[np.int64] = sum(
        (counts_at(start, int(n), scale) for n in england), np.zeros(cells.CELLS, np.int64)
    )
    return counts


def table() -> Iterator[str]:
    """Lines of the table of stocks in Markdown: targets and what each scale has, in thousands."""
    yield (
        "| England, spring 2024 (thousands) | Target | "
        + " | ".join(f"Scale {s:g}" for s in SCALES)
        + " |"
    )
    yield "|---|" + "---:|" * (1 + len(SCALES))
    people = {scale: people_at(scale) for scale in SCALES}
    for check in checks():
        found = (
            f"{counts[check.group].sum() / scale / 1000:,.0f}" for scale, counts in people.items()
        )
        yield f"| {check.name} | {check.target / 1000:,.0f} | " + " | ".join(found) + " |"


def fit_note_table() -> Iterator[str]:
    """Lines of the table of imputed fit notes against published quarters, in Markdown."""
    areas, f = read_areas(), figures()
    rates = fit_note_rates(areas)
    yield "| Fit notes in 2023 for each 1,000 residents | From a published quarter | Imputed |"
    yield "|---|---:|---:|"
    for name, key, year in _QUARTERS:
        place = areas.short_name.index(name)
        share = f[key] / f[f"england_notes_spring_{year}"]
        published = 1000 * share * f["england_fit_notes"] / areas.residents[place].sum()
        yield f"| {name} (Apr-Jun {year}) | {published:.0f} | {rates[place]:.0f} |"


_QUARTERS: Final = (
    ("West Yorkshire", "west_yorkshire_notes", 2024),
    ("Humber and North Yorkshire", "humber_notes", 2024),
    ("Dorset", "dorset_notes", 2023),
)

if __name__ == "__main__":
    print("\n".join([*table(), "", *fit_note_table()]))
