"""A plan: which blocks a sweep still needs, and what they will take.

Arms of one seed that share their history are cheapest side by side, so a block takes as many arms of a seed as fit.
More seeds share what it costs to go through the days, but leave workers idle at the end: a block takes as many as let
all workers be ready soonest. Its sizes are powers of two, so that they stay the same where the measured speed differs
a little. What a block holds does not alter any result.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sim.core.dates import day_of
from sim.people import read_areas
from sim.run import shards
from sim.scenario import Scenario
from sim.sweep.costs import HELD, Speed
from sim.sweep.files import Sweep
from sim.sweep.store import Block, Cell

BLOCK_SECONDS: Final = 100.0
"""A block takes so long at most: little is lost with one."""


@dataclass(frozen=True)
class Limits:
    """What blocks must keep to.

    Parameters
    ----------
    workers : int
    memory : float
        Bytes a worker may hold.
    """

    workers: int
    memory: float


@dataclass(frozen=True)
class Cost:
    """What blocks take: seconds of one processor, bytes of memory, bytes on disk."""

    seconds: float
    memory: float
    disk: float


@dataclass(frozen=True)
class Plan:
    """Blocks that are still to be simulated, in order, with what each takes.

    Parameters
    ----------
    numbers : tuple of int
        The place of each block in the whole plan, which does not depend on what is finished.
    cells : int
        Arms times seeds times shards of the sweep.
    there : int
        How many of them are finished.
    """

    blocks: tuple[Block, ...]
    costs: tuple[Cost, ...]
    numbers: tuple[int, ...]
    cells: int
    there: int

    @property
    def total(self) -> Cost:
        """Of all blocks: seconds and disk together, memory at most."""
        return Cost(
            sum(cost.seconds for cost in self.costs),
            max((cost.memory for cost in self.costs), default=0.0),
            sum(cost.disk for cost in self.costs),
        )

    def wall_seconds(self, workers: int) -> float:
        """How long workers are at it."""
        return _ready((cost.seconds for cost in self.costs), workers)

    def shard(self, number: int, of: int) -> Plan:
        """Every ``of``-th block of the whole plan, from ``number`` (counted from 1)."""
        mine = [k for k, place in enumerate(self.numbers) if place % of == number - 1]
        return Plan(
            tuple(self.blocks[k] for k in mine),
            tuple(self.costs[k] for k in mine),
            tuple(self.numbers[k] for k in mine),
            self.cells,
            self.there,
        )


def plan(
    sweep: Sweep,
    wanted: Mapping[str, Iterable[int]],
    there: Mapping[Cell, str],
    speed: Speed,
    limits: Limits,
) -> Plan:
    """Pack what is wanted and not there into blocks.

    Parameters
    ----------
    sweep : Sweep
    wanted : mapping
        Seeds by the name of an arm.
    there : mapping
        Finished cells.
    speed : Speed
        Of one processor here.
    limits : Limits
    """
    counter = _Counter(sweep, speed)
    cells = [
        (areas, arms, seeds)
        for areas in shards(sweep.base.areas, sweep.base.scale)
        for arms, seeds in _alike(wanted)
    ]
    lives = sum(len(seeds) for _, _, seeds in cells)
    packed = [
        block
        for areas, arms, seeds in cells
        for block in _packed(arms, seeds, areas, counter, limits, lives)
    ]
    # The first seeds of all arms come first: there are pairs to look at early, and the past is shared.
    packed.sort(key=lambda block: (block.seeds[0], block.areas))
    missing_of = [(k, rest) for k, block in enumerate(packed) for rest in _missing(block, there)]
    numbers, blocks = tuple(k for k, _ in missing_of), tuple(rest for _, rest in missing_of)
    count = sum(len(arms) * len(seeds) for _, arms, seeds in cells)
    missing = sum(len(block.arms) * len(block.seeds) for block in blocks)
    costs = tuple(counter.cost(block) for block in blocks)
    return Plan(blocks, costs, numbers, count, count - missing)


def _ready(seconds: Iterable[float], workers: int) -> float:
    """When workers are done that each take the next block when they have finished one."""
    busy = [0.0] * workers
    for each in seconds:
        heapq.heapreplace(busy, busy[0] + each)
    return max(busy)


def halves(block: Block) -> list[Block]:
    """A block that was too large, in two: by seeds, then by arms; itself alone if it cannot be divided."""
    for field in ("seeds", "arms"):
        items = getattr(block, field)
        if len(items) > 1:
            middle = len(items) // 2
            parts = items[:middle], items[middle:]
            own = {"arms": block.arms, "seeds": block.seeds, "areas": block.areas}
            return [Block(**(own | {field: part})) for part in parts]
    return [block]


def _alike(
    wanted: Mapping[str, Iterable[int]],
) -> Iterator[tuple[tuple[str, ...], tuple[int, ...]]]:
    """Arms that want the same seeds, together."""
    groups: dict[tuple[int, ...], list[str]] = {}
    for arm, seeds in wanted.items():
        groups.setdefault(tuple(seeds), []).append(arm)
    for seeds, arms in groups.items():
        if seeds:
            yield tuple(arms), seeds


def _packed(
    arms: tuple[str, ...],
    seeds: tuple[int, ...],
    areas: tuple[str, ...],
    counter: _Counter,
    limits: Limits,
    lives: int,
) -> Iterator[Block]:
    """All arms with all seeds in blocks that are short enough, fit into memory, and occupy every worker.

    ``lives`` is how many blocks there would be with all arms of one seed in each.
    """

    def fits(block: Block) -> bool:
        cost = counter.cost(block)
        return cost.seconds <= BLOCK_SECONDS and cost.memory <= limits.memory

    wide, pieces = len(arms), 1
    while wide > 1 and (
        pieces * lives < limits.workers or not fits(Block(arms[:wide], seeds[:1], areas))
    ):
        wide = 1 << (wide - 1).bit_length() - 1
        pieces = -(-len(arms) // wide)

    def ready(deep: int) -> float:
        """When all workers are done, with so many seeds in each block of all that is wanted."""
        blocks, rest = divmod(lives, deep)
        each = [counter.cost(Block(arms[:wide], seeds[:deep], areas)).seconds] * blocks
        last = [counter.cost(Block(arms[:wide], seeds[:rest], areas)).seconds] if rest else []
        return _ready((each + last) * pieces, limits.workers)

    depths = [1]
    while 2 * depths[-1] <= len(seeds) and fits(Block(arms[:wide], seeds[: 2 * depths[-1]], areas)):
        depths.append(2 * depths[-1])
    deep = min(depths, key=ready)
    for s in range(0, len(seeds), deep):
        for a in range(0, len(arms), wide):
            yield Block(arms[a : a + wide], seeds[s : s + deep], areas)


def _missing(block: Block, there: Mapping[Cell, str]) -> list[Block]:
    """What of a block is not there yet."""
    seeds_of: dict[str, list[int]] = {arm: [] for arm in block.arms}
    for arm, seed, areas in block.cells():
        if (arm, seed, areas) not in there:
            seeds_of[arm].append(seed)
    return [Block(arms, seeds, block.areas) for arms, seeds in _alike(seeds_of)]


class _Counter:
    """Counts what blocks of a sweep take."""

    def __init__(self, sweep: Sweep, speed: Speed) -> None:
        self.speed, self.base = speed, sweep.base
        self.start, self.end = day_of(sweep.base.start), day_of(sweep.base.end)
        self.history = {name: _history(s, sweep.base) for name, s in sweep.scenarios.items()}
        self.parts = {
            name: _parts(scenario, sweep.base, self.start, self.end)
            for name, scenario in sweep.scenarios.items()
        }
        self.tables = len(sweep.keep)
        self.places = len(sweep.base.areas) if sweep.detail == "area" else 1

    def cost(self, block: Block) -> Cost:
        """What a block takes, as far as it can be told before."""
        people = _people(block.areas, self.base)
        histories = len({self.history[arm] for arm in block.arms}) * len(block.seeds)
        warm_up = self.base.warm_up_years * 365
        days = self.end - self.start
        # Arms share their past until they part; before that one life stands for all.
        lived = histories * (warm_up + days)
        lived += len(block.seeds) * sum(self.end - self.parts[arm] for arm in block.arms[1:])
        lives = len(block.arms) * len(block.seeds)
        months = lives * days / 30.4 * min(self.places, len(block.areas))
        return Cost(
            seconds=self.speed.a_start
            + self.speed.a_person_start * people * histories
            + self.speed.a_day * (warm_up + days)
            + self.speed.a_person_day * people * lived,
            memory=self.speed.process_bytes
            + HELD * (self.speed.person_bytes * people * lives + self.speed.month_bytes * months),
            disk=self.speed.disk_bytes * months * self.tables,
        )


def _people(areas: Sequence[str], scenario: Scenario) -> float:
    places = read_areas()
    residents = places.residents.sum(axis=1)
    return float(sum(residents[places.code.index(code)] for code in areas)) * scenario.scale


def _history(scenario: Scenario, base: Scenario) -> tuple[int, ...]:
    """What tells the warm-ups of two arms of a sweep apart: parameters that differ from the base."""
    return tuple(
        id(parameter)
        for name, parameter in scenario.parameters.items()
        if parameter is not base.parameters[name]
    )


def _parts(scenario: Scenario, base: Scenario, start: int, end: int) -> int:
    """The first day on which an arm may differ from the base."""
    if _history(scenario, base):
        return start
    old = set(map(id, base.changes))
    days = [day_of(change.from_) for change in scenario.changes if id(change) not in old]
    return min(max(min(days, default=end), start), end)
