"""The draws of the plain engine are those of the contract, and those of the vectorised engine."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.core import candidates, draws
from sim.core.candidates import PROBE, Layers
from sim.core.dates import NEVER
from sim.reference import chance

WORDS = st.integers(0, chance.WORD)
STREAM = "falls_sick"


def test_the_first_outputs_of_splitmix64_from_seed_zero() -> None:
    # Published with the reference implementation of SplitMix64 by Vigna.
    states = [k * chance.GOLDEN & chance.WORD for k in (1, 2, 3)]
    assert [chance.mix(state) for state in states] == [
        0xE220A8397B1DCDAF,
        0x6E789E6AA1B965F4,
        0x06C45D188009454F,
    ]


@given(seed=st.integers(0, 2**63 - 1), person=WORDS)
def test_keys_of_people(seed: int, person: int) -> None:
    (key,) = draws.person_keys(seed, np.array([person], np.uint64)).tolist()
    assert chance.person_key(seed, person) == key


@given(key=WORDS, counter=st.integers(0, 2**40))
def test_numbers_at_an_address(key: int, counter: int) -> None:
    keys, stream = np.array([key], np.uint64), draws.stream_id(STREAM)
    number = chance.stream_number(STREAM)
    assert number == int(stream)
    assert chance.uniform(key, number, counter) == draws.uniforms(keys, stream, counter)[0]
    np.testing.assert_array_max_ulp(
        np.array([chance.exponential(key, number, counter)]),
        draws.exponentials(keys, stream, counter),
        maxulp=1,
    )


@given(u=st.floats(0, 1, exclude_max=True), weights=st.lists(st.integers(0, 9), min_size=2))
def test_choices(u: float, weights: list[int]) -> None:
    shares = [(w + 1) / sum(x + 1 for x in weights) for w in weights]
    assert chance.choose(u, shares) == draws.choose(np.array([u]), np.cumsum(shares))[0]


@given(hazard=st.floats(1e-9, 5), base=st.floats(1e-7, 0.1))
def test_layers(hazard: float, base: float) -> None:
    assert chance.layer_of(hazard, base) == candidates.top_layer(np.array([hazard]), base)[0]


@given(
    key=WORDS,
    base=st.floats(1e-6, 0.2),
    top=st.integers(0, 5),
    after=st.integers(-2_000, 9_000),
)
def test_next_candidates(key: int, base: float, top: int, after: int) -> None:
    check_next(key, base, top, after, 11_000)


def test_the_rarest_candidates_are_not_cut_off() -> None:
    """The last day that a run can have is in 2088, long after the first block of the rarest layer begins."""
    for key in range(200):
        check_next(key, 0.0005 / 365.25, 0, 9_000, NEVER - 1)


def check_next(key: int, base: float, top: int, after: int, last: int) -> None:
    search = Layers(np.array([draws.stream_id(STREAM)]), np.array([base]))
    day, layer = after, PROBE
    while layer == PROBE and day <= last:
        days, layers = search.next(
            np.array([key], np.uint64), np.array([0]), np.array([top], np.uint8), day
        )
        day, layer = int(days[0]), int(layers[0])
    found = chance.first_candidate(key, chance.stream_number(STREAM), base, top, after, last)
    assert found == (day, layer) if day <= last else found[0] > last
    assert day <= NEVER


@given(
    key=WORDS,
    base=st.floats(1e-6, 0.2),
    layer=st.integers(0, 5),
    day=st.integers(0, 11_000),
    ratio=st.floats(0, 40),
)
def test_what_makes_a_candidate_an_event(
    key: int, base: float, layer: int, day: int, ratio: float
) -> None:
    keys, layers = np.array([key], np.uint64), np.array([layer], np.uint8)
    mark = candidates.marks(keys, draws.stream_id(STREAM), layers, day)
    hazard = base * ratio
    needed = candidates.needed_hazard(mark, np.array([base]), layers)[0]
    strikes = chance.strikes(key, chance.stream_number(STREAM), base, layer, day, hazard)
    # At the very edge the last bits of two logarithms may decide.
    edge = 4 * np.spacing(max(hazard, needed))
    assert strikes == (hazard > needed) or abs(hazard - needed) <= edge
