"""What the report says of the parameters: prior and posterior, identifiability, recovery of known truths."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.stats import binom

from calibration.fitting import Fit
from calibration.recovery import Recovery, verdict
from calibration.report import figures
from calibration.report.page import Page
from calibration.space import shown


def parameters(page: Page, found: Fit, folder: Path) -> None:
    """What the targets leave of each prior, and which directions they tell."""
    plan, draws = found.plan, found.posterior.draws
    numbers = np.quantile(plan.space.numbers(draws), (0.05, 0.5, 0.95), axis=0)
    page.heading("Parameters: from prior to posterior")
    page.picture(
        figures.save(figures.parameters(found), folder / "parameters.png"),
        "Prior and posterior of every parameter on the scale of its prior.",
    )
    page.table(
        (
            "parameter",
            "prior 90%",
            "posterior median",
            "posterior 90%",
            "shift",
            "contraction",
            "smoother / sampler",
            "told",
        ),
        [
            (
                free.title,
                f"{shown(free.low)} to {shown(free.high)}",
                shown(numbers[1, k]),
                f"{shown(numbers[0, k])} to {shown(numbers[2, k])}",
                f"{draws[:, k].mean():+.1f}",
                f"{found.contraction()[k]:.2f}",
                f"{found.end[:, k].std() / draws[:, k].std():.2f}",
                verdict(found.contraction()[k]),
            )
            for k, free in enumerate(plan.space.free.values())
        ],
        right=(2, 4, 5, 6),
    )
    page.text(
        "Shift is how far the mean moved, in standard deviations of the prior: beyond 1.6 it lies outside the prior's "
        "90%, which the targets then contradict. Contraction is one less the ratio of posterior to prior variance: "
        "from 0.9 a parameter is called identified, from 0.5 weak. Smoother / sampler compares the widths that the "
        "ensemble and the sampler give. Factors multiply the tables that stand in the file of priors."
    )
    page.heading("Identifiability and sensitivity")
    page.picture(
        figures.save(figures.pairs(found), folder / "pairs.png"),
        "The six pairs of parameters that hang together most, in standard deviations of the prior.",
    )
    page.text(
        "Directions of the parameters by what the targets say about them, relative to the prior: an eigenvalue below 1 "
        "means that the prior says more. The weakest:"
    )
    page.items(_directions(found))
    page.picture(
        figures.save(figures.sensitivity(found), folder / "sensitivity.png"),
        "What one prior standard deviation of a parameter does to each target, in the target's errors.",
    )


def _directions(found: Fit, number: int = 4) -> list[str]:
    pull = (
        figures.slopes_at(found)
        / np.sqrt(found.plan.likelihood.error**2 + found.emulator.variance)[:, None]
    )
    values, vectors = np.linalg.eigh(pull.T @ pull)
    titles = [free.title for free in found.plan.space.free.values()]
    lines = []
    for k in range(number):
        big = np.argsort(-np.abs(vectors[:, k]))[:3]
        parts = ", ".join(f"{titles[i]} {vectors[i, k]:+.2f}" for i in big)
        lines.append(f"information {max(values[k], 0):.2f}: {parts}")
    return lines


def known_truths(page: Page, found: Fit, known: Recovery) -> None:
    """Whether the method finds what is known."""
    share, error = known.coverage
    table = known.table([free.title for free in found.plan.space.free.values()])
    number = len(known.truths)
    low = binom.ppf(0.025, number, 0.9)
    fewer = binom.cdf(low - 1, number, 0.9)
    least_squares = found.plan.method == "lsq"
    whose = "the ensemble around the best point" if least_squares else "the second ensemble"
    short = table[table["coverage"] < 0.85].sort_values("coverage")
    page.heading("Recovery: can the method find what is known?")
    page.text(
        f"{number} known truths were simulated with the model, eight runs each on seeds of their own, given "
        "the errors of the published statistics, and looked for with the same priors, emulator and sampler (the "
        f"emulator fitted without them). The truths are draws of {whose}. The step to full scale is no part of this: "
        "truths and draws are of one scale."
    )
    page.items(
        [
            f"{share:.1%} of the 90% intervals hold their truth (standard error over truths {error:.1%}; aim 85% to "
            "95%).",
            "Parameters of which fewer than 85% do: "
            + ("; ".join(f"{r.parameter} ({r.coverage:.0%})" for r in short.itertuples()) or "none")
            + f". Were the intervals exact, fewer than {low / number:.0%} would for a parameter with a chance of "
            f"{fewer:.1%}.",
            *(
                f"{told.capitalize()}: {'; '.join(here['parameter'])}."
                for told, here in table.groupby(table["contraction"].map(verdict))
            ),
        ]
    )
    page.table(
        ("parameter", "intervals that hold the truth", "contraction", "told"),
        [
            (r.parameter, f"{r.coverage:.0%}", f"{r.contraction:.2f}", verdict(r.contraction))
            for r in table.itertuples(index=False)
        ],
        right=(1, 2),
    )
