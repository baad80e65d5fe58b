"""What every chart has: its words, the numbers that are drawn, and its drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import pandas as pd
from matplotlib.figure import Figure

from results.style import PAGE, Size
from sim import __version__
from sim.explained import ExplainedError

NB: Final = "\N{NO-BREAK SPACE}"
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class ChartError(ExplainedError):
    """A chart cannot be drawn from what was given; the message says why."""


@dataclass(frozen=True)
class Words:
    """The words of a chart, all computed from what is drawn.

    ``kind`` names the kind of chart and ``ends`` the main numbers, for readers who cannot see it;
    ``basis`` names what the numbers come from besides the run, such as published statistics.
    """

    kind: str
    title: str
    subtitle: str
    notes: str
    ends: str
    run: str
    basis: str = ""

    @property
    def source(self) -> str:
        """Model, version, run and other sources."""
        also = f"; {self.basis}" if self.basis else ""
        return f"Source: fitflow {__version__}, run {self.run}{also}."

    def alt_text(self, data: str) -> str:
        """Text for readers who cannot see the chart; ``data`` says where its numbers are."""
        return f"{self.kind}. {self.subtitle}. {self.title}. {self.ends} Data are in {data}."


class Chart(Protocol):
    """A chart that can be drawn at any of the widths, and written with its numbers and words."""

    @property
    def words(self) -> Words:
        """Title, subtitle, notes and source."""
        ...

    @property
    def table(self) -> pd.DataFrame:
        """What is drawn, at full precision."""
        ...

    def draw(self, size: Size = PAGE) -> Figure:
        """Draw it at its final width."""
        ...


def month_text(label: str) -> str:
    """A month such as "2024-04" in words."""
    return f"{MONTHS[int(label[5:]) - 1]}{NB}{label[:4]}"


def length_text(months: int) -> str:
    """A number of months, in years where they are whole."""
    number, word = (months // 12, "year") if months % 12 == 0 else (months, "month")
    return f"{number}{NB}{word}{'' if number == 1 else 's'}"


def quoted(text: str) -> str:
    """Text in single quotation marks."""
    return f"\N{LEFT SINGLE QUOTATION MARK}{text}\N{RIGHT SINGLE QUOTATION MARK}"


def listed(items: list[str]) -> str:
    """Items as a sentence lists them."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
