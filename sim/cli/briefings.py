"""The commands that make something to read of a finished run: ``fitflow brief`` and ``fitflow chart``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sim.cli.console import heading, say, show_items, show_table

if TYPE_CHECKING:
    from results.appraisal import Appraisal
    from results.charts.chart import Chart
    from results.opened import Opened

RunFolder = Annotated[
    Path,
    typer.Argument(
        metavar="RUN", help="Folder of a finished comparison, such as runs/1a2b3c4d5e6f."
    ),
]
Base = Annotated[
    str | None,
    typer.Option(help="Scenario of the run to compare with; else the one it was made with."),
]
Scenario = Annotated[
    str | None, typer.Option(help="Scenario that it is about; else the first that was compared.")
]
FIT = "fit"
"""The kind of chart that sets a run beside published statistics, which only calibration knows."""


def brief(
    run: RunFolder,
    scenario: Scenario = None,
    base: Base = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write; else briefing.html in the run's folder.")
    ] = None,
    costs: Annotated[bool, typer.Option(help="Work out costs and benefits too.")] = True,
) -> None:
    """Write a briefing of a finished comparison: one HTML file that needs no network.

    It says what was found and how sure that is, what was compared, who gains and who loses, what it
    costs, what is assumed, and how to make it again. Readers can choose outcomes, scenarios, areas
    and conditions in it.
    """
    from results.opened import open_run

    opened = open_run(run, base)
    file = write_briefing(opened, scenario, out, costs=costs)
    say(f"The briefing is in {file}")


def write_briefing(
    opened: Opened, scenario: str | None, out: Path | None, *, costs: bool = True
) -> Path:
    """Write the briefing of a run and return where it is; a file of that name is replaced."""
    from results.briefing.page import briefing

    page = briefing(opened, scenario, appraised(opened) if costs else None)
    file = out or opened.folder / "briefing.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page, encoding="utf-8", newline="\n")
    return file


def appraised(opened: Opened) -> Appraisal:
    """Costs and benefits of a run."""
    from results.appraisal import appraise

    return appraise(opened)


def chart(
    run: RunFolder,
    kind: Annotated[
        str | None, typer.Argument(metavar="KIND", help="Kind of chart; left out, all are listed.")
    ] = None,
    scenario: Scenario = None,
    base: Base = None,
    outcome: Annotated[
        str, typer.Option(help="Outcome that it is of, where there is a choice.")
    ] = "in_work",
    size: Annotated[
        Literal["page", "web", "bare"],
        typer.Option(help="For a page of A4, for the web, or the drawing without its words."),
    ] = "page",
    out: Annotated[
        Path | None, typer.Option(help="Folder to write to; else charts in the run's folder.")
    ] = None,
) -> None:
    """Draw a chart of a finished run, with its numbers and its words beside it.

    Writes SVG, PNG, CSV, and JSON with title, subtitle, notes and alternative text.
    """
    from results.gallery import KINDS

    if kind is None:
        rows = [[name, what] for name, (what, _) in KINDS.items()]
        rows.append([FIT, "Simulated over published statistics. Needs a run of the baseline."])
        show_table(["Kind", "What it shows"], rows)
        return

    from results.figures import write_chart
    from results.opened import open_run
    from results.style import SIZES

    opened = open_run(run, base)
    name = scenario or next(iter(opened.reforms), opened.base)
    made = _fit(opened) if kind == FIT else _made(opened, kind, name, outcome)
    stem = (
        kind
        if kind == FIT
        else "_".join([name, *([outcome] if outcome != "in_work" else []), kind])
    )
    files = write_chart(made, out or opened.folder / "charts", stem, SIZES[size])
    heading(made.words.title.replace("\N{NO-BREAK SPACE}", " "))
    show_items([str(file) for file in files], mark="  ")


def _made(opened: Opened, kind: str, scenario: str, outcome: str) -> Chart:
    from results.gallery import PRICED, Wanted, make_chart

    money = appraised(opened) if kind in PRICED else None
    return make_chart(kind, Wanted(opened, scenario, outcome, money))


def _fit(opened: Opened) -> Chart:
    """The base of a run beside published statistics."""
    from calibration.baseline import compare
    from results.charts.fit import fit

    rows = compare(opened.tables, opened.scale, opened.base)
    england = rows[rows["area"] == "England"]
    labels = [
        f"{r['statistic'].replace('_', ' ')}, {r['period']}" for r in england.to_dict("records")
    ]
    return fit(england.assign(label=labels), opened.name)
