"""Errors whose messages are written for users: told in plain words, without a traceback."""

from __future__ import annotations

from typing import ClassVar, Final

USER_ERROR: Final = 2
"""Exit code of a mistake by the user; the shell's own programs use the same."""
BROKEN_CONTRACT: Final = 3
"""Exit code when a run was stopped because the model broke one of its contracts."""


class ExplainedError(Exception):
    """What was asked for cannot be done; the message says why and what to do."""

    exit_code: ClassVar[int] = USER_ERROR
