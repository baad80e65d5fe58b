"""Candidates of calendar streams: the exact law of events, and their freedom from history."""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from sim.core.candidates import (
    MAX_LAYERS,
    OUTGROWN,
    PROBE,
    Layers,
    acceptance,
    marks,
    top_layer,
)
from sim.core.dates import NEVER
from sim.core.draws import exponentials, person_keys, stream_id

I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]
F64 = NDArray[np.float64]

BASE = 0.01
STREAM = stream_id("falls_sick")
START = 8_800
SIGNIFICANCE = 0.001


def keys_of(people: int, seed: int = 1) -> U64:
    return person_keys(seed, np.arange(people, dtype=np.uint64))


def search(keys: U64, after: int, top: int, base: float = BASE) -> tuple[I64, NDArray[np.uint8]]:
    layers = Layers(np.array([STREAM]), np.array([base]))
    row, tops = np.zeros(len(keys), np.int64), np.full(len(keys), top, np.uint8)
    return layers.next(keys, row, tops, after)


def event_days(
    keys: U64, hazard: F64, days: int, top: int | None = None, after: int = START
) -> NDArray[np.bool_]:
    """Who has an event on which day after a day, shape (people, days), found as a world does."""
    size, row = len(keys), np.zeros(len(keys), np.int64)
    layers = Layers(np.array([STREAM]), np.array([BASE]))
    tops = top_layer(hazard, BASE) if top is None else np.full(size, top, np.uint8)
    due, layer = layers.next(keys, row, tops, after)
    struck = np.zeros((size, days), bool)
    for day in range(after + 1, after + 1 + days):
        ids = np.flatnonzero(due == day)
        if not len(ids):
            continue
        u = marks(keys[ids], STREAM, layer[ids], day)
        struck[ids, day - after - 1] = u < acceptance(hazard[ids], BASE, layer[ids])
        due[ids], layer[ids] = layers.next(keys[ids], row[ids], tops[ids], day)
    return struck


# ---- The law of events --------------------------------------------------------------------------

# Below the base rate, on it, just above it, inside layers, on their edges, above one a day.
HAZARDS = tuple(BASE * ratio for ratio in (0.3, 1.0, 1.01, 1.7, 2.0, 3.0, 8.0, 11.0, 90.0, 250.0))
DAYS = 120


@cache
def simulated(hazard: float) -> NDArray[np.bool_]:
    people = 8_000
    return event_days(keys_of(people), np.full(people, hazard), DAYS)


def chance(hazard: float) -> float:
    return -math.expm1(-hazard)


@pytest.mark.parametrize("hazard", HAZARDS)
def test_the_chance_of_an_event_on_a_day_is_exact(hazard: float) -> None:
    struck = simulated(hazard)
    in_all = stats.binomtest(int(struck.sum()), struck.size, chance(hazard)).pvalue
    by_day = struck.sum(axis=0)
    expected = chance(hazard) * len(struck)
    spread = ((by_day - expected) ** 2).sum() / (expected * (1 - chance(hazard)))
    assert in_all > SIGNIFICANCE / len(HAZARDS)
    assert stats.chi2(DAYS).sf(spread) > SIGNIFICANCE / len(HAZARDS)


@pytest.mark.parametrize("hazard", HAZARDS)
def test_counts_of_a_person_are_binomial(hazard: float) -> None:
    counts = simulated(hazard).sum(axis=1)
    law = stats.binom(DAYS, chance(hazard)).pmf(np.arange(DAYS + 1)) * len(counts)
    assert _fit(np.bincount(counts, minlength=DAYS + 1), law) > SIGNIFICANCE / len(HAZARDS)


def test_counts_at_a_small_hazard_are_poisson() -> None:
    counts = event_days(keys_of(20_000, seed=2), np.full(20_000, 0.004), 365).sum(axis=1)
    law = stats.poisson(0.004 * 365).pmf(np.arange(20)) * len(counts)
    assert _fit(np.bincount(counts, minlength=20), law) > SIGNIFICANCE


@pytest.mark.parametrize("hazard", HAZARDS[1:])
def test_gaps_between_events_are_geometric(hazard: float) -> None:
    """From events in the first half of the days, each followed for as many days again."""
    half = DAYS // 2
    who, day = np.nonzero(simulated(hazard))
    following = np.append(np.where(np.diff(who) == 0, day[1:], NEVER), NEVER)
    gap = np.minimum(following - day, half + 1)[day < half]
    geometric = stats.geom(chance(hazard))
    law = np.append(geometric.pmf(np.arange(1, half + 1)), geometric.sf(half)) * len(gap)
    assert _fit(np.bincount(gap, minlength=half + 2)[1:], law) > SIGNIFICANCE / len(HAZARDS)


