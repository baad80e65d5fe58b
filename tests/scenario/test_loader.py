from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario import Problem, Scenario, ScenarioError, load_parameters, load_scenario, override
from sim.scenario.schema import InlineChange, InlineReform, ScenarioFile
from tests.scenario.conftest import HEADER, LIBRARY


def test_a_scenario_by_name() -> None:
    scenario = load_scenario("baseline", LIBRARY)
    assert (scenario.name, scenario.title) == ("baseline", "Baseline")
    assert (scenario.start, scenario.end) == (dt.date(2024, 4, 1), dt.date(2029, 4, 1))
    assert scenario.areas == ("E01", "E02", "E03")
    # What no file sets has the default.
    assert (scenario.scale, scenario.seed) == (0.01, 1)
    assert (scenario.replications, scenario.warm_up_years) == (8, 2)
    assert "scale" not in scenario.origins
    assert scenario.origins["years"].endswith("baseline.yaml:5")
    assert [Path(file).name for file in scenario.files] == [
        "baseline.yaml", "areas.csv", "job_search.yaml", "sickness.yaml", "pilot.yaml"
    ]  # fmt: skip


def test_a_child_wins_and_inherits() -> None:
    scenario = load_scenario("ambitious", LIBRARY)
    assert scenario.name == "ambitious"
    assert (scenario.years, scenario.scale) == (3, 0.02)
    assert scenario.start == dt.date(2024, 4, 1)
    assert scenario.origins["start"].endswith("baseline.yaml:4")
    assert scenario.origins["years"].endswith("ambitious.yaml:5")
    assert scenario.parameters["sickness.rate"].labelled() == [(None, 0.7)]
    # The child lists the parent's reform too: it stays where it was.
    assert [reform.name for reform in scenario.reforms] == ["pilot", "national"]
    assert [change.reform for change in scenario.changes] == ["pilot", "national", "national"]


def test_a_chain_from_a_folder_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "reform.yaml").write_text(
        (LIBRARY / "reforms" / "national.yaml").read_text().replace("name: national", "name: own")
    )
    (tmp_path / "middle.yaml").write_text(
        HEADER + "extends: baseline\nreforms: [./reform.yaml]\n"
        "parameters: {sickness.rate: 0.5, sickness.weekly_pay: 120}\n"
    )
    (tmp_path / "deep" / "leaf.yml").write_text(
        HEADER + "extends: ../middle.yaml\nreforms: [../reform.yaml, national]\n"
        "parameters: {sickness.rate: 0.6}\n"
    )
    scenario = load_scenario(tmp_path / "deep" / "leaf.yml", LIBRARY)
    assert [reform.name for reform in scenario.reforms] == ["pilot", "own", "national"]
    assert scenario.parameters["sickness.rate"].labelled() == [(None, 0.6)]
    assert {float(value) for _, value in scenario.parameters["sickness.weekly_pay"].dated()} == {
        120
    }
    assert [s.value for s in scenario.parameters["sickness.rate"].settings] == [0.8, 0.5, 0.6]


def test_a_path_as_text_is_relative_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.yaml").write_text(HEADER)
    monkeypatch.chdir(tmp_path)
    assert load_scenario("mine.yaml", LIBRARY).name == "mine"
    assert load_scenario("./mine.yaml", LIBRARY).origins["name"] == "mine.yaml:1"


def test_the_horizon_of_a_leap_day(load: Callable[[str], Scenario]) -> None:
    assert load("start: 2024-02-29\nyears: 1\n").end == dt.date(2025, 3, 1)
    assert load("start: 2024-02-29\nyears: 4\n").end == dt.date(2028, 2, 29)


