"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

ScenarioRef = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="Name of a scenario, or a file.")
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
Out = Annotated[Path, typer.Option(help="Folder that keeps all runs.")]
Log = Annotated[
    int, typer.Option(min=0, help="Keep every event of about so many people of each area.")
]
Detail = Annotated[Literal["country", "area"], typer.Option(help="What the tables tell apart.")]


def given(**settings: Any) -> dict[str, Any]:
    """Settings of a scenario that were given on the command line."""
    return {name: value for name, value in settings.items() if value is not None}