def test_events_of_neighbouring_days_and_people_are_independent() -> None:
    struck = simulated(3 * BASE)
    p = chance(3 * BASE)
    for pairs in (struck[:, :-1] & struck[:, 1:], struck[:-1] & struck[1:]):
        # Overlapping pairs have a slightly larger variance than a binomial number: 1 + 2p at most.
        z = (pairs.sum() - pairs.size * p * p) / np.sqrt(pairs.size * p * p * (1 + 2 * p))
        assert abs(z) < stats.norm.isf(SIGNIFICANCE / 4)


def _fit(counts: NDArray[np.int64], law: F64) -> float:
    """P-value of the fit, with cells merged from the right until each expects at least ten."""
    observed, expected = [0.0], [0.0]
    for count, wanted in zip(counts[::-1], law[::-1], strict=True):
        observed[-1] += count
        expected[-1] += wanted
        if expected[-1] >= 10:
            observed.append(0.0)
            expected.append(0.0)
    observed[-2] += observed.pop()
    expected[-2] += expected.pop()
    scaled = np.array(expected) * sum(observed) / sum(expected)
    return float(stats.chisquare(observed, scaled).pvalue)


# ---- Layers and acceptance ----------------------------------------------------------------------


@given(st.floats(1e-9, 1e3), st.floats(1e-6, 1.0))
def test_a_hazard_lies_in_its_layer(hazard: float, base: float) -> None:
    layer = int(top_layer(np.array([hazard]), base)[0])
    assume(layer < MAX_LAYERS - 1)
    ceiling = base * 2.0**layer
    assert hazard <= ceiling * (1 + 1e-9)
    assert layer == 0 or hazard > ceiling / 2 * (1 - 1e-9)


def test_a_hazard_on_the_edge_of_a_layer_lies_in_the_lower_one() -> None:
    edges = BASE * 2.0 ** np.arange(10)
    assert top_layer(edges, BASE).tolist() == list(range(10))
    assert top_layer(edges * 1.001, BASE).tolist() == list(range(1, 11))
    assert top_layer(np.array([0.0, BASE / 100]), BASE).tolist() == [0, 0]
    assert top_layer(np.array([1e300]), BASE)[0] == MAX_LAYERS - 1


@given(st.floats(0, 1e9), st.integers(-12, 40), st.integers(0, MAX_LAYERS))
def test_a_hazard_outgrows_the_layers_below_its_own(part: float, power: int, band: int) -> None:
    hazard = part * 2.0**power
    below = hazard > 0 and int(top_layer(np.array([hazard]), 1.0)[0]) >= band
    assert (hazard > OUTGROWN[band]) == below
    assert (2.0 ** (band - 1) > OUTGROWN[band]) == (band == 0)


def test_nothing_outgrows_the_last_layer() -> None:
    assert np.isposinf(OUTGROWN[MAX_LAYERS:]).all()
    assert np.isfinite(OUTGROWN[:MAX_LAYERS]).all()


@given(st.floats(0, 5.0), st.integers(0, 12))
def test_layers_together_give_the_hazard(hazard: float, more: int) -> None:
    """No event on a day: no candidate is kept in any layer; more layers on top change nothing."""
    top = int(top_layer(np.array([hazard]), BASE)[0]) + more
    layers = np.arange(top + 1, dtype=np.uint8)
    kept = acceptance(np.full(top + 1, hazard), BASE, layers)
    rate = BASE * 2.0 ** np.maximum(layers.astype(float) - 1, 0)
    none = np.prod(1 - kept * -np.expm1(-rate))
    assert ((kept >= 0) & (kept <= 1)).all()
    assert none == pytest.approx(math.exp(-hazard), rel=1e-9)


def test_acceptance_stays_a_chance_where_a_hazard_is_out_of_its_layers() -> None:
    hazard = np.array([0.0, 1e-300, 1e9, 1e9])
    kept = acceptance(hazard, BASE, np.array([0, 5, 0, 7], np.uint8))
    assert kept.tolist() == [0.0, 0.0, 1.0, 1.0]


def test_nothing_happens_on_a_probe() -> None:
    assert acceptance(np.array([1e9]), BASE, np.array([PROBE], np.uint8))[0] == 0.0


