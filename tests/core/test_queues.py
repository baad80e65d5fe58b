"""Waiting lines, against a plain model of lists."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.core.queues import SPAN, WaitingLines

I64 = NDArray[np.int64]
PLACES, PRIORITIES, PEOPLE = 3, 2, 60


@dataclass
class Lines:
    """Lists of people by place and priority."""

    lists: list[list[list[int]]] = field(
        default_factory=lambda: [[[] for _ in range(PRIORITIES)] for _ in range(PLACES)]
    )

    def join(self, person: int) -> None:
        self.lists[place_of(person)][priority_of(person)].append(person)

    def leave(self, person: int) -> None:
        self.lists[place_of(person)][priority_of(person)].remove(person)

    def waiting(self) -> list[int]:
        return [sum(map(len, lines)) for lines in self.lists]

    def people(self) -> set[int]:
        return {person for lines in self.lists for line in lines for person in line}

    def serve(self, free: list[int]) -> list[list[int]]:
        """Who is served at each place, in order."""
        served = []
        for lines, most in zip(self.lists, free, strict=True):
            order = [person for line in lines for person in line][:most]
            for line in lines:
                line[:] = [person for person in line if person not in order]
            served.append(order)
        return served


def place_of(person: int) -> int:
    return person % PLACES


def priority_of(person: int) -> int:
    return person // PLACES % PRIORITIES


def array(people: list[int]) -> I64:
    return np.array(people, np.int64)


def new_lines(people: int = PEOPLE, priorities: int = PRIORITIES) -> WaitingLines:
    return WaitingLines(np.full(people, -1, np.int32), PLACES, priorities)


def join(lines: WaitingLines, people: list[int]) -> None:
    ids = array(people)
    lines.join(ids, ids % PLACES, ids // PLACES % PRIORITIES)


def served_by_place(lines: WaitingLines, free: list[int]) -> list[list[int]]:
    served = lines.serve(array(free)).tolist()
    return [[person for person in served if place_of(person) == place] for place in range(PLACES)]


ACTIONS = st.one_of(
    st.tuples(st.just("join"), st.lists(st.integers(0, PEOPLE - 1), unique=True, min_size=1)),
    st.tuples(st.just("leave"), st.lists(st.integers(0, PEOPLE - 1), unique=True, min_size=1)),
    st.tuples(st.just("serve"), st.lists(st.integers(0, 5), min_size=PLACES, max_size=PLACES)),
)


@given(st.lists(ACTIONS, max_size=40))
def test_lines_behave_like_plain_lists(actions: list[tuple[str, list[int]]]) -> None:
    lines, plain = new_lines(), Lines()
    for act, numbers in actions:
        if act == "join":
            people = [person for person in numbers if person not in plain.people()]
            join(lines, people)
            for person in people:
                plain.join(person)
        elif act == "leave":
            people = [person for person in numbers if person in plain.people()]
            lines.leave(array(people), array(people) % PLACES)
            for person in people:
                plain.leave(person)
        else:
            assert served_by_place(lines, numbers) == plain.serve(numbers)
        assert lines.waiting.tolist() == plain.waiting()
        everybody = np.arange(PEOPLE)
        assert set(everybody[lines.is_waiting(everybody)].tolist()) == plain.people()


@pytest.mark.parametrize("seed", range(3))
def test_long_lines_with_many_leavers_behave_like_plain_lists(seed: int) -> None:
    """The ring goes round and grows while it does, with holes in it."""
    people = 3_000
    rng = np.random.default_rng(seed)
    lines, plain = new_lines(people), Lines()
    for day in range(60):
        outside = np.setdiff1d(np.arange(people), list(plain.people()))
        # More come than are served in the first half, and fewer in the second.
        comers = rng.permutation(outside)[: 60 if day < 30 else 5].tolist()
        join(lines, comers)
        for person in comers:
            plain.join(person)
        inside = np.array(sorted(plain.people()))
        leavers = rng.permutation(inside)[: len(inside) // 8].tolist()
        lines.leave(array(leavers), array(leavers) % PLACES)
        for person in leavers:
            plain.leave(person)
        free = rng.integers(0, 20, PLACES).tolist()
        assert served_by_place(lines, free) == plain.serve(free)
        assert lines.waiting.tolist() == plain.waiting()
    assert sum(plain.waiting()) < 200


def test_first_come_is_first_served_and_priority_goes_before() -> None:
    lines = new_lines()
    join(lines, [9, 3, 0, 15, 6])  # 3, 9 and 15 have the lower priority
    assert lines.serve(array([3, 0, 0])).tolist() == [0, 6, 9]
    join(lines, [12])
    assert lines.serve(array([9, 9, 9])).tolist() == [12, 3, 15]


def test_nobody_is_served_beyond_what_is_free() -> None:
    lines = new_lines()
    join(lines, list(range(PEOPLE)))
    for free in ([0, 0, 0], [1, 0, 4], [2, 3, 1]):
        served = lines.serve(array(free))
        assert np.bincount(served % PLACES, minlength=PLACES).tolist() == free


def test_somebody_who_leaves_and_comes_back_stands_at_the_end() -> None:
    lines = new_lines()
    join(lines, [0, 6, 12])
    lines.leave(array([0]), array([0]))
    join(lines, [0])
    assert lines.waiting.tolist() == [3, 0, 0]
    assert lines.serve(array([5, 5, 5])).tolist() == [6, 12, 0]


def test_a_line_emptied_by_leavers_serves_whoever_comes_next() -> None:
    lines = new_lines()
    join(lines, [0, 6, 12])
    lines.leave(array([0, 6, 12]), array([0, 0, 0]))
    assert lines.serve(array([1, 1, 1])).tolist() == []
    join(lines, [18])
    assert lines.serve(array([1, 1, 1])).tolist() == [18]


def test_branched_lines_go_their_own_ways() -> None:
    """Arm k of the copy starts as its parent arm did; the parent is left as it was."""
    arms, people, areas = 2, 30, PLACES
    ticket = np.full(arms * people, -1, np.int32)
    lines = WaitingLines(ticket, arms * areas)
    for arm, comers in enumerate(([4, 1, 7, 2], [5, 8])):
        ids = array(comers)
        lines.join(ids + arm * people, arm * areas + ids % areas)
    lines.leave(array([1]), array([1]))

    parents = array([1, 0, 0])
    copied = ticket.reshape(arms, people)[parents].reshape(-1)
    copy = lines.branched(copied, parents, areas, people)
    assert copy.waiting.tolist() == [0, 0, 2, 0, 2, 1, 0, 2, 1]
    assert copy.serve(array([9, 9, 9, 0, 1, 0, 0, 9, 0])).tolist() == [5, 8, 34, 64, 67]
    assert sorted(copy.serve(np.full(9, 9)).tolist()) == [32, 37, 62]
    assert sorted(lines.serve(np.full(6, 9)).tolist()) == [2, 4, 7, 35, 38]


def test_services_may_share_the_tickets_of_people_who_wait_for_one_of_them() -> None:
    ticket = np.full(PEOPLE, -1, np.int32)
    one, other = (WaitingLines(ticket, PLACES, first=k * SPAN) for k in range(2))
    one.join(array([0, 3]), array([0, 0]))
    other.join(array([6, 9]), array([0, 0]))
    everybody = array([0, 3, 6, 9, 12])
    assert one.is_waiting(everybody).tolist() == [True, True, False, False, False]
    assert other.is_waiting(everybody).tolist() == [False, False, True, True, False]
    assert one.stand().sum() == other.stand().sum() == 2
    copies = [lines.branched(ticket.copy(), array([0]), PLACES, PEOPLE) for lines in (one, other)]
    assert [lines.stand().nonzero()[0].tolist() for lines in copies] == [[0, 3], [6, 9]]
    # Who changes lines leaves a hole in the first, and is not served there.
    one.leave(array([0]), array([0]))
    other.join(array([0]), array([0]))
    assert one.serve(array([9, 9, 9])).tolist() == [3]
    assert other.serve(array([9, 9, 9])).tolist() == [6, 9, 0]