@pytest.mark.parametrize(
    ("text", "key", "given", "allowed"),
    [
        ("years: 0", "years", "0 given", "a whole number from 1 to 30"),
        ("years: 31", "years", "31 given", "a whole number from 1 to 30"),
        ("years: 2.5", "years", "2.5 given", "a whole number from 1 to 30"),
        ("years: 5.0", "years", "5.0 given", "a whole number from 1 to 30"),
        ("years: '5'", "years", "'5' given", "a whole number from 1 to 30"),
        ("years: true", "years", "true given", "a whole number from 1 to 30"),
        ("years:", "years", "nothing given", "a whole number from 1 to 30"),
        ("years: [5]", "years", "a list given", "a whole number from 1 to 30"),
        ("scale: 0", "scale", "0 given",
         "simulated people for each person, above 0 and at most 1"),
        ("scale: 1.01", "scale", "1.01 given",
         "simulated people for each person, above 0 and at most 1"),
        ("scale: .nan", "scale", "nan given",
         "simulated people for each person, above 0 and at most 1"),
        ("seed: -1", "seed", "-1 given", "a whole number from 0 to 4294967295"),
        ("seed: 4294967296", "seed", "4294967296 given", "a whole number from 0 to 4294967295"),
        ("replications: 0", "replications", "0 given", "a whole number from 1 to 10000"),
        ("replications: 10001", "replications", "10001 given", "a whole number from 1 to 10000"),
        ("warm_up_years: 11", "warm_up_years", "11 given", "a whole number from 0 to 10"),
        ("warm_up_years: -1", "warm_up_years", "-1 given", "a whole number from 0 to 10"),
        ("start: 2009-12-31", "start", "2009-12-31 given",
         "a date from 2010-01-01 to 2058-12-31"),
        ("start: 2024-02-30", "start", "'2024-02-30' given", "a date such as 2024-04-01"),
        ("start: 2024", "start", "2024 given", "a date such as 2024-04-01"),
        ("areas: englnd", "areas", "unknown area 'englnd'", "an area's code or name, or a group: "
         "england_and_wales, England, Wales, North, South, workwell_pilot"),
        ("areas: []", "areas", "an empty list",
         "name at least one area, or leave the key out"),
        ("parameters: [1]", "parameters", "a list given",
         "values by the name of a parameter, or posterior (draws of the calibration)"),
        ("reforms: pilot", "reforms", "'pilot' given", "a list of names, paths or reforms"),
        ("reforms: [5]", "reforms[1]", "5 given", "a list of names, paths or reforms"),
        ("reforms: [pilot, pilot]", "reforms[2]", "'pilot' is listed twice", "each reform once"),
        ("reforms: [./none.yaml]", "reforms[1]", "there is no file './none.yaml'", None),
        ("extends: ./none.yaml", "extends", "there is no file './none.yaml'", None),
        ('extends: "a\\0b.yaml"', "extends", "there is no file 'a\\x00b.yaml'", None),
        ("extends: baselin", "extends", "unknown scenario 'baselin'",
         "allowed: ambitious, baseline, or the path of a file, such as ./scenario.yaml"),
        ("yeers: 5", "yeers", "unknown key",
         "allowed: name, title, description, extends, start, years, scale, areas, seed, "
         "replications, warm_up_years, parameters, reforms"),
    ],
)  # fmt: skip
def test_a_scenario_that_cannot_be_used(
    problems: Callable[[str], list[Problem]],
    text: str,
    key: str,
    given: str,
    allowed: str | None,
) -> None:
    (problem,) = problems(text)
    assert (problem.line, problem.key, problem.given) == (4, key, given)
    assert allowed is None or problem.allowed == allowed


@pytest.mark.parametrize(
    "text",
    [
        "years: 1", "years: 30", "scale: 1", "scale: 1e-9", "seed: 0", "seed: 4294967295",
        "replications: 10000", "warm_up_years: 0", "warm_up_years: 10",
        "start: '2024-04-01'", "areas: [E01, Wales]", "parameters: {}", "reforms: []",
    ],
)  # fmt: skip
def test_the_ends_of_what_is_allowed(load: Callable[[str], Scenario], text: str) -> None:
    assert load(text).name == "mine"


