"""What charts of sweeps have in common: the numbers that are drawn, their words, and a drawing with the style set."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from results import style
from results.charts.chart import Words
from results.style import PAGE, Size


@dataclass(frozen=True)
class Axis:
    """What a side of the chart stands for; nothing is told more finely than ``step``."""

    label: str
    unit: str
    step: float = 1.0

    @property
    def text(self) -> str:
        """Label with the unit."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


@dataclass(frozen=True)
class SweepChart(ABC):
    """A chart of what a sweep teaches."""

    rows: pd.DataFrame
    words: Words

    @property
    def table(self) -> pd.DataFrame:
        """What is drawn, at full precision."""
        return self.rows

    def draw(self, size: Size = PAGE) -> Figure:
        """Draw it at its final width."""
        with style.settings():
            return self._drawn(size)

    @abstractmethod
    def _drawn(self, size: Size) -> Figure: ...
