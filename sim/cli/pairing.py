"""The command ``fitflow coupling``: what it buys to run base and reform on the same seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from sim.cli import options
from sim.cli.console import heading, say, show_table

if TYPE_CHECKING:
    import pandas as pd

    from results.replications import Precision
    from sim.cli.runs import Run
    from sim.scenario import Scenario


@options.with_simulation
def coupling(
    base: options.BaseRef,
    reforms: options.ReformRefs,
    how: options.Simulation,
    half_width: Annotated[
        str,
        typer.Option(
            metavar="SHARE",
            help="Half-width wanted of the interval of a difference: a share of it, such as 10%, or "
            "a number in the unit of the outcome, such as 500.",
        ),
    ] = "10%",
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OUTCOME",
            help="Outcome to show; repeat the option for more. Else those of a comparison.",
        ),
    ] = None,
) -> None:
    """Show what running base and reform on the same seeds buys, and who gains and loses.

    For each outcome and year: the variance of the difference with fresh seeds over that with the
    same seeds, and the replications that either way needs for an interval of the half-width
    wanted. Uses the run that fitflow compare makes with the same options.
    """
    from sim.cli.precision import DEFAULT_OUTCOMES, known_outcomes, parse_precision
    from sim.cli.simulating import conclude, finish, paired_scenarios

    wanted = parse_precision(half_width, "--half-width")
    outcomes = known_outcomes(outcome, "--outcome") or DEFAULT_OUTCOMES
    scenarios = paired_scenarios(base, reforms, how)
    finished = finish(scenarios, how)
    _show_ratios(finished, scenarios, outcomes, wanted, half_width)
    _show_people(finished, scenarios)
    conclude(finished, [])


def _show_ratios(
    finished: Run,
    scenarios: Sequence[Scenario],
    outcomes: Sequence[str],
    wanted: Precision,
    half_width: str,
) -> None:
    from results.outcomes import yearly
    from results.pairing import pairing_rows
    from results.scope import place
    from sim.cli.summary import years_shown

    base, *reforms = scenarios
    key, words = place(base)
    values = yearly(finished.tables, base.scale, key)
    rows = pairing_rows(values, base.name, wanted, outcomes, years_shown(base.years))
    for reform in reforms:
        heading(f"{reform.title} against {base.title}, {words}: what the same seeds buy")
        mine = rows[rows["scenario"] == reform.name].to_dict("records")
        table = _table(mine)
        show_table(list(table.columns), table.to_numpy().tolist(), range(1, len(table.columns)))
    share = " of the difference" if wanted.relative else ""
    say(
        f"Variance ratio: variance of the difference with fresh seeds over that with the same seeds, from "
        f"{base.replications} pairs. Replications: for a 95% interval with a half-width of {half_width}{share}. "
        "In brackets: 95% intervals, of the difference by Student's t, of the ratio by Pitman (1939) and Morgan "
        "(1939), of the replications by the chi-squared interval of the spread. They take outcomes to be normal."
    )
    if wanted.relative and any(map(math.isnan, rows["paired"])):
        say(
            "[x]: nothing to estimate, or the difference cannot be told from zero, and then no share of it is a "
            "yardstick; ask for a number instead, such as --half-width 500."
        )


COLUMNS: Final = (
    "Outcome",
    "Year",
    "Difference",
    "Variance ratio",
    "Replications",
    "with fresh seeds",
)


def _table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows of :func:`results.pairing.pairing_rows` as text."""
    import pandas as pd

    from results.numbers import NOT_AVAILABLE, shown
    from results.outcomes import OUTCOMES

    cells = []
    for row in rows:
        outcome = OUTCOMES[row["outcome"]]
        difference = shown(row["difference"], row["low"], row["high"], outcome.step)
        cells.append(
            {
                "Outcome": outcome.period_label("year"),
                "Year": str(row["year"]),
                "Difference": difference.text() if difference else NOT_AVAILABLE,
                "Variance ratio": _spread(
                    row["variance_ratio"], row["ratio_low"], row["ratio_high"]
                ),
                "Replications": _spread(row["paired"], row["paired_low"], row["paired_high"], 1),
                "with fresh seeds": _spread(
                    row["unpaired"], row["unpaired_low"], row["unpaired_high"], 1
                ),
            }
        )
    table = pd.DataFrame(cells, columns=COLUMNS)
    again = table["Outcome"] == table["Outcome"].shift()
    return table.assign(Outcome=table["Outcome"].mask(again, ""))


def _spread(value: float, low: float, high: float, least: float = 0.1) -> str:
    """An estimate with its interval, in two digits: it is known no better; in steps of at least ``least``."""
    from results.numbers import NOT_AVAILABLE

    if not math.isfinite(value):
        return NOT_AVAILABLE
    middle, bottom, top = (_two_digits(number, least) for number in (value, low, high))
    return f"{middle} ({bottom} to {top})"


def _two_digits(value: float, least: float) -> str:
    from results.numbers import plain

    if math.isinf(value):
        return "no limit"
    return plain(value, max(10.0 ** (math.floor(math.log10(value)) - 1), least))


def _show_people(finished: Run, scenarios: Sequence[Scenario]) -> None:
    import datetime as dt

    from results.scope import all_places
    from sim.cli.runs import COUNTS, coupling_of
    from sim.cli.summary import people
    from sim.scenario.in_words import day_text

    base, *reforms = scenarios
    last_day = day_text(base.end - dt.timedelta(days=1))
    heading(f"The same people, one by one, on {last_day} in {all_places(base)}")
    rows = []
    for reform in reforms:
        counts = coupling_of(finished.manifest, base.name, reform.name)
        rows.append([reform.title, *(people(counts[name]) for name in COUNTS)])
    headers = ("Reform", "Better off", "Worse off", "Unchanged", "Not compared")
    show_table(headers, rows, range(1, len(headers)))
    say(
        "Better off is nearer to work, which says nothing of income; worse off is further from it. Not compared "
        "is who is outside the working ages in either. In brackets: 95% intervals of Monte Carlo error."
    )
