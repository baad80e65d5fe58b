"""How long those who wait for a scheduler wait, in seconds; apart from what loads dask, since help names it."""

from __future__ import annotations

from typing import Final

FIRST_WAIT_SECONDS: Final = 60.0
"""For so long a scheduler that has never answered is waited for."""
PATIENCE_SECONDS: Final = 600.0
"""For so long a scheduler that is gone is waited for."""
WITHOUT_WORKERS_SECONDS: Final = 20.0
"""A scheduler that has had no workers for so long is told of."""
ANSWER_SECONDS: Final = 60.0
"""The few numbers of a finished block take no longer than this to come, or the scheduler is lost."""
