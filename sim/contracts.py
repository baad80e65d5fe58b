"""Contracts: what holds in every run, checked while it runs; a broken one stops the run.

Checks come at four moments. *Every day* a service compares who starts with what is free. *Every month* stocks
are compared with flows, day by day. *When scenarios part* those that are to part are compared. *At the end*
everybody is counted anew, and the tables of scenarios are compared for the months that they share. How often
each check was made stands in the manifest of the run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.core.dates import date_of
from sim.core.recorder import Month, Moved, decode
from sim.core.world import World
from sim.explained import BROKEN_CONTRACT, ExplainedError
from sim.pathway.person import state_of
from sim.people import read_areas
from sim.states import LABELS, POSSIBLE_PAIRS

I64 = NDArray[np.int64]
U8 = NDArray[np.uint8]

ONE_PAST: Final = "one past"
PEOPLE: Final = "people conserved"
CAPACITY: Final = "capacity"
STATES: Final = "possible states"


@dataclass(frozen=True)
class Contract:
    """What is promised, and what is compared to see whether it is kept."""

    promise: str
    checked: str


CONTRACTS: Final = {
    ONE_PAST: Contract(
        "Before the first day on which their values differ, scenarios have one and the same past.",
        "Scenarios run apart for the week before; on its last evening all that is kept of every person is "
        "equal to the last bit. In every table, the months before that day are equal. Counted: evenings "
        "and months, for every two scenarios and seed.",
    ),
    PEOPLE: Contract(
        "Nobody is lost or made up: in every cell, stocks change by flows exactly.",
        "Stocks of every area, condition, labour-market state and benefit against the flows of each month, "
        "and no cell below zero on any day. Counted: months of each seed.",
    ),
    CAPACITY: Contract(
        "No service takes on more people than its capacity allows.",
        "Starts by area against free places or the credit of decisions, every day; lines and places counted "
        "anew at the end. Counted: days of each service and seed.",
    ),
    STATES: Contract(
        "Everybody is in a possible pair of labour-market state and benefit.",
        "Everybody at the end of each month, and each person at each move. Counted: months of each seed.",
    ),
}
"""The contracts of every run by name."""


class BrokenContractError(ExplainedError):
    """A contract does not hold; the message says which, where and when."""

    exit_code = BROKEN_CONTRACT


def broken(name: str, day: int, w: World, arm: int, what: str) -> BrokenContractError:
    """The error that stops a run: which contract, when, in which scenario, and what was found."""
    scenario = w.settings.named(arm)
    return _error(name, f"on {_day(day)}, in scenario {scenario!r}, {what}")


def _error(name: str, what: str) -> BrokenContractError:
    return BrokenContractError(
        f"A contract of the model is broken ({name}): {what}. {CONTRACTS[name].promise} "
        "The run was stopped, because its results would be wrong. The mistake is in the model, not in your "
        "files: please report it with the command that you gave."
    )


# ---- Every day: capacity ----------------------------------------------------------------------------------


def check_starts(w: World, service: str, started: I64, free: I64) -> None:
    """No more people start with a service today than it has room for, in any place."""
    over = started > free
    if over.any():
        arm, area, here = _place(w, over)
        what = f"{service} takes on {started[here]} people where {free[here]} can start"
        raise broken(CAPACITY, w.day, w, arm, f"in {area}, {what}")


def check_count(w: World, service: str, what: str, kept: I64, counted: I64) -> None:
    """What a service keeps count of is what there is, in every place."""
    wrong = kept != counted
    if wrong.any():
        arm, area, here = _place(w, wrong)
        words = f"{service} has {counted[here]} people {what} and counts {kept[here]}"
        raise broken(CAPACITY, w.day, w, arm, f"in {area}, {words}")


# ---- Every month: people and states -------------------------------------------------------------------------


def check_month(w: World, moved: Moved) -> None:
    """Everybody is in a possible state tonight, and no cell held fewer than nobody on any day of the month.

    Parameters
    ----------
    w : World
        On the last evening of a month that has just been counted.
    moved : Moved
        The month's moves.
    """
    month = w.recorder.months[-1]
    by_pair = month.stocks.reshape(-1, POSSIBLE_PAIRS.size)
    if by_pair[:, ~POSSIBLE_PAIRS.ravel()].any():
        impossible = np.broadcast_to(~POSSIBLE_PAIRS.ravel(), by_pair.shape).ravel()
        arm, cell = _cell(w, int((impossible & (month.stocks > 0)).argmax()))
        raise broken(STATES, w.day, w, arm, f"somebody is {cell}, which is not a possible pair")
    if w.recorder.opening is not None:
        check_flows(w, month, w.recorder.opening)
    _check_days(w, month, moved)


def _check_days(w: World, month: Month, moved: Moved) -> None:
    """Undo the moves day by day, from tonight's stocks back to the first morning."""
    back = month.end_day - moved.day
    # Only a cell that more people entered in the month than are there tonight can have been short of them.
    risky = (np.bincount(moved.entered, minlength=len(month.stocks)) > month.stocks).nonzero()[0]
    if not len(risky):
        return
    column = np.full(len(month.stocks), -1)
    column[risky] = np.arange(len(risky))
    net = np.zeros((month.days, len(risky)), np.int64)
    for cells, sign in ((moved.left, 1), (moved.entered, -1)):
        here = column[cells]
        inside = (here >= 0).nonzero()[0]
        codes = back[inside] * len(risky) + here[inside]
        net += sign * np.bincount(codes, minlength=net.size).reshape(net.shape)
    people = month.stocks[risky] + net.cumsum(axis=0)
    if people.min() < 0:
        days_back, which = np.unravel_index(int(people.argmin()), people.shape)
        arm, cell = _cell(w, int(risky[which]))
        day = month.end_day - int(days_back) - 1
        raise broken(PEOPLE, day, w, arm, f"more people leave {cell} than are there")


