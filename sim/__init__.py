"""Simulate the road from sickness to work, person by person and day by day.

Importing this package is cheap: it loads nothing but the version. The parts are imported by name,
for example ``from sim.scenario import load_scenario``.
"""

from __future__ import annotations

__version__ = "0.1.0"

__all__ = ["__version__"]
