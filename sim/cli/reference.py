"""The reference of the command line, written from the commands themselves.

``python -m sim.cli.reference`` writes ``docs/reference/cli.md`` anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import typer

from sim.cli.app import COMMANDS, app

PATH: Final = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"

_OPENING: Final = """# Command line

<!-- Written by `python -m sim.cli.reference`; edit the commands, not this page. -->

`fitflow` is installed with the package. `fitflow --help` lists the commands, and `--help` after a
command shows what it takes. Results go to the output, and progress, notes and errors to the error
stream. On a terminal, tables have lines and colours; elsewhere they are plain text.

| Exit code | Meaning |
| --- | --- |
| 0 | What was asked for is done. |
| 2 | Something in the command or in a file has to be put right; the message says what. |
| 3 | The model broke one of its contracts, and the run was stopped; the message says which, where and when. |
| 130 | Stopped by Ctrl-C, or asked to (SIGTERM, SIGHUP). Replications that were finished are kept, and where is said. |
"""


def cli_reference() -> str:
    """Return the reference as Markdown."""
    group: Any = typer.main.get_command(app)
    parts = [_OPENING]
    for name, _, _, examples in COMMANDS:
        command = group.commands[name]
        context = typer.Context(command, info_name=f"fitflow {name}")
        parts.append(_command(name, command, context, examples))
    return "\n".join(parts)


def _command(name: str, command: Any, context: Any, examples: Sequence[str]) -> str:
    usage = " ".join(["fitflow", name, *command.collect_usage_pieces(context)])
    lines = [f"## {name}", "", command.help.strip(), "", "```text", usage, *examples, "```", ""]
    # A record holds the names of an argument or option, with its type, and what it is for.
    records = [parameter.get_help_record(context) for parameter in command.params]
    if rows := [record for record in records if record]:
        lines += ["| Argument or option | What it is |", "| --- | --- |"]
        lines += [f"| `{_cell(names)}` | {_cell(what)} |" for names, what in rows]
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    PATH.parent.mkdir(parents=True, exist_ok=True)
    PATH.write_text(cli_reference(), encoding="utf-8")
