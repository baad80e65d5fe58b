"""Areas: the 42 integrated care boards of England, and Wales, with their residents."""

from __future__ import annotations

import csv
import importlib.resources
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

AGE_COLUMNS: Final = ("p16_24", "p25_34", "p35_49", "p50_64")
SEX_COLUMNS: Final = ("female_16_64", "male_16_64")


@dataclass(frozen=True, eq=False)
class Areas:
    """All areas, in the order of their numbers.

    Parameters
    ----------
    code, name, short_name, country, nhs_region : tuple of str
        The region is empty for Wales.
    residents : int64 array, shape (areas, 4)
        People aged 16-24, 25-34, 35-49 and 50-64.
    aged_65 : int64 array, shape (areas,)
        People aged 65; imputed.
    by_sex : int64 array, shape (areas, 2)
        Women and men aged 16-64.
    most_deprived : float64 array, shape (areas,)
        Percentage of residents in the most deprived fifth of neighbourhoods.
    fit_notes : float64 array, shape (areas,)
        Fit notes in 2023 for each 1,000 residents aged 16-64.
    fit_notes_published : bool array, shape (areas,)
        Whether that is a published count rather than imputed.
    workwell_pilot : bool array, shape (areas,)
        Whether the area is one of the fifteen pilots.
    """

    code: tuple[str, ...]
    name: tuple[str, ...]
    short_name: tuple[str, ...]
    country: tuple[str, ...]
    nhs_region: tuple[str, ...]
    residents: I64
    aged_65: I64
    by_sex: I64
    most_deprived: F64
    fit_notes: F64
    fit_notes_published: NDArray[np.bool_]
    workwell_pilot: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.code)

    @property
    def in_england(self) -> NDArray[np.bool_]:
        """Which areas are in England."""
        return np.array([country == "England" for country in self.country])

    @property
    def female_share(self) -> F64:
        """Share of women among residents aged 16-64, shape (areas,)."""
        share: F64 = self.by_sex[:, 0] / self.by_sex.sum(axis=1)
        return share

    def numbers(self, codes: Sequence[str]) -> list[int]:
        """Numbers of the areas with these codes, in the order of numbers.

        Raises
        ------
        ValueError
            If a code is not that of an area.
        """
        unknown = [code for code in codes if code not in self.code]
        if unknown:
            raise ValueError(f"no area has the code {', '.join(map(repr, unknown))}")
        return sorted({self.code.index(code) for code in codes})


@cache
def read_areas() -> Areas:
    """The areas of the library, read once."""
    rows = list(read_data("areas.csv"))
    numbers = {column: [row[column] for row in rows] for column in rows[0]}

    def table(*columns: str) -> I64:
        return np.array([numbers[column] for column in columns]).astype(np.int64).T

    def flags(column: str, yes: str) -> NDArray[np.bool_]:
        return np.array([value == yes for value in numbers[column]])

    return Areas(
        code=tuple(numbers["code"]),
        name=tuple(numbers["name"]),
        short_name=tuple(numbers["short_name"]),
        country=tuple(numbers["country"]),
        nhs_region=tuple(numbers["nhs_region"]),
        residents=table(*AGE_COLUMNS),
        aged_65=table("p65")[:, 0],
        by_sex=table(*SEX_COLUMNS),
        most_deprived=np.array(numbers["pct_most_deprived_fifth"]).astype(np.float64),
        fit_notes=np.array(numbers["fit_notes_per_1000"]).astype(np.float64),
        fit_notes_published=flags("fit_notes_basis", "published"),
        workwell_pilot=flags("workwell_pilot", "1"),
    )


def read_data(name: str) -> Iterator[dict[str, Any]]:
    """Rows of a table of the library's ``data`` folder."""
    path = importlib.resources.files("scenarios").joinpath("data", name)
    with path.open(encoding="utf-8") as stream:
        yield from csv.DictReader(stream)
