"""The commands about the library and a user's files: check, list, schema, explain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from sim.cli.console import heading, say, show_items, show_table, warn
from sim.cli.errors import CommandError
from sim.explained import USER_ERROR

if TYPE_CHECKING:
    from sim.scenario import Explanation, Scenario
    from sim.scenario.library import ReformScope

MOST_NAMES: Final = 3
Listing = Literal["scenarios", "reforms", "sweeps", "parameters", "areas", "runs"]


def check(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="Files of scenarios, reforms or sweeps, or names."),
    ],
) -> None:
    """Check files of scenarios, reforms and sweeps, and show all their problems at once.

    Each problem names the file, line and key, what was given, what is allowed, and the nearest
    valid name. Nothing is simulated and nothing is written.
    """
    from sim.cli.checking import check_file
    from sim.scenario import ScenarioError

    problems: list[str] = []
    for file in files:
        try:
            say(f"{file}: {check_file(file)}")
        except ScenarioError as error:
            problems += [str(problem) for problem in error.problems]
    problems = list(dict.fromkeys(problems))
    for problem in problems:
        warn(problem)
    if problems:
        warn("1 problem." if len(problems) == 1 else f"{len(problems)} problems.")
        raise typer.Exit(USER_ERROR)


def list_(
    what: Annotated[
        Listing | None, typer.Argument(help="What to list; else the first two.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder that keeps all runs.")] = Path("runs"),
) -> None:
    """List the scenarios, reforms, sweeps, parameters or areas of the library, or the finished runs."""
    if what == "runs":
        _list_runs(out)
    elif what == "sweeps":
        _list_sweeps()
    elif what == "parameters":
        _list_parameters()
    elif what == "areas":
        _list_areas()
    else:
        _list_files(["scenario", "reform"] if what is None else [what.removesuffix("s")])


def schema(
    kind: Annotated[
        Literal["scenario", "reform", "parameters", "sweep"], typer.Argument(help="Kind of file.")
    ] = "scenario",
) -> None:
    """Print the JSON Schema of a kind of file, with which editors check and complete it."""
    import json

    from sim.scenario import json_schema
    from sim.sweep import schema as sweeps

    found = sweeps.json_schema() if kind == "sweep" else json_schema()[kind]
    typer.echo(json.dumps(found, indent=2, ensure_ascii=False))


def explain(
    parameter: Annotated[str, typer.Argument(metavar="PARAMETER", help="Name of a parameter.")],
    scenario: Annotated[
        str, typer.Option(help="Scenario in which to look: its name, or a file.")
    ] = "baseline",
) -> None:
    """Explain a parameter: its value, unit, range, evidence, and the file and line that set it."""
    from sim.scenario import explain as explained
    from sim.scenario import load_scenario, nearest_names

    loaded = load_scenario(scenario)
    if parameter not in loaded.parameters:
        near = nearest_names(parameter, loaded)
        raise CommandError(
            f"There is no parameter {parameter!r}. "
            + (f"Did you mean {' or '.join(near)}? " if near else "")
            + "All are shown by: fitflow list parameters"
        )
    _show(explained(parameter, loaded), loaded)


def _list_files(kinds: list[str]) -> None:
    from sim.scenario import list_library

    entries = list_library()
    for kind in kinds:
        chosen = [e for e in entries if e.kind == kind]
        heading(f"{kind.capitalize()}s")
        folders = list(dict.fromkeys(e.folder for e in chosen))
        if not chosen:
            say("None.")
        for folder in sorted(
            folders, key=lambda name: _FOLDER_ORDER.index(name) if name in _FOLDER_ORDER else -1
        ):
            if folder in _FOLDER_ORDER:
                heading(folder.capitalize())
            rows = [(e.name, e.title, *_scope(e.scope)) for e in chosen if e.folder == folder]
            show_table(("Name", "Title", "From", "Until", "Where", "GBP m"), rows, right=(5,))
    say("Cost: what was published over the whole life of what it adds; blank where nothing was.")


_FOLDER_ORDER = ("announced", "enacted", "options")


def _scope(scope: ReformScope) -> tuple[str, str, str, str]:
    """When, where and at what published cost."""
    if scope.first is None:
        return "", "", "", ""
    areas = [name for name in scope.where if name[:3] in ("E54", "W92")]
    groups = [name for name in scope.where if name not in areas]
    where = ", ".join([*groups, *([f"{len(areas)} areas"] if areas else [])]) or "everywhere"
    cost = "" if scope.cost is None else f"{scope.cost:,.0f}"
    return f"{scope.first}", f"{scope.last or ''}", where, cost


def _list_sweeps() -> None:
    from sim.scenario import default_library
    from sim.scenario.library import names_of
    from sim.sweep.files import load_sweep

    heading("Sweeps")
    rows = []
    for name in names_of("sweep", default_library()):
        sweep = load_sweep(name)
        some, more = list(sweep.factors)[:MOST_NAMES], len(sweep.factors) - MOST_NAMES
        names = ", ".join(some) + (f" and {more} more" if more > 0 else "")
        rows.append((name, sweep.title, f"{len(sweep.points):,}", names))
    show_table(("Name", "Title", "Points", "Factors"), rows, right=(2,))


def _list_runs(out: Path) -> None:
    import datetime as dt

    from sim.output import finished_runs

    rows = []
    for folder, manifest in finished_runs(out):
        made = dt.datetime.fromtimestamp((folder / "manifest.json").stat().st_mtime)
        scenarios = ", ".join(manifest["scenarios"])
        size = f"{manifest['scale']:g}", f"{len(manifest['seeds'])}"
        rows.append((str(folder), f"{made:%Y-%m-%d %H:%M}", *size, scenarios))
    if rows:
        show_table(("Folder", "Made", "Scale", "Replications", "Scenarios"), rows, right=(2, 3))
    else:
        say(
            f"There is no finished run in {out}. Make one, for example: "
            "fitflow compare baseline workwell_pilots --scale 0.001"
        )


def _list_parameters() -> None:
    from sim.cli.values import in_short
    from sim.scenario import load_parameters

    rows = [
        (name, in_short(parameter), parameter.unit, parameter.grade)
        for name, parameter in load_parameters().items()
    ]
    show_table(("Name", "Value", "Unit", "Grade"), rows, right=(1,))


def _list_areas() -> None:
    from sim.people import read_areas

    areas = read_areas()
    rows = [
        (code, name, region or country, "yes" if pilot else "")
        for code, name, region, country, pilot in zip(
            areas.code,
            areas.short_name,
            areas.nhs_region,
            areas.country,
            areas.workwell_pilot,
            strict=True,
        )
    ]
    show_table(("Code", "Name", "Region", "WorkWell pilot"), rows)
    say("Groups: england, wales, england_and_wales, workwell_pilots, and each region by its name.")


def _show(found: Explanation, scenario: Scenario) -> None:
    parameter = scenario.parameters[found.name]
    say(found.name)
    say(found.description)
    say()
    _show_value(found)
    low, high = found.range
    facts = [("Unit", found.unit), ("Allowed", f"{low:g} to {high:g}")]
    if parameter.uncertainty:
        span = parameter.uncertainty
        of = "" if parameter.shape == () else " times the value"
        facts.append(("Plausible", f"{span.low:g} to {span.high:g}{of} (nine times in ten)"))
    facts.append(("Grade", found.grade.replace("_", " ")))
    if found.reasoning:
        facts.append(("Reasoning", found.reasoning))
    for name, text in facts:
        say(f"{name}: {text}")
    if found.source:
        heading("Sources")
        show_items([f"{s.publisher}: {s.title} ({s.date}). {s.url}" for s in found.source])
    heading("Set by, in this order")
    show_items([f"{s.origin}{_set_to(s.value)}" for s in found.settings])
    if found.changes:
        heading("Changed by reforms, in this order")
        show_items([_change(change) for change in found.changes])


def _show_value(found: Explanation) -> None:
    """The value: in a line if it is one number, by date if it changes, as a table if it is one."""
    from sim.cli.values import value_rows
    from sim.scenario.in_words import entry

    if not found.by:
        for date, value in found.values:
            say(f"Value{f' from {date}' if date else ''}: {entry(value)}")
        return
    for date, value in found.values:
        headers, rows = value_rows(found.by, value)
        if date:
            say(f"From {date}:")
        show_table(headers, rows, right=range(max(len(found.by) - 1, 1), len(headers)))
        say()


def _set_to(value: Any) -> str:
    return f" to {value:g}" if isinstance(value, int | float) else ""


def _change(change: Any) -> str:
    value = f" {change.value:g}" if isinstance(change.value, int | float) else " a table"
    until = f" until {change.until}" if change.until else ""
    return f"{change.reform}: {change.join}{value} from {change.from_}{until} ({change.origin})"
