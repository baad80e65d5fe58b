"""What the report says, in the order of good practice (ISPOR-SMDM 6 and 7; PIPO; Vanni and others 2011)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from calibration.experiment import Experiment
from calibration.fitting import FIRST_SEED, FRESH_SEED, SLOPE_SEEDS, TURNS, Fit
from calibration.held_out import scores, summary
from calibration.least_squares import LEAST_GAIN, MOST_STEPS
from calibration.likelihood import F64
from calibration.recovery import Recovery, verdict
from calibration.report import figures
from calibration.report.identified import known_truths, parameters
from calibration.report.page import Page
from calibration.space import FILE as PARAMETERS
from calibration.space import shown
from calibration.targets import used
from sim.people import read_areas

Checked = tuple[Experiment, F64]
"""Runs of posterior draws on fresh seeds: what they were, and simulated over published."""

HEADLINES: Final = {
    "fit_notes_2024": "fit notes",
    "long_term_sick_2024q2": "long-term sick",
    "lcwra_2024_09": "LCWRA",
    "lcw_2024_09": "LCW",
    "uc_fit_note_2024_09": "UC with a fit note",
    "sanction_rate_2024_08": "sanction rate",
    "absence_rate_2024": "absence rate",
}
"""Levels that should not be more than 3% off."""
NEAR: Final = 0.03


def write_report(
    found: Fit, checked: Checked, known: Recovery | None, folder: Path, seconds: float
) -> list[Path]:
    """Write the report as Markdown and HTML, with its pictures.

    Parameters
    ----------
    found : Fit
    checked : (Experiment, float64 array of shape (draws, targets))
        Posterior draws on fresh seeds.
    known : Recovery or None
        Known truths, if they were looked for.
    folder : Path
    seconds : float
        Time that this fit took; runs kept from before took none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    experiment, y = checked
    after = pd.DataFrame(y, columns=list(experiment.targets["id"])).dropna(axis=1, how="all")
    page = Page("Calibration report")
    _purpose(page, found, after)
    _inputs(page, found)
    _process(page, found, seconds)
    _targets(page, found, after, folder)
    _held_out(page, found, after, folder)
    parameters(page, found, folder)
    if known is not None:
        known_truths(page, found, known)
    _wrong(page, found, after)
    _practice(page)
    return page.write(folder, "Written by `fitflow calibrate --report`; do not edit.")


def checks(found: Fit, after: pd.DataFrame) -> pd.DataFrame:
    """Fit targets at the posterior on fresh seeds: mean over draws, z with all errors, spread."""
    targets = found.plan.fitted_to
    error = found.plan.likelihood.error
    mean = after[list(targets["id"])].mean().to_numpy(float)
    chance = after[list(targets["id"])].std().to_numpy(float) / np.sqrt(len(after))
    return targets.assign(
        predicted=mean, error=error, chance=chance, z=(mean - 1) / np.hypot(error, chance)
    )


def _purpose(page: Page, found: Fit, after: pd.DataFrame) -> None:
    table = checks(found, after)
    near = int((table["z"].abs() <= 2).sum())
    every = found.plan.every_target
    held = summary(scores(every, after))
    page.heading("In short")
    page.text(
        "The model's uncertain parameters are fitted to published statistics of England, so that a scenario starts "
        "from the country as it was published, and each parameter carries what the statistics leave open."
    )
    verdicts = Counter(verdict(narrowed) for narrowed in sorted(found.contraction(), reverse=True))
    levels = table.set_index("id")["predicted"].reindex(list(HEADLINES)).dropna()
    off = [
        f"{HEADLINES[i]} ({ratio - 1:+.1%})" for i, ratio in levels.items() if abs(ratio - 1) > NEAR
    ]
    page.items(
        [
            f"Fitted targets within two standard errors: {near} of {len(table)} "
            f"({near / len(table):.0%}), on fresh seeds. The aim was 90%.",
            f"Headline levels within 3% of the published value: {len(levels) - len(off)} of {len(levels)}."
            + (f" Further off: {', '.join(off)}." if off else ""),
            f"Held-out statistics inside their 90% predictive interval: {held['inside']:.0%} of "
            f"{held['targets']:.0f}. Typical error {held['model_with_last_value']:.1%}, against "
            f"{held['last_value']:.1%} for repeating the last value (the {held['with_last_value']:.0f} that have one). "
            f"{every['use'].eq('held_out').sum() - held['targets']:.0f} more, of areas or of people's histories, are "
            "set beside a larger run by `python -m calibration.baseline`.",
            f"Of {found.plan.space.size} parameters, "
            + ", ".join(f"{number} are {told}" for told, number in verdicts.items())
            + ".",
        ]
    )


