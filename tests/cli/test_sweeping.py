"""``fitflow sweep``, ``fitflow runs`` and ``fitflow explore`` as a user calls them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import pytest

from results.sweeps import OpenedSweep, open_sweep
from sim.cli.errors import CommandError
from sim.cli.exploring import Way, _check_options
from sim.cli.sweeping import _difference, _finished, _part
from sim.scenario import load_scenario
from sim.sweep import costs
from sim.sweep.files import load_sweep
from sim.sweep.record import Record, read_record
from sim.sweep.store import Store, StoreError
from tests.cli.conftest import Fitflow, run_program
from tests.sweep.conftest import SPEED, TINY, written


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """A folder with a sweep that was run, where the speed of the computer was known already."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FITFLOW_CACHE", environment["FITFLOW_CACHE"])
        patch.setattr(costs, "_measure", lambda: SPEED)
        costs.measured_speed()
    folder = tmp_path_factory.mktemp("swept")
    written(folder)
    made = run_program(["sweep", "tiny.yaml", "--serial"], folder, environment)
    assert made.returncode == 0, made.stderr
    assert "12 of 12 done" in made.stderr
    assert "Monte Carlo error from 2 pairs of runs" in made.stdout
    return folder


def copied(swept: Path, folder: Path) -> tuple[Store, str, dict[str, Any]]:
    """A copy of the store that a test may change, with its sweep and what is kept of that."""
    shutil.copytree(swept / "runs", folder / "runs")
    store = Store(folder / "runs" / "store")
    (name,) = store.sweeps()
    return store, name, store.read_json("sweeps", name)


def test_the_results_are_files_of_one_table(swept: Path) -> None:
    (folder,) = swept.glob("runs/tiny-*-*")
    table = pd.read_csv(folder / "differences.csv")
    points = pd.read_csv(folder / "points.csv")
    assert points["loss"].tolist() == [0.2, 0.2, 1, 1]
    assert set(table["point"]) == {1, 2, 3, 4}
    in_work = table[table["outcome"] == "in_work"].set_index("loss")
    assert (in_work.loc[1, "difference"] == 0).all()
    assert (in_work.loc[0.2, "difference"] > 0).all()
    values = pd.read_parquet(folder / "values.parquet")
    assert set(values["seed"]) == {1, 2}
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert set(map(tuple, manifest["seeds"].values())) == {(1, 2)}


def test_a_dry_run_says_what_is_left_and_simulates_nothing(
    swept: Path, environment: dict[str, str]
) -> None:
    words = ["sweep", "tiny.yaml", "--dry-run", "--replications", "3", "--workers", "2"]
    told = run_program(words, swept, environment)
    assert told.returncode == 0, told.stderr
    for line in ("Arms, bases included  6", "12 of 18", "Blocks to simulate    1"):
        assert line in told.stdout
    assert len(list(swept.glob("runs/store/blocks/*/done.json"))) == 1


def test_what_is_kept_is_listed_and_damage_is_found(
    swept: Path, environment: dict[str, str]
) -> None:
    def runs(*words: str) -> tuple[int, str]:
        made = run_program(["runs", *words], swept, environment)
        return made.returncode, made.stdout + made.stderr

    code, listed = runs("list")
    assert code == 0
    assert "A tiny sweep" in listed
    assert runs("prune") == (0, "There is nothing to delete.\n")
    record = next(swept.glob("runs/store/blocks/*/events.parquet"))
    content = record.read_bytes()
    record.write_bytes(content[:-5])
    code, told = runs("verify")
    assert code == 2
    assert "events.parquet is not as it was written" in told
    record.write_bytes(content)
    assert "1 block of sweeps are as they were written" in runs("verify")[1]


def test_exploring_writes_a_chart(swept: Path, environment: dict[str, str]) -> None:
    made = run_program(["explore", "tiny", "response", "--by", "loss"], swept, environment)
    assert made.returncode == 0, made.stderr
    (chart,) = swept.glob("runs/tiny-*-explored/in_work_by_loss.json")
    assert "job loss at 0.2" in json.loads(chart.read_text(encoding="utf-8"))["title"]
    robust = run_program(["explore", "tiny", "robust", "--outcome", "npsv"], swept, environment)
    assert robust.returncode == 0, robust.stderr
    assert "Over 2 states of the world" in robust.stdout


def test_the_frontier_shows_shares_as_finely_as_the_outcome(
    swept: Path, environment: dict[str, str]
) -> None:
    words = ["explore", "tiny", "frontier", "--outcome", "may_be_fit_share"]
    made = run_program(words, swept, environment)
    assert made.returncode == 0, made.stderr
    assert re.search(r"^job loss \S+ +−?\d+\.\d\d +\S+$", made.stdout, re.M), made.stdout


