"""Charts of every kind: laid out without a fault, true to their numbers, the same to the byte."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

from results import figures, style
from results.charts.acceptability import acceptability
from results.charts.chart import Chart, ChartError
from results.charts.fit import fit
from results.charts.flows import STATES, Flows
from results.charts.money import money, money_axis
from results.charts.movers import Movers
from results.charts.panels import Panel, Panels
from results.charts.plane import plane
from results.charts.tile_map import TileMap, shade, signed
from results.charts.tornado import tornado
from results.figures import write_chart
from results.lint import contrast, layout_problems
from results.numbers import shown
from results.places import area_names, tiles
from sim.people import read_areas
from tests.results.synthetic import months
from tests.results.test_charts import plain

RNG = np.random.default_rng(11)
CODES = tuple(tiles())


def make_map(effect: float, spread: float, codes: tuple[str, ...] = CODES) -> TileMap:
    people = np.linspace(3e5, 2e6, len(codes))
    middle = effect + spread * np.sin(np.arange(len(codes)))
    return TileMap(
        "in_work", "More WorkWell", "Baseline", "2029-03", codes, middle, middle - 600,
        middle + 600, people, 4, "7f3a9c1b2d4e",
    )  # fmt: skip


def make_flows(change: float) -> Flows:
    without = np.linspace(1e4, 2e6, 25).reshape(5, 5) * (1 - np.eye(5))
    after = without.copy()
    after[1, 0] += change
    cells = tuple(
        tuple(shown(float(after[i, j] - without[i, j]), float(after[i, j] - without[i, j]) - 900,
                    float(after[i, j] - without[i, j]) + 900) for j in range(5))
        for i in range(5)
    )  # fmt: skip
    return Flows(
        without,
        after,
        cells,
        "Baseline",
        "More WorkWell",
        ("2028-04", "2029-03"),
        "England",
        4,
        "7f3a",
    )


def make_movers(size: float) -> Movers:
    moves = size * np.abs(RNG.normal(1, 0.1, (4, 5, 5))) * np.array(
        [[900, 0, 2, 1, 0], [0, 80, 0, 0.3, 1], [31, 0.4, 100, 2, 0], [0.9, 0, 9, 500, 0.3], [3, 0.2, 24, 18, 200]]
    )  # fmt: skip
    return Movers(moves, "Baseline", "More WorkWell", "31 March 2029", "England", "7f3a")


def make_tornado(number: int = 9, scale: float = 1e9) -> Chart:
    rows = pd.DataFrame(
        [
            {
                "label": f"Effect {k} of a programme on something that matters a good deal to many.",
                "unit": "ratio",
                "at_low": 0.8,
                "at_high": 1234.5,
                "result_at_low": -scale / (k + 1),
                "result_at_high": 2 * scale / (k + 1),
            }
            for k in range(number)
        ]
    )
    return tornado(rows, 0.1 * scale, "Net present social value", "More WorkWell", "7f3a")


def make_plane() -> Chart:
    draws = pd.DataFrame(
        {
            "scenario": "reform",
            "draw": np.arange(801),
            "person_years": RNG.normal(30_000, 20_000, 801),
            "exchequer_cost": RNG.normal(-2e8, 3e8, 801),
        }
    )
    return plane(draws, "reform", "More WorkWell", "7f3a")


def make_curves() -> Chart:
    thresholds = np.arange(0, 40_001, 1_000)
    base = np.exp(-thresholds / 9_000)
    shares = {"base": base, "a": 0.7 * (1 - base), "b": 0.3 * (1 - base)}
    frame = pd.concat(
        pd.DataFrame({"scenario": name, "threshold": thresholds, "probability": p})
        for name, p in shares.items()
    )
    titles = {"base": "Baseline", "a": "More WorkWell and then some", "b": "Stronger sanctions"}
    return acceptability(frame, titles, "7f3a")


def make_panels() -> Panels:
    line = np.linspace(-2, 9, 60)
    made = make_map(400, 900)
    panels = tuple(Panel(code, line, line - 2, line + 2) for code in CODES)
    return Panels(panels, tuple(months("2024-04", 60)), made.words, 0.1, 0.5 * line)


def make_fit() -> Chart:
    rows = pd.DataFrame(
        {
            "label": [
                f"Statistic number {k} that has quite a long name, 2024-25" for k in range(30)
            ],
            "value": 100.0,
            "low": 90.0,
            "high": 115.0,
            "simulated": np.linspace(30, 250, 30),
            "standard_error": 4.0,
        }
    )
    return fit(rows, "7f3a")


CASES: dict[str, Chart] = {
    "map": make_map(800, 900),
    "map of nothing": make_map(0, 0, CODES[:5]),
    "panels": make_panels(),
    "flows": make_flows(37_000),
    "flows alike": make_flows(0),
    "movers": make_movers(1_000),
    "few movers": make_movers(3),
    "tornado": make_tornado(),
    "small tornado": make_tornado(2, 3e5),
    "plane": make_plane(),
    "acceptability": make_curves(),
    "fit": make_fit(),
}


def texts(figure: Figure) -> str:
    return " ".join(plain(t.get_text()) for t in figure.findobj(Text) if isinstance(t, Text))


@pytest.mark.parametrize("size", style.SIZES.values(), ids=style.SIZES)
@pytest.mark.parametrize("made", CASES.values(), ids=CASES)
def test_charts_of_all_kinds_have_no_fault_of_layout(made: Chart, size: style.Size) -> None:
    figure = made.draw(size)
    with style.settings():
        assert layout_problems(figure) == []
    assert figure.get_size_inches()[0] * 72 == pytest.approx(size.width)
    words = made.words
    for said in (words.title, words.subtitle, words.source, words.notes):
        assert (plain(said) in texts(figure)) != size.bare


@pytest.mark.parametrize("made", CASES.values(), ids=CASES)
def test_alternative_text_and_numbers_of_all_kinds(made: Chart) -> None:
    text = plain(made.words.alt_text("figure.csv"))
    assert text.startswith(plain(made.words.kind))
    assert plain(made.words.title) in text
    assert text.endswith("Data are in figure.csv.")
    assert not re.search(r"nan|None|\{|\}", text)
    assert re.match(r"Source: fitflow \d", made.words.source)
    assert len(made.table) > 0


SCRIPT = """
import sys
from pathlib import Path
from results.figures import write_chart
from tests.results.test_gallery import CASES
for name in ("map", "plane"):
    write_chart(CASES[name], Path(sys.argv[1]), name)
