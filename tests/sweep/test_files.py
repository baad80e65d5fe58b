"""Sweep files: what they stand for, and every slip told with its place."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sim.scenario import ScenarioError, load_scenario
from sim.scenario.library import default_library, names_of
from sim.scenario.yaml_source import as_read
from sim.sweep.files import TAKEN, load_sweep
from tests.sweep.conftest import TINY, written


def problems(path: Path) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_sweep(path, outcomes=["in_work"])
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
        ("designs:", "constraints: [loss > 5, loss > 6]\ndesigns:", "'loss > 5' holds at no point"),
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
        ("  loss: {title", "  year: {title", "a column of the results is called so"),
        (
            "grid: {offers: [0.9, 1]}",
            "sobol: {points: 4, ranges: {offers: {low: 0.5, high: 3.5, scale: whole}}}",
            "0.5 to 3.5 given",
        ),
    ],
)
def test_a_slip_says_what_would_be_right(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert any(words in problem for problem in problems(changed(tmp_path, old, new)))


def test_no_factor_is_called_as_another_column() -> None:
    from results.sweeps import COLUMNS

    assert COLUMNS.keys() <= set(TAKEN)


@pytest.mark.parametrize("name", names_of("sweep", default_library()))
def test_the_sweeps_of_the_library_are_sound(name: str) -> None:
    from results.outcomes import OUTCOMES

    assert load_sweep(name, outcomes=OUTCOMES).points
