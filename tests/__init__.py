"""Tests; the folders mirror the code."""

from __future__ import annotations

import os

# Tests run side by side, so linear algebra keeps to one thread; it reads this when numpy is first imported.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
