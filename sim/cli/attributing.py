"""The command ``fitflow attribute``: how much of what a package does is due to each of its parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sim.cli import options
from sim.cli.console import heading, say, show_table
from sim.cli.errors import CommandError

if TYPE_CHECKING:
    import pandas as pd

    from results.attribution import Attribution, Share, Subset
    from sim.scenario import Scenario

ARMS_AT_ONCE: Final = 8
"""Combinations that share one ensemble at least; more would share more history and take more memory."""
PEOPLE_AT_ONCE: Final = 1_000_000
"""People of an ensemble up to which more combinations share it, as they do at a small scale."""
SHOWN: Final = ("in_work", "sick_inactive", "uc_health")
"""Outcomes that are shown unless others are asked for."""


@options.with_simulation
def attribute(
    package: Annotated[
        str, typer.Argument(metavar="PACKAGE", help="Name of a scenario, or a file.")
    ],
    how: options.Simulation,
    base: Annotated[
        str,
        typer.Option(
            metavar="BASE", help="Scenario that the package adds to; its parts are the rest."
        ),
    ] = "no_plan",
    outcome: Annotated[
        list[str] | None,
        typer.Option(metavar="OUTCOME", help="Outcome to attribute; repeat the option for more."),
    ] = None,
    exact: Annotated[
        int, typer.Option(min=2, max=8, help="Run every combination of up to so many parts.")
    ] = 5,
    orders: Annotated[
        int, typer.Option(min=4, help="Orders to sample where there are more parts.")
    ] = 8,
) -> None:
    """Attribute what a package does to its parts.

    Shows for each part what it does alone, what is lost when it is taken out of the whole, and its
    Shapley share: the mean of what it adds over the orders in which parts could be brought in. All
    combinations are the same people with the same luck. Shares add up to the whole.
    """
    from results import attribution
    from results.outcomes import OUTCOMES
    from sim.cli.arms import base_and_reforms
    from sim.scenario.errors import no_such

    chosen = outcome or list(SHOWN)
    unknown = [name for name in chosen if name not in OUTCOMES]
    if unknown:
        raise CommandError(no_such("outcome", unknown[0], OUTCOMES))
    first, whole = base_and_reforms(base, [package], how.settings)
    parts = parts_of(first, whole)
    if len(parts) < 2:
        raise CommandError(
            f"{whole.name} adds {parts[0] if parts else 'nothing'} to {first.name}; two or more reforms can be "
            "told apart. Give another --base."
        )
    plan = attribution.design(len(parts), exact, orders, first.seed)
    subsets = plan.subsets
    scenarios = {subset: with_parts(whole, parts, subset) for subset in subsets}
    say(
        f"{len(subsets)} combinations of {len(parts)} parts, {first.replications} replications each"
        + ("." if plan.orders is None else f", from {len(plan.orders)} sampled orders.")
    )
    values = _values(list(scenarios.values()), how, first)
    year = max(values["year"])
    table = values[values["year"] == year].pivot_table(
        index="seed", columns=["scenario", "outcome"], values="value"
    )
    by_subset = {
        subset: table[scenario.name][chosen].to_numpy() for subset, scenario in scenarios.items()
    }
    found = attribution.attribute(plan, by_subset)
    titles = {reform.name: reform.title for reform in whole.reforms}
    for k, name in enumerate(chosen):
        heading(f"{OUTCOMES[name].label}: {whole.title} less {first.title}, year {year}")
        _show(found, k, [titles[part] for part in parts], OUTCOMES[name].step)
    say(
        "± is the half-width of a 95% interval of chance"
        + ("." if plan.orders is None else "; for Shapley shares, of the sampled orders too.")
    )


def parts_of(base: Scenario, package: Scenario) -> list[str]:
    """Names of the reforms that a package adds to its base, in order.

    Raises
    ------
    CommandError
        If the package does not hold all of the base, or sets a parameter otherwise.
    """
    own = {reform.name for reform in base.reforms}
    missing = own - {reform.name for reform in package.reforms}
    if missing:
        raise CommandError(
            f"{package.name} lacks {', '.join(sorted(missing))}, which {base.name} has."
        )
    if any(p.numbers != package.parameters[n].numbers for n, p in base.parameters.items()):
        raise CommandError(
            f"{package.name} and {base.name} differ in parameters, not in reforms alone."
        )
    return [reform.name for reform in package.reforms if reform.name not in own]


def with_parts(package: Scenario, parts: Sequence[str], subset: Subset) -> Scenario:
    """The package with some of its parts only."""
    left_out = {part for k, part in enumerate(parts) if k not in subset}
    marks = "".join("1" if k in subset else "0" for k in range(len(parts)))
    return package.model_copy(
        update={
            "name": f"{package.name[:40]}_{marks}",
            "reforms": tuple(r for r in package.reforms if r.name not in left_out),
            "changes": tuple(c for c in package.changes if c.reform not in left_out),
        }
    )


def _values(scenarios: Sequence[Scenario], how: options.Simulation, base: Scenario) -> pd.DataFrame:
    """Yearly outcomes of all combinations, so many at a time; each batch is kept as a run."""
    import pandas as pd

    from results.outcomes import yearly
    from results.scope import place
    from sim.cli.simulating import finish
    from sim.people import read_areas

    key, _ = place(base)
    luck = {"seed": base.seed, "replications": base.replications}
    places = read_areas()
    people = base.scale * sum(
        places.residents[places.code.index(area)].sum() for area in base.areas
    )
    at_once = max(ARMS_AT_ONCE, int(PEOPLE_AT_ONCE / max(people, 1)))
    frames = []
    for start in range(0, len(scenarios), at_once):
        batch = tuple(s.model_copy(update=luck) for s in scenarios[start : start + at_once])
        finished = finish(batch, how)
        frames.append(yearly(finished.tables, base.scale, key))
    return pd.concat(frames, ignore_index=True)


def _show(found: Attribution, k: int, titles: Sequence[str], step: float) -> None:
    rows = [
        (
            title,
            _number(found.alone[part], k, step),
            _number(found.taken_out[part], k, step),
            _number(found.shapley[part], k, step),
        )
        for part, title in enumerate(titles)
    ]
    total = sum(share.mean[k] for share in found.shapley)
    together = _number(found.whole, k, step)
    rows.append(
        ("All together", together, together, _plain(total, found.whole.half_width[k], step))
    )
    show_table(("Part", "Alone", "Taken out", "Shapley share"), rows, right=(1, 2, 3))
    extra = _plain(float(found.interaction[k]), found.whole.half_width[k], step)
    say(f"The whole less the sum of what the parts do alone: {extra}.")


def _number(share: Share, k: int, step: float) -> str:
    half = share.half_width[k]
    return f"{_plain(share.mean[k], half, step)} ± {_plain(half, half, step)}"


def _plain(value: float, error: float, step: float) -> str:
    """A number with no more digits than its error allows: two of the error's."""
    import math

    if not math.isfinite(error):
        return f"{value:,.0f}" if step >= 1 else f"{value:,.2f}"
    digits = 0 if error <= 0 else -math.floor(math.log10(error)) + 1
    digits = min(digits, 0 if step >= 1 else 2)
    return f"{round(value, digits):,.{max(digits, 0)}f}"