def _inputs(page: Page, found: Fit) -> None:
    plan = found.plan
    counts = plan.every_target["use"].value_counts()
    page.heading("Inputs: parameters and targets")
    page.text(
        "Targets stand in calibration/targets, with source, standard error, discrepancy and use: "
        f"{counts.get('fit', 0)} are fitted, {counts.get('held_out', 0)} were held out before any fit, "
        f"{counts.get('history', 0)} are earlier values for the naive forecasts, and "
        f"{counts.get('shown', 0)} are shown and never scored: figures that the "
        "model is given, forecasts, and what it cannot tell. Held out are everything from April 2025 on, all areas, "
        "and some outcomes. Figures of Great Britain or the United Kingdom are brought to England by the rule that "
        "stands with each; the rule's own error is in the standard error."
    )
    page.text(
        "The areas are a weak test: the power by which fit notes differ between areas was set by hand on the same "
        "areas before this calibration, and is not fitted."
    )
    page.text(
        f"Free parameters and priors stand in calibration/{PARAMETERS.name}, with the reasons for fixing the others:"
    )
    page.table(
        ("parameter", "of", "90% of the prior", "meant to be told by"),
        [
            (
                free.title,
                f"`{free.what}`",
                f"{shown(free.low)} to {shown(free.high)}" + (" times" if free.table else ""),
                free.told_by,
            )
            for free in plan.space.free.values()
        ],
    )


def _process(page: Page, found: Fit, seconds: float) -> None:
    plan = found.plan
    places = read_areas()
    kept = [places.code.index(code) for code in plan.scenario(1).areas]
    people = float(places.residents[kept].sum()) * plan.scale
    method = {
        "esmda": f"an ensemble smoother with multiple data assimilation (Emerick and Reynolds 2013): {plan.steps} "
        f"assimilations of {plan.draws} draws",
        "lsq": "least squares on common random numbers with wide steps (approximate)",
        "hm": f"history matching in {plan.steps} waves of {plan.draws} draws",
    }[plan.method]
    stop = f"a fixed number of {plan.steps} steps"
    if plan.method == "lsq":
        stop = f"a step that gains less than {LEAST_GAIN:.0%}, or {MOST_STEPS} points"
    page.heading("Process: how it was fitted")
    page.items(
        [
            f"Search: {method}; then a quadratic emulator on the last ensembles, sampled by emcee.",
            f"Runs: {found.runs} for the fit, each of {people:,.0f} people over two years of warm-up and one year of "
            f"results; {found.large} more at a scale of {plan.full_scale:g}, and {plan.checked} for the checks, a year "
            "longer and at that scale.",
            "Scale: draws of few people are off, since lines are lumpy in small areas. The emulator's slopes are set "
            f"to those of runs at {plan.full_scale:g}, one parameter at a time on {SLOPE_SEEDS} seeds, and its level, "
            f"{TURNS} times at the middle of the posterior, to {plan.levels} of them."
            if plan.full_scale > plan.scale
            else "Scale: the draws are as large as the posterior is for.",
            f"Luck: draws take {plan.pool} seeds (from {FIRST_SEED}) in turn; what a seed adds to each target is "
            f"estimated and taken out. The checks use fresh seeds (from {FRESH_SEED}).",
            "Likelihood: normal and independent, of the ratio of simulated to published. Its variance is that of the "
            "target (sampling, rounding, rule for England), its discrepancy, the error of the emulator, and the noise "
            "of the simulation. Warm-up is part of every draw. Targets of one series are treated as independent, "
            "which makes the posterior somewhat too narrow.",
            f"Stopping: {stop}. Accepted were all draws of the sampler.",
            f"Sampler: longest autocorrelation {found.posterior.correlation_steps:.0f} steps, split R-hat "
            f"{found.posterior.spread_ratio:.3f}, worth {found.posterior.independent:.0f} independent draws.",
            f"Emulator: on draws left out it explains a median of {np.median(found.emulator.explained):.0%} of the "
            f"variance of a target, noise included; the worst {found.emulator.explained.min():.0%} "
            f"({plan.likelihood.names[int(found.emulator.explained.argmin())]}).",
            f"Time: {seconds / 60:.0f} minutes on {plan.workers} processes for what was not kept from before.",
        ]
    )
    if found.notes:
        page.text("Warnings of the program:")
        page.items(found.notes)


