"""The command ``fitflow waits``: who waits for whom."""

from __future__ import annotations

import math

from sim.cli.briefings import Base, RunFolder, Scenario
from sim.cli.console import heading, say, show_table


def waits(run: RunFolder, scenario: Scenario = None, base: Base = None) -> None:
    """Show who waits for whom: the staff that services share, who takes their time, and who goes short.

    Nothing is simulated. The table is for the last twelve months of a finished run; without
    --scenario, for every scenario of it.
    """
    from results.opened import open_run
    from results.waiting import who_waits

    opened = open_run(run, base)
    chosen = [opened.named(scenario)] if scenario else list(opened.scenarios)
    for name in chosen:
        heading(f"{opened.titles[name]}: {opened.place}")
        show_table(
            (
                "Whose time",
                "Who takes it, in order",
                "Hours a week",
                "Share",
                "In support",
                "Starts a year",
                "Days waited",
                "Waiting",
                "Not done",
                "Fewer jobs",
            ),
            [
                (
                    line.pool,
                    line.use,
                    _number(line.hours),
                    _share(line.share),
                    _number(line.in_support),
                    _number(line.starts),
                    _number(line.wait),
                    _number(line.waiting),
                    _share(line.crowded_out),
                    _share(line.fewer_jobs),
                )
                for line in who_waits(opened, name)
            ],
            right=(2, 3, 4, 5, 6, 7, 8, 9),
        )
    say()
    say(
        f"Last twelve months, means over {len(opened.seeds)} replications. Share: of all hours of the staff. "
        "Days waited: of those who started. Not done: of what is wanted and cannot wait. "
        "Fewer jobs: how much less often those who must search, or have a mental health condition, find one for it "
        "(an assumption)."
    )


def _number(value: float) -> str:
    """To two figures, for a run at a small scale gives no more."""
    if math.isnan(value):
        return "-"
    digits = 1 - math.floor(math.log10(abs(value))) if value else 0
    return f"{round(value, max(digits, -9) if value >= 10 else 0):,.0f}"


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.1%}"
