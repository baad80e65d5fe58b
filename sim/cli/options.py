"""Arguments and options that several commands share."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

ScenarioRef = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="Name of a scenario, or a file.")
]
BaseRef = Annotated[
    str, typer.Argument(metavar="BASE", help="Name of the scenario to compare with, or a file.")
]
ReformRefs = Annotated[
    list[str],
    typer.Argument(
        metavar="REFORM",
        help="Names or files. A reform stands for the base with it; a scenario for itself.",
    ),
]
Scale = Annotated[
    float | None,
    typer.Option(help="Simulated people for each person, such as 0.01; else the scenario's."),
]
Years = Annotated[
    int | None, typer.Option(help="Length of the results in years; else the scenario's.")
]
Seed = Annotated[int | None, typer.Option(help="Seed of the first replication.")]
Replications = Annotated[
    int | None, typer.Option(help="How often the run is repeated with other luck.")
]
Areas = Annotated[
    list[str] | None,
    typer.Option(
        metavar="AREA",
        help="Area or group of areas, by name or code; repeat the option for more.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(min=1, help="Processes to use; results do not depend on it. Else one a core."),
]
BlockScheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Use the workers of this dask scheduler, such as tcp://10.0.0.1:8786, and not those of this computer. "
        "They need the same version of fitflow, and no folder in common.",
    ),
]
Out = Annotated[Path, typer.Option(help="Folder that keeps all runs.")]
Log = Annotated[
    int, typer.Option(min=0, help="Keep every event of about so many people of each area.")
]
Detail = Annotated[Literal["country", "area"], typer.Option(help="What the tables tell apart.")]


Engine = Annotated[
    Literal["vectorised", "reference"],
    typer.Option(
        help="The reference engine is the model told plainly, person by person: the same results, "
        "but slow. Give it a small --scale."
    ),
]


def given(**settings: Any) -> dict[str, Any]:
    """Settings of a scenario that were given on the command line."""
    return {name: value for name, value in settings.items() if value is not None}


@dataclass(frozen=True)
class Simulation:
    """The options of every command that simulates."""

    scale: Scale = None
    years: Years = None
    seed: Seed = None
    replications: Replications = None
    areas: Areas = None
    workers: Workers = None
    detail: Detail = "country"
    log: Log = 0
    out: Out = Path("runs")

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of a scenario that were given."""
        return given(
            scale=self.scale,
            years=self.years,
            seed=self.seed,
            replications=self.replications,
            areas=self.areas,
        )


def with_simulation(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of :class:`Simulation`; it gets them together, as its argument ``how``."""
    hints = typing.get_type_hints(command, include_extras=True)
    own = [
        parameter.replace(annotation=hints[name])
        for name, parameter in inspect.signature(command).parameters.items()
        if name != "how"
    ]
    types = typing.get_type_hints(Simulation, include_extras=True)
    shared = [
        inspect.Parameter(
            each.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=each.default,
            annotation=types[each.name],
        )
        for each in fields(Simulation)
    ]

    @functools.wraps(command)
    def wrapped(*args: Any, **options: Any) -> None:
        how = Simulation(
            **{f.name: options.pop(f.name) for f in fields(Simulation) if f.name in options}
        )
        command(*args, how=how, **options)

    parameters = [*own, *shared]
    wrapped.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # what inspect reads
        [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters]
    )
    wrapped.__annotations__ = {p.name: p.annotation for p in parameters}
    return wrapped