def _targets(page: Page, found: Fit, after: pd.DataFrame, folder: Path) -> None:
    table = checks(found, after)
    names = list(table["id"])
    picture = figures.targets(
        names, found.plan.likelihood.error, found.ensembles[0].y, after[names].to_numpy()
    )
    small_steps = " Before: small steps around the centre of the priors." * (
        found.plan.method == "lsq"
    )
    page.heading("Outputs: targets against the fit")
    page.picture(
        figures.save(picture, folder / "targets.png"),
        "Every fitted target before and after the fit, as simulated over published: medians and 90% intervals of "
        "draws, the noise of small runs included." + small_steps,
    )
    share = _shares(found)
    page.table(
        ("target", "published", "s.e.", "discrepancy", "simulated / published", "z", "error from"),
        [
            (
                f"`{row.id}`",
                f"{row.value:,.4g}" if row.value < 1000 else f"{row.value:,.0f}",
                f"{row.se / row.value:.1%}",
                f"{row.discrepancy:.1%}",
                f"{row.predicted:.3f}",
                f"{row.z:+.1f}" + (" (!)" if abs(row.z) > 2 else ""),
                share[k],
            )
            for k, row in enumerate(table.itertuples(index=False))
        ],
        right=(1, 2, 3, 4, 5),
    )
    page.text(
        "z is simulated less published in standard errors of the target, its discrepancy and the noise of the runs "
        "together; beyond 2 is marked. The last column says which part of the error is the largest."
    )


def _shares(found: Fit) -> list[str]:
    targets = found.plan.fitted_to
    published = (targets["se"] / targets["value"]).to_numpy(float) ** 2
    discrepancy = targets["discrepancy"].to_numpy(float) ** 2
    parts = np.stack([published, discrepancy, found.emulator.variance])
    labels = ("published", "discrepancy", "emulator and noise")
    return [labels[int(k)] for k in parts.argmax(axis=0)]


