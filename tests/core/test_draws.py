"""Addressed draws: reference vectors, frozen draws, a battery of tests, independence of company."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from sim.core.candidates import marks
from sim.core.draws import GOLDEN, bits, choose, exponentials, mix, person_keys, stream_id, uniforms
from tests.core.battery import avalanche, failures, p_values

U64 = NDArray[np.uint64]
SIDE = 512
NUMBERS = np.arange(SIDE, dtype=np.uint64)
PEOPLE = person_keys(7, NUMBERS)
STREAM = stream_id("falls_sick")


def words(*numbers: int) -> U64:
    return np.array(numbers, np.uint64)


# ---- Reference vectors --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "expected"),
    [
        (0, (0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC)),
        (
            1234567,
            (6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431),
        ),
    ],
)
def test_mix_is_the_published_finaliser_of_splitmix64(seed: int, expected: tuple[int, ...]) -> None:
    steps = np.arange(1, len(expected) + 1, dtype=np.uint64)
    assert mix(np.uint64(seed) + steps * GOLDEN).tolist() == list(expected)


def test_mix_loses_nothing() -> None:
    """The finaliser can be undone, so no two words are mixed into one."""
    before = np.random.default_rng(1).integers(0, 2**64, 10_000, np.uint64)
    assert (_unmix(mix(before.copy())) == before).all()


def _unmix(z: U64) -> U64:
    z = _unshift(z, 31) * np.uint64(pow(0x94D049BB133111EB, -1, 2**64))
    z = _unshift(z, 27) * np.uint64(pow(0xBF58476D1CE4E5B9, -1, 2**64))
    return _unshift(z, 30)


def _unshift(z: U64, by: int) -> U64:
    """Undo ``z ^= z >> by``."""
    known = z.copy()
    for _ in range(64 // by):
        known = z ^ (known >> np.uint64(by))
    return known


def test_the_number_of_a_stream_is_frozen() -> None:
    assert stream_id("falls_sick") == np.uint64(FALLS_SICK)
    assert stream_id("recovery") == np.uint64(RECOVERY)


def test_draws_at_known_addresses_are_frozen() -> None:
    """Another number here changes every result ever published with this version."""
    keys = person_keys(1, words(0, 1, 2**40))
    assert keys.tolist() == KEYS_OF_SEED_1
    assert bits(keys, stream_id("falls_sick"), words(0, 1, 2**62 + 3)).tolist() == BITS
    assert person_keys(2**62, words(5)).tolist() == [KEY_OF_A_LARGE_SEED]


FALLS_SICK = 0x97A0502090188912
RECOVERY = 0x7A5F3F517853588C
KEYS_OF_SEED_1 = [0xA1FD8F763F2B4AA4, 0x9D0ED3486486D892, 0x59037A3A87F788FB]
BITS = [0x308F899445713F8E, 0x9A40A5B00C4CA250, 0xD91D85A199A4246F]
KEY_OF_A_LARGE_SEED = 0xC4C440F481611ACB


def test_uniforms_are_the_upper_53_bits() -> None:
    raw = bits(PEOPLE, STREAM)
    assert (uniforms(PEOPLE, STREAM) == (raw >> np.uint64(11)).astype(float) / 2**53).all()
    assert (exponentials(PEOPLE, STREAM) == -np.log(uniforms(PEOPLE, STREAM) + 2.0**-54)).all()


# ---- The battery --------------------------------------------------------------------------------


def addressed() -> dict[str, U64]:
    """Tables whose neighbours differ by one step of the address, on each axis that is used."""
    column, row = PEOPLE[:, None], NUMBERS[None, :]
    streams = np.array([stream_id(f"stream {k}") for k in range(SIDE)])
    by_seed = np.stack([bits(person_keys(seed, NUMBERS), STREAM) for seed in range(SIDE)], axis=1)
    step = np.uint64(1)
    return {
        "person": np.stack(
            [bits(PEOPLE, STREAM, np.full(SIDE, k, np.uint64)) for k in range(SIDE)]
        ),
        "person of a shard": bits(
            person_keys(3, np.uint64(41) << np.uint64(32) | np.arange(SIDE**2, dtype=np.uint64)),
            STREAM,
        ).reshape(SIDE, SIDE),
        "counter": bits(column, STREAM, row),
        "stream": bits(column, streams[None, :]),
        "seed": by_seed,
        "gap in a block": bits(column, STREAM, row | np.uint64(9 << 16)),
        "block": bits(column, STREAM, row << np.uint64(16)),
        "layer": bits(
            person_keys(9, np.arange(SIDE * 32, dtype=np.uint64))[:, None],
            STREAM,
            np.arange(16, dtype=np.uint64) << np.uint64(56),
        ),
        "day of a mark": bits(column, STREAM, (step << np.uint64(62)) | row + np.uint64(48_000)),
    }


def test_addressed_draws_pass_the_battery() -> None:
    found = p_values(addressed())
    assert len(found) > 100
    assert failures(found) == {}


def test_numpys_generator_passes_the_battery() -> None:
    """The control: what is known to be random passes too, so the battery does not ask too much."""
    rng = np.random.default_rng(2024)
    tables = {axis: rng.integers(0, 2**64, t.shape, np.uint64) for axis, t in addressed().items()}
    assert failures(p_values(tables)) == {}


def _unmixed(table: U64) -> U64:
    return np.arange(table.size, dtype=np.uint64).reshape(table.shape) * GOLDEN


def _one_bit_set_too_often(table: U64) -> U64:
    seldom = mix(table.copy()) % np.uint64(50) == 0
    return np.where(seldom, table | np.uint64(1 << 40), table)


def _neighbours_alike(table: U64) -> U64:
    table = table.copy()
    table[:, 1::40] = table[:, ::40][:, : table[:, 1::40].shape[1]]
    return table


def _neighbours_mirrored(table: U64) -> U64:
    table = table.copy()
    table[:, 1::40] = ~table[:, ::40][:, : table[:, 1::40].shape[1]]
    return table


@pytest.mark.parametrize(
    "spoil", [_unmixed, _one_bit_set_too_often, _neighbours_alike, _neighbours_mirrored]
)
def test_a_spoilt_generator_fails_the_battery(spoil: Callable[[U64], U64]) -> None:
    good = np.random.default_rng(3).integers(0, 2**64, (SIDE, SIDE), np.uint64)
    assert failures(p_values({"good": good})) == {}
    assert failures(p_values({"spoilt": spoil(good)})) != {}


# ---- Avalanche ----------------------------------------------------------------------------------


def _flipped(numbers: U64, input_bits: int) -> U64:
    return numbers[None, :] ^ (np.uint64(1) << np.arange(input_bits, dtype=np.uint64))[:, None]


def test_flipping_any_bit_of_an_address_flips_half_of_the_bits() -> None:
    numbers = np.random.default_rng(4).integers(0, 2**64, 4096, np.uint64)
    keys = mix(numbers.copy())
    small = numbers >> np.uint64(1)
    seeds = range(1, 65)
    found = {
        "counter": (bits(keys, STREAM, numbers), bits(keys, STREAM, _flipped(numbers, 64))),
        "stream": (bits(keys, numbers), bits(keys, _flipped(numbers, 64))),
        "person": (person_keys(1, numbers), person_keys(1, _flipped(numbers, 64))),
        "seed": (
            np.concatenate([person_keys(seed, small[:64]) for seed in seeds]),
            np.stack(
                [
                    np.concatenate([person_keys(seed ^ 1 << bit, small[:64]) for seed in seeds])
                    for bit in range(62)
                ]
            ),
        ),
    }
    results: dict[str, float] = {}
    for part, (before, after) in found.items():
        scores = avalanche(np.broadcast_to(before, after.shape), after)
        results |= {f"{part}: {test}": p for test, p in scores.items()}
    assert failures(results) == {}


def test_avalanche_notices_a_bit_that_does_not_spread() -> None:
    numbers = np.random.default_rng(5).integers(0, 2**64, 4096, np.uint64)
    after = mix(_flipped(numbers, 64))
    assert failures(avalanche(np.broadcast_to(mix(numbers.copy()), after.shape), after)) == {}
    after[17] ^= (after[17] ^ mix(numbers.copy())) & np.uint64(1 << 5)
    assert failures(avalanche(np.broadcast_to(mix(numbers.copy()), after.shape), after)) != {}


# ---- A draw depends on its address and on nothing else ------------------------------------------


@given(st.permutations(range(12)), st.integers(1, 12))
def test_company_and_order_do_not_matter(order: list[int], size: int) -> None:
    chosen = np.array(order[:size])
    counters = NUMBERS[:12] * np.uint64(3)
    together = uniforms(PEOPLE[:12], STREAM, counters)
    assert (uniforms(PEOPLE[chosen], STREAM, counters[chosen]) == together[chosen]).all()


def test_the_inputs_are_left_as_they_were() -> None:
    ids, keys = NUMBERS.copy(), PEOPLE.copy()
    person_keys(1, ids)
    uniforms(keys, STREAM, ids)
    exponentials(keys, np.uint64(0), ids)
    assert (ids == NUMBERS).all()
    assert (keys == PEOPLE).all()


def test_shapes_broadcast() -> None:
    table = uniforms(PEOPLE[:5, None], np.array([stream_id("a"), stream_id("b")]))
    assert table.shape == (5, 2)
    assert (table[:, 1] == uniforms(PEOPLE[:5], stream_id("b"))).all()


@pytest.mark.parametrize("counter", [0, 1, 2**40])
def test_one_counter_for_all_is_the_same_counter_for_each(counter: int) -> None:
    keys = person_keys(3, np.arange(5, dtype=np.uint64))
    each = bits(keys, stream_id("x"), np.full(5, counter, np.uint64))
    assert (bits(keys, stream_id("x"), counter) == each).all()


def test_marks_are_uniform_and_differ_by_layer_and_day() -> None:
    layers = np.zeros(SIDE, np.uint8)
    today, tomorrow = marks(PEOPLE, STREAM, layers, 8_000), marks(PEOPLE, STREAM, layers, 8_001)
    higher = marks(PEOPLE, STREAM, layers + np.uint8(1), 8_000)
    assert stats.kstest(today, "uniform").pvalue > 0.001
    for other in (tomorrow, higher, marks(PEOPLE, stream_id("dies"), layers, 8_000)):
        assert abs(np.corrcoef(today, other)[0, 1]) < 4 / np.sqrt(SIDE)


# ---- Shapes of draws ----------------------------------------------------------------------------


def test_uniforms_are_below_one_and_exponentials_finite() -> None:
    least, most = _unmix(words(0)), _unmix(words(2**64 - 1))
    nothing = np.uint64(0)
    assert uniforms(least, nothing)[0] == 0.0
    assert uniforms(most, nothing)[0] == 1 - 2.0**-53
    assert exponentials(least, nothing)[0] == pytest.approx(54 * np.log(2))
    assert 0 <= exponentials(most, nothing)[0] < 1e-15


def test_exponentials_have_the_unit_exponential_law() -> None:
    many = np.arange(100_000, dtype=np.uint64)
    drawn = exponentials(person_keys(11, many), stream_id("recovery"))
    assert stats.kstest(drawn, "expon").pvalue > 0.001


def test_choose_takes_outcomes_in_their_shares() -> None:
    shares = np.array([0.2, 0.0, 0.5, 0.3])
    u = uniforms(person_keys(5, np.arange(50_000, dtype=np.uint64)), STREAM)
    counts = np.bincount(choose(u, np.cumsum(shares)), minlength=4)
    assert counts[1] == 0
    assert stats.chisquare(counts[[0, 2, 3]], shares[[0, 2, 3]] * len(u)).pvalue > 0.001


def test_choose_reads_edges_and_rows() -> None:
    cumulative = np.array([0.25, 0.5, 1.0])
    assert choose(np.array([0.0, 0.25, 0.4999, 0.5, 1 - 2.0**-53]), cumulative).tolist() == [
        0,
        1,
        1,
        2,
        2,
    ]
    by_person = np.array([[0.5, 1.0], [0.1, 1.0]])
    assert choose(np.array([0.3, 0.3]), by_person).tolist() == [0, 1]
    # Shares whose running sum falls short of one by rounding still have an outcome for every draw.
    assert choose(np.array([1 - 2.0**-53]), np.cumsum([0.1] * 10) - 1e-15).tolist() == [9]
