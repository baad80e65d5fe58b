"""The charts that a run can have, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from results.appraisal import Appraisal
from results.appraisal.lines import TITLES
from results.charts.acceptability import acceptability
from results.charts.chart import Chart, ChartError
from results.charts.difference import MOST_LINES, difference_chart
from results.charts.flows import flows
from results.charts.movers import Movers
from results.charts.panels import difference_panels, wait_panels
from results.charts.plane import plane
from results.charts.tile_map import tile_map
from results.charts.tornado import tornado
from results.opened import Opened
from sim.scenario.errors import no_such

ASSUMED_SHOWN: Final = 4
"""Effects that are named in the notes of a chart; the others are counted."""


@dataclass(frozen=True)
class Wanted:
    """What a chart is to be of."""

    run: Opened
    scenario: str
    outcome: str = "in_work"
    money: Appraisal | None = None

    def priced(self) -> Appraisal:
        """The appraisal.

        Raises
        ------
        ChartError
            When the run has not been appraised.
        """
        if self.money is None:
            raise ChartError(
                "This chart is of costs and benefits, and the run has not been appraised."
            )
        return self.money


def _difference(wanted: Wanted) -> Chart:
    run = wanted.run
    names = [wanted.scenario, *(name for name in run.reforms if name != wanted.scenario)]
    described = [run.scenarios[run.base].parameters, *(run.scenarios[n].parameters for n in names)]
    assumed = list(dict.fromkeys(effect for name in names for effect in run.assumed(name)))
    texts = [described[-1][name].description.rstrip(".") for name in assumed[:ASSUMED_SHOWN]]
    if len(assumed) > ASSUMED_SHOWN:
        texts.append(f"and {len(assumed) - ASSUMED_SHOWN} more")
    return difference_chart(
        run.differences_by_month,
        wanted.outcome,
        dict(islice(((name, run.titles[name]) for name in names), MOST_LINES)),
        base=run.titles[run.base],
        geography=run.place,
        run=run.name,
        assumptions=texts,
    )


def _tiles(wanted: Wanted) -> Chart:
    run = wanted.run
    parts = run.breakdown("area")
    return tile_map(parts, wanted.outcome, run.base, wanted.scenario, run.titles, run.name)


def _areas(wanted: Wanted) -> Chart:
    run = wanted.run
    parts = run.breakdown("area")
    return difference_panels(parts, wanted.outcome, run.base, wanted.scenario, run.titles, run.name)


def _waits(service: str, measure: str) -> Callable[[Wanted], Chart]:
    def made(wanted: Wanted) -> Chart:
        run = wanted.run
        parts = run.breakdown("area")
        return wait_panels(
            parts, service, measure, run.base, wanted.scenario, run.titles, run.name
        )  # fmt: skip

    return made


def _flows(wanted: Wanted) -> Chart:
    run = wanted.run
    return flows(run.tables, run.scale, run.base, wanted.scenario, run.titles, run.place, run.name)


def _movers(wanted: Wanted) -> Chart:
    run = wanted.run
    return Movers(
        run.moves(wanted.scenario), run.titles[run.base], run.titles[wanted.scenario],
        run.last_day, run.everywhere, run.name,
    )  # fmt: skip


def _tornado(wanted: Wanted) -> Chart:
    rows = wanted.priced().sensitivity
    mine = rows[rows["scenario"] == wanted.scenario].rename(
        columns={"npsv_at_low": "result_at_low", "npsv_at_high": "result_at_high"}
    )
    head = wanted.priced().headline
    mine = mine.assign(label=list(map(_of_programme, mine["name"], mine["label"])))
    of = (head["scenario"] == wanted.scenario) & (head["measure"] == "npsv")
    centre = float(head.loc[of, "value"].iloc[0])
    title = wanted.run.titles[wanted.scenario]
    return tornado(mine, centre, "Net present social value", title, wanted.run.name)


def _of_programme(name: str, label: str) -> str:
    """A value in words that tell it from the same value of another programme."""
    title = TITLES.get(name.partition(".")[0])
    return f"{title[:1].upper()}{title[1:]}: {label[:1].lower()}{label[1:]}" if title else label


def _plane(wanted: Wanted) -> Chart:
    title = wanted.run.titles[wanted.scenario]
    return plane(wanted.priced().draws, wanted.scenario, title, wanted.run.name)


def _acceptability(wanted: Wanted) -> Chart:
    return acceptability(wanted.priced().acceptability, wanted.run.titles, wanted.run.name)


KINDS: Final[Mapping[str, tuple[str, Callable[[Wanted], Chart]]]] = {
    "difference": ("The difference from the base over time, with its interval.", _difference),
    "map": ("A tile map of the boards: people and rate. Needs --detail area.", _tiles),
    "areas": ("The difference over time, a small plot an area. Needs --detail area.", _areas),
    "flows": ("Moves between labour-market states, without and with the reform.", _flows),
    "movers": ("The same people in both scenarios: who is nearer to work, who further.", _movers),
    "workwell-waits": (
        "Waits for WorkWell by area. Needs --detail area.",
        _waits("workwell", "wait"),
    ),
    "workwell-queues": (
        "Lines for WorkWell by area. Needs --detail area.",
        _waits("workwell", "queue"),
    ),
    "wca-waits": ("Waits for the WCA by area. Needs --detail area.", _waits("wca", "wait")),
    "wca-queues": ("Lines for the WCA by area. Needs --detail area.", _waits("wca", "queue")),
    "tornado": ("How NPSV moves with one uncertain value at a time.", _tornado),
    "plane": ("Draws by additional person-years and net cost.", _plane),
    "acceptability": (
        "How probable each option is the best, by what a year is worth.",
        _acceptability,
    ),
}
"""Kinds of chart: what they show, and how they are made."""
PRICED: Final = ("tornado", "plane", "acceptability")
"""Kinds that need an appraisal."""


def make_chart(kind: str, wanted: Wanted) -> Chart:
    """Make a chart of a run.

    Raises
    ------
    ChartError
        When there is no such kind, or the run does not hold what it shows.
    """
    if kind not in KINDS:
        raise ChartError(no_such("chart", kind, KINDS))
    if wanted.scenario not in wanted.run.reforms:
        names = ", ".join(wanted.run.reforms)
        raise ChartError(f"The run compares no scenario {wanted.scenario!r}. It compares {names}.")
    return KINDS[kind][1](wanted)
