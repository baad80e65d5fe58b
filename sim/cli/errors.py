"""What the program says when something goes wrong."""

from __future__ import annotations

from sim.explained import ExplainedError


class CommandError(ExplainedError):
    """A command was given what it cannot use."""


def in_words(error: Exception) -> str:
    """The message of an error; for a file that cannot be used, its name and the reason."""
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror}"
    return str(error)
