"""What is printed: text and tables, with colour and lines on a terminal and plainly elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

Progress = Callable[[int, int], None]


def use_utf8() -> None:
    """Write UTF-8 wherever the output goes: numbers have true minus signs, names have accents."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")


def say(text: str = "") -> None:
    """Print text to the output, wrapped on a terminal."""
    if sys.stdout.isatty():
        from rich.console import Console

        Console().print(text, markup=False, highlight=False)
    else:
        print(text)


def warn(text: str) -> None:
    """Print text where errors go."""
    print(text, file=sys.stderr)


def heading(text: str) -> None:
    """Print the title of what follows, after an empty line."""
    print()
    if sys.stdout.isatty():
        from rich.console import Console

        Console().print(text, style="bold", markup=False, highlight=False)
    else:
        print(text)


def show_items(items: Sequence[str], mark: str = "- ") -> None:
    """Print a list, an item a line."""
    for item in items:
        say(mark + item)


def show_table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()
) -> None:
    """Print a table: with lines on a terminal, as aligned text elsewhere.

    Parameters
    ----------
    headers : sequence of str
    rows : sequence of sequence of str
        One text a column.
    right : sequence of int
        Numbers of the columns that are aligned to the right.
    """
    if sys.stdout.isatty():
        _rich_table(headers, rows, right)
    else:
        print(plain_table(headers, rows, right))


def plain_table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()
) -> str:
    """Lay a table out as text, with a line under the headers and two spaces between columns."""
    widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        placed = [
            cell.rjust(width) if k in right else cell.ljust(width)
            for k, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return "  ".join(placed).rstrip()

    return "\n".join([line(headers), line(["-" * width for width in widths]), *map(line, rows)])


def _rich_table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]
) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for k, header in enumerate(headers):
        table.add_column(header, justify="right" if k in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)


@contextmanager
def progress(what: str) -> Iterator[Progress]:
    """Show how far something has come: a bar on a terminal, one line elsewhere.

    Yields
    ------
    callable
        To be called with how many parts are done and how many there are.
    """
    if not sys.stderr.isatty():
        warn(f"{what} ...")
        yield lambda done, of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bars(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(what, total=None)
        yield lambda done, of: bars.update(task, completed=done, total=of)
