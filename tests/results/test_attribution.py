"""Attribution: shares that add up, on games whose answer is known; about a second."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from results.attribution import Subset, attribute, design

SEEDS = 6
WEIGHT = np.array([5.0, 3.0, 2.0, 1.0, 0.5, 0.25, 4.0])


def game(subset: Subset, seed: int) -> float:
    """Parts add up, but 0 and 1 together add 7 more; 2 adds nothing where 0 is."""
    value = sum(WEIGHT[k] for k in subset if not (k == 2 and 0 in subset))
    return value + 7.0 * ({0, 1} <= subset) + 0.1 * seed * len(subset) + 100 * seed


def values(subsets: list[Subset]) -> dict[Subset, np.ndarray]:
    return {s: np.array([[game(s, seed)] for seed in range(SEEDS)]) for s in subsets}


def by_orders(parts: int, part: int) -> float:
    """Shapley's definition: the mean of what a part adds over all orders."""
    added = []
    for order in itertools.permutations(range(parts)):
        before = frozenset(order[: order.index(part)])
        added.append(np.mean([game(before | {part}, s) - game(before, s) for s in range(SEEDS)]))
    return float(np.mean(added))


@pytest.mark.parametrize("parts", [2, 3, 5])
def test_exact_shares_are_the_mean_over_all_orders(parts: int) -> None:
    plan = design(parts, 5, 8)
    assert plan.orders is None
    assert len(plan.subsets) == 2**parts
    found = attribute(plan, values(plan.subsets))
    for part in range(parts):
        assert found.shapley[part].mean[0] == pytest.approx(by_orders(parts, part))
    total = sum(share.mean[0] for share in found.shapley)
    assert total == pytest.approx(found.whole.mean[0])


def test_alone_and_taken_out_are_what_they_say() -> None:
    plan = design(3, 5, 8)
    found = attribute(plan, values(plan.subsets))
    noise = 0.1 * np.mean(range(SEEDS))
    assert found.alone[0].mean[0] == pytest.approx(5 + noise)
    assert found.taken_out[0].mean[0] == pytest.approx(5 + 7 - 2 + noise)
    assert found.taken_out[2].mean[0] == pytest.approx(0 + noise)
    assert found.interaction[0] == pytest.approx(7 - 2)


def test_sampled_shares_add_up_and_hold_the_truth() -> None:
    """Seven parts in many sampled orders: near the exact ones, and always adding up to the whole."""
    plan = design(7, 5, 400, seed=3)
    assert plan.orders is not None
    assert len(plan.orders) == 400
    assert plan.orders[1] == plan.orders[0][::-1]
    found = attribute(plan, values(plan.subsets))
    assert sum(s.mean[0] for s in found.shapley) == pytest.approx(found.whole.mean[0])
    exact = attribute(design(7, 8, 8), values(design(7, 8, 8).subsets))
    for sampled, true in zip(found.shapley, exact.shapley, strict=True):
        assert abs(sampled.mean[0] - true.mean[0]) <= 2 * sampled.half_width[0] + 1e-9


def test_sampling_needs_fewer_runs_than_all_combinations() -> None:
    assert len(design(10, 5, 8).subsets) < 2**10 / 8


def test_the_error_falls_with_what_does_not_vary_over_seeds() -> None:
    plan = design(2, 5, 8)
    same = {s: np.array([[float(len(s))]] * SEEDS) for s in plan.subsets}
    found = attribute(plan, same)
    assert all(share.half_width[0] == 0 for share in found.shapley)


def test_one_part_cannot_be_told_apart() -> None:
    with pytest.raises(ValueError, match="at least two parts"):
        design(1, 5, 8)
