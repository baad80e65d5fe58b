"""Services with capacity: fractions of people, waits, and what queueing theory says of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.core.world import World
from sim.support.service import Capacity, Places, Service, Throughput, by_place

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]


@dataclass
class Office:
    """As much of a world as a service asks of it: some areas of as many people each."""

    areas: int
    people_per_area: int
    arms: int = 1
    day: int = 0
    people: dict[str, NDArray[np.integer]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        size = self.arms * self.areas * self.people_per_area
        self.people["help_ticket"] = np.full(size, -1, np.int32)
        self.people["help_since"] = np.zeros(size, np.int32)

    @property
    def people_per_arm(self) -> int:
        return self.areas * self.people_per_area

    def place_of(self, ids: I64) -> I64:
        return ids // self.people_per_area


class Trial:
    """A service in an office, run day by day.

    Ends come before starts, so a place is free again on the day on which its user leaves.
    """

    def __init__(self, office: Office, capacity: Capacity) -> None:
        self.office = office
        self.world = cast(World, office)
        self.service = Service(self.world, "help", capacity)
        self.ends: dict[int, list[I64]] = {}
        self.in_use = np.zeros(office.areas * office.arms, np.int64)
        self.starts = np.zeros(office.areas * office.arms, np.int64)
        self.queue_days = np.zeros(office.areas * office.arms, np.int64)

    def day(self, comers: I64, length: I64 | int = 0) -> I64:
        """One day: people leave, others come, some start, for so many days (none: no place)."""
        office, places = self.office, len(self.in_use)
        office.day += 1
        for done in self.ends.pop(office.day, []):
            self.service.release(self.world, done)
            self.in_use -= np.bincount(office.place_of(done), minlength=places)
        office.people["help_since"][comers] = office.day
        self.service.join(self.world, comers)
        taken = self.service.serve(self.world)
        started = np.bincount(office.place_of(taken), minlength=places)
        self.starts += started
        self.queue_days += self.service.lines.waiting
        if np.any(length):
            self.in_use += started
            lengths = np.broadcast_to(length, len(office.people["help_since"]))[taken]
            for days in np.unique(lengths):
                self.ends.setdefault(office.day + int(days), []).append(taken[lengths == days])
        return taken


def everybody(office: Office) -> I64:
    return np.arange(len(office.people["help_since"]))


def amount(*by_area: float) -> F64:
    return np.array(by_area)


# ---- Fractions of a person ----------------------------------------------------------------------


def test_a_fractional_throughput_serves_its_share_over_time() -> None:
    """At 0.3, 3 and 30 a day as many start for what there is, and never more than a day's worth."""
    daily, days = amount(0.3, 3.0, 30.0), 1_000
    office = Office(3, 30_100)
    trial = Trial(office, Throughput(lambda _w: daily, 3))
    most = np.zeros(3, np.int64)
    for day in range(days):
        before = trial.starts.copy()
        trial.day(everybody(office) if day == 0 else np.empty(0, np.int64))
        most = np.maximum(most, trial.starts - before)
    assert np.abs(trial.starts - daily * days).max() < 1
    assert (most <= np.ceil(daily)).all()


def test_throughput_that_is_not_used_is_lost() -> None:
    daily = amount(0.25, 2.0, 10.0)
    office = Office(3, 100)
    trial = Trial(office, Throughput(lambda _w: daily, 3))
    for _ in range(500):
        trial.day(np.empty(0, np.int64))
    trial.day(everybody(office))
    assert (trial.starts < daily + 1).all()


def test_throughput_that_ends_leaves_nothing_to_serve_with() -> None:
    daily = amount(0.9)
    office = Office(1, 10)
    trial = Trial(office, Throughput(lambda _w: daily, 1))
    trial.day(np.empty(0, np.int64))
    daily[:] = 0
    for _ in range(5):
        trial.day(np.empty(0, np.int64))
    daily[:] = 0.5
    trial.day(everybody(office))
    assert trial.starts.tolist() == [0]


@pytest.mark.parametrize("length", [20, 60])
def test_places_are_worth_the_same_per_head_at_every_scale(length: int) -> None:
    """0.4, 2.4 and 24 places: as many starts for what there is, and never a place too many.

    The day on which somebody starts is not charged to the fraction of a place, so 0.4 places give
    length / (length - 1) times as many starts as whole places do, and no more than that.
    """
    places, days = amount(0.4, 2.4, 24.0), 6_000
    office = Office(3, 8_000)
    trial = Trial(office, Places(lambda _w: places, 3))
    most, use = np.zeros(3, np.int64), np.zeros(3)
    for day in range(days):
        trial.day(everybody(office) if day == 0 else np.empty(0, np.int64), length)
        most = np.maximum(most, trial.in_use)
        use += trial.in_use
    per_head = trial.starts / places / days * length
    assert per_head[2] == pytest.approx(1, abs=0.01)
    slack = 1 / (length - 1)
    assert (per_head[:2] > 0.98).all()
    assert (per_head[:2] < 1 + slack + 0.01).all()
    assert use / days == pytest.approx(places, rel=slack + 0.01)
    assert most.tolist() == [1, 3, 24]


