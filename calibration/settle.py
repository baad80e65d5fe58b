"""Put the middle of a posterior into the parameter files: ``python -m calibration.settle DRAWS``.

Every scenario starts from these files, so that the baseline is the calibrated one. A file is edited line by line:
only the numbers that were fitted change, and comments, order and layout stay. Draws of the posterior replace the same
numbers again, so that files and draws can be read together.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow.parquet as pq
import yaml
from numpy.typing import NDArray

from calibration.space import Space, read_space
from sim.scenario import load_scenario, varied
from sim.scenario.models import Parameter

PARAMETERS: Final = Path(__file__).parents[1] / "scenarios" / "parameters"
DIGITS: Final = 4
"""Significant digits of what is written; of shares that sum to one, digits after the point."""

F64 = NDArray[np.float64]
Place = tuple[str, ...]
"""Keys that lead to a number of the value of a parameter in its file."""


def medians(draws: Path, space: Space) -> dict[str, float]:
    """The median of each free parameter over the draws."""
    table = pq.read_table(draws, columns=["draw", "parameter", "number"]).to_pandas()
    numbers = table.drop_duplicates(["draw", "parameter"]).groupby("parameter")["number"].median()
    return {name: float(numbers[name]) for name in space.names}


def settle(draws: Path, folder: Path = PARAMETERS) -> list[str]:
    """Write the medians into the files of parameters.

    Returns
    -------
    list of str
        What changed, a line each.
    """
    space = read_space()
    middle = medians(draws, space)
    free = list(space.free.items())
    variations = [v for name, entry in free for v in entry.variations(middle[name])]
    fitted = varied(load_scenario("baseline"), variations, name="baseline").parameters
    names = {variation.what for variation in variations}
    told = []
    for path in sorted(folder.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        for name in names.intersection(yaml.safe_load(text)):
            text, changes = _rewritten(text, fitted[name])
            told += [f"{path.name}: {name}{change}" for change in changes]
        path.write_text(text, encoding="utf-8")
    return sorted(told)


def _rewritten(text: str, parameter: Parameter) -> tuple[str, list[str]]:
    """The text of a file with the numbers of a parameter put in, and what changed."""
    top = yaml.compose(text)
    spots, told = [], []
    for place, number in _numbers(parameter):
        node = _node(top, (parameter.name, "value", *place))
        written = np.format_float_positional(
            number, DIGITS, unique=False, fractional=False, trim="-"
        )
        if not np.isclose(float(written), float(node.value), rtol=0.5 * 10.0**-DIGITS):
            spots.append((node.start_mark.index, node.end_mark.index, written))
            told.append(f"[{', '.join(place)}] {node.value} -> {written}")
    for start, end, written in sorted(spots, reverse=True):
        text = text[:start] + written + text[end:]
    return text, told


def _node(node: yaml.Node | None, place: Place) -> yaml.Node:
    """What stands at a place of a file."""
    assert node is not None
    for step in place:
        node = next(value for key, value in node.value if key.value == step)
    return node


def _numbers(parameter: Parameter) -> Iterator[tuple[Place, float]]:
    """The numbers of a parameter with their places in its value."""
    places = list(product(*parameter.labels))
    for place, spec in zip(places, parameter.specs, strict=False):
        yield from (((*place, key), n) for key, n in spec.items() if isinstance(n, float | int))
    for start, table in parameter.dated():
        when = () if start is None else (start.isoformat(),)
        numbers = _whole(table).ravel()
        yield from (((*when, *p), float(n)) for p, n in zip(places, numbers, strict=True))


def _whole(table: F64) -> F64:
    """Where each row is a whole divided up, shares with few digits, the largest of which takes what is left over."""
    if not table.ndim or not np.allclose(table.sum(axis=-1), 1):
        return table
    rounded = np.round(table, DIGITS)
    left = 1 - rounded.sum(axis=-1, keepdims=True)
    largest = rounded.argmax(axis=-1, keepdims=True) == np.arange(table.shape[-1])
    return np.asarray(np.round(rounded + left * largest, DIGITS))


def main() -> None:
    """Settle the files of parameters, and say what changed."""
    parser = argparse.ArgumentParser(prog="python -m calibration.settle", description=__doc__)
    parser.add_argument("draws", type=Path, help="draws that `fitflow calibrate` has kept")
    for line in settle(parser.parse_args().draws):
        print(line)


if __name__ == "__main__":
    main()
