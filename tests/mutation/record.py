"""What trials have shown: kept while they run, then summed up for the verification report."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.mutation.mutants import Mutant
from tests.mutation.sampling import interval

HERE = Path(__file__).parent
SCORE = HERE / "score.json"
EQUIVALENT = HERE / "equivalent.json"
TOOL = f"mutmut {importlib.metadata.version('mutmut')} (operators), tests.mutation (sample, trials)"


@dataclass(frozen=True)
class Trial:
    """One mutant and what became of it."""

    module: str
    digest: str
    """Of the module's source without the mutant."""
    number: int
    tests: str
    """Digest of the tests that were tried."""
    line: int
    was: str
    becomes: str
    killed: bool
    by: str
    seconds: float


class Kept:
    """Finished trials in a file, a line each, so that nothing is lost and little is done twice."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._trials: dict[tuple[str, str, int], Trial] = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._remember(Trial(**json.loads(line)))

    def _remember(self, trial: Trial) -> None:
        self._trials[trial.module, trial.digest, trial.number] = trial

    def add(self, trial: Trial) -> None:
        """Keep a trial that has finished."""
        self._remember(trial)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(trial)) + "\n")

    def still_good(self, module: str, digest: str, number: int, tests: str) -> Trial | None:
        """The trial of a mutant, if it need not be done again: it was killed, or the tests are the same."""
        trial = self._trials.get((module, digest, number))
        return trial if trial and (trial.killed or trial.tests == tests) else None


def digest_of(text: str) -> str:
    """A short name for a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def digest_of_tests(root: Path) -> str:
    """A short name for the code and tests that trials use."""
    files = sorted(
        path
        for folder in ("sim", "tests", "scenarios")
        for path in (root / folder).rglob("*")
        if path.suffix in (".py", ".yaml", ".csv") and path.parent != HERE
    )
    return digest_of("".join(digest_of(path.read_text(encoding="utf-8")) for path in files))


def known_equivalents() -> dict[str, str]:
    """Reasons why mutants cannot be told from the original, by what the mutant is called."""
    listed = json.loads(EQUIVALENT.read_text(encoding="utf-8"))
    return {_key(x["module"], x["was"], x["becomes"]): x["reason"] for x in listed}


def _key(module: str, was: str, becomes: str) -> str:
    return Mutant(module, 0, was, becomes, "").key


def summary(
    trials: Iterable[Trial],
    population: Mapping[str, int],
    equivalents: Mapping[str, str],
    *,
    seed: int,
    date: str,
) -> dict[str, Any]:
    """The score of a sample: the share killed of those that could be killed, with its 95% interval."""
    fates: dict[str, Counter[str]] = {module: Counter() for module in population}
    survivors: list[dict[str, Any]] = []
    excused: list[dict[str, Any]] = []
    by = Counter[str]()
    seconds = 0.0
    for trial in sorted(trials, key=lambda t: (t.module, t.number)):
        seconds += trial.seconds
        told = {k: getattr(trial, k) for k in ("module", "line", "was", "becomes")}
        reason = equivalents.get(_key(trial.module, trial.was, trial.becomes))
        if trial.killed:
            fate = "killed"
            by[trial.by if trial.by in ("time-out", "crash") else "test"] += 1
        elif reason:
            fate = "equivalent"
            excused.append({**told, "reason": reason})
        else:
            fate = "survived"
            survivors.append(told)
        fates[trial.module][fate] += 1
    total = sum(fates.values(), Counter[str]())
    counted = total["killed"] + total["survived"]
    low, high = interval(total["killed"], counted)
    return {
        "date": date,
        "seed": seed,
        "mutants": sum(population.values()),
        "sampled": total.total(),
        "killed": total["killed"],
        "killed_by": dict(sorted(by.items())),
        "survived": total["survived"],
        "equivalent": total["equivalent"],
        "score": round(total["killed"] / counted, 4),
        "interval": [round(low, 4), round(high, 4)],
        "seconds": round(seconds),
        "modules": {
            module: {
                "mutants": population[module],
                "sampled": fate.total(),
                **{name: fate[name] for name in ("killed", "survived", "equivalent")},
            }
            for module, fate in fates.items()
        },
        "survivors": survivors,
        "equivalents": excused,
    }


def write_score(run: Mapping[str, Any]) -> None:
    """Put a finished run into the file of results, in place of an earlier one with the same seed."""
    runs: Sequence[Mapping[str, Any]] = []
    if SCORE.exists():
        runs = json.loads(SCORE.read_text(encoding="utf-8"))["runs"]
    kept = [r for r in runs if r["seed"] != run["seed"]]
    told = {
        "tool": TOOL,
        "interval": "Wilson, 95%",
        "runs": sorted([*kept, run], key=lambda r: (r["date"], r["seed"])),
    }
    SCORE.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