def check_flows(w: World, month: Month, opening: I64) -> None:
    """A month's stocks are those of the evening before it, changed by its flows.

    Parameters
    ----------
    w : World
    month : Month
        One of those that the world has counted.
    opening : int array, shape (states,)
        People by state on the evening before.
    """
    size = len(month.stocks)
    codes, moves = month.flows
    old, new = np.divmod(codes, size)
    change = np.bincount(new, moves, size) - np.bincount(old, moves, size)
    expected = opening + change.astype(np.int64)
    wrong = expected != month.stocks
    if wrong.any():
        state = int(wrong.argmax())
        arm, cell = _cell(w, state)
        what = f"{month.stocks[state]} people are {cell} at the end of the month"
        why = f"by its flows {expected[state]} should be"
        raise broken(PEOPLE, month.end_day, w, arm, f"{what}, and {why}")


# ---- At the end, and when scenarios part: everybody --------------------------------------------------------


def check_everybody(w: World) -> None:
    """What is counted by state is what people are, and services count right."""
    p = w.people
    wrong = state_of(p["condition"], p["labour"], p["benefit"]) != p["state"]
    if wrong.any():
        who = wrong.nonzero()[0][:1]
        code = w.place_of(who) * w.recorder.layout.per_area + p["state"][who]
        arm, cell = _cell(w, int(code[0]))
        name = w.facts["person"][who % w.people_per_arm][0]
        raise broken(STATES, w.day, w, arm, f"person {name} is counted as {cell} and is not")
    for service in w.services.values():
        service.check(w)


def check_alike(w: World, parents: Sequence[int]) -> int:
    """Arms that came from one parent and have run apart since are still equal to the last bit.

    Returns
    -------
    int
        How many comparisons were made.
    """
    kept = [part.view(np.uint8).reshape(w.arms, -1) for part in (w.rows, *w.apart.values())]
    times = 0
    for one, other in _siblings(parents):
        if not all(np.array_equal(part[one], part[other]) for part in kept):
            first = w.settings.named(one)
            what = f"somebody's past is not the one that they have in scenario {first!r}"
            raise broken(ONE_PAST, w.day, w, other, what)
        times += 1
    return times


def parted(w: World, one: int, other: int) -> int:
    """Number of people who are in another state in one arm than in another."""
    state = w.people["state"].reshape(w.arms, -1)
    return int(np.count_nonzero(state[one] != state[other]))


