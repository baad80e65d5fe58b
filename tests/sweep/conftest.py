from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sim.sweep.costs import Speed

TINY = """\
name: tiny
title: A tiny sweep
description: One area for a year.
base: baseline
settings:
  scale: 0.0005
  areas: [Dorset]
  years: 1
  warm_up_years: 0
  replications: 2
factors:
  loss: {title: Job loss, unit: times}
  offers: {title: Job offers, unit: times, kind: uncertainty}
everywhere:
  parameters:
    job_search.hazard_ratio: $offers
arms:
  changes:
    - what: job_loss.hazard_ratio
      value: $loss
      join: multiply
      from: 2024-06-01
designs:
  - grid: {loss: [0.2, 1]}
  - grid: {offers: [0.9, 1]}
"""
SPEED = Speed(a_day=0.002, a_person_day=1e-7, a_start=0.1, a_person_start=1e-5, person_bytes=250)
"""A speed that is the same on every computer, so that plans are."""
A_SEED_A_BLOCK = replace(SPEED, a_day=0.0, a_start=0.0)
"""A speed at which nothing is gained by more seeds in a block, so that there are as many blocks as seeds."""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A sweep file that takes a second or two."""
    return written(tmp_path)


def written(folder: Path, text: str = TINY) -> Path:
    path = folder / "tiny.yaml"
    path.write_text(text, encoding="utf-8")
    return path