"""


def test_files_are_the_same_to_the_byte_in_another_process(tmp_path: Path) -> None:
    for name in ("map", "plane"):
        write_chart(CASES[name], tmp_path / "here", name)
    root = Path(figures.__file__).parent.parent
    subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path / "there")], check=True, cwd=root)
    here, there = (
        {p.name: p.read_bytes() for p in (tmp_path / side).iterdir()} for side in ("here", "there")
    )
    assert len(here) == 8
    assert here == there


def test_every_board_has_one_tile_of_its_own() -> None:
    areas = read_areas()
    england = {c for c, e in zip(areas.code, areas.in_england, strict=True) if e}
    assert set(tiles()) == england
    assert len({(tile.row, tile.column) for tile in tiles().values()}) == len(england)
    assert len({tile.label for tile in tiles().values()}) == len(england)
    north, south = tiles()["E54000050"], tiles()["E54000064"]
    west, east = tiles()["E54000036"], tiles()["E54000022"]
    assert north.row < south.row
    assert west.column < east.column


def test_the_map_gives_people_and_rates_and_says_what_is_beyond_chance() -> None:
    made = make_map(800, 900)
    np.testing.assert_allclose(made.rate, 10_000 * made.difference / made.people)
    up, down = int((made.low > 0).sum()), int((made.high < 0).sum())
    assert up > 0
    assert f"in {up} of 42 areas" in made.words.title or f"in {up} and lower" in made.words.title
    assert (f"lower it in {down} of 42" in made.words.title) == (down > 0)
    found = texts(made.draw())
    for k in (0, 20, 41):
        assert signed(made.difference[k], 10) in found
        assert f"({signed(made.rate[k], 0.1)})" in found
    assert "no single area" in make_map(0, 0).words.title


def test_tiles_get_darker_with_the_rate_and_carry_black_text() -> None:
    shares = np.linspace(0, 1, 11)
    for sign in (1, -1):
        lightness = [
            float(np.dot(to_rgb(shade(sign * s)), (0.2126, 0.7152, 0.0722))) for s in shares
        ]
        assert (np.diff(lightness) < 0).all()
        assert all(contrast(style.TEXT, shade(sign * s)) >= 4.5 for s in shares)


def test_lines_are_told_apart_without_colour() -> None:
    figure = make_curves().draw()
    lines = [m for m in figure.axes[0].lines if (m.get_gid() or "").startswith("line-")]
    dashes = [repr(m._dash_pattern) for m in lines]  # type: ignore[attr-defined]  # there is no getter
    assert len(set(dashes)) == len(dashes) == 3


def test_flows_name_the_largest_change_that_is_not_chance() -> None:
    assert plain(make_flows(37_000).words.title) == (
        "More WorkWell: about 37,000 more moves a year from off sick to in work than without it"
    )
    assert "no yearly flow" in make_flows(0).words.title
    table = make_flows(37_000).table
    assert len(table) == len(STATES) * (len(STATES) - 1)
    assert table["difference"].max() == pytest.approx(37_000)


def test_movers_count_gains_and_losses() -> None:
    made = make_movers(1_000)
    near = np.mean([np.tril(m, -1).sum() for m in made.moves])
    far = np.mean([np.triu(m, 1).sum() for m in made.moves])
    numbers = [float(n.replace(",", "")) for n in re.findall(r"[\d,]{4,}", plain(made.words.title))]
    assert numbers == [pytest.approx(near, rel=0.1), pytest.approx(far, rel=0.2)]
    signs = [sign for _, sign, _ in made.bars]
    assert signs == sorted(signs, reverse=True)
    with pytest.raises(ChartError, match="moves nobody"):
        Movers(np.zeros((2, 5, 5)), "a", "b", "c", "d", "e").draw()


def test_a_tornado_is_in_order_and_counts_changes_of_sign() -> None:
    made = make_tornado()
    width = (made.table["result_at_high"] - made.table["result_at_low"]).to_numpy()
    assert (np.diff(width) < 0).all()
    assert "8 of 8 values can change its sign" in made.words.title
    with pytest.raises(ChartError, match="No single value moves"):
        tornado(made.table.assign(result_at_low=1.0, result_at_high=1.0), 1.0, "NPSV", "a", "b")


def test_the_plane_counts_its_points() -> None:
    made = make_plane()
    table = made.table
    both = ((table["person_years"] > 0) & (table["exchequer_cost"] < 0)).mean()
    assert f"in {both:.0%} of draws" in made.words.title
    with pytest.raises(ChartError, match="no draws"):
        plane(table.assign(scenario="x", draw=1), "y", "Y", "r")


def test_acceptability_names_the_best_option_at_the_end() -> None:
    assert (
        "More WorkWell and then some is the best option in 69% of draws"
        in make_curves().words.title
    )


def test_the_fit_counts_what_is_near() -> None:
    made = make_fit()
    near = (abs(made.table["ratio"] - 1) <= 0.1).sum()
    assert f"within 10% of {near} of 30" in made.words.title


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "£0"), (949, "£949"), (12_345, "£12,300"), (999_600, "£1.0 million"),
     (-4.13e9, "−£4.1 billion"), (2.5e11, "£250 billion")],
)  # fmt: skip
def test_money(amount: float, text: str) -> None:
    assert plain(money(amount)) == text


def test_the_unit_of_an_axis_of_money() -> None:
    assert money_axis(np.array([3e9, -1.0])) == (1_000_000_000, "£\N{NO-BREAK SPACE}billion")
    assert money_axis(np.array([10.0])) == (1, "£")


def test_names_are_those_of_the_areas() -> None:
    assert area_names()["E54000057"] == "Greater Manchester"
