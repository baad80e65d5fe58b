"""The speed of this computer: measured once for a version of the code, and again where what is kept cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.sweep import costs
from tests.sweep.conftest import SPEED


def test_the_speed_is_measured_once_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = []
    monkeypatch.setenv("FITFLOW_CACHE", str(tmp_path))
    monkeypatch.setattr(costs, "_measure", lambda: measured.append(1) or SPEED)
    assert [costs.measured_speed() for _ in range(3)] == [SPEED] * 3
    assert len(measured) == 1
    (kept,) = tmp_path.glob("speed-*.json")
    for damaged in ("", "{}", '{"a_day": 1, "another": 2}'):
        kept.write_text(damaged, encoding="utf-8")
        assert costs.measured_speed() == SPEED
    assert len(measured) == 4


def test_more_people_take_longer_to_make_and_to_live_a_day() -> None:
    few, many = costs._timed(1), costs._timed(8)
    assert many.people == 8 * few.people
    assert few.start < many.start
    assert few.a_day < many.a_day < 8 * few.a_day