def _siblings(parents: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Each arm with the first arm of the same parent."""
    first: dict[int, int] = {}
    for arm, parent in enumerate(parents):
        if parent in first:
            yield first[parent], arm
        else:
            first[parent] = arm


# ---- At the end: the months of the tables -----------------------------------------------------------------


def check_tables(
    frames: Mapping[str, Sequence[pd.DataFrame]],
    names: Sequence[str],
    differ: Mapping[tuple[int, int], int],
) -> tuple[int, dict[tuple[int, int], int | None]]:
    """All tables are equal in the months that end before two arms come to differ.

    Parameters
    ----------
    frames : mapping of str to sequence of DataFrame
        Parts of each table, with arms by number and months by their last day.
    names : sequence of str
        Scenarios of the arms, by number.
    differ : mapping
        First day on which the values of two arms that share a start differ.

    Returns
    -------
    (int, dict)
        Months compared, and by pair the end of the first month in which some table differs (None: never).
    """
    first: dict[tuple[int, int], int | None] = {}
    if not differ:
        return 0, first
    prints, months = _fingerprints(frames, len(names))
    times = 0
    for (i, j), day in differ.items():
        unequal = (prints[i] != prints[j]).any(axis=0)
        first[i, j] = int(months[unequal.argmax()]) if unequal.any() else None
        early = unequal & (months < day)
        if early.any():
            raise _error(
                ONE_PAST,
                f"in the month that ends on {_day(months[early.argmax()])}, scenarios {names[i]!r} and "
                f"{names[j]!r} have other tables, and no value differs before {_day(day)}",
            )
        times += int((months < day).sum())
    return times, first


def _fingerprints(
    frames: Mapping[str, Sequence[pd.DataFrame]], arms: int
) -> tuple[NDArray[np.uint64], I64]:
    """A number for the rows of each arm, table and month, whatever their order; and the months."""
    months = np.unique(
        np.concatenate([part["month"] for parts in _tables(frames) for part in parts])
    )
    prints = np.zeros((arms, len(_tables(frames)), len(months)), np.uint64)
    for table, parts in enumerate(_tables(frames)):
        for part in parts:
            rows = pd.util.hash_pandas_object(part.drop(columns=["arm", "month"]), index=False)
            at = part["arm"].to_numpy(), table, months.searchsorted(part["month"].to_numpy())
            np.add.at(prints, at, rows.to_numpy())
    return prints, months


def _tables(frames: Mapping[str, Sequence[pd.DataFrame]]) -> list[Sequence[pd.DataFrame]]:
    """The parts of the tables that have months; the log of a sample has days."""
    return [parts for name, parts in frames.items() if name != "log"]


# ---- What a manifest says -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tally:
    """How often each contract was checked, and when scenarios parted.

    ``partings`` have ``base`` and ``scenario`` by name; ``values_differ_from`` and ``people_part_on`` (days)
    and ``tables_differ_from`` (a month), each None where that was not seen.
    """

    times: Mapping[str, int] = field(default_factory=dict)
    partings: Sequence[Mapping[str, Any]] = ()


def joined(tallies: Iterable[Tally]) -> Tally:
    """The tally of all parts of a run: checks add up, and of each parting the earliest counts."""
    times: Counter[str] = Counter()
    partings: dict[tuple[str, str], dict[str, Any]] = {}
    for tally in tallies:
        times.update(tally.times)
        for parting in tally.partings:
            seen = partings.setdefault((parting["base"], parting["scenario"]), dict(parting))
            for key in ("values_differ_from", "people_part_on", "tables_differ_from"):
                seen[key] = min((day for day in (seen[key], parting[key]) if day), default=None)
    return Tally(dict(times), list(partings.values()))


def statement(tally: Tally) -> list[dict[str, Any]]:
    """What is said of each contract: its promise, what was checked, how often, and what came of it."""
    return [
        {
            "name": name,
            "promise": contract.promise,
            "checked": contract.checked,
            "times": tally.times.get(name, 0),
            "result": "kept" if tally.times.get(name, 0) else "not checked",
            **({"partings": list(tally.partings)} if name == ONE_PAST else {}),
        }
        for name, contract in CONTRACTS.items()
    ]


# ---- In words -----------------------------------------------------------------------------------------------


def _place(w: World, marked: NDArray[np.bool_]) -> tuple[int, str, int]:
    """Arm, name of the area, and number of the first place that is marked."""
    here = int(marked.argmax())
    arm, area = divmod(here, w.areas)
    return arm, read_areas().short_name[area], here


def _cell(w: World, state: int) -> tuple[int, str]:
    """Arm and words of a state."""
    lay = w.recorder.layout
    sizes = (w.arms, lay.areas, *lay.states)
    arm, area, *states = (int(digit) for digit in decode(np.array(state), sizes))
    condition, labour, benefit = (
        LABELS[name][digit]
        for name, digit in zip(("condition", "labour", "benefit"), states, strict=True)
    )
    place = read_areas().short_name[area]
    return arm, f"{labour} with benefit {benefit} and condition {condition} in {place}"


def _day(day: int) -> str:
    date = date_of(day)
    return f"{date.day} {date:%B %Y}"
