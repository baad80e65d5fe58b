"""What every test shares: no screen for the charts, and property tests that repeat exactly."""

from __future__ import annotations

import os

from hypothesis import settings

pytest_plugins = ("tests.verification.plugin", "pytester")

os.environ.setdefault("MPLBACKEND", "Agg")

# The same examples every time, and no failure because a machine was busy.
settings.register_profile("fitflow", derandomize=True, deadline=None, database=None)
settings.load_profile("fitflow")