@pytest.mark.parametrize("key", ["name", "title", "description"])
def test_every_scenario_says_what_it_is(library: Path, key: str) -> None:
    path = library / "ambitious.yaml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith(key)]
    path.write_text("\n".join(lines))
    with pytest.raises(ScenarioError) as error:
        load_scenario("ambitious", library)
    (problem,) = error.value.problems
    assert (problem.key, problem.given) == (key, "missing")


def test_unknown_names_and_missing_files(tmp_path: Path) -> None:
    cases: list[tuple[str | Path, str]] = [
        ("basline", "unknown scenario 'basline'; allowed: ambitious, baseline, or the path of a "
         "file, such as ./scenario.yaml; did you mean 'baseline'?"),
        (str(tmp_path / "none.yaml"), "there is no such file"),
        (tmp_path / "none", "there is no such file"),
        (tmp_path, "is a directory; give a YAML file"),
        ("", "unknown scenario ''; allowed: ambitious, baseline, or the path of a file, such as "
         "./scenario.yaml"),
    ]  # fmt: skip
    for ref, text in cases:
        with pytest.raises(ScenarioError) as error:
            load_scenario(ref, LIBRARY)
        assert str(error.value).endswith(f": {text}")


def test_names_and_files_of_the_library_agree(library: Path) -> None:
    shutil.move(library / "baseline.yaml", library / "base.yaml")
    shutil.move(library / "reforms" / "pilot.yaml", library / "reforms" / "pilots.yaml")
    path = library / "base.yaml"
    path.write_text(path.read_text().replace("[pilot]", "[pilots]"))
    with pytest.raises(ScenarioError) as error:
        load_scenario("base", library)
    assert [(p.given, p.allowed) for p in error.value.problems] == [
        ("'baseline' given", "the name of the file, 'base'"),
        ("'pilot' given", "the name of the file, 'pilots'"),
    ]


def test_a_circle_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, parent in [("a", "b"), ("b", "c"), ("c", "b")]:
        Path(f"{name}.yaml").write_text(f"{HEADER}extends: ./{parent}.yaml\n")
    with pytest.raises(ScenarioError) as error:
        load_scenario("a.yaml", LIBRARY)
    (problem,) = error.value.problems
    assert (problem.file, problem.line, problem.key) == ("c.yaml", 4, "extends")
    assert problem.given == "the scenarios extend each other: b.yaml -> c.yaml -> b.yaml"


def test_a_scenario_cannot_extend_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(f"{HEADER}extends: ../{tmp_path.name}/a.yaml\n")
    with pytest.raises(ScenarioError, match=r"a\.yaml -> a\.yaml"):
        load_scenario("a.yaml", LIBRARY)


def test_two_reforms_of_one_name(problems: Callable[[str], list[Problem]]) -> None:
    (problem,) = problems(
        "extends: baseline\nreforms:\n  - name: pilot\n    changes:\n"
        "      - {what: sickness.rate, value: 1, from: 2025-01-01}\n"
    )
    assert problem.given == "a second reform called 'pilot'"
    assert problem.line == 6


def test_values_are_known_from_the_start(problems: Callable[[str], list[Problem]]) -> None:
    (problem,) = problems("start: 2023-04-05")
    assert problem.key == "sickness.weekly_pay"
    assert (Path(problem.file).name, problem.line) == ("sickness.yaml", 13)
    assert problem.given == "the first value is from 2023-04-06"


def test_a_value_for_the_start_can_be_given(load: Callable[[str], Scenario]) -> None:
    scenario = load("start: 2023-04-05\nparameters: {sickness.weekly_pay: {2020-01-01: 99}}")
    assert scenario.parameters["sickness.weekly_pay"].numbers[1].start == dt.date(2020, 1, 1)