def test_more_than_half_of_the_candidates_are_kept() -> None:
    """Over hazards that are log-uniform above the base rate; the mean is 1 / (2 log 2), or 0.72."""
    size = 6_000
    keys = keys_of(size, seed=3)
    hazard = BASE * np.exp2(np.random.default_rng(1).uniform(0, 5, size))
    tops = top_layer(hazard, BASE)
    events = event_days(keys, hazard, 200)
    seen = np.zeros(size, np.int64)
    for top in np.unique(tops):
        who = np.flatnonzero(tops == top)
        everything = event_days(keys[who], np.full(len(who), 1e6), 200, top=int(top))
        seen[who] = everything.sum(axis=1)
    for top in np.unique(tops):
        who = tops == top
        assert events[who].sum() > 0.5 * seen[who].sum()
    assert 0.6 < (events.sum(axis=1) / np.maximum(seen, 1)).mean() < 0.85


# ---- Higher hazards only add events -------------------------------------------------------------


def test_a_higher_hazard_only_adds_events() -> None:
    keys = keys_of(2_000, seed=4)
    ladder = [
        event_days(keys, np.full(2_000, BASE * ratio), 200)
        for ratio in (0.2, 0.9, 1.0, 1.1, 1.9, 2.1, 5.0, 5.05, 30.0, 200.0)
    ]
    for lower, higher in pairwise(ladder):
        assert not (lower & ~higher).any()
        assert (higher & ~lower).any()


@given(st.integers(0, 2**62), st.floats(1e-4, 3.0), st.floats(1.0, 50.0))
def test_a_higher_hazard_of_one_person_only_adds_events(
    seed: int, hazard: float, ratio: float
) -> None:
    keys = keys_of(3, seed)
    fewer = event_days(keys, np.full(3, hazard), 60)
    more = event_days(keys, np.full(3, hazard * ratio), 60)
    assert not (fewer & ~more).any()


def test_events_do_not_depend_on_the_layers_looked_at() -> None:
    """Somebody whose hazard was once higher, and looks at more layers, has the same events."""
    keys = keys_of(2_000, seed=5)
    hazard = np.full(2_000, 2.6 * BASE)
    assert (event_days(keys, hazard, 200) == event_days(keys, hazard, 200, top=9)).all()


# ---- The search, against a plain reading of the contract ----------------------------------------