def test_a_sweep_of_another_version_is_read_with_a_warning_and_not_simulated(
    swept: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    store, name, content = copied(swept, tmp_path)
    origin = content["origin"] | {"code": "other", "versions": {"fitflow": "0.0.9"}}
    store.keep_json("sweeps", name, content | {"origin": origin})
    # Another hash for the same arm, as another version of the code has.
    base = store.read_json("bases", content["base"])
    store.keep_json("bases", content["base"], base | {"warm_up_years": 1})

    words = ["explore", "tiny", "response", "--by", "loss", "--outcome", "npsv"]
    made = run_program(words, tmp_path, environment)
    assert made.returncode == 0, made.stderr
    assert f"{name} was planned by another version: fitflow 0.0.9" in made.stderr
    with pytest.raises(StoreError, match="planned with another version"):
        read_record(store, name).to_simulate(next(iter(content["arms"])))
    store.keep_json("bases", content["base"], {"form": "of another version"})
    with pytest.raises(StoreError, match=r"version that planned it: fitflow 0\.0\.9"):
        read_record(store, name)


def test_a_sweep_that_lacks_a_parameter_or_an_outcome_of_today_is_read_without_it(
    swept: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    store, name, content = copied(swept, tmp_path)
    base = store.read_json("bases", content["base"])
    del base["parameters"]["job_search.displacement_share"]
    store.keep_json("bases", content["base"], base)
    store.keep_json("sweeps", name, content | {"outcomes": ["of_old", "in_work"]})

    made = run_program(["explore", "tiny", "response", "--by", "loss"], tmp_path, environment)
    assert made.returncode == 0, made.stderr
    assert "This version has no outcome of_old" in made.stderr
    lacks = "takes job_search.displacement_share, which the version that planned"
    made = run_program(["explore", "tiny", "robust", "--outcome", "npsv"], tmp_path, environment)
    assert made.returncode == 2
    assert lacks in " ".join(made.stderr.split())
    assert "Traceback" not in made.stderr
    opened = open_sweep(store.folder, name)
    with pytest.raises(StoreError, match=lacks):
        opened.differences(["in_work_net"])
    with pytest.raises(StoreError, match=lacks):
        opened.gains("in_work_net", 1)
    store.keep_json("sweeps", name, {k: v for k, v in content.items() if k != "keep"})
    with pytest.raises(StoreError, match=f"The sweep {name} has another form than this version"):
        open_sweep(store.folder, name)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("explore tyni", "runs/store holds no sweep 'tyni'. It holds: tiny-"),
        ("explore tinny", "Did you mean 'tiny'?"),
        ("explore tiny --outcome in_wrok", "Did you mean 'in_work'?"),
        ("explore tiny --by los", "Did you mean 'loss'?"),
        ("explore tiny --by loss --by loss", "one factor, or two different ones"),
        (
            "explore tiny frontier --by loss",
            "--by was given, and the way chosen is frontier, which does not take it: only response does.",
        ),
        ("runs show tyni", "runs holds no run and no sweep 'tyni'. Runs: none. Sweeps: tiny-"),
        ("sweep tiny.yaml --shard 3/2 --out other", "--shard: '3/2' given"),
    ],
)
def test_slips_are_told_with_the_nearest_name_and_nothing_is_written(
    swept: Path, fitflow: Fitflow, tmp_path: Path, words: str, told: str
) -> None:
    shutil.copytree(swept, tmp_path, dirs_exist_ok=True)
    before = sorted(tmp_path.rglob("*"))
    made = fitflow(*words.split())
    assert made.returncode == 2
    assert told in " ".join(made.stderr.split())
    assert "Traceback" not in made.stderr
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("way", get_args(Way))
@pytest.mark.parametrize(
    ("option", "value", "takes"),
    [
        ("by", ["loss"], "response"),
        ("below", 0.0, "conditions"),
        ("above", 1.0, "conditions"),
        ("less", True, "robust"),
    ],
)
def test_each_option_belongs_to_one_way(way: Way, option: str, value: object, takes: str) -> None:
    if way == takes:
        _check_options("tiny", way, **{option: value})
    else:
        with pytest.raises(CommandError, match=f"fitflow explore tiny {takes} --{option} ..."):
            _check_options("tiny", way, **{option: value})


