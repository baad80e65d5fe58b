"""The store: what can be read is whole, and what is damaged is noticed."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from sim.sweep.store import DONE, Block, Store, StoreError, write_whole
from sim.tables import TABLES, conform

BLOCK = Block(("arm_a", "arm_b"), (1, 2), ("E54000041",))
EVENTS = conform(
    TABLES["events"],
    pd.DataFrame(
        {
            "scenario": ["arm_a", "arm_b"],
            "seed": [1, 1],
            "month": "2024-04",
            "area": "E92000001",
            "event": "fit_note",
            "detail": "none",
            "count": [3, 4],
        }
    ),
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path)
    made.write(BLOCK, {"events": EVENTS}, {"seconds": 1.0})
    return made


def test_what_is_written_is_read_back(store: Store) -> None:
    pd.testing.assert_frame_equal(store.read(BLOCK.name, "events"), EVENTS)
    mine = [cell for cell in BLOCK.cells() if cell[0] == "arm_b"]
    assert len(mine) < len(list(BLOCK.cells()))
    assert store.sound(["arm_b"]) == dict.fromkeys(mine, BLOCK.name)
    assert store.sound(["arm_c"]) == {}


def test_the_name_of_a_block_is_of_its_content() -> None:
    assert Block(BLOCK.arms, BLOCK.seeds, BLOCK.areas).name == BLOCK.name
    others = [
        Block(("arm_a",), BLOCK.seeds, BLOCK.areas),
        Block(BLOCK.arms, (1,), BLOCK.areas),
        Block(BLOCK.arms, BLOCK.seeds, ("E54000042",)),
    ]
    assert len({block.name for block in (*others, BLOCK)}) == 4


@pytest.mark.parametrize("harm", ["bit", "cut", "gone"])
def test_a_damaged_block_is_told_taken_out_and_never_read(store: Store, harm: str) -> None:
    path = store.blocks / BLOCK.name / "events.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(content if harm == "bit" else content[:-9])
    with pytest.raises(StoreError, match=r"events\.parquet"):
        store.read(BLOCK.name, "events")
    told: list[str] = []
    assert store.sound(["arm_a"], told.append) == {}
    assert "simulated again" in told[0]
    assert store.done(BLOCK.name) is None


@pytest.mark.parametrize("name", [DONE, "events.parquet"])
def test_a_file_that_must_not_be_read_is_no_damage(
    store: Store, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = Path.read_bytes

    def refused(path: Path) -> bytes:
        if path.name == name:
            raise PermissionError(13, "Permission denied", str(path))
        return reads(path)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refused)
        with pytest.raises(
            StoreError, match=f"{name} cannot be read .Permission denied.*permissions"
        ):
            store.sound(["arm_a"])
    assert len(store.sound(["arm_a"])) == len(BLOCK.seeds)


def test_a_half_written_block_is_no_block(store: Store) -> None:
    (store.blocks / BLOCK.name / DONE).unlink()
    assert list(store.finished()) == []
    with pytest.raises(StoreError):
        store.read(BLOCK.name, "events")


def test_a_block_under_another_name_is_no_block(store: Store) -> None:
    (store.blocks / BLOCK.name).rename(store.blocks / "another")
    assert list(store.finished()) == []


def test_a_block_is_claimed_by_one_at_a_time(store: Store) -> None:
    other = Store(store.folder)
    with store.claimed(BLOCK.name) as mine, other.claimed(BLOCK.name) as theirs:
        assert mine
        assert not theirs
    with other.claimed(BLOCK.name) as theirs:
        assert theirs


def test_a_file_that_cannot_be_finished_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_whole(path, b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