def _held_out(page: Page, found: Fit, after: pd.DataFrame, folder: Path) -> None:
    table = scores(found.plan.every_target, after)
    told = summary(table)
    page.heading("Held out: what the fit had not seen")
    page.picture(
        figures.save(figures.held_out(table), folder / "held_out.png"),
        "Held-out statistics: the model's prediction with its 90% interval, and two naive forecasts.",
    )
    page.table(
        (
            "statistic",
            "published",
            "predicted / published",
            "90%",
            "z",
            "inside",
            "last value",
            "trend",
        ),
        [
            (
                f"`{row.id}`",
                f"{row.value:,.4g}" if row.value < 1000 else f"{row.value:,.0f}",
                f"{row.predicted:.3f}",
                f"{row.low:.2f} to {row.high:.2f}",
                f"{-row.z:+.1f}",
                "yes" if row.inside else "**no**",
                _signed(row.last_value),
                _signed(row.trend),
            )
            for row in table.itertuples(index=False)
        ],
        right=(1, 2, 4, 6, 7),
    )
    page.items(
        [
            f"{told['inside']:.0%} of {told['targets']:.0f} lie in their 90% interval, {told['within_two']:.0%} within "
            "two standard errors. The intervals hold the chance of single runs, which makes them wide where "
            "few people are counted.",
            f"Root mean square error: model {told['model']:.1%} over all. Where there is a last value "
            f"({told['with_last_value']:.0f}): model {told['model_with_last_value']:.1%}, last value "
            f"{told['last_value']:.1%}. Where there is a trend ({told['with_trend']:.0f}): model "
            f"{told['model_with_trend']:.1%}, trend {told['trend']:.1%}.",
        ]
    )
    absent = used(found.plan.every_target, "held_out")
    absent = absent[~absent["id"].isin(after.columns)]
    if len(absent):
        page.text(
            f"Not in these runs, which tell neither areas apart nor keep people's histories: {len(absent)} held-out "
            "statistics of areas and of a log of people. A run at a larger scale is set beside them with "
            "`fitflow chart RUN fit`."
        )


def _signed(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:+.1%}"


def _wrong(page: Page, found: Fit, after: pd.DataFrame) -> None:
    table = checks(found, after)
    far = table[table["z"].abs() > 2].sort_values("z", key=abs, ascending=False)
    page.heading("What the model still gets wrong")
    if len(far):
        page.items(
            [
                f"`{row.id}`: {row.predicted - 1:+.1%} from the published value, {abs(row.z):.1f} standard errors. "
                + (f"Known: {row.discrepancy_reason}." if row.discrepancy_reason else "")
                for row in far.itertuples(index=False)
            ]
        )
    else:
        page.text("No fitted target lies beyond two standard errors.")
    bias = after[list(table["id"])].mean().to_numpy() - found.emulator(found.posterior.draws).mean(
        axis=0
    )
    worst = np.argsort(-np.abs(bias))[:3]
    page.text(
        "The emulator against the model on fresh seeds: the mean differs by at most "
        + ", ".join(f"{bias[k]:+.1%} ({table['id'].iloc[k]})" for k in worst)
        + "."
    )
    page.text(
        "A good fit proves little: parameters can take up what a wrong structure leaves over. The discrepancy of a "
        "target, and what was held out, guard against it. What moved between 2024 and 2026 for reasons outside the "
        "model (the labour market turned down, fit notes rose) is not in it: it has no trend of its own."
    )


def _practice(page: Page) -> None:
    page.heading("In the terms of good practice")
    page.table(
        ("asked for", "by", "where"),
        [
            (
                "parameters to calibrate, and why",
                "Vanni 1; PIPO inputs",
                "Inputs; calibration/parameters.yaml",
            ),
            ("targets, with uncertainty", "Vanni 2; PIPO inputs", "Targets; calibration/targets"),
            ("goodness of fit", "Vanni 3", "Process: likelihood"),
            ("search, convergence, stopping", "Vanni 4 to 6; PIPO process", "Process"),
            (
                "joint uncertainty carried on",
                "Vanni 7; ISPOR-SMDM 6",
                "`parameters: posterior` in a scenario",
            ),
            ("identifiability", "Alarid-Escudero 2018", "Identifiability; Recovery"),
            ("data for validation apart from those for calibration", "ISPOR-SMDM 7", "Held out"),
            ("code and draws", "PIPO outputs", "`fitflow calibrate`; calibration/posterior"),
        ],
    )
    page.text(
        "Vanni and others (2011), PharmacoEconomics 29:35-49; Briggs and others (2012), Report of the ISPOR-SMDM "
        "Task Force 6, and Eddy and others (2012), Report 7, Medical Decision Making 32; Dankwa and others (2025), the "
        "PIPO framework; Alarid-Escudero and others (2018), Medical Decision Making 38."
    )
