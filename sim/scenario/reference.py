"""The reference pages of parameters and assumptions, written from the library.

``python -m sim.scenario.reference`` writes ``docs/reference/parameters.md`` and
``docs/reference/assumptions.md`` anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

from sim.scenario.areas import Areas, load_areas
from sim.scenario.changes import Context, read_reform
from sim.scenario.cursor import Cursor
from sim.scenario.errors import Problems
from sim.scenario.evidence import NEED_REASONING, Grade, Source
from sim.scenario.in_words import (
    day_text,
    entry,
    interval,
    label_text,
    line_of,
    markdown_table,
    plausible,
    short_table,
    slug,
    tables_of,
    words,
)
from sim.scenario.library import default_library, names_of, path_of
from sim.scenario.models import Change, Parameter
from sim.scenario.parameters import FOLDER, read_parameters
from sim.scenario.schema import Scope
from sim.scenario.yaml_source import read_yaml

FOLDER_OF_PAGES: Final = Path(__file__).parents[2] / "docs" / "reference"
GRADES: Final[dict[Grade, str]] = {
    "published": "the publisher's own figure, or a rule that is law",
    "second_hand": "published, and read where somebody quotes it",
    "estimate": "worked out from published figures with a judgement, which the reasoning states",
    "assumption": "chosen because no figure was found, or as the neutral value of a policy lever",
}
"""What each grade of evidence means, the best first."""

SCOPES: Final[dict[Scope, str]] = {
    "person": "",
    "place": "belongs to a place, so a reform cannot aim it at some people",
    "start": "read once when the simulated history begins, so a reform cannot change it; override it",
}
"""What a reform cannot do with a parameter."""

_MOST_AREAS_NAMED: Final = 3
_WRITTEN: Final = (
    "<!-- Written by `python -m sim.scenario.reference`; edit `scenarios/`, not this page. -->"
)


@dataclass(frozen=True)
class Library:
    """All that the pages are written from.

    Parameters
    ----------
    about : dict
        What each module of parameters is about, from the comment that opens its file.
    parameters : dict
        By name.
    changes : tuple of Change
        Of all reforms of the library, by the name of the reform.
    areas : Areas
    """

    about: dict[str, str]
    parameters: dict[str, Parameter]
    changes: tuple[Change, ...]
    areas: Areas

    def of_module(self, module: str) -> list[Parameter]:
        """Parameters of a module, in the order of its file."""
        return [p for name, p in self.parameters.items() if module_of(name) == module]


@dataclass(frozen=True)
class Assumed:
    """A line of the assumptions log: a value that rests on judgement, and why it is what it is."""

    name: str
    reform: str
    value: str
    plausible: str
    grade: Grade
    reasoning: str


def read_library(library: Path | None = None) -> Library:
    """Read the parameters and reforms of a library.

    Raises
    ------
    ScenarioError
        With every problem in every file.
    """
    library = default_library() if library is None else library
    problems = Problems()
    areas = load_areas(library, problems)
    parameters, _ = read_parameters(library, areas, problems)
    changes: list[Change] = []
    for name in names_of("reform", library):
        document = read_yaml(path_of("reform", name, library), problems)
        if document is not None:
            top = Cursor.top(document, problems)
            changes += read_reform(top, Context(parameters, areas, horizon=None))[1]
    problems.stop()
    assert areas is not None
    found = {name: parameter for name, parameter in parameters.items() if parameter}
    modules = dict.fromkeys(map(module_of, found))
    about = {module: opening(library / FOLDER / f"{module}.yaml") for module in modules}
    return Library(about, found, tuple(changes), areas)


def module_of(name: str) -> str:
    """The module of a parameter: what stands before the dot."""
    return name.partition(".")[0]


def opening(path: Path) -> str:
    """The first paragraph of the comment that opens a file."""
    lines: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("# "):
            break
        lines.append(line.removeprefix("# ").strip())
    return " ".join(lines)


# ---- The page of parameters -----------------------------------------------------------------------


def parameters_page(library: Library) -> str:
    """Return every parameter of a library as Markdown."""
    lines = [
        "# Parameters",
        "",
        _WRITTEN,
        "",
        f"The {len(library.parameters)} parameters of the library, by module, as they stand in "
        "[`scenarios/parameters`](../../scenarios/parameters) before any scenario or reform. A "
        "value with dates holds from each date on, and the first one before it too. *Allowed* is "
        "the interval in which every entry must lie, also where a scenario or a reform sets "
        "another. *Plausible* is an interval that holds the value nine times in ten, as far as "
        "anybody can tell: of the value where it is one number, otherwise of a number by which all "
        "entries are multiplied.",
        "",
        *markdown_table(("Grade", "Meaning"), [(words(g), text) for g, text in GRADES.items()]),
        "",
        *markdown_table(
            ("Module", "About", "Parameters", *map(words, get_args(Grade))),
            [_counts(library, module, about) for module, about in library.about.items()],
        ),
    ]
    for module, about in library.about.items():
        lines += ["", f"## {module}", "", about]
        for parameter in library.of_module(module):
            lines += ["", *parameter_lines(parameter, library)]
    return "\n".join(lines) + "\n"


def _counts(library: Library, module: str, about: str) -> list[str]:
    grades = [parameter.grade for parameter in library.of_module(module)]
    counts = [str(grades.count(grade)) for grade in get_args(Grade)]
    return [f"[{module}](#{slug(module)})", about, str(len(grades)), *counts]


def parameter_lines(parameter: Parameter, library: Library) -> list[str]:
    """One parameter as Markdown: its value, unit, evidence and source, under a heading."""
    line = line_of(parameter)
    tables = [] if line else tables_of(parameter, library.areas)
    facts = [
        ("Value", line),
        ("Unit", parameter.unit),
        ("Allowed", interval(*parameter.range)),
        ("Plausible", plausible(parameter)),
        ("Grade", words(parameter.grade)),
        ("Source", "; ".join(map(_cited, parameter.source))),
        ("Reasoning", parameter.reasoning),
        ("Reforms", SCOPES[parameter.scope]),
        ("Changed by", _changed_by(parameter.name, library.changes)),
    ]
    lines = [f"### {parameter.name}", "", parameter.description, ""]
    for table in tables:
        lines += [*table, ""]
    return lines + [f"- {name}: {text}" for name, text in facts if text]


def _cited(source: Source) -> str:
    title = source.title.replace("[", r"\[").replace("]", r"\]")
    return f"[{title}](<{source.url}>), {source.publisher}, {source.date}"


def _changed_by(name: str, changes: Iterable[Change]) -> str:
    found = [f"{c.reform} from {day_text(c.from_)}" for c in changes if c.what == name]
    return ", ".join(dict.fromkeys(found))


# ---- The page of assumptions ----------------------------------------------------------------------


def assumptions(library: Library) -> list[Assumed]:
    """Values that rest on judgement, by module: assumptions first, then estimates."""
    found = [
        Assumed(
            parameter.name,
            "",
            _value_in_short(parameter, library.areas),
            plausible(parameter),
            parameter.grade,
            parameter.reasoning,
        )
        for parameter in library.parameters.values()
        if parameter.grade in NEED_REASONING
    ]
    found += [
        Assumed(
            change.what,
            change.reform,
            _change_in_short(change, library.areas),
            interval(*change.range) if change.range else "",
            change.grade,
            change.reasoning,
        )
        for change in library.changes
        if change.grade in NEED_REASONING
    ]
    order = ["assumption", "estimate"]
    return sorted(found, key=lambda row: (module_of(row.name), order.index(row.grade)))


def assumptions_page(library: Library) -> str:
    """Return the assumptions log of a library as Markdown."""
    log = assumptions(library)
    grades = [row.grade for row in log]
    lines = [
        "# Assumptions",
        "",
        _WRITTEN,
        "",
        f"All values of the library that rest on judgement: {grades.count('assumption')} "
        f"assumptions, {GRADES['assumption']}; and {grades.count('estimate')} estimates, "
        f"{GRADES['estimate']}. They are those of the baseline and, where a reform is named, those "
        "of its changes. Sources and whole tables are on the page of "
        "[parameters](parameters.md). *Plausible* is an interval that holds the value nine times "
        "in ten, or a number by which all entries of a table are multiplied; for a reform it is "
        "the range of its change.",
    ]
    for module in dict.fromkeys(module_of(row.name) for row in log):
        rows = [_log_row(row) for row in log if module_of(row.name) == module]
        heads = ("Parameter", "Value", "Plausible", "Grade", "Reasoning")
        lines += ["", f"## {module}", "", *markdown_table(heads, rows)]
    return "\n".join(lines) + "\n"


def _log_row(row: Assumed) -> list[str]:
    name = f"[{row.name.partition('.')[2]}](parameters.md#{slug(row.name)})"
    if row.reform:
        name += f", changed by {row.reform}"
    return [name, row.value, row.plausible, words(row.grade), row.reasoning]


def _value_in_short(parameter: Parameter, areas: Areas) -> str:
    value = line_of(parameter)
    if not value:
        date, table = parameter.labelled()[-1]
        value = short_table(table, areas)
        if value and date:
            value += f", from {day_text(date)}"
    value = value or f"a table by {words(', '.join(parameter.by))}"
    return f"{value} ({parameter.unit})"


def _change_in_short(change: Change, areas: Areas) -> str:
    table = isinstance(change.value, Mapping)
    value = (short_table(change.value, areas) or "a table") if table else entry(change.value)
    parts = [{"multiply": "times ", "cap": "at most "}.get(change.join, "") + value]
    parts.append(f"from {day_text(change.from_)}")
    if change.until:
        parts.append(f"until {day_text(change.until - dt.timedelta(days=1))}")
    if change.ramp_months > 1:
        parts.append(f"over {change.ramp_months} months")
    if change.where:
        names = [label_text(code, areas) for code in change.where]
        few = len(names) <= _MOST_AREAS_NAMED
        parts.append(f"in {', '.join(names) if few else f'{len(names)} areas'}")
    for dimension, labels in change.who.items():
        parts.append(f"for {words(dimension)} {' or '.join(map(words, labels))}")
    return ", ".join(parts)


# ---- Writing --------------------------------------------------------------------------------------

PAGES: Final = {"parameters.md": parameters_page, "assumptions.md": assumptions_page}
"""The function that writes each page."""


def write_pages(folder: Path = FOLDER_OF_PAGES) -> list[Path]:
    """Write the pages to the documentation; returns their paths."""
    library = read_library()
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in PAGES]
    for path in paths:
        path.write_text(PAGES[path.name](library), encoding="utf-8", newline="\n")
    return paths


if __name__ == "__main__":
    write_pages()
