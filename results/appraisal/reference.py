"""The reference page of unit values, written from ``scenarios/values``.

``python -m results.appraisal.reference`` writes ``docs/reference/values.md`` anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from results.appraisal.values import CARRIED_BY, FOLDER, FROM_RUN, load_values
from sim.scenario.areas import load_areas
from sim.scenario.errors import Problems
from sim.scenario.in_words import markdown_table, slug
from sim.scenario.library import default_library
from sim.scenario.reference import Library, module_of, opening, parameter_lines

PATH: Final = Path(__file__).parents[2] / "docs" / "reference" / "values.md"


def values_page() -> str:
    """Return every unit value as Markdown."""
    folder = default_library() / FOLDER
    problems = Problems()
    areas = load_areas(default_library(), problems)
    problems.stop()
    assert areas is not None
    values = load_values()
    about = {module: opening(folder / f"{module}.yaml") for module in map(module_of, values)}
    library = Library(about, values, (), areas)
    rows = [
        (
            f"[{module}](#{slug(module)})",
            text,
            str(len(library.of_module(module))),
            f"`{CARRIED_BY[module]}`" if module in CARRIED_BY else "held as they stand",
        )
        for module, text in about.items()
    ]
    lines = [
        "# Unit values",
        "",
        "<!-- Written by `python -m results.appraisal.reference`; edit `scenarios/values`, not this "
        "page. -->",
        "",
        f"The {len(values)} unit values that [appraisals](../concepts/appraisal.md) use, as they "
        "stand in [`scenarios/values`](../../scenarios/values). They are written like "
        "[parameters](parameters.md), with the same grades of evidence, but nothing in the "
        "simulation reads them: they can be changed without a new run. Three kinds of parameters "
        "of the model are used beside them, as the run had them: "
        f"{', '.join(f'`{name}`' for name in FROM_RUN[:2])} and `unit_cost` of each programme.",
        "",
        *markdown_table(("File", "About", "Values", "Carried to other years by"), rows),
    ]
    for module, text in about.items():
        lines += ["", f"## {module}", "", text]
        for value in library.of_module(module):
            lines += ["", *parameter_lines(value, library)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PATH.write_text(values_page(), encoding="utf-8", newline="\n")
