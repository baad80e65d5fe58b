"""Figures are laid out without a fault, say what the data say, and repeat to the byte."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from results import figures, style
from results.charts import difference as charts
from results.charts.difference import DifferenceChart
from results.charts.lines import draw
from results.figures import write_chart
from results.files import FileKeptError
from results.lint import LayoutError, layout_problems
from tests.results.test_charts import chart, plain

NAMES = ("Whole package", "Stronger sanctions", "WorkWell", "Fit notes", "Coaches", "Nothing new")
CASES = {
    "one": chart(("More WorkWell", 4567, 620)),
    "long names": chart(
        *[(f"Scenario {c} whose title goes on", 4000.0 + k, 600) for k, c in enumerate("ABCDEF")]
    ),
    "both ways": chart(("Sanctions", -1234, 700), ("Milder", 340, 300), outcome="sanctions"),
    "nothing": chart(("Nothing new", 0, 0), number=12),
    "not measurable": chart(("More WorkWell", 120, 620), ("Nothing new", 0, 0)),
    "tiny": chart(("Reform", 0.07, 0.03), outcome="may_be_fit_share", number=12),
    "tiny people": chart(("Reform", 0.2, 0.1)),
    "huge": chart(("Big", 23_456_789, 620_000), ("Small", 4e6, 2e6)),
    "one month": chart(("Reform", -40, 3), number=1),
    "short": chart(("Reform", -40, 3), number=7, start="2024-06"),
    "long": chart(("Reform", -3, 0.5), outcome="workwell_wait", number=240, start="2024-01"),
    "long words": chart((f"workwell_{'in_every_area_' * 9}", 1e4, 99), ("W" * 60, -1e4, 99)),
    "assumed": chart(
        *[(name, 900.0 * k, 99) for k, name in enumerate(NAMES)], assumptions=("x" * 60,) * 9
    ),
}  # fmt: skip


def texts(figure: Figure) -> list[str]:
    return [
        plain(t.get_text()) for t in figure.findobj(Text) if isinstance(t, Text) and t.get_text()
    ]


@pytest.mark.parametrize("size", style.SIZES.values(), ids=style.SIZES)
@pytest.mark.parametrize("made", CASES.values(), ids=CASES)
def test_charts_of_all_kinds_have_no_fault_of_layout(made, size):
    figure = draw(made, size)
    assert layout_problems(figure) == []
    assert figure.get_size_inches()[0] * 72 == pytest.approx(size.width)


@settings(max_examples=20)
@given(
    ends=st.lists(
        st.tuples(
            st.text("ABCabc mW", min_size=1, max_size=60).filter(str.strip),
            st.floats(-1e7, 1e7),
            st.floats(0, 1e6),
        ),
        min_size=1,
        max_size=6,
    ),
    number=st.integers(1, 130),
    outcome=st.sampled_from(["in_work", "sanctions", "sickness_absence"]),
)
def test_any_chart_has_no_fault_of_layout(ends, number, outcome):
    made = chart(
        *[(" ".join(n.split()), *rest) for n, *rest in ends], number=number, outcome=outcome
    )
    assert layout_problems(draw(made)) == []


def test_widths_are_those_of_a_page_and_a_screen():
    assert style.PAGE.width / 72 * 2.54 == pytest.approx(16)
    image = Image.open(io.BytesIO(figures.png_bytes(draw(CASES["one"], style.WEB), "", "", "")))
    assert image.width == 2 * 960


def test_the_words_of_the_chart_are_on_the_figure():
    made = CASES["not measurable"]
    found = " ".join(texts(draw(made)))
    said = made.words
    for words in (said.title, said.subtitle, said.source, said.notes):
        assert plain(words) in found
    for k, line in enumerate(made.lines):
        assert f"{line.title} {charts.end_label(made, k)}" in found


def test_lines_intervals_and_band_are_the_data():
    made = chart(("A", 400, 90), ("B", -90, 30), number=24)
    plot, page = draw(made).axes[1], draw(made).axes[0]
    by_name = {
        mark.get_gid(): mark for axes in (plot, page) for mark in (*axes.lines, *axes.patches)
    }
    for k, line in enumerate(made.lines):
        x, y = by_name[f"line-{k}"].get_data()
        assert x.tolist() == list(range(25))
        assert y.tolist() == [0.0, *line.mean]
    (band,) = plot.collections
    corners = {(x, y) for path in band.get_paths() for x, y in path.vertices}
    assert {(24, made.lines[0].low[-1]), (24, made.lines[0].high[-1])} <= corners
    bottom, top = plot.get_ylim()
    heights = page.transData.transform([(0, 0), (0, 1)])[:, 1]
    scale = (plot.get_window_extent().height / (top - bottom)) / (heights[1] - heights[0])
    for k, line in enumerate(made.lines):
        bar = by_name[f"interval-{k}"]
        assert bar.get_height() == pytest.approx((line.high[-1] - line.low[-1]) * scale)


def test_a_flow_does_not_start_at_zero():
    figure = draw(chart(("A", 400, 90), outcome="sanctions", number=24))
    (line,) = [mark for mark in figure.axes[1].lines if mark.get_gid() == "line-0"]
    assert list(line.get_xdata()) == list(range(1, 25))


def test_months_without_a_value_leave_a_gap():
    made = chart(("A", 4, 1), outcome="workwell_wait", number=24)
    (line,) = made.lines
    late = {v: np.append([np.nan] * 6, getattr(line, v)[6:]) for v in ("mean", "low", "high")}
    made = replace(made, lines=(replace(line, **late),))
    assert layout_problems(draw(made)) == []
    assert "about 4.0 days" in plain(charts.title(made))


def write(made: DifferenceChart, folder: Path) -> dict[str, bytes]:
    return {p.suffix: p.read_bytes() for p in write_chart(made, folder, "figure")}


def test_four_files_are_written_and_agree(tmp_path):
    made = CASES["both ways"]
    files = write(made, tmp_path)
    assert sorted(files) == [".csv", ".json", ".png", ".svg"]
    words = json.loads(files[".json"])
    assert words["title"] == plain(charts.title(made))
    assert words["data"] == "figure.csv"
    assert "Data are in figure.csv." in words["alt_text"]
    back = pd.read_csv(io.BytesIO(files[".csv"]))
    pd.testing.assert_frame_equal(back, charts.data(made), check_dtype=False)
    image = Image.open(io.BytesIO(files[".png"]))
    assert image.info["Title"] == words["title"]
    assert image.info["Description"] == words["alt_text"]
    assert image.info["Source"] == words["source"]
    assert image.width == pytest.approx(16 / 2.54 * 300, abs=1)


def test_an_svg_is_named_and_its_text_is_text(tmp_path):
    made = chart(("Plan <A> & more", 400, 90), ("B", 50, 90))
    content = write(made, tmp_path)[".svg"]
    root = ET.fromstring(content)
    space = "{http://www.w3.org/2000/svg}"
    title, description = root.find(f"{space}title"), root.find(f"{space}desc")
    assert title is not None
    assert description is not None
    assert title.text == plain(charts.title(made))
    assert description.text == plain(made.words.alt_text("figure.csv"))
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    lines = root.findall(f".//{space}text")
    assert {"Plan <A> & more", "Apr", "2024"} <= {text.text for text in lines}
    # The title comes first, and every line has the width it was laid out with.
    assert (lines[0].text or "").startswith("Plan <A> & more would")
    for text in lines:
        style_of, width = text.get("style") or "", float(text.get("textLength", "nan"))
        size = float(style_of.split("font-size: ")[1].split("px")[0])
        bold = "font-weight: 700" in style_of
        assert width == pytest.approx(style.text_width(text.text or "", size, bold), abs=0.01)
        assert "'Liberation Sans', Arial, Helvetica, sans-serif" in style_of
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    links = {v for node in root.iter() for k, v in node.items() if k.endswith("href")}
    assert links <= {f"#{name}" for name in ids}


def test_two_figures_share_no_identifier(tmp_path):
    found = []
    for k, name in enumerate(("one", "both ways")):
        write_chart(CASES[name], tmp_path, f"figure_{k}")
        root = ET.fromstring((tmp_path / f"figure_{k}.svg").read_bytes())
        found.append({node.get("id") for node in root.iter() if node.get("id")})
    assert not found[0] & found[1]


SCRIPT = """
import sys
from pathlib import Path
from results.figures import write_chart
from tests.results.test_figures import CASES
write_chart(CASES["not measurable"], Path(sys.argv[1]), "figure")
"""


def test_files_are_the_same_to_the_byte_in_another_process(tmp_path):
    here = write(CASES["not measurable"], tmp_path / "here")
    again = write(CASES["not measurable"], tmp_path / "again")
    root = Path(figures.__file__).parent.parent
    subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path / "there")], check=True, cwd=root)
    there = {p.suffix: p.read_bytes() for p in (tmp_path / "there").iterdir()}
    assert here == again == there


def test_files_hold_no_date(tmp_path):
    files = write(CASES["one"], tmp_path)
    assert b"<dc:date>" not in files[".svg"]
    assert b"tIME" not in files[".png"]


def test_a_faulty_figure_is_not_written(tmp_path, monkeypatch):
    def faulty(*arguments: object) -> Figure:
        figure = draw(CASES["one"])
        figure.text(0.98, 0.5, "off the page", size=12)
        return figure

    monkeypatch.setattr(DifferenceChart, "draw", faulty)
    with pytest.raises(LayoutError, match='"off the page" is cut off by the edge'):
        write_chart(CASES["one"], tmp_path, "figure")
    assert list(tmp_path.iterdir()) == []


def test_figures_are_never_written_over(tmp_path):
    before = write(CASES["one"], tmp_path)
    with pytest.raises(FileKeptError, match=r"figure.svg is already there"):
        write_chart(CASES["nothing"], tmp_path, "figure")
    assert write(CASES["one"], tmp_path) == before