def test_places_are_shared_out_per_head_when_support_differs_in_length() -> None:
    """Over fifty areas with 0.4 places each as over one with 20, with geometric lengths."""
    rng = np.random.default_rng(1)
    days, areas, mean = 4_000, 50, 40
    small, large = Office(areas, 400), Office(1, 20_000)
    used = []
    for office, places in ((small, np.full(areas, 0.4)), (large, amount(20.0))):
        trial = Trial(office, Places(lambda _w, p=places: p, len(places)))
        lengths = rng.geometric(1 / mean, len(everybody(office)))
        use = 0
        for day in range(days):
            trial.day(everybody(office) if day == 0 else np.empty(0, np.int64), lengths)
            use += trial.in_use.sum()
        assert (trial.service.lines.waiting > 0).all()
        used.append(use / days)
    assert used[1] == pytest.approx(20, rel=0.01)
    assert used[0] == pytest.approx(20, rel=1 / (mean - 1) + 0.03)


def test_places_that_stood_empty_are_not_made_up_for() -> None:
    places, days = amount(0.4, 2.4), 1_000
    office = Office(2, 1_000)
    trial = Trial(office, Places(lambda _w: places, 2))
    for _ in range(days):
        trial.day(np.empty(0, np.int64))
    use = np.zeros(2)
    for day in range(days):
        trial.day(everybody(office) if day == 0 else np.empty(0, np.int64), 20)
        if day == 0:
            assert trial.in_use.tolist() == [1, 3]
        use += trial.in_use
    assert use / days == pytest.approx(places, rel=1 / 19 + 0.01)


def test_whole_places_that_are_taken_away_empty_as_people_leave() -> None:
    places = amount(10.0)
    office = Office(1, 200)
    trial = Trial(office, Places(lambda _w: places, 1))
    lengths = np.arange(200) % 10 + 5
    trial.day(everybody(office), lengths)
    places[:] = 3
    seen = []
    for _ in range(40):
        trial.day(np.empty(0, np.int64), lengths)
        seen.append(int(trial.in_use[0]))
    assert seen[0] == 10
    assert (np.diff(seen[: seen.index(3) + 1]) <= 0).all()
    assert set(seen[seen.index(3) :]) == {3}


# ---- Queueing theory ----------------------------------------------------------------------------


def test_days_waited_add_up_to_the_length_of_the_line() -> None:
    """Little's law in a saturated service, exactly: an evening in line is a day of a wait."""
    office = Office(2, 3_000)
    trial = Trial(office, Throughput(lambda _w: amount(0.7, 4.2), 2))
    rng = np.random.default_rng(2)
    unseen = [rng.permutation(3_000), 3_000 + rng.permutation(3_000)]
    for _ in range(400):
        counts = rng.poisson((0.75, 4.5))
        comers = [people[:count] for people, count in zip(unseen, counts, strict=True)]
        unseen = [people[count:] for people, count in zip(unseen, counts, strict=True)]
        trial.day(np.sort(np.concatenate(comers)))
    waiting = np.flatnonzero(trial.service.lines.is_waiting(everybody(office)))
    # Those who still stand there have waited today too.
    so_far = office.day + 1 - office.people["help_since"][waiting]
    still = np.bincount(office.place_of(waiting), so_far, 2)
    assert (trial.service.lines.waiting > 0).all()
    assert (trial.queue_days == trial.service.waited + still).all()
    assert (trial.service.started == trial.starts).all()


def erlang_c(servers: int, load: float) -> float:
    """Chance that somebody who comes must wait, of M/M/c with an offered load in Erlangs.

    Source: Erlang (1917); in the form of the recursion of Erlang's B.
    """
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked / (1 - load / servers * (1 - blocked))


def test_erlangs_c_at_known_points() -> None:
    assert erlang_c(1, 0.6) == pytest.approx(0.6)
    assert erlang_c(2, 1.0) == pytest.approx(1 / 3)


@pytest.mark.parametrize(("servers", "use"), [(1, 0.6), (4, 0.8)])
def test_mean_waits_are_those_of_erlang(servers: int, use: float) -> None:
    """Random arrivals, memoryless support: M/M/c, where a day is short beside the mean of 60."""
    areas, days, warm_up, mean = 400, 5_000, 1_500, 60.0
    rng = np.random.default_rng(servers)
    rate = use * servers / mean
    office = Office(areas, round(rate * days + 8 * np.sqrt(rate * days)))
    trial = Trial(office, Places(lambda _w: np.full(areas, float(servers)), areas))
    # Support of less than a day is rounded up, and a started day counts whole: half a day too much.
    lengths = np.ceil(rng.exponential(mean, len(everybody(office)))).astype(np.int64)
    upcoming = np.arange(areas) * office.people_per_area
    for day in range(days):
        if day == warm_up:
            trial.service.month_rows(trial.world)
        counts = rng.poisson(rate, areas)
        comers = np.repeat(upcoming, counts) + _within(counts)
        upcoming = upcoming + counts
        trial.day(comers, lengths)
    waited = trial.service.waited.sum() / trial.service.started.sum()
    real_mean = mean + 0.5
    load = rate * real_mean
    theory = erlang_c(servers, load) * real_mean / (servers - load)
    assert waited == pytest.approx(theory, rel=0.04)


