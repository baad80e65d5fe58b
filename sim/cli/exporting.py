"""The command ``fitflow export-log``: the event log of a run for process-mining tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from sim.cli.console import heading, say, show_items


def export_log(
    run: Annotated[
        Path,
        typer.Argument(metavar="RUN", help="Folder of a finished run that kept a log (--log)."),
    ],
    format_: Annotated[
        Literal["csv", "xes", "ocel"],
        typer.Option("--format", help="CSV with XES column names, XES, or OCEL 2.0 (JSON)."),
    ] = "csv",
    out: Annotated[
        Path | None, typer.Option(help="Folder for the files; else event_log inside the run.")
    ] = None,
) -> None:
    """Write the event log of a run in a format of process-mining tools.

    One file a scenario and replication. People are simulated, and so are the dates.
    """
    from results.event_log import WRITERS, logs
    from results.files import write_once
    from sim.output import read_run

    tables, _ = read_run(run)
    folder = run / "event_log" if out is None else out
    ending, write = WRITERS[format_]
    files, events = [], 0
    for scenario, seed, rows in logs(tables.log):
        files.append(write_once(folder / f"{scenario}_seed_{seed}{ending}", write(rows)))
        events += len(rows)
    say(f"{events:,} events of simulated people, in {len(files)} files.")
    heading("Files")
    show_items([str(path) for path in files], mark="  ")
