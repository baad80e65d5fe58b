"""The rule for the number of replications is the paper's, covers as it says, and does not stop too early.

Every test of chance has its error rate in :data:`ERROR`: so often would a rule that is right fail it.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from results.replications import (
    FIRST,
    LOOK_AHEAD,
    Precision,
    deviation_interval,
    look_ahead_from,
    progress,
    replications_needed,
    running,
    solution,
)

ERROR = 1e-4
TENTH = Precision(0.1, relative=True)
TRIALS = 1_500


def papers_algorithm(values: list[float], share: float, limit: int) -> int | None:
    """The algorithm step by step, as the paper's flow chart has it: a replication at a time."""

    def precise(n: int) -> bool:
        made = np.array(values[:n])
        half = stats.t.ppf(0.975, n - 1) * made.std(ddof=1) / math.sqrt(n)
        return bool(half / abs(made.mean()) <= share) if made.mean() else half == 0

    n = FIRST
    while n <= len(values):
        if not precise(n):
            n += 1
            continue
        found = n
        ahead = limit if n <= 100 else limit * n // 100
        for k in range(1, ahead + 1):
            if found + k > len(values):
                return None
            if not precise(found + k):
                n = found + k + 1
                break
        else:
            return found
    return None


@given(
    values=st.lists(st.integers(-20, 60).map(float), min_size=2, max_size=60),
    share=st.sampled_from([0.05, 0.3, 0.8, 2.0]),
    limit=st.integers(0, 8),
)
def test_the_solution_is_that_of_the_papers_algorithm(values, share, limit):
    found = solution(np.array(values), Precision(share, relative=True), look_ahead=limit)
    assert found == papers_algorithm(values, share, limit)


def test_the_look_ahead_grows_with_the_replications_above_a_hundred():
    rng = np.random.default_rng(1)
    values = rng.normal(100, 110, 700)
    found = solution(values, TENTH)
    assert found == papers_algorithm(values.tolist(), 0.1, LOOK_AHEAD)
    assert found is not None
    assert found > 200
    assert [look_ahead_from(n) for n in (3, 100, 200, 399)] == [5, 5, 10, 19]
    # One replication fewer than the look-ahead, and nothing is settled.
    made = found + look_ahead_from(found)
    assert solution(values[:made], TENTH) == found
    assert solution(values[: made - 1], TENTH) is None


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=30), st.floats(-1e9, 1e9))
def test_running_intervals_are_those_of_the_t_test(values, shift):
    made = np.array(values) + shift
    mean, half = running(made)
    for n in (2, len(made)):
        scale = np.ptp(made[:n]) + 1e-6 * (1 + np.abs(made).max())
        error = stats.sem(made[:n]) if np.ptp(made[:n]) else 0.0
        assert mean[n - 1] == pytest.approx(made[:n].mean(), abs=1e-6 * scale)
        assert half[n - 1] == pytest.approx(
            stats.t.ppf(0.975, n - 1) * error, rel=1e-3, abs=scale * 1e-3
        )
    assert half[0] == math.inf


KINDS = {
    "normal": (lambda rng, size: rng.normal(100, 40, size), 100.0, 40.0),
    "skewed": (lambda rng, size: rng.exponential(60, size) + 60, 120.0, 60.0),
}


@pytest.fixture(scope="module", params=KINDS)
def stopped(request):
    """Many series of replications of one kind: each with where the rule stops, with and without looking ahead."""
    draw, mean, deviation = KINDS[request.param]
    series = draw(np.random.default_rng(2010), (TRIALS, 500))
    ends = {k: [solution(row, TENTH, look_ahead=k) for row in series] for k in (0, LOOK_AHEAD)}
    assert None not in ends[0] + ends[LOOK_AHEAD]
    return series, mean, replications_needed(deviation, 0.1 * mean), ends


def test_intervals_at_the_end_cover_the_mean(stopped):
    """A rule that looks at the data covers less than the 95% it aims at; more than 92% is what we promise."""
    series, mean, _, ends = stopped
    covered = 0
    for row, end in zip(series, ends[LOOK_AHEAD], strict=True):
        made = row[: end + look_ahead_from(end)]
        middle, half = running(made)
        covered += abs(middle[-1] - mean) <= half[-1]
    assert stats.binomtest(covered, TRIALS, 0.92, alternative="less").pvalue > ERROR
    assert stats.binomtest(covered, TRIALS, 0.975, alternative="greater").pvalue > ERROR


