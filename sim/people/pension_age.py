"""State Pension age: 66, rising month by month to 67.

Source: Pensions Act 1995, schedule 4, as amended by the Pensions Act 2014, section 26. The later
rise to 68 (people born after 5 April 1977) lies beyond 2044 and is left out.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.core.dates import EPOCH, NEVER, day_of

_FIRST_AFTER_66: Final = day_of(dt.date(1960, 4, 6))
_FIRST_AT_67: Final = day_of(dt.date(1961, 3, 6))
_MONTHS_AT_66: Final = 66 * 12
_EARLIEST: Final = -26_000
_LATEST: Final = NEVER


def pension_day(birth_day: NDArray[np.integer] | int) -> NDArray[np.int16]:
    """Day on which people born on given days reach State Pension age.

    People born from 6 April 1960 reach it at 66 years and one month, and a month later for each
    month of birth that begins on a 6th, up to 67 years from 6 March 1961. Where the month has no
    such day, it is the month's last day.

    Parameters
    ----------
    birth_day : int array
        Days since 1 January 2000, from 1929.

    Returns
    -------
    int16 array
        ``NEVER`` where it is beyond the calendar.
    """
    table: NDArray[np.int16] = _table()[np.asarray(birth_day).astype(np.int64) - _EARLIEST]
    return table


def earliest_birth(start_day: int) -> int:
    """Earliest day of birth of a person who is below State Pension age on a day."""
    return int(np.searchsorted(_table(), start_day, side="right")) + _EARLIEST


@cache
def _table() -> NDArray[np.int16]:
    births = np.arange(_EARLIEST, _LATEST)
    dates = np.datetime64(EPOCH, "D") + births
    months = dates.astype("datetime64[M]")
    of_month = (dates - months.astype("datetime64[D]")).astype(np.int64)
    # Months of birth begin on the 6th: months since that of 6 April 1960.
    since = months.astype(np.int64) - (1960 - 1970) * 12 - 3 - (of_month < 5)
    extra = np.where(births < _FIRST_AFTER_66, 0, np.minimum(since + 1, 12))
    extra[births >= _FIRST_AT_67] = 12
    reached = months + (_MONTHS_AT_66 + extra)
    last_of_month = (
        (reached + 1).astype("datetime64[D]") - reached.astype("datetime64[D]")
    ).astype(np.int64) - 1
    day = reached.astype("datetime64[D]") + np.minimum(of_month, last_of_month)
    days = (day - np.datetime64(EPOCH, "D")).astype(np.int64)
    table: NDArray[np.int16] = np.minimum(days, NEVER).astype(np.int16)
    return table