def test_a_slip_ends_before_anything_runs(fitflow: Fitflow, tmp_path: Path) -> None:
    written(tmp_path, TINY.replace("loss: [0.2, 1]", "los: [0.2, 1]"))
    made = fitflow("sweep", "tiny.yaml")
    assert made.returncode == 2
    assert "tiny.yaml:24: designs[1].grid.los: unknown factor 'los'" in made.stderr
    assert not (tmp_path / "runs").exists()


def test_a_wrong_value_of_a_table_is_told_at_its_place(fitflow: Fitflow, tmp_path: Path) -> None:
    written(tmp_path, TINY.split("designs:")[0] + "designs: [{list: points.csv}]\n")
    (tmp_path / "points.csv").write_text("loss,offers\n0.2,1\n0.2,fast\n")
    made = fitflow("sweep", "tiny.yaml")
    assert made.returncode == 2
    assert "points.csv:3: column offers: 'fast' given" in made.stderr
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ("tcp://127.0.0.1:1",),
            "No scheduler answers at tcp://127.0.0.1:1; it was waited for 1 second.",
        ),
        (("10.0.0.1",), "--scheduler: '10.0.0.1' given (missing port number"),
        (("tcp://127.0.0.1:1", "--serial"), "given together with --serial"),
    ],
)
def test_a_scheduler_that_is_not_there_is_not_waited_for_without_end(
    swept: Path, fitflow: Fitflow, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    shutil.copy(swept / "tiny.yaml", tmp_path)
    made = fitflow("sweep", "tiny.yaml", "--scheduler-wait", "1", "--scheduler", *words)
    assert made.returncode == 2, made.stderr
    assert told in " ".join(made.stderr.split())
    assert "Traceback" not in made.stderr
    assert not (tmp_path / "runs").exists()


def test_a_wait_for_no_scheduler_is_refused(fitflow: Fitflow, tmp_path: Path) -> None:
    made = fitflow("sweep", "nowhere.yaml", "--scheduler-wait", "5")
    assert made.returncode == 2
    assert "--scheduler-wait: 5 given without --scheduler" in " ".join(made.stderr.split())
    assert not (tmp_path / "runs").exists()


def test_a_sweep_that_is_there_needs_no_scheduler(
    swept: Path, fitflow: Fitflow, tmp_path: Path
) -> None:
    shutil.copytree(swept, tmp_path, dirs_exist_ok=True)
    made = fitflow("sweep", "tiny.yaml", "--scheduler", "tcp://127.0.0.1:1")
    assert made.returncode == 0, made.stderr
    assert "No scheduler answers" not in made.stderr
    assert "difference from the base" in made.stdout


def test_replications_are_finished_where_every_arm_is(swept: Path) -> None:
    store = Store(swept / "runs" / "store")
    assert _finished(load_sweep(swept / "tiny.yaml"), store) == 2
    assert _finished(load_sweep(swept / "tiny.yaml", {"seed": 2}), store) == 1
    # The bases are there, and two of the three arms of each.
    wider = TINY.replace("loss: [0.2, 1]", "loss: [0.2, 1, 2]")
    (swept / "wider").mkdir()
    assert _finished(load_sweep(written(swept / "wider", wider)), store) == 0


def test_a_difference_is_shown_with_what_is_known_of_chance() -> None:
    nan = float("nan")
    assert _difference({"difference": 1234.0, "low": 1034.0, "high": 1434.0}, 1) == "1,200 ± 200"
    assert _difference({"difference": 1234.0, "low": nan, "high": nan}, 1) == "1,234"
    alike = {"difference": 4000.0, "low": 4000.0, "high": 4000.0}
    assert _difference(alike, 1) == "4,000 (alike in all pairs)"
    assert _difference({"difference": nan, "low": nan, "high": nan}, 1) == "[x]"


def test_a_draw_tells_of_all_that_it_sets(tmp_path: Path) -> None:
    points = [
        {"values": {"package": package, "draw": draw, "rate": draw / 10}, "arm": "a", "base": "b"}
        for package in ("one", "other")
        for draw in (0, 1)
    ]
    content = {"points": points, "detail": "country", "keep": ["stocks"]}
    record = Record("some", content, load_scenario("baseline"))
    assert OpenedSweep(Store(tmp_path), record, {}).telling == ["package", "draw"]


@pytest.mark.parametrize("text", ["3", "0/4", "5/4", "a/b", "1/2/3"])
def test_a_part_that_is_none_is_refused(text: str) -> None:
    assert _part("3/16") == (3, 16)
    with pytest.raises(CommandError, match="I/N"):
        _part(text)
