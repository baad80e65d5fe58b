"""Plans: every cell once, nothing that is there, and nothing larger than a worker can hold."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.sweep.files import Sweep, load_sweep
from sim.sweep.plan import BLOCK_SECONDS, Cost, Limits, Plan, halves, plan
from sim.sweep.store import Block
from tests.sweep.conftest import SPEED, written


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    return load_sweep(written(tmp_path_factory.mktemp("sweep")), {"replications": 12})


def planned(sweep: Sweep, there: dict | None = None, workers: int = 2, memory: float = 4e9) -> Plan:
    wanted = {arm: sweep.seeds for arm in sweep.scenarios}
    return plan(sweep, wanted, there or {}, SPEED, Limits(workers, memory))


def cells(made: Plan) -> Counter:
    return Counter(cell for block in made.blocks for cell in block.cells())


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(workers=st.integers(1, 64), data=st.data())
def test_what_is_missing_is_planned_once(sweep: Sweep, workers: int, data: st.DataObject) -> None:
    everything = cells(planned(sweep))
    there = data.draw(st.sets(st.sampled_from(sorted(everything))))
    made = planned(sweep, dict.fromkeys(there, "block"), workers)
    assert cells(made) == Counter(everything.keys() - there)
    assert made.there == len(there)


def test_all_that_is_wanted_is_arms_times_seeds(sweep: Sweep) -> None:
    found = cells(planned(sweep))
    assert set(found.values()) == {1}
    assert {(arm, seed) for arm, seed, _ in found} == {
        (arm, seed) for arm in sweep.scenarios for seed in range(1, 13)
    }


def test_blocks_fit_into_memory(sweep: Sweep) -> None:
    large = load_sweep(sweep.path, {"scale": 0.5})
    roomy, tight = planned(large), planned(large, memory=0.45e9)
    assert max(cost.memory for cost in roomy.costs) > 0.45e9 > tight.total.memory
    assert cells(roomy) == cells(tight)


def test_every_worker_has_something_to_do(sweep: Sweep) -> None:
    short = sweep.with_replications(2)
    assert len(planned(short, workers=2).blocks) == 2
    few, many = planned(short, workers=2), planned(short, workers=8)
    assert len(many.blocks) > 2
    assert many.wall_seconds(8) < few.wall_seconds(8)


def test_two_workers_are_nearly_twice_as_fast_as_one(sweep: Sweep) -> None:
    large = load_sweep(sweep.path, {"scale": 0.02, "years": 5, "replications": 64})
    alone, together = (planned(large, workers=n).wall_seconds(n) for n in (1, 2))
    assert alone / together > 1.8


@given(seconds=st.lists(st.floats(0.1, 100), min_size=1, max_size=40), workers=st.integers(1, 64))
def test_workers_are_as_long_at_it_as_the_blocks_let_them(
    seconds: list[float], workers: int
) -> None:
    costs = tuple(Cost(each, 0, 0) for each in seconds)
    made = Plan((), costs, (), len(costs), 0)
    wall = made.wall_seconds(workers)
    assert made.wall_seconds(1) == pytest.approx(sum(seconds))
    assert max(seconds) <= wall * (1 + 1e-9)
    # No worker is idle while there is a block to take.
    assert wall <= sum(seconds) / workers + max(seconds) + 1e-9
    assert made.wall_seconds(len(costs)) == max(seconds)


def test_parts_share_out_the_blocks(sweep: Sweep) -> None:
    made = planned(sweep)
    parts = [made.shard(number, 5) for number in range(1, 6)]
    assert sum((cells(part) for part in parts), Counter()) == cells(made)
    assert max(len(p.blocks) for p in parts) - min(len(p.blocks) for p in parts) <= 1


def test_a_part_stays_the_same_whatever_is_finished(sweep: Sweep) -> None:
    made = planned(sweep)
    first, second = made.shard(1, 2), made.shard(2, 2)
    later = planned(sweep, dict.fromkeys(cells(first), "block"))
    assert later.shard(1, 2).blocks == ()
    assert later.shard(2, 2).blocks == second.blocks


def test_a_large_sweep_has_blocks_of_about_a_minute(sweep: Sweep) -> None:
    long = load_sweep(sweep.path, {"years": 20, "scale": 0.02, "replications": 64})
    made = planned(long)
    assert max(cost.seconds for cost in made.costs) <= BLOCK_SECONDS
    assert made.total.seconds / len(made.blocks) > BLOCK_SECONDS / 4


def test_halves_end_with_a_single_life() -> None:
    block, known = Block(("a", "b", "c"), (1, 2), ("E54000041",)), Counter[object]()
    waiting = [block]
    while waiting:
        part = waiting.pop()
        parts = halves(part)
        if parts == [part]:
            known.update(part.cells())
        else:
            waiting += parts
    assert known == Counter(block.cells())
