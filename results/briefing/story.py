"""What a briefing says, worked out from a run: the finding, what was compared, what is assumed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from results.appraisal.lines import TITLES
from results.charts.chart import listed
from results.charts.movers import people
from results.numbers import NOT_AVAILABLE, Shown, shown
from results.opened import Opened, OpenError
from results.outcomes import OUTCOMES
from results.tables import TableError, difference_table
from sim.scenario import Scenario
from sim.scenario.in_words import day_text, line_of
from sim.scenario.models import Change

HEADLINES: Final = (
    "in_work",
    "in_work_net",
    "sick_inactive",
    "lcwra",
    "uc_health",
    "fit_notes",
    "sanctions",
    "workwell_starts",
)
"""Outcomes of the headline table, in order."""
GRADES: Final = {
    "published": "are published (official or peer-reviewed, read at their source)",
    "second_hand": "are second-hand (published, read where somebody quotes them)",
    "estimate": "are estimates (worked out from published figures)",
    "assumption": "are assumptions (nobody has measured them)",
}
"""What is said of numbers of each grade, after how many they are."""
STATUSES: Final = {
    "in_force": "In force",
    "announced": "Announced",
    "withdrawn": "Withdrawn or overtaken",
    "hypothetical": "Hypothetical",
}


def final_difference(run: Opened, scenario: str, outcome: str) -> Shown | None:
    """The difference at the end of the last year, as a reader sees it."""
    rows = run.differences_by_year
    last = rows[
        (rows["scenario"] == scenario)
        & (rows["outcome"] == outcome)
        & (rows["year"] == rows["year"].max())
    ].iloc[0]
    return shown(last["difference"], last["low"], last["high"], OUTCOMES[outcome].step)


def headline(run: Opened, scenario: str) -> str:
    """The finding in a sentence without an end: people in work at the end."""
    found, title = final_difference(run, scenario, "in_work"), run.titles[scenario]
    years = run.scenarios[run.base].years
    when = f"after {years} year{'s' if years > 1 else ''}"
    if found is None or found.identical:
        return f"{title}: as many people in work {when} as without it"
    if not found.measurable:
        return f"{title}: no measurable difference to people in work {when}"
    more = "more" if found.value > 0 else "fewer"
    return f"{title}: about {found.size()} {more} people in work {when}"


def summary(run: Opened, scenario: str) -> list[str]:
    """The finding in words, with its interval, two to four sentences."""
    found, net = (final_difference(run, scenario, name) for name in ("in_work", "in_work_net"))
    base, title = run.titles[run.base], run.titles[scenario]
    sentences = []
    if found is not None and net is not None and not found.identical:
        sentences.append(
            f"On {run.last_day}, the model has {_more(found)} people in work in {run.place} with "
            f"\N{LEFT SINGLE QUOTATION MARK}{title}\N{RIGHT SINGLE QUOTATION MARK} than with "
            f"\N{LEFT SINGLE QUOTATION MARK}{base}\N{RIGHT SINGLE QUOTATION MARK} "
            f"(95% interval of chance: {_interval(found)}). If {run.displacement:.0%} of these jobs would "
            f"otherwise have gone to somebody else, it is {_more(net)} ({_interval(net)})."
        )
    else:
        sentences.append(f"As many people are in work on {run.last_day} as without the reform.")
    sentences += moved(run, scenario)
    return sentences


def moved(run: Opened, scenario: str) -> list[str]:
    """Who is nearer to work and who further from it, in a sentence; nothing if that was not counted."""
    try:
        moves = run.moves(scenario)
    except OpenError:
        return []
    from results.charts.movers import Movers

    made = Movers(moves, "", "", "", "", "")
    near, far = people(made.nearer), people(made.further)
    if near.identical and far.identical:
        return [f"Everybody in {run.everywhere} is in the same state that day with and without it."]
    return [
        f"Compared one by one, {_number(near)} people in {run.everywhere} are nearer to work that day, "
        f"and {_number(far)} people are further from it; everybody else is in the same state."
    ]


def headline_table(run: Opened, scenario: str) -> pd.DataFrame:
    """Differences of one scenario after some years, as text: Outcome, Year 1, ...

    The unit stands with the outcome where its name does not say it.
    """
    years = run.scenarios[run.base].years
    shown_years = sorted({y for y in (1, 3, 5, years) if y <= years})
    rows = run.differences_by_year
    rows = rows[rows["scenario"] == scenario]
    table = _some(difference_table(rows, None, shown_years, HEADLINES))
    named = [
        name if unit in name.lower() else f"{name}, {unit}"
        for name, unit in zip(table["Outcome"], table["Unit"], strict=True)
    ]
    return table.assign(Outcome=named).drop(columns=["Scenario", "Unit"])


def scenario_table(run: Opened) -> pd.DataFrame:
    """Differences of every scenario in the last year, as text: a row a scenario."""
    last = run.scenarios[run.base].years
    titles = {name: run.titles[name] for name in run.reforms}
    names = ["in_work", "sick_inactive", "lcwra", "sanctions"]
    try:
        rows = difference_table(run.differences_by_year, titles, [last], names)
    except TableError:
        return pd.DataFrame()
    short = {OUTCOMES[name].period_label("year"): OUTCOMES[name].label for name in names}
    rows = rows.assign(Outcome=rows["Outcome"].map(short))
    wide = rows.pivot(index="Scenario", columns="Outcome", values=f"Year {last}")
    return wide.reindex(list(titles.values()))[list(short.values())].reset_index()


def _some(table: pd.DataFrame) -> pd.DataFrame:
    """Rows that have a value in some year."""
    there = (table.filter(like="Year") != NOT_AVAILABLE).any(axis=1)
    return table[there].reset_index(drop=True)


def compared(run: Opened) -> list[dict[str, str]]:
    """Every reform in the scenarios: title, what it is, from when, where, status."""
    rows: dict[str, dict[str, str]] = {}
    already = {reform.name for reform in run.scenarios[run.base].reforms}
    for scenario in (run.scenarios[name] for name in run.reforms):
        for reform in scenario.reforms:
            if reform.name in rows or reform.name in already:
                continue
            changes = [change for change in scenario.changes if change.reform == reform.name]
            rows[reform.name] = {
                "title": reform.title,
                "description": reform.description.strip(),
                "starts": _dates(changes),
                "where": _where(changes, scenario),
                "status": STATUSES.get(reform.status, reform.status),
            }
    return list(rows.values())


def _dates(changes: list[Change]) -> str:
    first = min((change.from_ for change in changes), default=None)
    ends = [change.until for change in changes]
    if first is None:
        return ""
    last = max((end for end in ends if end is not None), default=None)
    return day_text(first) + (f" to {day_text(last)}" if last and None not in ends else "")


def _where(changes: list[Change], scenario: Scenario) -> str:
    areas: set[str] = set()
    for change in changes:
        by_area = isinstance(change.value, Mapping) and all(
            str(k)[1:].isdigit() for k in change.value
        )
        here = set(change.where) or (set(change.value) if by_area else set())
        if not here:
            return "Everywhere"
        areas |= here
    number = len(areas & set(scenario.areas))
    return f"{number} area{'s' if number != 1 else ''}"


def assumed(run: Opened) -> list[dict[str, str]]:
    """Effects and changes that nobody has measured: of what, what they are, their value, and why it is taken.

    Ordered by what they are of.
    """
    rows: dict[str, dict[str, str]] = {}
    for name in run.reforms:
        scenario = run.scenarios[name]
        changes = {c.what: c for c in scenario.changes if c.grade == "assumption"}
        for effect in run.assumed(name):
            parameter, change = scenario.parameters[effect], changes.get(effect)
            step = effect.partition(".")[0]
            if effect in rows:
                continue
            rows[effect] = {
                "name": effect,
                "step": TITLES.get(step, step.replace("_", " ").capitalize()),
                "description": parameter.description.rstrip("."),
                "value": "set by the reform" if change else (line_of(parameter) or "by group"),
                "reasoning": (change.reasoning if change else parameter.reasoning).strip(),
            }
    return sorted(rows.values(), key=lambda row: row["step"])


def grades(run: Opened) -> str:
    """How many numbers of the model rest on evidence of each grade, in a sentence."""
    parameters = run.scenarios[run.base].parameters.values()
    counts = Counter(str(parameter.grade) for parameter in parameters)
    parts = [f"{counts[grade]} {text}" for grade, text in GRADES.items()]
    return f"Of the {len(parameters)} numbers of the model, {listed(parts)}."


def command(run: Opened) -> str:
    """The command that makes the run again."""
    base = run.scenarios[run.base]
    words = ["fitflow compare", run.base, *run.reforms]
    words += [
        f"--scale {base.scale:g}",
        f"--replications {len(run.seeds)}",
        f"--seed {run.seeds[0]}",
    ]
    words += [f"--years {base.years}", f"--detail {run.manifest['detail']}"]
    return " ".join(words)


def origin(run: Opened) -> list[tuple[str, str]]:
    """Facts that tell this run from others."""
    manifest, base = run.manifest, run.scenarios[run.base]
    versions = manifest["versions"]
    facts = [
        ("Run", run.name),
        ("Version", f"fitflow {versions['fitflow']}, Python {versions['python']}"),
        ("Revision", str(manifest.get("revision") or "not known")),
        ("Code", str(manifest["code"])[:12]),
        ("People", f"one simulated person for {1 / base.scale:,.0f} people"),
        ("Replications", f"{len(run.seeds)}, seeds {', '.join(map(str, run.seeds))}"),
        ("Period", f"{day_text(base.start)} to {run.last_day}"),
    ]
    checked = [c for c in manifest.get("contracts", []) if c.get("times")]
    if checked:
        facts.append(
            (
                "Checked while it ran",
                "; ".join(f"{c['name']} ({c['times']:,} times)" for c in checked),
            )
        )
    return facts


def _number(found: Shown) -> str:
    return "no" if found.identical else found.text()


def _more(found: Shown) -> str:
    return f"about {found.size()} {'more' if found.value >= 0 else 'fewer'}"


def _interval(found: Shown) -> str:
    return found.text().partition("(")[2].rstrip(")")


def rows_of(table: pd.DataFrame) -> list[list[Any]]:
    """The cells of a table, row by row."""
    return table.to_numpy().tolist()
