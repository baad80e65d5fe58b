"""The program ``fitflow``: its commands, and what happens when one of them goes wrong."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Annotated, Final

import typer

from sim import __version__
from sim.cli import (
    appraising,
    attributing,
    briefings,
    calibrating,
    exploring,
    exporting,
    journeys,
    keeping,
    library,
    model,
    pairing,
    sensitivity,
    simulating,
    sweeping,
    volumes,
    waiting,
)
from sim.cli.console import use_utf8, warn
from sim.cli.errors import in_words
from sim.cli.usage import PlainGroup
from sim.explained import USER_ERROR, ExplainedError

app = typer.Typer(
    name="fitflow",
    cls=PlainGroup,
    help="Simulate the road from sickness to work, with and without reforms.",
    epilog="Start with: fitflow compare baseline workwell_pilots --scale 0.001 --brief",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich" if sys.stdout.isatty() else None,
    pretty_exceptions_enable=False,
)
COMMANDS: Final[tuple[tuple[str, Callable[..., None], str, tuple[str, ...]], ...]] = (
    (
        "run",
        simulating.run,
        "Simulate a scenario and keep the results.",
        (
            "fitflow run baseline",
            "fitflow run baseline --scale 0.001 --replications 2",
            'fitflow run my_scenario.yaml --areas "Greater Manchester" --detail area --log 50',
            "fitflow run package --engine reference --scale 0.0002 --years 1 --replications 1",
        ),
    ),
    (
        "compare",
        simulating.compare,
        "Compare reforms with a base.",
        (
            "fitflow compare baseline workwell_pilots",
            "fitflow compare baseline workwell_pilots stronger_sanctions --scale 0.001",
            "fitflow compare baseline ./my_reform.yaml --replications 16",
            "fitflow compare baseline workwell_pilots --precision 10% --precision-outcome in_work",
        ),
    ),
    (
        "coupling",
        pairing.coupling,
        "Show what running on the same seeds buys.",
        (
            "fitflow coupling baseline workwell_pilots",
            "fitflow coupling baseline workwell_pilots stronger_sanctions --half-width 5%",
            "fitflow coupling baseline wca_reform --half-width 500 --outcome in_work",
        ),
    ),
    (
        "attribute",
        attributing.attribute,
        "Attribute what a package does to its parts.",
        (
            "fitflow attribute back_to_work_plan",
            "fitflow attribute package --base baseline --scale 0.001 --replications 4",
        ),
    ),
    (
        "sweep",
        sweeping.sweep,
        "Run a sweep: many scenarios from one file.",
        (
            "fitflow sweep coaches_by_area --dry-run",
            "fitflow sweep coaches_by_area --scale 0.001 --replications 4",
            "fitflow sweep my_sweep.yaml --add-replications 8",
            "fitflow sweep my_sweep.yaml --scheduler tcp://10.0.0.1:8786",
            "fitflow sweep my_sweep.yaml --shard 3/16",
        ),
    ),
    (
        "explore",
        exploring.explore,
        "Explore a sweep: responses, frontier, conditions, regret.",
        (
            "fitflow explore coaches_by_area response --by coaches --by area",
            "fitflow explore coaches_by_area frontier",
            "fitflow explore my_sweep conditions --below 0",
            "fitflow explore my_sweep robust --outcome npsv",
        ),
    ),
    (
        "runs",
        keeping.runs,
        "List, show, verify or prune what is kept.",
        (
            "fitflow runs list",
            "fitflow runs show coaches_by_area",
            "fitflow runs verify",
            "fitflow runs prune --yes",
        ),
    ),
    (
        "volumes",
        volumes.volumes,
        "Show announced volumes beside simulated ones.",
        ("fitflow volumes --scale 0.002 --replications 2",),
    ),
    (
        "waits",
        waiting.waits,
        "Show who waits for whom.",
        (
            "fitflow waits runs/1a2b3c4d5e6f",
            "fitflow waits runs/1a2b3c4d5e6f --scenario pathways_to_work_advisers",
        ),
    ),
    (
        "brief",
        briefings.brief,
        "Write a briefing of a comparison.",
        (
            "fitflow brief runs/1a2b3c4d5e6f",
            "fitflow brief runs/1a2b3c4d5e6f --scenario wca_reform --out wca.html",
            "fitflow brief runs/1a2b3c4d5e6f --format docx",
        ),
    ),
    (
        "chart",
        briefings.chart,
        "Draw a chart of a run.",
        (
            "fitflow chart runs/1a2b3c4d5e6f",
            "fitflow chart runs/1a2b3c4d5e6f map --scenario workwell_pilots",
            "fitflow chart runs/1a2b3c4d5e6f tornado --size web --out figures",
        ),
    ),
    (
        "journey",
        journeys.journey,
        "Tell one simulated person's years in words.",
        (
            "fitflow journey --like example",
            'fitflow journey --like example --areas "Greater Manchester" --scale 0.005',
            "fitflow journey --person 37383395344394 --reform workwell_pilots",
        ),
    ),
    (
        "appraise",
        appraising.appraise,
        "Value the costs and benefits of a finished comparison.",
        (
            "fitflow appraise runs/1a2b3c4d5e6f",
            "fitflow appraise runs/1a2b3c4d5e6f --health life_satisfaction",
        ),
    ),
    (
        "calibrate",
        calibrating.calibrate,
        "Fit the uncertain parameters to published statistics.",
        (
            "fitflow calibrate",
            "fitflow calibrate --method lsq --scale 0.0002 --draws 96",
            "fitflow calibrate --recovery 20 --report docs/calibration",
            "fitflow calibrate --targets my_targets --parameters my_parameters.yaml",
            "fitflow calibrate --scheduler tcp://10.0.0.1:8786",
        ),
    ),
    (
        "sensitivity",
        sensitivity.sensitivity,
        "Show which uncertain parameters an outcome hangs on.",
        (
            "fitflow sensitivity fit_notes",
            "fitflow sensitivity in_work --scenario workwell_pilots --against baseline --year 2",
            "fitflow sensitivity sick_inactive --method sobol --pool 16",
        ),
    ),
    (
        "export-log",
        exporting.export_log,
        "Write the event log of a run for process-mining tools.",
        ("fitflow export-log runs/1a2b3c4d5e6f --format xes",),
    ),
    (
        "check",
        library.check,
        "Check files of scenarios, reforms and sweeps.",
        ("fitflow check my_scenario.yaml", "fitflow check my_scenario.yaml reforms/*.yaml"),
    ),
    (
        "explain",
        library.explain,
        "Explain a parameter and where it comes from.",
        (
            "fitflow explain workwell.return_hazard_ratio",
            "fitflow explain workwell.coaches --scenario workwell_pilots",
        ),
    ),
    (
        "list",
        library.list_,
        "List scenarios, reforms, sweeps, parameters, areas or runs.",
        ("fitflow list", "fitflow list parameters", "fitflow list areas", "fitflow list runs"),
    ),
    (
        "schedule",
        model.schedule,
        "Show the order of a day.",
        ("fitflow schedule",),
    ),
    (
        "schema",
        library.schema,
        "Print the JSON Schema of a kind of file.",
        ("fitflow schema scenario > scenario.schema.json", "fitflow schema reform"),
    ),
    (
        "data-dictionary",
        model.data_dictionary,
        "Print what stands in the tables of a run.",
        ("fitflow data-dictionary > data_dictionary.md",),
    ),
)
"""Each command: its name, what it runs, what it does in a line, and examples."""

for _name, _function, _in_short, _examples in COMMANDS:
    # The first character keeps the lines of the examples as they are.
    _shown = "\n  ".join(["\b\nExamples:" if len(_examples) > 1 else "\b\nExample:", *_examples])
    app.command(_name, short_help=_in_short, epilog=_shown)(_function)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"fitflow {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Simulate the road from sickness to work, with and without reforms."""


def main() -> None:
    """Run the program; the entry point ``fitflow``."""
    use_utf8()
    _hear_requests_to_end()
    try:
        app(prog_name="fitflow")
    except (ExplainedError, OSError) as error:
        warn(in_words(error))
        sys.exit(error.exit_code if isinstance(error, ExplainedError) else USER_ERROR)


# Windows has not all of them.
_REQUESTS: Final = [s for s in signal.Signals if s.name in ("SIGINT", "SIGTERM", "SIGHUP")]


def _hear_requests_to_end() -> None:
    """Answer requests to end, of a batch system or a terminal that is closed, like Ctrl-C; the second ends at once.

    Requests that the parent of this program wants ignored (``nohup``) stay so.
    """
    for number in _REQUESTS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    for each in _REQUESTS:
        if signal.getsignal(each) is _interrupt:
            signal.signal(each, signal.SIG_DFL)
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