def candidates_by_hand(
    key: np.uint64, top: int, first: int, last: int, base: float
) -> dict[int, int]:
    """Layer of each candidate day, walking through the blocks of every layer one gap at a time."""
    found: dict[int, int] = {}
    for layer in range(top + 1):
        rate = base * 2 ** max(layer - 1, 0)
        length = math.ceil(1 / rate)
        for block in range((first + 40_000) // length, (last + 40_000) // length + 1):
            day, gap = block * length - 40_000 - 1, 0
            while True:
                counter = np.array([layer << 56 | block << 16 | gap], np.uint64)
                day += 1 + int(exponentials(np.array([key]), STREAM, counter)[0] / rate)
                if day >= (block + 1) * length - 40_000:
                    break
                if first <= day <= last and day not in found:
                    found[day] = layer
                gap += 1
    return found


def found_by_search(key: np.uint64, top: int, first: int, last: int, base: float) -> dict[int, int]:
    found, day = {}, first - 1
    while True:
        days, layers = search(np.array([key]), day, top, base)
        day = int(days[0])
        if day > last:
            return found
        if layers[0] != PROBE:
            found[day] = int(layers[0])


@given(
    st.integers(0, 2**62),
    st.integers(0, 6),
    st.sampled_from([0.0005, 0.01, 0.3, 0.75, 1.0, 2.5]),
    st.integers(-2_000, 12_000),
)
def test_the_search_finds_the_candidates_of_the_contract(
    seed: int, top: int, base: float, first: int
) -> None:
    key = keys_of(1, seed)[0]
    last = first + min(1_000, round(4 / base) + 10)
    by_hand = candidates_by_hand(key, top, first, last, base)
    assert found_by_search(key, top, first, last, base) == by_hand


def test_blocks_with_many_candidates_are_walked_to_the_end() -> None:
    """Five candidates and more in a block before the day asked for."""
    keys, length = keys_of(30_000, seed=6), math.ceil(1 / BASE)
    block = (START + 40_000) // length
    begin = block * length - 40_000
    gaps = np.stack(
        [
            1
            + (exponentials(keys, STREAM, np.array([block << 16 | gap], np.uint64)) / BASE).astype(
                int
            )
            for gap in range(5)
        ]
    )
    fifth = begin - 1 + gaps.sum(axis=0)
    after = begin + length - 5
    crowded = np.flatnonzero(fifth <= after)
    assert len(crowded) > 50
    day, layer = search(keys[crowded], after, 0)
    ends_in_block = 0
    for key, got, kind in zip(keys[crowded], day, layer, strict=True):
        by_hand = candidates_by_hand(key, 0, after + 1, after + 4 * length, BASE)
        if kind == PROBE:
            assert min(by_hand, default=NEVER) > got
        else:
            assert got == min(by_hand)
        ends_in_block += got < begin + length
    assert ends_in_block > 0


def test_a_search_that_finds_nothing_says_where_to_look_again() -> None:
    keys = keys_of(20_000, seed=7)
    day, layer = search(keys, START, 0)
    probes = np.flatnonzero(layer == PROBE)
    assert 50 < len(probes) < 2_000
    assert (day[probes] > START).all()
    for key, got in zip(keys[probes][:40], day[probes][:40], strict=True):
        assert not candidates_by_hand(key, 0, START + 1, int(got), BASE)


def _next_true(keys: U64, after: int, top: int) -> tuple[I64, NDArray[np.uint8]]:
    """The next candidate, looking again at every probe."""
    day, layer = search(keys, after, top)
    while (layer == PROBE).any():
        for k in np.flatnonzero(layer == PROBE):
            day[k : k + 1], layer[k : k + 1] = search(keys[k : k + 1], int(day[k]), top)
    return day, layer


@given(st.integers(0, 2**62), st.integers(0, 8), st.integers(0, 400))
def test_the_next_candidate_is_the_same_from_wherever_the_search_starts(
    seed: int, top: int, later: int
) -> None:
    keys = keys_of(4, seed)
    day, layer = _next_true(keys, START, top)
    again, layer_again = _next_true(keys, START + later, top)
    still_ahead = day > START + later
    assert (again[still_ahead] == day[still_ahead]).all()
    assert (layer_again[still_ahead] == layer[still_ahead]).all()
    assert (again > START + later).all()


@given(st.integers(0, 2**62), st.integers(0, 6))
def test_day_by_day_and_candidate_by_candidate_agree(seed: int, top: int) -> None:
    key = keys_of(1, seed)
    leaps = found_by_search(key[0], top, START, START + 60, BASE)
    steps = {}
    for day in range(START, START + 61):
        days, layers = search(key, day - 1, top)
        if days[0] == day and layers[0] != PROBE:
            steps[day] = int(layers[0])
    assert steps == leaps


@pytest.mark.parametrize("start", [START - 700, START - 41, START - 1, START])
def test_searches_from_different_days_meet(start: int) -> None:
    keys, hazard = keys_of(500, seed=8), np.full(500, 0.07)
    days = 150
    from_start = event_days(keys, hazard, START - start + days, after=start)
    assert (from_start[:, START - start :] == event_days(keys, hazard, days)).all()


def test_requests_of_many_streams_are_answered_as_if_alone() -> None:
    """Requests of different people, streams, base rates and layers do not disturb each other."""
    rng = np.random.default_rng(9)
    size = 300
    keys = keys_of(size, seed=9)
    streams = np.array([stream_id(f"stream {k % 7}") for k in range(size)])
    base = 10.0 ** rng.uniform(-6, 0, size)
    top = rng.integers(0, 10, size).astype(np.uint8)
    row = rng.permutation(size)
    day, layer = Layers(streams, base).next(keys, row, top, START)
    for k in range(size):
        one = slice(k, k + 1)
        lonely = Layers(streams[row[one]], base[row[one]])
        alone = lonely.next(keys[one], np.zeros(1, np.int64), top[one], START)
        assert (alone[0][0], alone[1][0]) == (day[k], layer[k])


def test_a_large_request_is_answered_in_parts() -> None:
    size = 60_000
    keys = keys_of(size, seed=10)
    day, layer = search(keys, START, 11)
    for part in (slice(0, 100), slice(size // 2, size // 2 + 100), slice(size - 100, size)):
        alone = search(keys[part], START, 11)
        assert (alone[0] == day[part]).all()
        assert (alone[1] == layer[part]).all()


def test_a_candidate_that_never_comes_is_on_the_day_that_never_comes() -> None:
    day, _ = search(keys_of(500), NEVER - 20, 0)
    assert (day <= NEVER).all()
    assert 0 < (day < NEVER).sum() < (day == NEVER).sum()


def test_no_request_has_no_answer() -> None:
    day, layer = search(keys_of(0), START, 0)
    assert len(day) == len(layer) == 0
