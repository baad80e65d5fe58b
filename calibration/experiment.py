"""Runs of a calibration: draws side by side in blocks, on several processes, kept in files that are never overwritten.

A block is a file named by the hash of all that determines it; a block whose file is there is not run again. So a
stopped calibration goes on where it was, and Ctrl-C loses the blocks that were under way.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from calibration.likelihood import F64, I64
from calibration.monthly import Monthly
from calibration.simulated import simulated
from calibration.space import Space
from sim.arms import Arm
from sim.output import code_digest
from sim.processes import as_finished
from sim.run import run_arms
from sim.scenario import Scenario

BLOCK: Final = 32
"""Draws side by side; more take more memory and lose more when a run is stopped."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Experiment:
    """What all runs of a calibration have in common.

    Parameters
    ----------
    base : Scenario
        With the scale and the years of the runs.
    space : Space
    targets : DataFrame
        Those to work out.
    seeds : sequence of int
        The pool that draws take in turn.
    folder : Path
        Where blocks are kept.
    workers : int
        Processes; results do not depend on it.
    block : int
        Draws side by side.
    """

    base: Scenario
    space: Space
    targets: pd.DataFrame
    seeds: Sequence[int]
    folder: Path
    workers: int = 1
    block: int = BLOCK

    def run(self, x: F64, pool: I64, progress: Progress | None = None) -> F64:
        """Simulate draws.

        Parameters
        ----------
        x : float64 array of shape (draws, parameters)
            Standard normal coordinates.
        pool : int64 array of shape (draws,)
            Place of each draw's seed in the pool.
        progress : callable, optional
            Called with the number of draws done and of all.

        Returns
        -------
        float64 array of shape (draws, targets)
            Simulated over published.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        numbers = self.space.numbers(x)
        seeds = np.array(self.seeds)[pool]
        blocks = [
            Block(
                self.base,
                self.space,
                self.targets,
                numbers[k : k + self.block],
                seeds[k : k + self.block],
            )
            for k in range(0, len(x), self.block)
        ]
        paths = [self.folder / f"{block.digest()}.parquet" for block in blocks]
        for done in self._run(blocks, paths):
            if progress:
                progress(min(done * self.block, len(x)), len(x))
        columns = list(self.targets["id"])
        values = np.concatenate([pd.read_parquet(path)[columns].to_numpy() for path in paths])
        return np.asarray(values / self.targets["value"].to_numpy())

    def _run(self, blocks: Sequence[Block], paths: Sequence[Path]) -> Iterator[int]:
        """Run the blocks without a file; yields the number of those done."""
        wanted = [k for k, path in enumerate(paths) if not path.exists()]
        done = len(blocks) - len(wanted)
        yield done
        work = [(blocks[k], paths[k]) for k in wanted]
        with closing(as_finished(run_block, work, self.workers)) as finished:
            for _ in finished:
                done += 1
                yield done


@dataclass(frozen=True)
class Block:
    """Some draws that are simulated side by side."""

    base: Scenario
    space: Space
    targets: pd.DataFrame
    numbers: F64
    seeds: I64

    def digest(self) -> str:
        """Hash of what determines the results: code, scenario, parameters, seeds and targets."""
        asked = self.targets[["id", "statistic", "area", "period"]].to_dict("list")
        free = {name: free.model_dump(mode="json") for name, free in self.space.free.items()}
        what = [code_digest(), self.base.digest(), free, asked]
        what += [self.numbers.tolist(), self.seeds.tolist()]
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:24]


def run_block(work: tuple[Block, Path]) -> None:
    """Simulate a block and keep what comes out; a file has its name only when it is whole."""
    block, path = work
    names = [f"draw{k}" for k in range(len(block.numbers))]
    arms = [
        Arm(block.space.scenario(block.base, numbers, name), int(seed))
        for name, numbers, seed in zip(names, block.numbers, block.seeds, strict=True)
    ]
    detail = "country" if set(block.targets["area"]) <= {"England"} else "area"
    months = Monthly.of(run_arms(arms, detail=detail), block.base.scale, names)
    frame = simulated(months, block.targets).loc[names].reset_index()
    given = pd.DataFrame(block.numbers, columns=[f"parameter:{n}" for n in block.space.names])
    draft = path.with_suffix(f".draft{os.getpid()}")
    frame.assign(**given).to_parquet(draft, index=False)
    os.replace(draft, path)


def people_simulated(base: Scenario, draws: int) -> int:
    """Person-lives of some draws, for the report: simulated people times draws."""
    from sim.people import read_areas

    places = read_areas()
    kept = [places.code.index(code) for code in base.areas]
    return round(float(places.residents[kept].sum()) * base.scale * draws)
