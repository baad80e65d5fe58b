"""One small world, warmed up once; every test goes on from a copy of it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from sim.core.dates import day_of
from sim.core.world import World
from sim.model import new_world, warm_up
from tests.pathway.lives import AREAS, Lives, live, small, variant


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before = os.environ.get("FITFLOW_CACHE")
    os.environ["FITFLOW_CACHE"] = str(tmp_path_factory.mktemp("starts"))
    yield
    if before is None:
        del os.environ["FITFLOW_CACHE"]
    else:
        os.environ["FITFLOW_CACHE"] = before


@pytest.fixture(scope="session")
def start() -> World:
    """Some ten thousand people in three areas on the eve of April 2024; not to be changed."""
    base = small()
    return warm_up(new_world(base, 1, AREAS, None), day_of(base.start) - 1)


@pytest.fixture(scope="session")
def year(start: World) -> Lives:
    """A year of the baseline: every event, and every evening's states."""
    watch = (
        *("labour", "labour_since", "benefit", "job_since", "age_band", "condition", "limiting"),
        *("sick", "sick_ended", "off_sick_since", "may_be_fit", "note_until", "notes_in_spell"),
        *("sanctioned", "wca_ticket", "due/fit_note"),
    )
    return live(variant(start, small()), 365, watch)
