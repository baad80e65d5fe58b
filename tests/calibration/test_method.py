"""The smoother, the emulator and the sampler, on models whose answer is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from calibration.emulator import Emulator
from calibration.likelihood import F64, I64, Ensemble, Likelihood
from calibration.sampling import sample
from calibration.smoother import assimilate
from calibration.space import Free, latin_hypercube, read_space
from sim.scenario import ScenarioError, load_scenario

SIZE, TARGETS, SEEDS = 5, 9, 8
RNG = np.random.default_rng(3)
SLOPES = 0.1 * RNG.standard_normal((TARGETS, SIZE))
# The second parameter does what the first does: only their sum can be told.
SLOPES[:, 1] = SLOPES[:, 0]
LUCK = 0.03 * RNG.standard_normal((SEEDS, TARGETS))
ERROR = np.full(TARGETS, 0.02)


def model(x: F64, pool: I64) -> F64:
    """A straight model with luck that the draws of a seed share."""
    return 1 + x @ SLOPES.T + (LUCK - LUCK.mean(axis=0))[pool]


def exact(observed: F64) -> tuple[F64, F64]:
    """Mean and covariance of the posterior of the straight model."""
    spread = np.linalg.inv(np.eye(SIZE) + SLOPES.T @ (SLOPES / ERROR[:, None] ** 2))
    return spread @ SLOPES.T @ ((observed - 1) / ERROR**2), spread


def fitted(observed: F64) -> tuple[F64, F64, Likelihood, Emulator]:
    likelihood = Likelihood([f"t{k}" for k in range(TARGETS)], observed, ERROR)
    ensembles, end = assimilate(
        model,
        latin_hypercube(SIZE, 160, 1),
        likelihood,
        np.zeros(TARGETS),
        seeds=SEEDS,
        steps=4,
        seed=1,
    )
    emulator = Emulator.fitted(Ensemble.joined(ensembles[-3:]), LUCK.var(axis=0, ddof=1))
    return ensembles[0].x, end, likelihood, emulator


@pytest.fixture(scope="module")
def found() -> tuple[F64, F64, Likelihood, Emulator]:
    truth = np.array([0.8, -0.3, 0.5, -1.0, 0.2])
    return fitted(1 + SLOPES @ truth)


def test_luck_of_the_seed_is_taken_out(found: tuple[F64, F64, Likelihood, Emulator]) -> None:
    x = found[0]
    pool = np.arange(len(x)) % SEEDS
    ensemble = Ensemble(x, model(x, pool), pool)
    assert_allclose(ensemble.seed_effects()[0], LUCK - LUCK.mean(axis=0), atol=1e-9)
    assert_allclose(ensemble.levelled(), 1 + x @ SLOPES.T, atol=1e-9)


def test_the_smoother_ends_at_the_exact_posterior(
    found: tuple[F64, F64, Likelihood, Emulator],
) -> None:
    _, end, likelihood, _ = found
    mean, spread = exact(likelihood.observed)
    deviation = np.sqrt(np.diag(spread))
    # 160 members: the mean of each is known to 0.08 standard deviations, the spread to 6%.
    assert np.abs((end.mean(axis=0) - mean) / deviation).max() < 0.35
    assert_allclose(end.std(axis=0) / deviation, 1, atol=0.25)


def test_the_sampler_agrees_with_the_exact_posterior(
    found: tuple[F64, F64, Likelihood, Emulator],
) -> None:
    _, end, likelihood, emulator = found
    posterior = sample(emulator, likelihood, end, draws=2000, steps=2000, seed=1)
    mean, spread = exact(likelihood.observed)
    deviation = np.sqrt(np.diag(spread))
    assert posterior.spread_ratio < 1.05
    # The emulator's own variance widens it a little.
    assert np.abs((posterior.draws.mean(axis=0) - mean) / deviation).max() < 0.25
    assert_allclose(posterior.draws.std(axis=0) / deviation, 1, atol=0.2)
    # What cannot be told apart is seen by the contraction: the first two parameters, and no other.
    contraction = 1 - posterior.draws.var(axis=0)
    assert (contraction[:2] < 0.7).all()
    assert (contraction[2:] > 0.85).all()


def test_intervals_hold_known_truths() -> None:
    rng = np.random.default_rng(5)
    held = []
    for _ in range(12):
        truth = rng.standard_normal(SIZE)
        observed = 1 + SLOPES @ truth + ERROR * rng.standard_normal(TARGETS)
        _, end, _, _ = fitted(observed)
        low, high = np.quantile(end, (0.05, 0.95), axis=0)
        held.append((low < truth) & (truth < high))
    # 60 intervals of 90%, in twelve groups: fewer than 78% or all of them would be a fault.
    assert 0.78 <= np.mean(held) < 1


def test_the_emulator_learns_what_bends() -> None:
    rng = np.random.default_rng(7)
    x = rng.standard_normal((300, SIZE))
    pool = np.arange(300) % SEEDS

    def curved(x: F64) -> F64:
        return np.exp(x @ SLOPES.T) + 0.05 * x[:, :1] * x[:, 1:2]

    ensemble = Ensemble(x, curved(x) + LUCK[pool], pool)
    emulator = Emulator.fitted(ensemble, LUCK.var(axis=0, ddof=1))
    new = 0.7 * rng.standard_normal((200, SIZE))
    missed = emulator(new) - curved(new) - LUCK.mean(axis=0)
    assert np.sqrt((missed**2).mean()) < 0.02
    # What it says of its own error, the mean over seeds included, is of the right size.
    told = emulator.variance - LUCK.var(axis=0, ddof=1) / SEEDS
    assert (missed**2).mean() < 3 * told.mean()
    assert emulator.explained.min() > 0.95
    assert not emulator.within_reach(np.full((1, SIZE), 9.0))[0]


def test_the_emulator_is_brought_to_another_scale(
    found: tuple[F64, F64, Likelihood, Emulator],
) -> None:
    emulator = found[3]
    x = np.full(SIZE, 0.3)
    here = emulator(x[None])[0]
    runs = here + 0.1 + 0.01 * np.array([[-1.0], [1.0]])
    larger = emulator.brought_to(x, runs)
    assert_allclose(larger(x[None])[0], here + 0.1)
    assert_allclose(larger.variance, emulator.variance + 0.01**2)
    # Measured anew at another point, the first measurement does not count twice.
    again = larger.brought_to(x, runs)
    assert_allclose(again(x[None])[0], here + 0.1)


def test_the_emulator_takes_the_slopes_of_another_scale(
    found: tuple[F64, F64, Likelihood, Emulator],
) -> None:
    emulator = found[3]
    x, steps = np.full(SIZE, 0.3), np.linspace(0.5, 1.0, SIZE)
    rng = np.random.default_rng(3)
    slopes = rng.standard_normal((SIZE, emulator(x[None]).shape[1]))
    tilted = emulator.tilted_to(x, steps, slopes).brought_to(x, emulator(np.tile(x, (2, 1))))
    here = tilted(x[None])[0]
    assert_allclose(here, emulator(x[None])[0])
    stepped = tilted(x + np.diag(steps))
    assert_allclose((stepped - here) / steps[:, None], slopes)
    # What the emulator knows of curvature between two parameters stays.
    both = x + np.array([1.0, 1.0, *np.zeros(SIZE - 2)])

    def mixed(of: Emulator) -> F64:
        one, other = x + np.eye(SIZE)[0], x + np.eye(SIZE)[1]
        return np.asarray(of(both[None]) - of(one[None]) - of(other[None]) + of(x[None]))

    assert_allclose(mixed(tilted), mixed(emulator), atol=1e-9)


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(["log", "logit", "linear"]),
    st.floats(0.05, 0.5),
    st.floats(0.05, 0.4),
    st.floats(-3, 3),
)
def test_priors(transform: str, low: float, wide: float, x: float) -> None:
    entry = {"title": "t", "what": "a.b", "prior": "p", "told_by": "t", "transform": transform}
    free = Free.model_validate({**entry, "low": low, "high": low + wide})
    ends = free.number(np.array([-1.6448536, 1.6448536]))
    assert_allclose(ends, [low, low + wide], rtol=1e-6)
    assert_allclose(free.coordinate(free.number(np.array(x))), x, atol=1e-6)


WRONG = """\
free:
  offers:
    title: Offers
    what: job_search.hazard_ratio
    low: 2
    high: 1
    transform: log
    prior: A guess.
    told_by: Nothing.
  losses:
    title: Losses
    transform: lag
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (WRONG, "free.offers: low 2 and high 1 given; low is below high"),
        (WRONG, ":10: free.losses.low: missing; a number, the lower end"),
        (WRONG, ":12: free.losses.transform: 'lag' given; log, logit or linear; did you mean"),
        ("fre: {}\n", "no free parameters; a mapping of them by name, under the key free"),
        ("- free\n", "the file must be a mapping"),
    ],
)
def test_wrong_free_parameters_are_told_in_plain_words(
    tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(ScenarioError) as caught:
        read_space(tmp_path / "mine.yaml")
    assert told in str(caught.value)
    assert "Field required" not in str(caught.value)


def test_the_free_parameters_can_go_to_the_ends_of_their_priors() -> None:
    space, base = read_space(), load_scenario("baseline")
    assert 15 <= space.size <= 25
    for x in (-3.8, 0.0, 3.8):
        numbers = space.numbers(np.full(space.size, x))
        scenario = space.scenario(base, numbers, "end")
        for free in space.free.values():
            assert scenario.parameters[free.what] != base.parameters[free.what] or x == 0.0


def test_a_prior_that_cannot_be_is_said() -> None:
    entry = {"title": "t", "what": "a.b", "prior": "p", "told_by": "t", "transform": "log"}
    for low, high in ((2, 1), (-1, 1)):
        with pytest.raises(ValueError, match=r"given|below"):
            Free.model_validate({**entry, "low": low, "high": high})