def test_it_seldom_stops_too_early(stopped):
    """With fewer than half the replications that are needed in truth: in less than one series in fifty."""
    _, _, needed, ends = stopped
    early = sum(end < needed / 2 for end in ends[LOOK_AHEAD])
    assert stats.binomtest(early, TRIALS, 0.02, alternative="greater").pvalue > ERROR


def test_looking_ahead_is_what_prevents_it():
    """On the same series, more end early without looking ahead than with it."""
    series = KINDS["normal"][0](np.random.default_rng(7), (TRIALS, 300))
    early = [
        [solution(row, TENTH, look_ahead=k) < replications_needed(40, 10) / 2 for row in series]
        for k in (0, LOOK_AHEAD)
    ]
    only_without = sum(a and not b for a, b in zip(*early, strict=True))
    only_with = sum(b and not a for a, b in zip(*early, strict=True))
    assert only_with == 0
    assert stats.binomtest(only_without, TRIALS, ERROR, alternative="greater").pvalue < ERROR


@pytest.mark.parametrize("samples", [1, 2])
@pytest.mark.parametrize("ratio", [0.3, 1.0, 4.0, 30.0])
def test_the_replications_needed_are_the_fewest_that_do(ratio, samples):
    def half(n: float) -> float:
        return float(stats.t.ppf(0.975, samples * (n - 1)) * ratio / math.sqrt(n))

    needed = replications_needed(ratio, 1.0, samples=samples)
    assert half(needed) <= 1.0
    assert needed == 2 or half(needed - 1) > 1.0
    assert needed == int(needed)


def test_the_replications_needed_at_the_ends():
    assert replications_needed(0.0, 1.0) == 2
    assert replications_needed(1.0, 0.0) == math.inf


def test_the_interval_of_a_spread_covers_it():
    values = np.random.default_rng(3).normal(5, 3, (4_000, 6))
    ends = [deviation_interval(float(row.std(ddof=1)), 6) for row in values]
    covered = sum(low <= 3 <= high for low, high in ends)
    assert stats.binomtest(covered, len(ends), 0.95).pvalue > ERROR


def test_an_effect_near_zero_is_out_of_reach_and_said_so():
    rng = np.random.default_rng(4)
    nothing = rng.normal(0, 10, 20)
    assert progress(nothing, TENTH, 64).verdict == "out of reach"
    # A number can be reached where a share cannot.
    assert progress(nothing, Precision(8.0, relative=False), 64).verdict == "met"
    assert progress(nothing, Precision(0.5, relative=False), 64).verdict == "out of reach"


def test_an_effect_that_more_replications_would_show_is_not_given_up():
    values = np.random.default_rng(5).normal(100, 40, 12)
    found = progress(values, TENTH, 200)
    assert found.verdict == "not yet"
    assert found.would_need == pytest.approx(replications_needed(40, 10), rel=0.6)
    assert progress(values, TENTH, 15).verdict == "out of reach"


def test_what_could_be_reached_is_seldom_given_up():
    """Of series that would have been precise in time, less than one in forty is given up at any look."""
    series = np.random.default_rng(6).normal(100, 40, (200, 100))
    wrong = sum(
        any(progress(row[:n], TENTH, 100).verdict == "out of reach" for n in range(4, 100, 4))
        for row in series
    )
    assert stats.binomtest(wrong, len(series), 0.025, alternative="greater").pvalue > ERROR


def test_pairs_that_are_identical_are_precise_at_once_and_missing_ones_are_not():
    same = progress(np.zeros(FIRST + LOOK_AHEAD), TENTH, 64)
    assert (same.verdict, same.half_width, same.enough) == ("met", 0.0, FIRST)
    assert progress(np.zeros(4), TENTH, 64).verdict == "not yet"
    assert progress(np.array([1.0, np.nan, 2.0]), TENTH, 64).verdict == "not available"
