"""What steps bring to a world: columns, clocks, streams and events; and what a world asks of its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.core.draws import F64

if TYPE_CHECKING:
    from sim.core.world import World

I64 = NDArray[np.int64]
Columns = Mapping[str, tuple[type[np.generic], float]]
"""Columns that a step brings: dtype, and the value at rest."""
Rate = Callable[["World", I64, bool], F64]
ByKind = Callable[["World"], tuple[I64, F64]]
"""A group of each state, shape (states,), and the rates of each group and kind, shape (groups, kinds)."""
T = TypeVar("T")


class Crowd(Protocol):
    """Whose parameters are looked up: so many people an arm, each with a cell."""

    @property
    def people_per_arm(self) -> int:
        """People an arm."""

    @property
    def people(self) -> Mapping[str, NDArray[Any]]:
        """Columns, among them the cell."""


class Settings(Protocol):
    """What a world asks of the parameters in force."""

    @property
    def cells(self) -> int:
        """How many cells an arm has: whoever is in one has the same parameters."""

    def value(self, w: Crowd, name: str, ids: I64, *index: Any) -> Any:
        """The value of a parameter for each person today."""

    def running(self, w: World, name: str, ids: I64, *index: Any) -> Any:
        """Running sums of shares over their last dimension, looked up like a value."""

    def most_ahead(self, w: World, name: str, ids: I64, *index: Any) -> Any:
        """The most of a value from an entry of its last dimension on, looked up like a value."""

    def whole(self, w: World, name: str, ids: I64) -> Any:
        """A value as a whole number, looked up like a value."""

    def kept(self, w: World, make: Callable[[World], T]) -> T:
        """What a function makes of the parameters, made anew only when some value changes."""

    def named(self, arm: int) -> str:
        """What an arm is called."""

    def by_arm(self, w: World, name: str) -> F64:
        """The whole value of a parameter in every arm, shape (arms, ...)."""

    def turn_to(self, day: int) -> set[str]:
        """Bring every value to a day; returns the names of those that may have changed."""

    def changes_on(self, name: str, day: int) -> bool:
        """Whether the value of a parameter may change on a day, in any arm."""

    @property
    def aimed(self) -> set[str]:
        """Parameters that are aimed at some people and not at others."""

    @property
    def change_days(self) -> set[int]:
        """Days on which any value may change."""


WHO = ("health", "age")
"""Aspects that make up who a person is, as far as a parameter can be aimed."""


@dataclass(frozen=True)
class Stream:
    """A calendar stream: a named shock that can strike on any day.

    The hazard per day is ``by_kind`` times ``rate``; one of them can be left out. ``rate(world, ids, peak)`` is
    today's, or (``peak``) one that it does not exceed until the person is next touched. ``by_kind(world)`` is
    what hangs on kind and state alone. ``base`` is the rate per day at which the layers of candidates start.
    ``reads`` names the parameters that either depends on, and ``feels`` the aspects of a person: only
    when one of these is touched is the hazard worked out anew. ``states`` marks the states in which the
    shock can strike, by condition, labour state and benefit, and ``places(world)`` those places (arm, area);
    elsewhere the hazard is zero and not asked for. ``reads`` names what ``places`` depends on as well.
    """

    name: str
    base: float
    rate: Rate | None = None
    reads: tuple[str, ...] = ()
    feels: tuple[str, ...] = ()
    states: NDArray[np.bool_] | bool = True
    places: Callable[[World], NDArray[np.bool_]] | None = None
    by_kind: ByKind | None = None


@dataclass(frozen=True)
class Ratio:
    """How a spell clock's hazard ratio is worked out for a person; ``reads`` and ``feels`` as in a stream."""

    clock: str
    ratio: Callable[[World, I64], F64]
    reads: tuple[str, ...] = ()
    feels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One step of a day: what it does, and the columns, clocks, streams and events it brings."""

    name: str
    does: str
    act: Callable[[World], None]
    columns: Columns = field(default_factory=dict)
    clocks: tuple[str, ...] = ()
    spells: tuple[str, ...] = ()
    streams: tuple[Stream, ...] = ()
    ratios: tuple[Ratio, ...] = ()
    events: Mapping[str, Sequence[str]] = field(default_factory=dict)
    begin: Callable[[World], None] | None = None
    monthly: bool = False
