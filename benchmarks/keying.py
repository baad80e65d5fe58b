"""What each way of keying the draws buys: variance of a difference, people gained and lost.

Three ways are compared on the real pathway, for three reforms of very different reach. *Calendar* is what
the model uses: the candidates of a shock belong to a day, so two copies of a person meet the same shocks
again once they are in the same state. *Visit* gives a person a new key at every change between work,
search and inactivity, as draws keyed by spell or by event number do: the law is the same, but copies whose
histories have split stay apart. *Fresh* uses other seeds for the reform.

Run ``python -m benchmarks keying``; the figures in ``docs/concepts/randomness.md`` are from it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from sim.arms import Arm
from sim.core.draws import mix
from sim.core.recorder import Recorder
from sim.core.world import World
from sim.same_people import labour_of
from sim.scenario import Scenario, load_scenario
from sim.scenario.models import Change
from sim.states import Labour
from sim.task import Task, run_task

ASPECTS = ("work", "benefit", "health", "age", "ill", "sanctioned", "support")
REKEY = np.uint64(0xD1B54A32D192ED03)


def main(scale: float = 0.002, seeds: int = 8) -> None:
    """Print, for each reform and keying, the effect, its error and the variance ratio."""
    scenarios = reforms(scale)
    results = {name: run(scenarios, seeds, keying) for name, keying in KEYINGS.items()}
    print(f"scale {scale:g}, {seeds} pairs, five years; people at full scale, in work at the end")
    head = f"{'reform':<34}{'keying':<10}{'effect':>10}{'se a pair':>11}"
    print(head + f"{'ratio':>8}{'gained %':>10}{'lost %':>9}")
    for reform in scenarios[1:]:
        for keying, finals in results.items():
            print(_line(reform.name, keying, finals, scale))


def reforms(scale: float) -> list[Scenario]:
    """The baseline, and three reforms: broad, narrow, and a programme with places."""
    base = load_scenario("baseline").model_copy(update={"scale": scale})
    pilots = load_scenario("workwell_pilots").model_copy(update={"scale": scale})
    broad = _ratio(base, "return_to_work.hazard_ratio", 1.2)
    jobs = _ratio(base, "job_search.hazard_ratio", 1.2)
    return [base, broad, jobs, pilots]


def run(
    scenarios: list[Scenario], seeds: int, keying: Callable[[], Any]
) -> dict[str, list[NDArray[np.bool_]]]:
    """Who is in work on the last evening, by scenario and seed."""
    finals: dict[str, list[NDArray[np.bool_]]] = {s.name: [] for s in scenarios}
    with keying():
        for seed in range(1, seeds + 1):
            arms = tuple(Arm(scenario, seed) for scenario in scenarios)
            task = Task(arms, tuple(scenarios[0].areas), False, 0)
            for (name, _), evening in run_task(task).evenings.items():
                finals[name].append(labour_of(evening) <= Labour.OFF_SICK)
    return finals


@contextmanager
def by_calendar() -> Iterator[None]:
    """The model as it is."""
    yield


@contextmanager
def by_visit() -> Iterator[None]:
    """A new key at every change between work, search and inactivity."""
    original = Recorder.move

    def move(self: Recorder, w: World, ids: NDArray[np.int64], old: Any, new: Any) -> None:
        original(self, w, ids, old, new)
        before, after = (
            state // self.layout.benefits % self.layout.labours for state in (old, new)
        )
        changed = ids[np.maximum(before, 1) != np.maximum(after, 1)]
        w.keys[changed] = mix(w.keys[changed] ^ REKEY)
        for band in w.band.values():
            band[changed] = 0
        w.touch(changed, *ASPECTS)

    with patch.object(Recorder, "move", move):
        yield


KEYINGS: dict[str, Callable[[], Any]] = {"calendar": by_calendar, "visit": by_visit}


def _line(
    reform: str, keying: str, finals: dict[str, list[NDArray[np.bool_]]], scale: float
) -> str:
    base, changed = finals["baseline"], finals[reform]
    levels = [np.array([f.sum() for f in arm]) / scale for arm in (base, changed)]
    gain = levels[1] - levels[0]
    fresh = sum(level.var(ddof=1) for level in levels)
    people = sum(len(f) for f in base)
    gained = sum((b & ~a).sum() for a, b in zip(base, changed, strict=True)) / people
    lost = sum((a & ~b).sum() for a, b in zip(base, changed, strict=True)) / people
    return (
        f"{reform:<34}{keying:<10}{gain.mean():>10,.0f}{gain.std(ddof=1):>11,.0f}"
        f"{fresh / gain.var(ddof=1):>8.1f}{100 * gained:>10.3f}{100 * lost:>9.3f}"
    )


def _ratio(base: Scenario, what: str, value: float) -> Scenario:
    change = Change(
        what=what,
        value=value,
        entries=(value,),
        join="multiply",
        who={},
        where=(),
        from_=base.start,
        ramp_months=0,
        until=None,
        range=None,
        grade="assumption",
        source=(),
        reasoning="A study of keying.",
        reform="study",
        origin="study",
    )
    return base.model_copy(update={"name": what.split(".")[0] + "_times_1.2", "changes": (change,)})


if __name__ == "__main__":
    began = time.perf_counter()
    main()
    print(f"{time.perf_counter() - began:.0f} s")