def _within(counts: I64) -> I64:
    """0, 1, ... within each group of so many."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


# ---- The rest of a service ----------------------------------------------------------------------


def test_people_start_in_the_order_in_which_they_came_and_are_told_in_person_order() -> None:
    office = Office(2, 10)
    trial = Trial(office, Throughput(lambda _w: amount(2.0, 1.0), 2))
    trial.service.join(trial.world, np.array([5, 3, 9, 17, 12]))
    assert trial.day(np.empty(0, np.int64)).tolist() == [3, 5, 17]
    assert trial.day(np.empty(0, np.int64)).tolist() == [9, 12]


def test_only_those_who_wait_can_leave_the_line() -> None:
    office = Office(1, 10)
    trial = Trial(office, Throughput(lambda _w: amount(1.0), 1))
    trial.service.join(trial.world, np.array([1, 2, 3]))
    trial.service.leave(trial.world, np.array([2, 7]))
    assert trial.service.lines.waiting.tolist() == [2]
    trial.service.leave(trial.world, np.array([2]))
    assert trial.service.lines.waiting.tolist() == [2]


def test_a_month_tells_starts_waits_and_what_stands_at_its_end() -> None:
    office = Office(1, 10)
    trial = Trial(office, Places(lambda _w: amount(2.0), 1))
    for day in range(4):
        trial.day(np.arange(5) if day == 0 else np.empty(0, np.int64), 2)
    rows = {measure: int(values[0]) for _, measure, values in trial.service.month_rows(trial.world)}
    assert rows == {"started": 4, "waited_days": 4, "waiting": 1, "in_support": 2}
    again = {
        measure: int(values[0]) for _, measure, values in trial.service.month_rows(trial.world)
    }
    assert again == {"started": 0, "waited_days": 0, "waiting": 1, "in_support": 2}


@pytest.mark.parametrize("kind", [Throughput, Places])
def test_a_branched_service_goes_on_where_its_parent_stood(kind: type[Places | Throughput]) -> None:
    """Each arm of the copy serves on as the parent would have, and leaves the parent alone."""
    capacity = kind(lambda w: np.tile(amount(0.7, 2.3), w.arms), 2)
    office = Office(2, 300)
    trial = Trial(office, capacity)
    # Not a round number of days: parts of a person are in the account when it is copied.
    for day in range(52):
        trial.day(everybody(office) if day == 0 else np.empty(0, np.int64), 7)

    both = Office(2, 300, arms=2, day=office.day)
    for name, column in office.people.items():
        both.people[name] = np.tile(column, 2)
    twin = Trial(both, trial.service.capacity)
    twin.service = trial.service.branched(cast(World, both), np.array([0, 0]))
    twin.in_use = np.tile(trial.in_use, 2)
    twin.ends = {
        day: [np.concatenate([ids, ids + both.people_per_arm]) for ids in groups]
        for day, groups in trial.ends.items()
    }
    for _ in range(50):
        one = trial.day(np.empty(0, np.int64), 7)
        two = twin.day(np.empty(0, np.int64), 7)
        assert two.tolist() == [*one.tolist(), *(one + both.people_per_arm).tolist()]
    assert (np.tile(trial.service.started, 2) == twin.service.started).all()


def test_values_by_arm_and_area_become_one_number_a_place() -> None:
    assert by_place([[1, 2], [3, 4]]).tolist() == [1.0, 2.0, 3.0, 4.0]


def test_a_cut_in_places_leaves_no_debt_beyond_the_fraction() -> None:
    """From 10 places all in use to 2.4: once people leave, 2.4 are in use on average."""
    amount = [10.0]
    nowhere = cast(World, None)  # the amount asks nothing of a world
    capacity = Places(lambda w: np.array(amount), 1)
    capacity.free(nowhere)
    capacity.took(np.array([10]))
    amount[0] = 2.4
    for day in range(80):
        capacity.free(nowhere)
        if day % 10 == 9:
            capacity.gave_back(np.array([1]))
    in_use = []
    for day in range(1_000):
        started = capacity.free(nowhere)
        capacity.took(started)
        in_use.append(int(capacity.in_use[0]))
        if day % 10 == 9 and capacity.in_use[0] > 0:
            capacity.gave_back(np.array([1]))
    assert 2.1 < np.mean(in_use[200:]) < 2.7
