"""Draws in blocks that are simulated on several processes, here or on a cluster, and kept in files.

A block is a file named by the hash of all that determines it; a block whose file is there is not run again, and no
file is overwritten. So what was stopped goes on where it was, and Ctrl-C loses the blocks that were under way. Files
are written here, wherever a block was simulated: workers need no folder in common.
"""

from __future__ import annotations

import hashlib
import json
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from calibration.likelihood import F64, I64
from calibration.space import Space
from sim.explained import ExplainedError
from sim.output import code_digest
from sim.processes import as_finished
from sim.scenario import Scenario

if TYPE_CHECKING:
    from sim.sweep.cluster import Scheduler

BLOCK: Final = 32
"""Runs side by side; more take more memory and lose more when a run is stopped."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Block(ABC):
    """Some draws that are simulated side by side.

    Parameters
    ----------
    space : Space
    numbers : float64 array of shape (draws, parameters)
        Values (or factors) of the parameters.
    seeds : int64 array of shape (draws,)
    """

    space: Space
    numbers: F64
    seeds: I64

    @property
    @abstractmethod
    def scenarios(self) -> Sequence[Scenario]:
        """What draws are made of."""

    @property
    @abstractmethod
    def asked(self) -> Any:
        """What is to be worked out, in terms of JSON."""

    @abstractmethod
    def results(self) -> pd.DataFrame:
        """Simulate it: a row a draw, in order."""

    def digest(self) -> str:
        """Hash of what determines the results: code, scenarios, parameters, seeds and what is asked."""
        free = {name: free.model_dump(mode="json") for name, free in self.space.free.items()}
        what = [code_digest(), *(scenario.digest() for scenario in self.scenarios), free]
        what += [self.asked, self.numbers.tolist(), self.seeds.tolist()]
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:24]


OTHER_VERSION: Final = (
    "A worker has another version of fitflow. Give all workers the version of this computer; what is "
    "finished is kept, and the same command goes on from there."
)


class OtherVersionError(ExplainedError):
    """A worker has another version of the code, and its results would not be those that were asked for."""


@dataclass(frozen=True)
class Kept:
    """Where results of blocks are kept, and where they come from.

    Parameters
    ----------
    folder : Path
    workers : int
        Processes; results do not depend on it.
    scheduler : Scheduler or None
        A dask scheduler, whose workers are used instead.
    """

    folder: Path
    workers: int = 1
    scheduler: Scheduler | None = None

    def results(self, blocks: Sequence[Block], progress: Progress | None = None) -> pd.DataFrame:
        """Rows of all blocks, in order; those without a file are simulated.

        Parameters
        ----------
        blocks : sequence of Block
        progress : callable, optional
            Called with the number of draws done and of all.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        names = [block.digest() for block in blocks]
        paths = [self.folder / f"{name}.parquet" for name in names]
        wanted = [k for k, path in enumerate(paths) if not path.exists()]
        sizes = [len(block.numbers) for block in blocks]
        done = sum(sizes) - sum(sizes[k] for k in wanted)
        tell = progress or (lambda done, of: None)
        tell(done, sum(sizes))
        with closing(self._answers([(blocks[k], names[k]) for k in wanted])) as answers:
            for place, frame in answers:
                _write(frame, paths[wanted[place]])
                done += sizes[wanted[place]]
                tell(done, sum(sizes))
        return pd.concat([pd.read_parquet(path) for path in paths], ignore_index=True)

    def _answers(
        self, work: Sequence[tuple[Block, str]]
    ) -> Generator[tuple[int, pd.DataFrame], None, None]:
        if self.scheduler is None or not work:
            return as_finished(run_block, work, self.workers)
        from sim.sweep.calls import as_finished_by

        return as_finished_by(self.scheduler, run_block, work)


def run_block(work: tuple[Block, str]) -> pd.DataFrame:
    """Simulate a block that its asker knows by a digest: its results, beside the values of the parameters."""
    block, digest = work
    if block.digest() != digest:
        raise OtherVersionError(OTHER_VERSION)
    given = {f"parameter:{name}": block.numbers[:, k] for k, name in enumerate(block.space.names)}
    return block.results().assign(**given)


def _write(frame: pd.DataFrame, path: Path) -> None:
    """Keep a table; a file has its name only when it is whole."""
    draft = path.with_suffix(f".draft{os.getpid()}")
    frame.to_parquet(draft, index=False)
    os.replace(draft, path)
