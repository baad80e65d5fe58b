"""With the model itself, at a tiny scale: blocks that are kept, and draws that scenarios live with."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from calibration.blocks import OTHER_VERSION, Kept, OtherVersionError, run_block
from calibration.experiment import Experiment, TargetBlock
from calibration.space import read_space
from calibration.targets import read_targets, used
from sim.run import simulate
from sim.scenario import Scenario, ScenarioError, load_scenario, posterior
from sim.scenario.posterior import PROVENANCE, at_seed, draw_of, posterior_digest
from sim.sweep.cluster import Scheduler, local_workers
from sim.sweep.execute import SweepError

TINY = {"scale": 0.0001, "years": 1, "warm_up_years": 0, "areas": ("E54000057",)}


def experiment(folder: Path) -> Experiment:
    base = load_scenario("baseline").model_copy(update=TINY)
    targets = used(read_targets(), "fit")
    return Experiment(base, read_space(), targets, [11, 12], Kept(folder))


def test_draws_are_kept_and_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = experiment(tmp_path)
    x = np.zeros((3, made.space.size))
    x[2] = 1.0
    told: list[tuple[int, int]] = []
    y = made.run(x, np.array([0, 1, 0]), lambda *n: told.append(n))
    assert y.shape == (3, len(made.targets))
    assert told == [(0, 3), (3, 3)]
    # Other luck, and other parameters, give other numbers.
    assert not np.array_equal(y[0], y[1], equal_nan=True)
    assert not np.array_equal(y[0], y[2], equal_nan=True)

    def again(*_: object, **__: object) -> None:
        raise AssertionError("run again")

    monkeypatch.setattr("calibration.experiment.run_arms", again)
    assert_allclose(made.run(x, np.array([0, 1, 0])), y)
    with pytest.raises(AssertionError, match="run again"):
        made.run(x, np.array([1, 1, 0]))
    assert [path.suffix for path in tmp_path.iterdir()] == [".parquet"]


def test_workers_of_a_scheduler_give_the_same_files(tmp_path: Path) -> None:
    here, there = experiment(tmp_path / "here"), experiment(tmp_path / "there")
    x, pool = np.zeros((3, here.space.size)), np.array([0, 1, 0])
    x[2] = 1.0
    with local_workers(1, 2e9, pytest.fail) as workers:
        kept = Kept(there.kept.folder, scheduler=workers)
        y = replace(there, kept=kept, block=2).run(x, pool)
    assert_array_equal(replace(here, block=2).run(x, pool), y)
    files = {path.name: path.read_bytes() for path in here.kept.folder.iterdir()}
    assert len(files) == 2
    assert files == {path.name: path.read_bytes() for path in there.kept.folder.iterdir()}


def test_a_scheduler_is_waited_for_shortly_at_first_and_not_at_all_for_nothing(
    tmp_path: Path,
) -> None:
    told: list[str] = []
    nobody = Scheduler("tcp://127.0.0.1:1", told.append, first_wait=1.0)
    made = experiment(tmp_path)
    there = replace(made, kept=Kept(tmp_path, scheduler=nobody))
    x, pool = np.zeros((1, made.space.size)), np.array([0])
    with pytest.raises(SweepError, match=r"it was waited for 1 second\."):
        there.run(x, pool)
    assert len(told) == 1
    assert_array_equal(made.run(x, pool), there.run(x, pool))
    assert len(told) == 1


def test_a_worker_of_another_version_refuses(tmp_path: Path) -> None:
    made = experiment(tmp_path)
    block = TargetBlock(
        made.space, np.ones((1, made.space.size)), np.array([11]), made.base, made.targets
    )
    there_and_back = pickle.loads(pickle.dumps(OtherVersionError(OTHER_VERSION)))
    assert (type(there_and_back), str(there_and_back)) == (OtherVersionError, OTHER_VERSION)
    with pytest.raises(OtherVersionError, match="another version of fitflow"):
        run_block((block, "digest by other code"))


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    """A posterior of two draws of one parameter."""
    rows = [
        {"draw": k, "parameter": "p", "number": v, "what": "sickness.area_exponent", "who": "{}",
         "part": "scale", "value": json.dumps(v)}
        for k, v in enumerate((0.5, 1.5))
    ]  # fmt: skip
    table = pa.Table.from_pylist(rows).replace_schema_metadata({PROVENANCE: b'{"method": "toy"}'})
    pq.write_table(table, tmp_path / "draws.parquet")
    return tmp_path / "draws.parquet"


def with_posterior(file: Path) -> Scenario:
    base = load_scenario("baseline").model_copy(update=TINY)
    return base.model_copy(update={"posterior": posterior_digest(file)})


def test_two_seeds_live_with_a_draw(drawn: Path) -> None:
    scenario = with_posterior(drawn)
    assert [draw_of(seed, drawn) for seed in range(1, 7)] == [1, 1, 0, 0, 1, 1]
    values = {}
    for seed in range(1, 5):
        there = at_seed(scenario, seed, drawn)
        assert (there.name, there.title) == (scenario.name, scenario.title)
        values[seed] = there.parameters["sickness.area_exponent"].dated()[0][1].item()
    assert values == {1: 1.5, 2: 1.5, 3: 0.5, 4: 0.5}


def test_effects_of_support_are_drawn_beside(drawn: Path) -> None:
    scenario = with_posterior(drawn)
    name = "workwell.return_hazard_ratio"
    effects = [
        at_seed(scenario, 2 * k, drawn).parameters[name].dated()[0][1].item() for k in range(2)
    ]
    assert len(set(effects)) == 2
    span = scenario.parameters[name].uncertainty
    assert span is not None
    many = [posterior._effect(scenario.parameters[name], k).value for k in range(400)]
    # 90% of draws in the interval: 360 of 400, with a standard deviation of 6.
    assert 335 <= sum(span.low <= value <= span.high for value in many) <= 385


def test_a_scenario_knows_its_posterior(drawn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = with_posterior(drawn)
    plain = scenario.model_copy(update={"posterior": ""})
    assert at_seed(plain, 3, drawn) is plain
    assert plain.digest() != scenario.digest()
    with pytest.raises(ScenarioError, match="not those that the scenario was loaded with"):
        at_seed(scenario.model_copy(update={"posterior": "0" * 64}), 1, drawn)
    monkeypatch.setattr("sim.run.at_seed", lambda s, seed: at_seed(s, seed, drawn))
    lived = simulate([scenario], [0, 2]).tables.stocks
    alone = simulate([at_seed(plain.model_copy(update={"posterior": scenario.posterior}), 2, drawn)
                      .model_copy(update={"posterior": ""})], [2]).tables.stocks  # fmt: skip
    there = lived[lived["seed"] == 2].reset_index(drop=True)
    assert there["people"].tolist() == alone["people"].tolist()


def test_a_file_asks_for_the_posterior(
    tmp_path: Path, drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "name: mine\ntitle: Mine\ndescription: Mine.\nextends: baseline\nparameters: posterior\n",
        encoding="utf-8",
    )
    monkeypatch.setattr("sim.scenario.posterior.posterior_digest", lambda: posterior_digest(drawn))
    assert load_scenario(file).posterior == posterior_digest(drawn)
    with pytest.raises(ScenarioError, match="no posterior is installed"):
        posterior_digest(tmp_path / "none.parquet")
