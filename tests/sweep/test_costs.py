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


def test_speed_is_the_line_through_few_and_many_people(monkeypatch: pytest.MonkeyPatch) -> None:
    of = {
        costs._FEW: costs._Timed(people=1_000, start=0.5, a_day=0.006),
        costs._MANY: costs._Timed(people=5_000, start=1.3, a_day=0.014),
    }
    monkeypatch.setattr(costs, "_timed", of.__getitem__)
    monkeypatch.setattr(costs, "_bytes", lambda arms: 400 * of[arms].people + 7_000)
    speed = costs._measure()
    assert speed.a_day == pytest.approx(0.004)
    assert speed.a_person_day == pytest.approx(2e-6)
    assert speed.a_start == pytest.approx(0.3)
    assert speed.a_person_start == pytest.approx(2e-4)
    assert speed.person_bytes == pytest.approx(400)


def test_what_is_measured_grows_with_the_arms() -> None:
    few, many = costs._timed(1), costs._timed(8)
    assert many.people == 8 * few.people
    assert min(few.start, few.a_day) > 0
    assert costs._bytes(8) > costs._bytes(1) > few.people * 100
