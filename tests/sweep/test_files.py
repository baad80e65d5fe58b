"""Sweep files: what they stand for, and every slip told with its place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from results.outcomes import NEEDS
from sim.scenario import ScenarioError, load_scenario
from sim.scenario.library import default_library, names_of
from sim.scenario.yaml_source import as_read
from sim.sweep.factors import TAKEN
from sim.sweep.files import load_sweep
from tests.sweep.conftest import TINY, written

DESIGNS = TINY.partition("designs:\n")[2]


def problems(path: Path) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_sweep(path, outcomes=NEEDS)
    return [str(problem) for problem in caught.value.problems]


def changed(tmp_path: Path, old: str, new: str) -> Path:
    assert old in TINY
    return written(tmp_path, TINY.replace(old, new))


def test_points_have_arms_and_share_bases_where_circumstances_are_alike(tiny: Path) -> None:
    sweep = load_sweep(tiny)
    assert [point.values for point in sweep.points] == [
        {"loss": loss, "offers": offers} for loss in (0.2, 1) for offers in (0.9, 1)
    ]
    first, second, third, fourth = sweep.points
    assert first.base == third.base != second.base == fourth.base
    assert len({p.arm for p in sweep.points}) == 4
    arm, base = sweep.scenarios[first.arm], sweep.scenarios[first.base]
    assert arm.parameters["job_search.hazard_ratio"].numbers[0].entries == (0.9,)
    assert base.parameters["job_search.hazard_ratio"] == arm.parameters["job_search.hazard_ratio"]
    assert base.changes == ()
    [change] = arm.changes
    assert (change.what, change.value, change.join) == ("job_loss.hazard_ratio", 0.2, "multiply")


def test_the_name_of_an_arm_is_of_its_content_only(tmp_path: Path, tiny: Path) -> None:
    sweep = load_sweep(tiny)
    other = changed(tmp_path, "title: A tiny sweep", "title: Called otherwise")
    assert (
        load_sweep(other, {"replications": 9, "seed": 7}).scenarios.keys() == sweep.scenarios.keys()
    )
    for key, value in (("scale", 0.0004), ("years", 2), ("areas", ["Black Country"])):
        assert load_sweep(other, {key: value}).scenarios.keys().isdisjoint(sweep.scenarios)


def test_reforms_are_chosen_one_or_several_or_none(tmp_path: Path) -> None:
    text = (
        TINY.replace("  changes:\n", "  reforms: [$package]\n  changes:\n")
        .replace(
            "  - grid: {offers: [0.9, 1]}\n",
            "  - grid: {offers: [1], package: [workwell_pilots, [wca_reform, stronger_sanctions], null]}\n",
        )
        .replace("factors:\n", "factors:\n  package: {}\n")
        .replace("years: 1", "years: 5")
    )
    sweep = load_sweep(written(tmp_path, text))
    chosen = [
        [reform.name for reform in sweep.scenarios[point.arm].reforms[:-1]]
        for point in sweep.points[:3]
    ]
    assert chosen == [["workwell_pilots"], ["wca_reform", "stronger_sanctions"], []]


def test_a_factor_called_after_a_parameter_holds_everywhere(tmp_path: Path) -> None:
    design = (
        "  - grid: {fit_notes.may_be_fit_hazard_ratio: [1, 1.2], job_search.offer_rate: [0.5]}\n"
    )
    sweep = load_sweep(written(tmp_path, TINY + design))
    plain = load_scenario("baseline").parameters["job_search.offer_rate"]
    for point in sweep.points:
        for name in (point.arm, point.base):
            parameters = sweep.scenarios[name].parameters
            value = point.values["fit_notes.may_be_fit_hazard_ratio"]
            assert parameters["fit_notes.may_be_fit_hazard_ratio"].numbers[0].entries == (value,)
            halved = parameters["job_search.offer_rate"].dated()[0][1]
            assert halved == pytest.approx(plain.dated()[0][1] / 2)


def test_constraints_leave_points_out(tmp_path: Path) -> None:
    sweep = load_sweep(written(tmp_path, TINY + "constraints: [loss + offers < 1.5]\n"))
    assert [point.values["loss"] for point in sweep.points] == [0.2, 0.2]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_points_come_from_tables(tmp_path: Path, kind: str) -> None:
    frame = pd.DataFrame({"loss": [0.2, 0.7], "offers": [0.9, 1.1]})
    path = tmp_path / f"points.{kind}"
    frame.to_csv(path, index=False) if kind == "csv" else frame.to_excel(path, index=False)
    text = TINY.split("designs:")[0] + f"designs:\n  - list: points.{kind}\n"
    points = load_sweep(written(tmp_path, text)).points
    assert [point.values for point in points] == frame.to_dict("records")


def of_points(tmp_path: Path, rows: str, kind: str = "csv", text: str = TINY) -> Path:
    """A sweep whose points are a file of these lines."""
    path = tmp_path / f"points.{kind}"
    if kind == "csv":
        path.write_text(rows, encoding="utf-8")
    else:
        cells = [[as_read(cell) for cell in line.split(",")] for line in rows.split()]
        pd.DataFrame(cells).to_excel(path, header=False, index=False)
    return written(tmp_path, text.split("designs:")[0] + f"designs:\n  - list: points.{kind}\n")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_wrong_value_of_a_table_is_told_at_its_row_and_column(
    tmp_path: Path, kind: str
) -> None:
    """One cell that is no number makes text of its whole column; only that cell is wrong."""
    found = problems(of_points(tmp_path, "loss,offers\n0.2,0.9\n-1,1\n0.5,O.5\n", kind))
    assert [problem.partition("points.")[2] for problem in found] == [
        f"{kind}:3: column loss: -1.0 given for arms.changes[1].value; a number above 0",
        f"{kind}:4: column offers: 'O.5' given for everywhere.parameters.job_search.hazard_ratio; "
        "a number",
    ]


def test_a_wrong_name_of_a_table_is_told_with_the_nearest(tmp_path: Path) -> None:
    text = TINY.replace("  changes:\n", "  reforms: [workwell_pilots, $package]\n  changes:\n")
    text = text.replace("factors:\n", "factors:\n  package: {}\n").replace("years: 1", "years: 5")
    rows = "loss,offers,package\n0.2,1,stronger_sanctions\n\n0.2,1,wca_refrom\n"
    (found,) = problems(of_points(tmp_path, rows, text=text))
    assert "points.csv:4: column package: unknown reform 'wca_refrom' for arms.reforms[2]" in found
    assert found.endswith("did you mean 'wca_reform'?")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("loss,ofers\n0.2,1\n", "points.csv:1: column ofers: unknown factor 'ofers'"),
        ("loss,offers\n0.2,1\n,1\n", "points.csv:3: column loss: no value; a value"),
        (
            "loss,offers,job_search.offer_rate\n0.2,1,1\n0.2,1,-2\n",
            "points.csv:3: column job_search.offer_rate: -2 given; a number above 0",
        ),
    ],
)
def test_names_gaps_and_parameters_of_a_table_are_told_with_their_place(
    tmp_path: Path, rows: str, told: str
) -> None:
    assert any(told in problem for problem in problems(of_points(tmp_path, rows)))


def test_every_wrong_value_of_a_grid_is_told_where_it_stands(tmp_path: Path) -> None:
    found = problems(changed(tmp_path, "[0.2, 1]", "[0.2, -1, lots]"))
    assert [problem.partition("tiny.yaml")[2][:34] for problem in found] == [
        ":24: designs[1].grid.loss[2]: -1 g",
        ":24: designs[1].grid.loss[3]: 'lot",
    ]


def test_every_slip_is_told_at_once_with_file_line_and_nearest_name(tmp_path: Path) -> None:
    text = (
        TINY.replace("years: 1\n", "yeers: 1\n")
        .replace("kind: uncertainty", "kind: uncertanty")
        .replace("{offers: [0.9, 1]}", "{ofers: [0.9, 1]}")
    )
    found = problems(written(tmp_path, text + "outcomes: [in_wrk]\nkeep: [stocks, event]\n"))
    said = "\n".join(found)
    for line, words in (
        (8, "unknown setting 'yeers'"),
        (13, "did you mean 'uncertainty'"),
        (25, "did you mean 'offers'"),
        (26, "did you mean 'in_work'"),
        (27, "'event' given"),
    ):
        assert f"tiny.yaml:{line}: " in said
        assert words in said
    assert "did you mean 'years'" in said


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("join: multiply", "join: multipy", "did you mean 'multiply'"),
        ("job_loss.hazard_ratio", "job_los.hazard_ratio", "did you mean 'job_loss.hazard_ratio'"),
        ("value: $loss", "value: $los", "unknown factor 'los'"),
        ("value: $loss", "value: 0.5", "it stands nowhere"),
        ("  - grid: {loss: [0.2, 1]}\n", "", "no design gives it values"),
        ("{loss: [0.2, 1]}", "{loss: [0.2, 1], offers: [1]}", "stands in design 1 already"),
        ("{loss: [0.2, 1]}", "{loss: 3}", "a list of values"),
        ("base: baseline", "base: baselin", "did you mean 'baseline'"),
        ("{loss: [0.2, 1]}", "{loss: [-1, 1]}", "a number above 0"),
        ("scale: 0.0005", "scale: 5", "above 0 and at most 1"),
        ("- grid: {loss", "- grad: {loss", "did you mean 'grid'"),
        ("from: 2024-06-01", "from: 2034-06-01", "before the scenario ends"),
        ("designs:", "constraints: [loss > 0.5, loss < 0.5]\ndesigns:", "no point meets all"),
        (
            "designs:",
            "precision: {half_width: ten, outcome: in_work}\ndesigns:",
            "a share of the difference such as 10%",
        ),
        (
            "designs:",
            "precision: {half_width: 0.0%, outcome: in_work}\ndesigns:",
            "a share of the difference such as 10%",
        ),
        ("offers", "year", "a column of the results is called so"),
        (
            "grid: {offers: [0.9, 1]}",
            "sobol: {points: 4, ranges: {offers: {low: 0.5, high: 3.5, scale: whole}}}",
            "0.5 to 3.5 given",
        ),
    ],
)
def test_a_slip_says_what_would_be_right(tmp_path: Path, old: str, new: str, words: str) -> None:
    """And nothing else: what follows from it only is not told."""
    (told,) = problems(changed(tmp_path, old, new))
    assert words in told


CONDITIONED = TINY + "constraints:\n  - loss < 3\n  - offers > 0\noutcomes: [in_work]\n"
SLIPS = {
    "base: baseline": ("base: baselin", 4, "did you mean 'baseline'?"),
    "years: 1": ("yeers: 1", 8, "did you mean 'years'?"),
    "replications: 2": ("replications: two", 10, "'two' given; a whole number"),
    "kind: uncertainty": ("kind: uncertanty", 13, "did you mean 'uncertainty'?"),
    "ratio: $offers": ("ratio: $ofers", 16, "unknown factor 'ofers'; allowed: loss, offers"),
    "what: job_loss.hazard": ("what: job_los.hazard", 19, "did you mean 'job_loss.hazard_ratio'?"),
    "join: multiply": ("join: multipy", 21, "did you mean 'multiply'?"),
    "from: 2024-06-01": ("from: 2024-06-31", 22, "a date such as 2024-04-01"),
    "[0.9, 1]": ("0.9", 25, "a list of values"),
    "- loss < 3": ("- loss < 3 <", 27, "is not a condition"),
    "- offers > 0": ("- ofers > 0", 28, "factors: loss, offers; did you mean 'offers'?"),
    "outcomes: [in_work]": ("outcome: [in_work]", 29, "did you mean 'outcomes'?"),
}
"""What is written, the slip, its line, and what is told of it. Each hides nothing of the others."""


def slipped(tmp_path: Path, slips: Mapping[str, str]) -> list[str]:
    text = CONDITIONED
    for old, new in slips.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return [told.partition("tiny.yaml:")[2] for told in problems(written(tmp_path, text))]


def test_independent_slips_are_told_all_at_once_each_as_if_alone(tmp_path: Path) -> None:
    together = slipped(tmp_path, {old: new for old, (new, _, _) in SLIPS.items()})
    assert len(together) == len(SLIPS)
    for told, (_, line, words) in zip(together, SLIPS.values(), strict=True):
        assert told.startswith(f"{line}: ")
        assert words in told
    alone = [told for old, (new, _, _) in SLIPS.items() for told in slipped(tmp_path, {old: new})]
    assert alone == together


def test_wrong_values_are_told_beside_slips_elsewhere(tmp_path: Path) -> None:
    """A constraint that cannot be worked out at a value is no problem where the value is one."""
    slips = {"[0.2, 1]": "[0.2, -1, lots]", "base: baseline": "base: ./nowhere.yaml"}
    slips |= {"ratio: $offers": "ratio: {sex: $offers}"}
    found = slipped(tmp_path, slips)
    assert [told.partition(" given")[0] for told in found[-2:]] == [
        "24: designs[1].grid.loss[2]: -1",
        "24: designs[1].grid.loss[3]: 'lots'",
    ]
    assert len(found) == 4
    unworkable = {"- loss < 3": "- loss < 'three'"}
    (told,) = slipped(tmp_path, unworkable)
    assert "cannot be worked out at loss 0.2: " in told
    assert slipped(tmp_path, {"[0.9, 1]": "[0.9, lots]"} | unworkable)[1:] == [told]
    assert slipped(tmp_path, {"[0.2, 1]": "[0.2, -1, 1]", "- loss < 3": "- loss > 3"}) == [
        "24: designs[1].grid.loss[2]: -1 given for arms.changes[1].value; a number above 0",
        "27: constraints[1]: 'loss > 3' holds at no point; a condition that some points meet",
    ]


def test_a_value_that_a_constraint_leaves_out_may_be_any(tmp_path: Path) -> None:
    left_out = changed(tmp_path, "[0.2, 1]", "[0.2, -1]").read_text() + "constraints: [loss > 0]\n"
    assert len(load_sweep(written(tmp_path, left_out)).points) == 2
    spread = left_out.replace(
        "grid: {loss: [0.2, -1]}", "sobol: {points: 8, ranges: {loss: [-1, 1]}}"
    )
    assert len(load_sweep(written(tmp_path, spread)).points) == 8
    for text in (left_out, spread):
        (told,) = problems(written(tmp_path, text.replace("  years", "  yeers")))
        assert "unknown setting 'yeers'" in told


def test_values_that_only_clash_are_told(tmp_path: Path) -> None:
    text = TINY.replace("$loss", "1").replace(
        "from: 2024-06-01", "from: $loss\n      until: $offers"
    )
    text = text.replace("job_search.hazard_ratio: $offers", "{}")
    text = text.replace("[0.2, 1]", "[2024-06-01, 2024-08-01]")
    (told,) = problems(written(tmp_path, text.replace("[0.9, 1]", "[2024-07-01, 2024-09-01]")))
    assert "grid.offers[1]: 2024-07-01 given for arms.changes[1].until; a date after 2024" in told


def test_a_name_that_is_meant_for_no_factor_hides_none_that_is_idle(tmp_path: Path) -> None:
    text = TINY.replace("value: $loss", "value: 0.5").replace("from: 2024-06-01", "from: $zzzz")
    idle, unknown = problems(written(tmp_path, text))
    assert "tiny.yaml:12: factors.loss: it stands nowhere" in idle
    assert "tiny.yaml:22: arms.changes[1].from: unknown factor 'zzzz'" in unknown


def test_a_slip_behind_a_factor_of_a_list_is_told_once_where_it_stands(tmp_path: Path) -> None:
    """However many items the values put in its place."""
    choices = "package: [null, workwell_pilots, [wca_reform, stronger_sanctions], wca_refrom]"
    text = (
        TINY.replace("  changes:\n", "  reforms:\n    - $package\n    - wca_refrom\n  changes:\n")
        .replace("{offers: [0.9, 1]}", f"{{offers: [0.9, 1], {choices}}}")
        .replace("factors:\n", "factors:\n  package: {}\n")
        .replace("years: 1", "years: 5")
    )
    behind, value = (told.partition("; ")[0] for told in problems(written(tmp_path, text)))
    assert behind.endswith("tiny.yaml:21: arms.reforms[2]: unknown reform 'wca_refrom'")
    assert value.endswith(
        "tiny.yaml:29: designs[2].grid.package[4]: unknown reform 'wca_refrom' for arms.reforms[1]"
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("arms:", "arm:", ["17: arm: unknown key"]),
        ("designs:", "design:", ["23: design: unknown key"]),
        ("  changes:", "  change:", ["18: arms.change: unknown key"]),
        ("{offers: [", "{ofers: [", ["25: designs[2].grid.ofers: unknown factor 'ofers'"]),
        (
            "  loss: {title: Job loss, unit: times}\n",
            "",
            ["23: designs[1].grid.loss: unknown factor"],
        ),
        ("grid: {loss: [0.2, 1]}", "list: nowhere.csv", ["24: designs[1].list: there is no file"]),
        ("grid: {loss: [0.2, 1]}", "posterior: {draws: none}", ["24: designs[1].posterior: there"]),
        (
            "grid: {loss: [0.2, 1]}",
            "list: [{loss: 1}, {los: 2}, {los: 3}]",
            ["24: designs[1].list[2].los: unknown factor 'los'"],
        ),
        (
            "grid: {loss: [0.2, 1]}",
            "sobol: {points: 7, ranges: {loss: [3, 1], ofers: [1, 2]}}",
            [
                "24: designs[1].sobol.points: 7 given",
                "24: designs[1].sobol.ranges.loss: 3 to 1 given",
                "24: designs[1].sobol.ranges.ofers: unknown factor 'ofers'",
            ],
        ),
        (
            "grid: {loss: [0.2, 1]}",
            "sobol: {points: 8, ranges: {loss: [-1, 1]}}",
            ["24: designs[1].sobol.ranges.loss: -1 to 1 given for arms.changes[1].value; a number"],
        ),
        (
            "grid: {loss: [0.2, 1]}",
            "sobol: {points: 8, ranges: {loss: [-2, -1]}}",
            [
                "24: designs[1].sobol.ranges.loss: -2 to -1 given for arms.changes[1].value; a number"
            ],
        ),
        (
            "grid: {loss: [0.2, 1]}",
            "grid: {loss: [1, true]}",
            ["24: designs[1].grid.loss[2]: true given"],
        ),
        (
            "  - grid: {offers: [0.9, 1]}\n",
            "  - grid: {offers: [0.9, 1]}\n  - list: [{loss: 1}]\nconstraints: [loss < 0.5]\n",
            ["26: designs[3]: loss stands in design 1 already"],
        ),
        (
            DESIGNS,
            "  - list: nowhere.csv\nconstraints: [fit_notes.may_be_fit_hazard_ratio < 2]\n",
            ["24: designs[1].list: there is no file"],
        ),
        (
            DESIGNS,
            "  - posterior: {number: 1000000}\nconstraints: [draw < 5]\n",
            ["24: designs[1].posterior: 1000000 draws asked for"],
        ),
        (
            "job_search.hazard_ratio: $offers",
            "job_serch.hazard_ratio: $offers",
            ["16: everywhere.parameters.job_serch.hazard_ratio: unknown parameter"],
        ),
        ("value: $loss", "valeu: $loss", ["20: arms.changes[1].valeu: unknown key"]),
        (
            "value: $loss",
            "value: $loss\n      untill: $offers",
            ["21: arms.changes[1].untill: unknown key"],
        ),
        (
            "value: $loss",
            "value: 0.5\n      who: {sexx: $loss}",
            ["21: arms.changes[1].who.sexx: unknown filter"],
        ),
        (
            "value: $loss",
            "value: $loss\n      who: {sex: [$sexes]}",
            ["21: arms.changes[1].who.sex[1]"],
        ),
        (
            "  loss: {",
            "  job_los.hazard_ratio: {}\n  loss: {",
            ["12: factors.job_los.hazard_ratio"],
        ),
    ],
)
def test_what_only_follows_from_a_slip_is_not_told(
    tmp_path: Path, old: str, new: str, told: list[str]
) -> None:
    found = [each.partition("tiny.yaml:")[2] for each in problems(changed(tmp_path, old, new))]
    assert len(found) == len(told)
    for problem, start in zip(found, told, strict=True):
        assert problem.startswith(start)


def test_dates_are_judged_unless_a_slip_may_have_moved_the_end(tmp_path: Path) -> None:
    """What moves the end: the base, the start, the years, or a setting that may be meant as one of these."""
    late = ("from: 2024", "from: 2034")
    for old, new in (
        ("base: baseline", "base: baselin"),
        ("  years: 1", "  yeers: 1"),
        ("  years: 1", "  years: no"),
    ):
        (told,) = problems(written(tmp_path, TINY.replace(old, new).replace(*late)))
        assert ":22:" not in told
    _, told = problems(written(tmp_path, TINY.replace("scale: 0.0005", "scale: 5").replace(*late)))
    assert "tiny.yaml:22: arms.changes[1].from: 2034-06-01 given; before the scenario ends" in told


def test_what_is_listed_as_reforms_has_to_be(tmp_path: Path) -> None:
    for given, told in (
        ("workwell_pilots", ":18: arms.reforms: 'workwell"),
        ("[3]", ":18: arms.reforms[1]: 3"),
    ):
        (found,) = problems(changed(tmp_path, "  changes:\n", f"  reforms: {given}\n  changes:\n"))
        assert found.partition("tiny.yaml")[2].startswith(told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "keep: [stocks]\noutcomes: [in_work, sanctions, workwell_wait]\n"
            "precision: {half_width: 10%, outcome: fit_notes}\n",
            [
                "27: outcomes[2]: 'sanctions' is counted from events, which keep leaves out; events in keep",
                "27: outcomes[3]: 'workwell_wait' is counted from waits, which keep leaves out",
                "28: precision.outcome: 'fit_notes' is counted from events",
            ],
        ),
        ("keep: [events]\n", ["26: keep: stocks left out; stocks in keep: every outcome is"]),
        (
            "outcomes: sanctions\nkeep: [events]\n",
            ["26: outcomes: 'sanctions' given", "27: keep: stocks left out"],
        ),
        (
            "outcomes: [in_work, sanctions, wca_wait]\nkeep: [events]\n",
            ["26: outcomes[3]: 'wca_wait' is counted from waits,", "27: keep: stocks left out"],
        ),
        ("keep: [stocks, event]\noutcomes: [sanctions]\n", ["26: keep[2]: 'event' given"]),
        ("keep: [stocks, waits]\noutcomes: [in_work, wca_wait]\n", []),
    ],
)
def test_outcomes_are_counted_from_tables_that_are_kept(
    tmp_path: Path, text: str, told: list[str]
) -> None:
    path = written(tmp_path, TINY + text)
    found = problems(path) if told else load_sweep(path, outcomes=NEEDS).points and []
    assert len(found) == len(told)
    for problem, words in zip(found, told, strict=True):
        assert words in problem


def test_no_factor_is_called_as_another_column() -> None:
    from results.sweeps import COLUMNS

    assert COLUMNS.keys() <= set(TAKEN)


@pytest.mark.parametrize("name", names_of("sweep", default_library()))
def test_the_sweeps_of_the_library_are_sound(name: str) -> None:
    assert load_sweep(name, outcomes=NEEDS).points
