from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sim.cli.arms import base_and_reforms, kind_of
from sim.cli.errors import CommandError
from sim.scenario import ScenarioError, default_library, load_scenario
from sim.scenario.library import find_file, names_of
from sim.scenario.settled import with_settings


def test_settings_of_the_command_line_replace_those_of_the_file(folder: Path) -> None:
    scenario = load_scenario(folder / "tiny.yaml")
    other = with_settings(scenario, {"scale": 0.5, "areas": ["Dorset", "wales"], "seed": 7})
    assert (other.scale, other.seed, other.areas) == (0.5, 7, ("E54000041", "W92000004"))
    assert other.origins["scale"] == "command line"
    assert other.digest() != scenario.digest()
    assert with_settings(scenario, {}) == scenario


def test_every_wrong_setting_is_told(folder: Path) -> None:
    scenario = load_scenario(folder / "tiny.yaml")
    wrong = {"scale": 0.0, "years": 31, "replications": 0, "areas": ["Gotham"]}
    with pytest.raises(ScenarioError) as caught:
        with_settings(scenario, wrong)
    texts = [str(problem) for problem in caught.value.problems]
    assert len(texts) == 4
    for key in wrong:
        assert any(text.startswith(f"command line, --{key}: ") for text in texts)


def test_a_reform_is_the_base_with_it(folder: Path) -> None:
    base, reform = base_and_reforms(
        str(folder / "tiny.yaml"), [str(folder / "quick.yaml")], {"seed": 5}
    )
    assert (reform.name, reform.title) == ("quick", "Quick starts")
    assert [change.what for change in reform.changes] == ["job_loss.hazard_ratio"]
    assert base.changes == ()
    assert reform.parameters == base.parameters
    assert (reform.scale, reform.areas, reform.seed) == (base.scale, base.areas, 5)
    assert str(folder / "quick.yaml") in reform.files[-1]


def test_a_name_of_both_kinds_is_the_reform_on_top_of_the_base(folder: Path) -> None:
    _, mine = base_and_reforms(str(folder / "tiny.yaml"), ["workwell_pilots"], {})
    assert mine.scale == 0.0005
    assert {change.what for change in mine.changes} == {"workwell.coaches"}
    library = default_library()
    alike = 0
    for name in set(names_of("scenario", library)) & set(names_of("reform", library)):
        path = find_file(name, "scenario", library, folder)
        assert path is not None
        file = yaml.safe_load(path.read_text(encoding="utf-8"))
        if file["reforms"] == [name]:
            _, reform = base_and_reforms(file["extends"], [name], {})
            assert reform.digest() == load_scenario(name).digest(), name
            alike += 1
    assert alike > 10


def test_a_reform_that_starts_after_a_shortened_run_can_be_used() -> None:
    _, reform = base_and_reforms("baseline", ["wca_reform"], {"years": 1})
    assert reform.years == 1
    assert reform.changes


def test_replications_are_those_of_the_base(folder: Path) -> None:
    text = "name: more\ntitle: More\ndescription: More of it.\nextends: ./tiny.yaml\n"
    (folder / "more.yaml").write_text(text + "replications: 9\nseed: 4\n")
    _, more = base_and_reforms(str(folder / "tiny.yaml"), [str(folder / "more.yaml")], {})
    assert (more.replications, more.seed) == (2, 1)


def test_scenarios_about_other_people_cannot_be_compared(folder: Path) -> None:
    with pytest.raises(CommandError, match=r"differ in years \(1 and 5\), scale .*, areas\. Let"):
        base_and_reforms(str(folder / "tiny.yaml"), ["baseline"], {})
    settings = {"years": 1, "scale": 0.001, "areas": ["Dorset"]}
    with pytest.raises(CommandError, match=r"differ in warm-up years \(0 and 2\)"):
        base_and_reforms(str(folder / "tiny.yaml"), ["baseline"], settings)


def test_names_differ(folder: Path) -> None:
    tiny = str(folder / "tiny.yaml")
    with pytest.raises(CommandError, match="Two of the scenarios are called 'tiny'"):
        base_and_reforms(tiny, [tiny], {})


def test_the_same_reform_twice_is_told(folder: Path) -> None:
    (folder / "mine.yaml").write_text(
        (folder / "tiny.yaml").read_text() + "reforms: [./quick.yaml]\n"
    )
    with pytest.raises(ScenarioError, match="a second reform called 'quick'"):
        base_and_reforms(str(folder / "mine.yaml"), [str(folder / "quick.yaml")], {})


def test_an_unknown_name_gets_the_nearest_of_both_kinds() -> None:
    with pytest.raises(ScenarioError, match="did you mean 'workwell_pilots'"):
        base_and_reforms("baseline", ["workwel_pilot"], {})


def test_kinds_of_files(folder: Path) -> None:
    assert kind_of(folder / "tiny.yaml") == "scenario"
    assert kind_of(folder / "quick.yaml") == "reform"
