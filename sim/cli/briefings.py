"""The commands that make something to read of a finished run: ``fitflow brief`` and ``fitflow chart``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sim.cli.console import heading, say, show_items, show_table
from sim.cli.errors import CommandError

if TYPE_CHECKING:
    from results.appraisal import Appraisal
    from results.charts.chart import Chart
    from results.opened import Opened

RunFolder = Annotated[
    Path,
    typer.Argument(
        metavar="RUN",
        help="Folder of a finished comparison, such as runs/1a2b3c4d5e6f; see fitflow list runs.",
    ),
]
Base = Annotated[
    str | None,
    typer.Option(help="Scenario of the run to compare with; else the one it was made with."),
]
Scenario = Annotated[
    str | None, typer.Option(help="Scenario that it is about; else the first that was compared.")
]
Kind = Literal["html", "docx", "pdf"]
FIT = "fit"
"""The kind of chart that sets a run beside published statistics, which only calibration knows."""


def brief(
    run: RunFolder,
    scenario: Scenario = None,
    base: Base = None,
    kind: Annotated[
        Kind,
        typer.Option(
            "--format",
            help="A page for a browser, with an explorer; a Word document (needs python-docx); or a "
            "tagged PDF (needs Chromium, Chrome or Edge).",
        ),
    ] = "html",
    out: Annotated[
        Path | None,
        typer.Option(help="File to write; else briefing and its ending in the run's folder."),
    ] = None,
    costs: Annotated[bool, typer.Option(help="Work out costs and benefits too.")] = True,
) -> None:
    """Write a briefing of a finished comparison: one HTML file that needs no network.

    It says what was found and how sure that is, what was compared, who gains and who loses, what it
    costs, what is assumed, and how to make it again. Readers can choose outcomes, scenarios, areas
    and conditions in it. As a Word document or a PDF it is the same without that.
    """
    from results.opened import open_run

    opened = open_run(run, base)
    file = write_briefing(opened, scenario, out, kind, costs=costs)
    say(f"The briefing is in {file}")


def write_briefing(
    opened: Opened,
    scenario: str | None = None,
    out: Path | None = None,
    kind: Kind = "html",
    *,
    costs: bool = True,
) -> Path:
    """Write the briefing of a run and return where it is; a file of that name is replaced."""
    written = _writer(kind)
    content = written(opened, scenario, appraised(opened) if costs else None)
    file = out or opened.folder / f"briefing.{kind}"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def _writer(kind: Kind) -> Callable[[Opened, str | None, Appraisal | None], bytes]:
    """What writes a briefing of a kind, found before any work is done for it."""
    from results.briefing.page import briefing

    if kind == "docx":
        try:
            from results.briefing.word import word_briefing
        except ModuleNotFoundError:
            raise CommandError(
                "A Word document is written with python-docx, which is not installed. Install it: "
                'python -m pip install "python-docx>=1.2,<2"'
            ) from None
        return word_briefing
    if kind == "pdf":
        from results.briefing.paper import browser_path, printed

        browser = browser_path()
        return lambda *about: printed(briefing(*about), browser)
    return lambda *about: briefing(*about).encode()


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
    from calibration.comparison import compare
    from results.charts.fit import fit

    rows = compare(opened.tables, opened.scale, opened.base)
    england = rows[rows["area"] == "England"]
    labels = [
        f"{r['statistic'].replace('_', ' ')}, {r['period']}" for r in england.to_dict("records")
    ]
    return fit(england.assign(label=labels), opened.name)
