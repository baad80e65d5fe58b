"""The warmed-up start: simulated once, kept under the hash of what it depends on.

A run starts from people who have lived through some years of the model, so that spells, notes, claims and
waits are all under way. The state of the evening two days before the start is kept in a cache folder
(``FITFLOW_CACHE``, or the user's cache folder), in Arrow files compressed column by column.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import platformdirs
import pyarrow as pa
from numpy.typing import NDArray

from sim.arms import Arm, history_key
from sim.core.dates import day_of
from sim.core.world import World
from sim.model import ensemble, warm_up
from sim.output import code_digest
from sim.people import read_areas
from sim.settings import ParameterSettings

_SCHEMA: Final = pa.schema(
    [
        ("name", pa.string()),
        ("type", pa.string()),
        ("shape", pa.string()),
        ("data", pa.large_binary()),
    ]
)
_COMPRESSED: Final = pa.ipc.IpcWriteOptions(compression=pa.Codec("zstd", compression_level=1))

MOST_BYTES: Final = 3_000_000_000
"""The cache keeps to this size: the oldest files go first."""


def started_world(arm: Arm, areas: Sequence[str], log_people: int | None = 0) -> World:
    """A world of one arm on the evening two days before the start, from the cache if it is there."""
    scenario = arm.scenario
    until = day_of(scenario.start) - 2
    world = ensemble([arm], areas, log_people)
    if world.day >= until:
        world.recorder.begin(world.day)
        return world
    path = cache_folder() / f"{_key(arm, areas)}.feather"
    if path.exists():
        load(world, path, until)
        world.settings = ParameterSettings([scenario], read_areas().code, until + 1)
        world.recorder.begin(until)
        return world
    warm_up(world, until)
    save(world, path)
    return world


def cache_folder() -> Path:
    """Where warmed-up starts are kept."""
    return Path(os.environ.get("FITFLOW_CACHE") or platformdirs.user_cache_path("fitflow"))


def save(world: World, path: Path) -> None:
    """Keep a world's state; a half-written file is never read, because it gets its name last."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, suffix=".draft")
    os.close(handle)
    with pa.ipc.new_file(draft, _SCHEMA, options=_COMPRESSED) as file:
        # One array at a time, so that a large world is not held twice.
        for name, array in _arrays(world):
            about = [name], [array.dtype.str], [json.dumps(array.shape)]
            file.write_batch(pa.record_batch([*about, [array.tobytes()]], schema=_SCHEMA))
    os.replace(draft, path)
    _prune(path.parent)


def load(world: World, path: Path, day: int) -> None:
    """Put a kept state into a world that was built for the same scenario, seed and areas."""
    slots = {name: (place, key) for name, place, key in _slots(world)}
    with pa.OSFile(str(path)) as source:
        file = pa.ipc.open_file(source)
        for number in range(file.num_record_batches):
            name, dtype, shape, data = (column[0] for column in file.get_batch(number).columns)
            array = np.frombuffer(data.as_buffer(), dtype.as_py()).reshape(
                json.loads(shape.as_py())
            )
            place, key = slots[name.as_py()]
            if isinstance(place, dict):
                place[key][...] = array
            else:
                setattr(place, key, array.copy())
    world.day = day
    world.refill_calendar()


def _arrays(world: World) -> Iterator[tuple[str, NDArray[Any]]]:
    for name, place, key in _slots(world):
        yield name, place[key] if isinstance(place, dict) else getattr(place, key)


def _slots(world: World) -> Iterator[tuple[str, Any, str]]:
    """Every array that makes up the state: the columns of people, and what services hold."""
    for kind, columns in (
        ("people", world.people),
        ("due", world.due),
        ("layer", world.layer),
        ("band", world.band),
    ):
        for name in columns:
            if name != "logged":
                yield f"{kind}/{name}", columns, name
    for service_name, service in world.services.items():
        for part_name in ("", "capacity", "lines"):
            part = getattr(service, part_name, None) if part_name else service
            for key, value in vars(part).items() if part is not None else ():
                if isinstance(value, np.ndarray) and key != "ticket":
                    yield f"service/{service_name}/{part_name}/{key}", part, key


def _key(arm: Arm, areas: Sequence[str]) -> str:
    """Hash of what a warmed-up start depends on: code, the scenario until the start, seed and areas."""
    what = [code_digest(), history_key(arm.scenario), arm.seed, sorted(areas)]
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:24]


def _prune(folder: Path) -> None:
    files = sorted(folder.glob("*.feather"), key=lambda f: f.stat().st_mtime, reverse=True)
    total = 0
    for file in files:
        total += file.stat().st_size
        if total > MOST_BYTES:
            file.unlink(missing_ok=True)