def test_all_problems_of_all_files_come_at_once(library: Path, tmp_path: Path) -> None:
    """Nothing that is wrong hides what else is wrong."""
    with (library / "parameters" / "sickness.yaml").open("a") as stream:
        stream.write("\nsickness.extra: {unit: days}\n")
    with (library / "reforms" / "national.yaml").open("a") as stream:
        stream.write("  - {what: sickness.rate, value: 9}\n")
    with (library / "ambitious.yaml").open("a") as stream:
        stream.write("seeds: 4\n")
    path = tmp_path / "mine.yaml"
    path.write_text(
        HEADER.replace("a test.", "a test")
        + "extends: ambitious\nscale: 2\nscale: 3\nareas: [northmoor]\n"
        + "parameters: {sickness.rates: 1, sickness.extra: 5}\n"
        + "reforms: [pilots, {name: x, changes: [{what: a.b, value: 1, from: 2060-01-01}]}]\n"
    )
    with pytest.raises(ScenarioError) as error:
        load_scenario(path, library)
    places = [(Path(p.file).name, p.line, p.key) for p in error.value.problems]
    assert places == [
        ("mine.yaml", 3, "description"),
        ("mine.yaml", 5, "scale"),
        ("mine.yaml", 6, ""),
        ("mine.yaml", 7, "areas[1]"),
        ("mine.yaml", 8, "parameters.sickness.rates"),
        ("mine.yaml", 9, "reforms[1]"),
        ("mine.yaml", 9, "reforms[2].changes[1].what"),
        ("mine.yaml", 9, "reforms[2].changes[1].from"),
        ("ambitious.yaml", 11, "seeds"),
        ("sickness.yaml", 40, "sickness.extra.description"),
        ("sickness.yaml", 40, "sickness.extra.value"),
        ("sickness.yaml", 40, "sickness.extra.range"),
        ("sickness.yaml", 40, "sickness.extra.grade"),
        ("national.yaml", 18, "changes[3].from"),
        ("national.yaml", 18, "changes[3].grade"),
        ("national.yaml", 18, "changes[3].value"),
    ]
    assert len(str(error.value).splitlines()) == len(places)


def test_the_digest_covers_what_determines_a_run(library: Path) -> None:
    base = load_scenario("baseline", library)
    assert len(base.digest()) == 64
    assert base.digest() == load_scenario("baseline", LIBRARY).digest()
    for name, value in {
        "name": "other",
        "start": dt.date(2024, 4, 2),
        "years": 4,
        "scale": 0.02,
        "areas": ("E01",),
        "seed": 2,
        "replications": 9,
        "warm_up_years": 3,
        "changes": (),
        "parameters": {},
    }.items():
        assert base.model_copy(update={name: value}).digest() != base.digest(), name
    for name in ("title", "description", "files", "origins", "reforms"):
        assert base.model_copy(update={name: ()}).digest() == base.digest(), name


@pytest.mark.parametrize(
    ("file", "old", "new", "same"),
    [
        ("parameters/sickness.yaml", "value: 0.8", "value: 0.80", True),
        ("parameters/sickness.yaml", "value: 0.8", "value: 0.81", False),
        ("parameters/sickness.yaml", "scale: 4}", "scale: 5}", False),
        ("parameters/sickness.yaml", "Rate of falling", "How often one falls", True),
        ("parameters/sickness.yaml", "grade: second_hand", "grade: published", True),
        ("parameters/job_search.yaml", "{0-3: 2.4, 3-6: 1.3", "{3-6: 1.3, 0-3: 2.4", True),
        ("reforms/pilot.yaml", "value: 1.2", "value: 1.3", False),
        ("reforms/pilot.yaml", "limiting: yes", "limiting: no", False),
        ("reforms/pilot.yaml", "[workwell_pilots]", "[north, east fen]", True),
        ("reforms/pilot.yaml", "[workwell_pilots]", "[north]", False),
        ("reforms/pilot.yaml", "ramp_months: 6", "ramp_months: 5", False),
        ("reforms/pilot.yaml", "Nobody has measured", "No one measured", True),
        ("reforms/pilot.yaml", "changes:", "\n# a comment\nchanges:", True),
    ],
)
def test_the_digest_and_the_text_of_files(
    library: Path, file: str, old: str, new: str, same: bool
) -> None:
    before = load_scenario("baseline", library).digest()
    text = (library / file).read_text()
    assert old in text
    (library / file).write_text(text.replace(old, new))
    assert (load_scenario("baseline", library).digest() == before) == same


