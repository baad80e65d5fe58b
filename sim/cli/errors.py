"""Mistakes that a user can put right: told in plain words, without a traceback, with exit code 2."""

from __future__ import annotations

from typing import Final

USER_ERROR: Final = 2
"""Exit code of a mistake by the user; the shell's own programs use the same."""
BROKEN_CONTRACT: Final = 3
"""Exit code when a run was stopped because the model broke one of its contracts."""
INTERRUPTED: Final = 130
"""Exit code after Ctrl-C: 128 and the number of the signal, as shells have it."""


class CommandError(Exception):
    """What was asked for cannot be done; the message says why and what to do."""


def is_explained(error: Exception) -> bool:
    """Whether the message of an error is written for users, so that no traceback is wanted."""
    # Looked up when something has gone wrong only: these modules take a while to load.
    from calibration.blocks import OtherVersionError
    from calibration.sensitivity import SensitivityError
    from results.appraisal.study import AppraisalError
    from results.briefing.paper import PrintError
    from results.charts.chart import ChartError
    from results.differences import DifferenceError
    from results.event_log import EventLogError
    from results.files import FileKeptError
    from results.lint import LayoutError
    from results.opened import OpenError
    from results.outcomes import OutcomeError
    from results.tables import TableError
    from sim.contracts import BrokenContractError
    from sim.scenario import ScenarioError
    from sim.sweep.execute import SweepError
    from sim.sweep.store import StoreError
    from sim.tables import RunFolderError

    explained = (
        CommandError,
        ScenarioError,
        RunFolderError,
        BrokenContractError,
        DifferenceError,
        OutcomeError,
        TableError,
        ChartError,
        LayoutError,
        FileKeptError,
        AppraisalError,
        EventLogError,
        OpenError,
        SweepError,
        StoreError,
        PrintError,
        SensitivityError,
        OtherVersionError,
    )
    return isinstance(error, explained)


def exit_code(error: Exception) -> int:
    """The exit code of an error whose message is for users."""
    from sim.contracts import BrokenContractError

    return BROKEN_CONTRACT if isinstance(error, BrokenContractError) else USER_ERROR


def in_words(error: Exception) -> str:
    """The message of an error; for a file that cannot be used, its name and the reason."""
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror}"
    return str(error)
