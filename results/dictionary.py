"""The data dictionary: every table, column, event and outcome, written from their declarations.

``python -m results.dictionary`` writes ``docs/reference/data_dictionary.md`` anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from results.appraisal.columns import FRAMES, MEASURES
from results.differences import COLUMNS, MONTE_CARLO_NOTE
from results.event_log import COLUMNS as EVENT_LOG
from results.numbers import NOT_AVAILABLE
from results.outcomes import OUTCOMES, Count, Outcome
from sim.model import EVENTS
from sim.support.words import PROGRAMME_MEANINGS
from sim.tables import TABLES, Column

PATH: Final = Path(__file__).parent.parent / "docs" / "reference" / "data_dictionary.md"

MEANINGS: Final[dict[str, str]] = {
    "entry": "A person turns 16 and joins.",
    "pension_age": "A person reaches State Pension age and leaves.",
    "death": "A person dies.",
    "return_to_work": "A sickness absence ends in work; by its length.",
    "recovery": "A spell of illness out of work ends with recovery; by labour-market state.",
    "sick_pay_starts": "Sick pay starts after the waiting days.",
    "sick_pay_ends": "Sick pay runs out.",
    "job_loss": "A job ends; by the state that follows.",
    "left_work_sick": "A sickness absence ends in leaving work; by its length.",
    "job_start": "A job starts; by the state before.",
    "starts_searching": "A person out of work starts to look for it; by the state before.",
    "stops_searching": "A person stops looking for work.",
    "stops_being_sick": "A long-term sick person is out of work for another reason from now on.",
    "becomes_long_term_sick": "A person becomes inactive because of long-term sickness; by the "
    "state before.",
    "sickness_start": "A sickness absence starts; by cause.",
    "health_worsens": "Health worsens.",
    "health_improves": "Health improves.",
    "fit_note": "A fit note is issued: not fit or may be fit for work, first or repeat, length.",
    "conversation": "A work and health conversation takes place.",
    "no_conversation": "A work and health conversation is due, and nobody has time for it.",
    "no_referral": "General practice would refer somebody to support, and has no time for it.",
    "claim": "A benefit claim starts; by the benefit.",
    "hands_in_note": "A note turns a UC claim into one with a health condition; by the group before.",
    "threshold_move": "The Administrative Earnings Threshold moves past the earnings of a "
    "person in work on UC; by the regime that follows.",
    "leaves_benefit": "A benefit claim ends; by the benefit left.",
    "esa_migration": "A person moves from ESA to UC; by the benefit that follows.",
    "wca_referral": "A referral to the WCA.",
    "wca_decision": "A WCA decision: first or repeat, and outcome.",
    "reconsideration": "A WCA decision is changed on reconsideration.",
    "missed_appointment": "An appointment at the Jobcentre is missed.",
    "sanction": "A sanction starts; by reason.",
    "sanction_end": "A sanction ends; by its length.",
    "claim_closed": "A claim is closed; by reason.",
    "workwell_referral": "A referral to WorkWell; by route.",
    "workwell_start": "WorkWell support starts.",
    "workwell_contact": "A contact during WorkWell support; by kind.",
    "workwell_end": "WorkWell support ends.",
    "workwell_gave_up": "A person gives up waiting for WorkWell.",
    **PROGRAMME_MEANINGS,
}
"""What each event of the model is."""


def data_dictionary() -> str:
    """Return the whole data dictionary as Markdown."""
    parts = (_run_tables(), _events(), _outcomes(), _differences(), _appraisal(), _event_log())
    return "\n".join(line for part in parts for line in part) + "\n"


def _run_tables() -> list[str]:
    lines = [
        "# Data dictionary",
        "",
        "<!-- Written by `python -m results.dictionary`; edit the declarations, not this page. -->",
        "",
        "A run is a folder `runs/<first 12 digits of its hash>/` of Parquet tables and a "
        "`manifest.json` with the scenarios, seeds, versions, hashes and checks. Numbers are of "
        "people simulated: divide by `scale` in the manifest to gross up. A cell in which nothing "
        "was counted has no row.",
    ]
    for table in TABLES.values():
        rows = [
            (f"`{c.name}`", c.dtype, c.unit, f"{c.description}{_labels(c)}") for c in table.columns
        ]
        lines += ["", f"## {table.name}", "", table.description, ""]
        lines += _table(("Column", "Type", "Unit", "Description"), rows)
    return lines


def _labels(column: Column) -> str:
    return f" One of {_listed(column.labels)}." if column.labels else ""


def _events() -> list[str]:
    rows = [(f"`{name}`", MEANINGS[name], _listed(details)) for name, details in EVENTS.items()]
    intro = "Values of `event` and `detail` in the tables events and log."
    return ["", "## Events", "", intro, "", *_table(("Event", "Meaning", "Details"), rows)]


def _outcomes() -> list[str]:
    rows = [
        (f"`{o.name}`", o.label, o.unit, o.kind, f"{o.step:g}", _counted(o))
        for o in OUTCOMES.values()
    ]
    return [
        "",
        "## Outcomes",
        "",
        "What results report, grossed up to the population. A stock is counted at the end of the "
        "month or year, a year total over it, a running total from the start; a ratio divides sums "
        "over the month or year. No number is shown in steps finer than the smallest one.",
        "",
        *_table(("Name", "Label", "Unit", "Kind", "Smallest step", "Counted as"), rows),
    ]


def _counted(outcome: Outcome) -> str:
    text = _count(outcome.count)
    if outcome.per is None:
        return text
    factor = f"{outcome.factor:g} x " if outcome.factor != 1 else ""
    return f"{factor}({text}) / ({_count(outcome.per)})"


def _count(count: Count) -> str:
    where = [f"{column} {' or '.join(labels)}" for column, labels in count.where]
    where += [f"detail beginning with {count.starts}"] if count.starts else []
    return f"`{count.table}.{count.column}` where {' and '.join(where)}"


def _differences() -> list[str]:
    rows = [(f"`{name}`", unit, text) for name, (unit, text) in COLUMNS.items()]
    return [
        "",
        "## Differences",
        "",
        f"Reform minus base, seed by seed. {MONTE_CARLO_NOTE} CSV files hold full precision; their "
        f"column `note` says {NOT_AVAILABLE} where a value is not available.",
        "",
        *_table(("Column", "Unit", "Description"), rows),
    ]


def _appraisal() -> list[str]:
    measures = [(f"`{name}`", *texts) for name, texts in MEASURES.items()]
    lines = [
        "",
        "## Appraisal",
        "",
        "`fitflow appraise` writes a CSV file for each of these tables, in GBP of the population "
        "and with full precision; a workbook holds the same in GBP million. The method is on the "
        "page of [appraisal](../concepts/appraisal.md).",
    ]
    for name, (description, columns) in FRAMES.items():
        rows = [(f"`{c.name}`", c.unit, c.description) for c in columns]
        lines += ["", f"### {name}", "", description, ""]
        lines += _table(("Column", "Unit", "Description"), rows)
    lines += ["", "### Measures of the headline table", ""]
    return lines + _table(("Name", "Label", "Unit", "Definition"), measures)


def _event_log() -> list[str]:
    rows = [(f"`{name}`", text) for name, text in EVENT_LOG.items()]
    intro = "`fitflow export-log` writes these columns as CSV, and the same as XES and OCEL 2.0."
    return ["", "## Event log", "", intro, "", *_table(("Column", "Description"), rows)]


def _listed(labels: Iterable[str]) -> str:
    return ", ".join(f"`{label}`" for label in labels)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]


def write_data_dictionary(path: Path = PATH) -> Path:
    """Write the data dictionary to the documentation."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data_dictionary(), encoding="utf-8", newline="\n")
    return path


if __name__ == "__main__":
    write_data_dictionary()