def test_the_digest_is_the_same_in_every_process() -> None:
    code = (
        "from pathlib import Path; from sim.scenario import load_scenario; "
        f"print(load_scenario('ambitious', Path({str(LIBRARY)!r})).digest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert digests == {load_scenario("ambitious", LIBRARY).digest()}


def test_a_scenario_survives_json() -> None:
    scenario = load_scenario("ambitious", LIBRARY)
    twin = Scenario.model_validate_json(scenario.model_dump_json())
    assert twin == scenario
    assert twin.digest() == scenario.digest()


def test_override_from_python() -> None:
    base = load_scenario("baseline", LIBRARY)
    scenario = override(
        base,
        {
            "sickness.rate": np.float64(0.5),
            "sickness.weekly_pay": {dt.date(2026, 4, 1): 125},
            "job_search.earnings_shares": np.array([0.1, 0.2, 0.7]),
            "job_search.places": {"E01": 7},
        },
        origin="--set",
    )
    assert scenario.parameters["sickness.rate"].labelled() == [(None, 0.5)]
    assert scenario.parameters["sickness.weekly_pay"].labelled()[-1] == (dt.date(2026, 4, 1), 125)
    assert scenario.parameters["sickness.rate"].settings[-1].origin == "--set"
    assert base.parameters["sickness.rate"].labelled() == [(None, 0.8)]
    assert override(base, {}) == base


def test_override_from_python_reports_everything() -> None:
    with pytest.raises(ScenarioError) as error:
        override(
            load_scenario("baseline", LIBRARY),
            {"sickness.rate": 9, "sickness.rat": 1, "sickness.weekly_pay": float("nan")},
            origin="--set",
        )
    assert str(error.value).splitlines()[0] == (
        "--set: sickness.rate: 9 given; a number from 0 to 3"
    )
    assert [p.given for p in error.value.problems[1:]] == [
        "unknown parameter 'sickness.rat'",
        "nan given",
    ]


@given(st.binary(max_size=200))
def test_any_bytes_load_or_are_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(content)
    with pytest.raises(ScenarioError):
        load_scenario(path, LIBRARY)


_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.dates().map(str)
    | st.sampled_from(["pilot", "baseline", "E01", "sickness.rate", "yes", "multiply", "0-3", "\0"])
)
_LABELS = ["0-3", "other", "yes", "sex", "condition", "cause", "minor", "2025-01-01"]
_SPECS = ["distribution", "scale", "c", "rates", "survival", "0", "7"]
_KEYS = st.text(max_size=3) | st.sampled_from(
    [*InlineReform.model_fields, *InlineChange.model_fields, "from", *_LABELS, *_SPECS]
)
_TREES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)
_FIELDS = st.sampled_from(list(ScenarioFile.model_fields))
_PARAMETERS = st.dictionaries(
    st.sampled_from([*load_parameters(LIBRARY), "sickness.rat"]), _TREES, max_size=3
)


@given(st.dictionaries(_FIELDS, _TREES, max_size=4), _PARAMETERS, st.lists(_TREES, max_size=2))
def test_any_mapping_loads_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory,
    fields: dict[str, object],
    parameters: dict[str, object],
    changes: list[object],
) -> None:
    """Whatever stands under the keys of a scenario, nothing but a ScenarioError is raised."""
    path = tmp_path_factory.getbasetemp() / "tree.yaml"
    fields = {
        "name": "mine",
        "title": "Mine",
        "description": "D.",
        "parameters": parameters,
        "reforms": [{"name": "x", "changes": changes}],
        **fields,
    }
    path.write_text(yaml.dump(fields, Dumper=_NoAliases))
    with contextlib.suppress(ScenarioError):
        assert load_scenario(path, LIBRARY).digest()


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True
