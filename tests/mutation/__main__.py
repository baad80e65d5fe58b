"""Try a random sample of mutants: ``python -m tests.mutation``.

Ctrl-C keeps what is finished; the same command goes on from there. Survivors are tried again when a test has
changed, and mutants of a module when the module has.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutation import record, sampling, trial
from tests.mutation.mutants import Mutable, Mutant

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "build" / "mutation" / "trials.jsonl"
FOLDERS = ("core", "pathway")


@dataclass(frozen=True)
class Task:
    """A mutant that is to be tried, or was."""

    module: Mutable
    number: int

    @property
    def digest(self) -> str:
        """Of the module's source."""
        return record.digest_of(self.module.source)


def modules(wanted: Sequence[str]) -> list[Mutable]:
    """The modules whose path contains one of the words; all without words."""
    paths = [path for folder in FOLDERS for path in sorted((ROOT / "sim" / folder).glob("*.py"))]
    names = [path.relative_to(ROOT).as_posix() for path in paths]
    chosen = [Mutable(ROOT, n) for n in names if not wanted or any(w in n for w in wanted)]
    return [module for module in chosen if len(module)]


def chosen(population: Sequence[Mutable], sample: int, seed: int) -> list[Task]:
    """The sample, shuffled by module so that a run that is cut short has some of each."""
    shares = sampling.allotted({m.name: len(m) for m in population}, sample)
    picked = [sampling.drawn(m.name, len(m), shares[m.name], seed) for m in population]
    longest = max(map(len, picked))
    return [
        Task(module, numbers[turn])
        for turn in range(longest)
        for module, numbers in zip(population, picked, strict=True)
        if turn < len(numbers)
    ]


def run(
    tasks: Sequence[Task], trees: Sequence[Path], limits: trial.Limits, neighbours: bool
) -> Iterator[tuple[Task, Mutant, trial.Outcome, float]]:
    """Try mutants, as many at once as there are copies; each is given out with its outcome and its seconds."""
    waiting, free = list(reversed(tasks)), list(trees)
    under_way: dict[int, tuple[Task, Mutant, Path, float]] = {}
    try:
        while waiting or under_way:
            while waiting and free:
                task, tree = waiting.pop(), free.pop()
                mutant = task.module.mutant(task.number)
                tests = trial.stages([mutant.module], tree, neighbours)
                child = trial.launch(
                    tree, mutant.module, mutant.source, tests, limits[task.module.folder]
                )
                under_way[child] = task, mutant, tree, time.monotonic()
            child, status = os.wait()
            task, mutant, tree, since = under_way.pop(child)
            outcome = trial.concluded(child, status, tree, mutant.module, task.module.source)
            free.append(tree)
            yield task, mutant, outcome, time.monotonic() - since
    finally:
        for child in under_way:
            trial.end_group(child)


def time_limits(
    concerned: Sequence[Mutable], trees: Sequence[Path], neighbours: bool
) -> trial.Limits:
    """Processor time allowed for each stage, by folder; the tests must pass on what is not broken."""
    folders: dict[str, list[Mutable]] = {}
    for module in concerned:
        folders.setdefault(module.folder, []).append(module)
    under_way: dict[str, tuple[int, Path, Mutable]] = {}
    for (folder, several), tree in zip(folders.items(), trees, strict=False):
        tests = trial.stages([m.name for m in several], tree, neighbours)
        one = several[0]
        under_way[folder] = trial.launch(tree, one.name, one.source, tests), tree, one
    limits: dict[str, dict[str, float]] = {}
    factor, slack = trial.SLACK
    for folder, (child, tree, one) in under_way.items():
        _, status = os.waitpid(child, 0)
        outcome = trial.concluded(child, status, tree, one.name, one.source)
        if outcome.killed:
            log = (tree.parent / "log.txt").read_text(encoding="utf-8")
            raise SystemExit(f"{log}\nThe tests fail without any mutant: {outcome.by}")
        limits[folder] = {k: factor * v + slack for k, v in outcome.seconds.items()}
        told = ", ".join(f"{stage} {seconds:.0f} s" for stage, seconds in outcome.seconds.items())
        print(f"Without a mutant the tests of sim/{folder} pass ({told}).", flush=True)
    return limits


def main() -> None:
    """Parse the command line, try the sample, say and write what came out."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument(
        "--sample", type=int, default=250, help="mutants in all, at least (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, help="which sample (%(default)s)")
    parser.add_argument(
        "--modules", nargs="+", default=[], metavar="WORD", help="only paths with these words"
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="trials at once")
    parser.add_argument(
        "--neighbours", action="store_true", help="try the other tests of the folder on survivors"
    )
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _all(options)
    except KeyboardInterrupt:
        raise SystemExit(f"\nStopped. What is finished is kept in {KEPT}.") from None


def _all(options: argparse.Namespace) -> None:
    population = modules(options.modules)
    if not population:
        raise SystemExit(f"No module has {' or '.join(options.modules)} in its path.")
    sample = chosen(population, options.sample, options.seed)
    kept, tests = record.Kept(KEPT), record.digest_of_tests(ROOT)
    tests += "+neighbours" * options.neighbours
    done = {
        task: found
        for task in sample
        if (found := kept.still_good(task.module.name, task.digest, task.number, tests))
    }
    todo = [task for task in sample if task not in done]
    print(
        f"{sum(map(len, population))} mutants in {len(population)} modules, {len(sample)} drawn, "
        f"{len(done)} tried before.",
        flush=True,
    )
    if todo:
        with trial.copies(ROOT, max(options.workers, len(FOLDERS))) as trees:
            concerned = list(dict.fromkeys(task.module for task in todo))
            limits = time_limits(concerned, trees, options.neighbours)
            outcomes = run(todo, trees[: options.workers], limits, options.neighbours)
            for number, (task, mutant, outcome, seconds) in enumerate(outcomes, start=1):
                finished = record.Trial(
                    module=mutant.module,
                    digest=task.digest,
                    number=task.number,
                    tests=tests,
                    line=mutant.line,
                    was=mutant.was,
                    becomes=mutant.becomes,
                    killed=outcome.killed,
                    by=outcome.by,
                    seconds=round(seconds, 1),
                )
                kept.add(finished)
                done[task] = finished
                print(_line(number, len(todo), finished), flush=True)
    told = record.summary(
        done.values(),
        {m.name: len(m) for m in population},
        record.known_equivalents(),
        seed=options.seed,
        date=dt.date.today().isoformat(),
    )
    _tell(told)
    if not options.modules:
        record.write_score(told)


def _line(number: int, of: int, done: record.Trial) -> str:
    fate = f"killed by {done.by}" if done.killed else "SURVIVED"
    return (
        f"[{number}/{of}] {done.module}:{done.line}: {done.was} -> {done.becomes} | "
        f"{fate} ({done.seconds:.0f} s)"
    )


def _tell(told: dict[str, object]) -> None:
    for name in ("mutants", "sampled", "killed", "survived", "equivalent", "score", "interval"):
        print(f"{name}: {told[name]}")
    survivors = told["survivors"]
    assert isinstance(survivors, list)
    for survivor in survivors:
        print("  survived: {module}:{line}: {was} -> {becomes}".format(**survivor))


if __name__ == "__main__":
    main()
