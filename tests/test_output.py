"""Runs are checked, written whole or not at all, and read back as they were."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import output
from sim.output import run_hash
from sim.tables import TABLES, RunFolderError, RunTables, conform, content_hash
from tests.results.synthetic import run_tables

MANIFEST = {
    "run": run_hash({"base": "d1"}, [1, 2], "code", "data"),
    "scenarios": {"base": {"title": "Base"}},
    "seeds": np.array([1, 2]),
    "scale": np.float64(0.01),
}


@pytest.fixture(scope="module")
def tables() -> RunTables:
    made = run_tables({"base": 0.0}, seeds=(1, 2), number_of_months=2)
    log = pd.DataFrame(
        {
            "scenario": "base",
            "seed": 1,
            "day": pd.to_datetime(["2024-04-03", "2024-04-02", "2024-04-02"]),
            "order": [0, 1, 0],
            "person": np.array([2**63, 5, 5], np.uint64),
            "area": "E54000008",
            "event": "sickness_start",
            "detail": ["mental_health", "other", "other"],
        }
    )
    return dataclasses.replace(made, log=log)


def test_a_run_reads_back_as_it_was_written(tables, tmp_path):
    folder = output.write_run(tables, MANIFEST, tmp_path / "runs")
    back, manifest = output.read_run(folder)
    assert folder.name == MANIFEST["run"][:12]
    for table, frame in tables.conformed().items():
        pd.testing.assert_frame_equal(getattr(back, table.name), frame)
    assert manifest["seeds"] == [1, 2]
    assert manifest["scale"] == 0.01
    assert manifest["versions"]["numpy"] == np.__version__
    assert manifest["tables"]["log"]["rows"] == 3
    assert back.log is not None
    assert back.log["person"].tolist() == [5, 5, 2**63]


def test_a_log_that_was_not_kept_stays_away(tables, tmp_path):
    folder = output.write_run(dataclasses.replace(tables, log=None), MANIFEST, tmp_path)
    assert output.read_run(folder)[0].log is None


def test_the_same_run_is_written_once(tables, tmp_path):
    folder = output.write_run(tables, MANIFEST, tmp_path)
    before = {p.name: p.stat().st_mtime_ns for p in folder.iterdir()}
    assert output.write_run(tables, MANIFEST, tmp_path) == folder
    assert {p.name: p.stat().st_mtime_ns for p in folder.iterdir()} == before


def test_other_results_do_not_replace_a_run(tables, tmp_path):
    folder = output.write_run(tables, MANIFEST, tmp_path)
    other = dataclasses.replace(tables, stocks=tables.stocks.assign(people=1))
    with pytest.raises(RunFolderError, match="already holds other results"):
        output.write_run(other, MANIFEST, tmp_path)
    pd.testing.assert_frame_equal(output.read_run(folder)[0].stocks, tables.stocks)


def test_two_writers_of_one_run_both_get_it(tables, tmp_path):
    with ThreadPoolExecutor(4) as pool:
        folders = set(pool.map(lambda _: output.write_run(tables, MANIFEST, tmp_path), range(4)))
    assert folders == {tmp_path / MANIFEST["run"][:12]}
    assert [p.name for p in tmp_path.iterdir()] == [MANIFEST["run"][:12]]


def test_a_failed_write_leaves_nothing(tables, tmp_path, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", fail)
    with pytest.raises(OSError, match="disk full"):
        output.write_run(tables, MANIFEST, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [None, "", "{", "[]", "{}", '{"run": "1"}'])
def test_a_half_written_folder_is_not_read(tables, tmp_path, content):
    folder = output.write_run(tables, MANIFEST, tmp_path)
    (folder / "manifest.json").unlink()
    if content is not None:
        (folder / "manifest.json").write_text(content)
    with pytest.raises(RunFolderError, match="is not a finished run"):
        output.read_run(folder)
    assert output.finished_runs(tmp_path) == []
    with pytest.raises(RunFolderError, match="is not a finished run"):
        output.write_run(tables, MANIFEST, tmp_path)


def test_a_table_changed_or_lost_afterwards_is_noticed(tables, tmp_path):
    folder = output.write_run(tables, MANIFEST, tmp_path)
    path = folder / "events.parquet"
    frame = pd.read_parquet(path)
    frame.loc[3, "count"] += 1
    frame.to_parquet(path)
    with pytest.raises(RunFolderError, match="table events was changed"):
        output.read_run(folder)
    path.unlink()
    with pytest.raises(RunFolderError, match="table events cannot be read"):
        output.read_run(folder)


def test_a_manifest_must_say_what_was_run(tables, tmp_path):
    manifest = {k: v for k, v in MANIFEST.items() if k not in ("run", "scale")}
    with pytest.raises(RunFolderError, match="run, scale"):
        output.write_run(tables, manifest, tmp_path)


def test_the_standard_order_does_not_depend_on_the_order_given(tables):
    shuffled = tables.stocks.sample(frac=1, random_state=1)
    assert not shuffled.index.equals(tables.stocks.index)
    pd.testing.assert_frame_equal(conform(TABLES["stocks"], shuffled), tables.stocks)


def test_rows_are_sorted_by_the_key_columns_as_declared(tables):
    frame, keys = tables.stocks, [c.name for c in TABLES["stocks"].keys]
    pd.testing.assert_frame_equal(frame, frame.sort_values(keys, ignore_index=True))


def test_long_keys_sort_without_overflow():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "scenario": "base",
            "seed": rng.integers(0, 2**62, 3000),
            "day": pd.Timestamp("2024-04-02") + pd.to_timedelta(rng.integers(0, 9999, 3000), "D"),
            "order": rng.integers(0, 2**62, 3000),
            "person": rng.integers(0, 2**63, 3000).astype(np.uint64),
            "area": rng.choice([f"E{k}" for k in range(900)], 3000),
            "event": rng.choice([f"event_{k}" for k in range(900)], 3000),
            "detail": rng.choice([f"detail_{k}" for k in range(900)], 3000),
        }
    )
    table = TABLES["log"]
    result = conform(table, frame)
    expected = frame.sort_values([c.name for c in table.keys], ignore_index=True)
    assert result["person"].tolist() == expected["person"].tolist()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labour": "employed"}, "labour: unknown value 'employed'; allowed: in_work, off_sick"),
        ({"month": "2024-13"}, "month: unknown value '2024-13'; allowed: months such as 2024-04"),
        ({"people": 1.5}, "people: values are not whole numbers"),
        ({"people": "many"}, "people: values are not of type int64"),
        ({"area": None}, "area: .* values are missing"),
        ({"area": "E54000008"}, "more than one row for scenario base, seed 1, month 2024-04"),
    ],
)
def test_wrong_tables_are_refused_in_plain_words(tables, change, message):
    with pytest.raises(RunFolderError, match=message):
        conform(TABLES["stocks"], tables.stocks.assign(**change))


def test_missing_and_unknown_columns_are_named(tables):
    frame = tables.stocks.rename(columns={"people": "persons"})
    with pytest.raises(RunFolderError, match="missing: people; unknown: persons"):
        conform(TABLES["stocks"], frame)


def test_the_content_hash_sees_every_column_and_no_internal_code(tables):
    table, frame = TABLES["events"], tables.events
    same = frame.assign(detail=frame["detail"].cat.add_categories("unused"))
    assert content_hash(conform(table, same)) == content_hash(frame)
    for column in frame:
        other = frame.copy()
        values = other[column].astype(object)
        new = {"month": "2031-01", "seed": 77, "count": 12345}.get(str(column), "zzz")
        other[column] = [new, *values[1:]]
        changed = content_hash(conform(table, other))
        assert changed != content_hash(frame), column


def test_content_hashes_stay_what_they_were(tables):
    expected = "9310b4b86ad67d5f3c6dd204902e8de5f02bc2f5724f7c5c182920761d111b06"
    assert content_hash(tables.spells) == expected


@given(seeds=st.lists(st.integers(0, 2**40), min_size=2, max_size=5, unique=True))
def test_the_run_hash_depends_on_the_set_of_what_determines_the_run(seeds):
    digests = {"a": "1", "b": "2"}
    found = run_hash(digests, seeds, "code", "data")
    assert found == run_hash({"b": "2", "a": "1"}, list(reversed(seeds)), "code", "data")
    others = {
        run_hash({"a": "2", "b": "1"}, seeds, "code", "data"),
        run_hash({"a": "1"}, seeds, "code", "data"),
        run_hash(digests, seeds[:-1], "code", "data"),
        run_hash(digests, seeds, "other", "data"),
        run_hash(digests, seeds, "code", "other"),
        run_hash(digests, seeds, "data", "code"),
    }
    assert len(others | {found}) == 7


def test_the_run_hash_is_of_canonical_json():
    text = '{"code":"c","data":"d","scenarios":{"a":"1"},"seeds":[1,2]}'
    assert run_hash({"a": "1"}, [2, 1], "c", "d") == hashlib.sha256(text.encode()).hexdigest()


def test_the_code_digest_changes_with_the_code(tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    for name in ("output.py", "sub/a.py"):
        (tmp_path / name).write_bytes(b"x = 1\n")

    def digest() -> str:
        output.code_digest.cache_clear()
        return output.code_digest()

    with monkeypatch.context() as patch:
        patch.setattr(output, "__file__", str(tmp_path / "output.py"))
        first = digest()
        (tmp_path / "sub/a.py").write_bytes(b"x = 1\r\n")
        assert digest() == first
        (tmp_path / "sub/a.py").write_bytes(b"x = 2\n")
        assert digest() != first
    output.code_digest.cache_clear()


def test_there_is_no_revision_inside_the_checkout_of_another_project(tmp_path, monkeypatch):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "output.py").touch()
    monkeypatch.setattr(output, "__file__", str(tmp_path / "output.py"))
    assert output.git_revision() is None
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "add", "output.py"], check=True)
    subprocess.run([*git, "commit", "-qm", "first"], check=True)
    revision = output.git_revision()
    assert revision is not None
    assert len(revision) == 40
    (tmp_path / "output.py").write_text("x = 1\n")
    assert output.git_revision() == revision + "+changes"


def test_a_manifest_is_json_that_people_can_read(tables, tmp_path):
    folder = output.write_run(tables, {**MANIFEST, "title": "Café"}, tmp_path)
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    assert '\n  "title": "Café"' in text
    assert json.loads(text)["code"] == output.code_digest()
