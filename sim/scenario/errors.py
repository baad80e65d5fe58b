"""Problems in the files of a user: all at once, each with its place and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sim.explained import ExplainedError

MOST_PROBLEMS: Final = 200
"""Problems kept; a file with more is not a scenario file with slips but another kind of file."""
_LONGEST_TEXT: Final = 60
_LONGEST_LIST: Final = 15
_FIRST_FEW: Final = 3


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in one place.

    Parameters
    ----------
    file : str
        File, as the user would name it, or another place that values came from.
    line : int or None
        Line from 1; None where the problem has no line (a missing file).
    key : str
        Key path such as ``parameters.job_search.offer_rate``; empty for the file itself.
    given : str
        What was found.
    allowed : str
        What may stand there; empty where it is plain.
    nearest : str or None
        The nearest valid name.
    """

    file: str
    line: int | None
    key: str
    given: str
    allowed: str = ""
    nearest: str | None = None

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        hint = f"did you mean '{self.nearest}'?" if self.nearest else ""
        what = "; ".join(text for text in (self.given, self.allowed, hint) if text)
        return ": ".join(text for text in (place, self.key, what) if text)


class ScenarioError(ExplainedError):
    """A scenario, reform or parameter file cannot be used; holds every problem found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


@dataclass
class Problems:
    """Collects problems until a reader has seen everything; ``noted`` counts them."""

    found: list[Problem] = field(default_factory=list)
    noted: int = 0

    def add(
        self,
        file: str,
        line: int | None,
        key: str,
        given: str,
        allowed: str = "",
        nearest: tuple[str, Iterable[str]] | None = None,
    ) -> None:
        """Note a problem; ``nearest`` is the name given and the names that are valid."""
        name = next(iter(nearest_names(*nearest)), None) if nearest else None
        self.take(Problem(file, line, key, given, allowed, name))

    def take(self, problem: Problem) -> None:
        """Note a problem that is told already."""
        if len(self.found) >= MOST_PROBLEMS:
            self.noted += 1
        elif problem not in self.found:
            self.found.append(problem)
            self.noted += 1

    def stop(self) -> None:
        """Raise every problem noted so far, by file and line; nothing if there is none.

        Raises
        ------
        ScenarioError
        """
        if not self.found:
            return
        found = list(self.found)
        files = list(dict.fromkeys(problem.file for problem in found))
        found.sort(key=lambda p: (files.index(p.file), p.line or 0))
        if self.noted > MOST_PROBLEMS:
            more = self.noted - MOST_PROBLEMS
            found.append(Problem(found[-1].file, None, "", f"and {more} more problems"))
        raise ScenarioError(found)


def nearest_names(name: str, names: Iterable[str], count: int = 3) -> list[str]:
    """Valid names that look most like ``name``, best first; then those that contain it.

    The part of a dotted name after its dot counts as a name too, so ``offer_rate`` finds
    ``job_search.offer_rate``.
    """
    wanted = name[:_LONGEST_TEXT].casefold()
    spellings: dict[str, str] = {}
    for valid in names:
        for spelling in (valid.casefold(), valid.casefold().partition(".")[2]):
            if spelling:
                spellings.setdefault(spelling, valid)
    close = difflib.get_close_matches(wanted, spellings, n=2 * count)
    close += [spelling for spelling in spellings if len(wanted) > 2 and wanted in spelling]
    return list(dict.fromkeys(spellings[spelling] for spelling in close))[:count]


def suggestion(name: str, names: Iterable[str]) -> str:
    """The valid name nearest to one that is not, as a question to put behind a sentence; nothing if none is near."""
    return "".join(f" Did you mean {near!r}?" for near in nearest_names(name, names, 1))


def no_such(kind: str, name: str, names: Iterable[str]) -> str:
    """That there is no outcome, chart or the like of a name; the nearest, and all there are."""
    known = list(names)
    return f"There is no {kind} {name!r}.{suggestion(name, known)} There are {', '.join(known)}."


def shown(value: Any) -> str:
    """A value in a message: short, in the spelling of YAML."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, str):
        text = value if len(value) <= _LONGEST_TEXT else value[:_LONGEST_TEXT] + "..."
        return (
            "'" + text.encode("unicode_escape").decode() + "'"
            if not text.isprintable()
            else f"'{text}'"
        )
    return str(value)


def listed(names: Iterable[str]) -> str:
    """Valid names in a message; the first few and the number where a reader would not want all."""
    names = list(names)
    if len(names) <= _LONGEST_LIST:
        return ", ".join(names)
    return f"{', '.join(names[:_FIRST_FEW])} and {len(names) - _FIRST_FEW} more"
