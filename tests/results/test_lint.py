"""The layout lint catches every fault it is for, and nothing in a sound figure."""

from __future__ import annotations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from results import style
from results.lint import LayoutError, check_layout, layout_problems


@pytest.fixture
def figure() -> Figure:
    """A figure of 400 by 300 points without a fault, with axes over all of it in points."""
    with style.settings():
        figure = Figure(figsize=(400 / 72, 300 / 72), dpi=100, facecolor="white")
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, 400), ylim=(0, 300))
        axes.axis("off")
        axes.text(20, 250, "A title", size=14, weight="bold")
        axes.text(20, 20, "A note", size=10)
        axes.plot([20, 200], [100, 150], color=style.COLOURS[0])
        axes.fill_between([20, 200], [90, 140], [110, 160], color=style.BAND, gid="decoration-band")
        axes.add_patch(Rectangle((220, 100), 8, 50, color=style.COLOURS[3], linewidth=0))
    return figure


def test_a_sound_figure_passes(figure):
    assert layout_problems(figure) == []
    check_layout(figure)


@pytest.mark.parametrize(
    ("x", "y", "options", "problem"),
    [
        (380, 200, {"size": 12}, '"some words" is cut off by the edge'),
        (-5, 200, {"size": 12}, '"some words" is cut off by the edge'),
        (300, 295, {"size": 12}, '"some words" is cut off by the edge'),
        (40, 252, {"size": 12}, '"A title" overlaps "some words"'),
        (40, 243, {"size": 12}, '"A title" overlaps "some words"'),
        (100, 120, {"size": 12}, '"some words" lies on a line or bar'),
        (200, 130, {"size": 12}, '"some words" lies on a line or bar'),
        (300, 200, {"size": 9.5}, '"some words" has letters of 9.5 points, less than 10'),
        (300, 200, {"size": 12, "color": "#F46A25"}, '"some words" has a contrast of 3.03, less'),
        (300, 200, {"size": 12, "color": "#777777"}, '"some words" has a contrast of 4.48, less'),
    ],
)
def test_a_faulty_text_is_found(figure, x, y, options, problem):
    with style.settings():
        figure.axes[0].text(x, y, "some words", **options)
    (found,) = layout_problems(figure)
    assert found.startswith(problem)


def test_faint_marks_are_found_unless_they_are_decoration(figure):
    axes = figure.axes[0]
    axes.plot([20, 200], [200, 210], color="#BBBBBB", gid="decoration-grid")
    assert layout_problems(figure) == []
    axes.plot([20, 200], [220, 230], color="#BBBBBB")
    axes.add_patch(Rectangle((300, 100), 8, 50, color="#BBBBBB"))
    assert layout_problems(figure) == ["a mark has a contrast of 1.92, less than 3"] * 2


@pytest.mark.parametrize(
    ("x", "y", "sides"),
    [
        ([50, 101], [50, 50], ["right"]),
        ([-1, 50], [50, 50], ["left"]),
        ([50, 60], [50, 101], ["top"]),
        ([50, 60], [-1, 50], ["bottom"]),
        ([0, 100], [0, 100], []),
        ([-1, 101], [-1, 101], ["left", "right", "bottom", "top"]),
    ],
)
def test_data_beyond_the_plot_are_found(figure, x, y, sides):
    inner = figure.add_axes((0.3, 0.3, 0.4, 0.3))
    inner.set(xlim=(0, 100), ylim=(0, 100))
    inner.plot(x, y, color="black")
    problems = layout_problems(figure)
    assert problems == [f"data go beyond the {side} of the plot" for side in sides]


def test_a_band_beyond_the_plot_is_found(figure):
    inner = figure.add_axes((0.3, 0.3, 0.4, 0.3))
    inner.fill_between([0, 1], [0, 0], [1, 2], color=style.BAND, gid="decoration-band")
    inner.set(xlim=(0, 1), ylim=(0, 1))
    inner.axis("off")
    assert layout_problems(figure) == ["data go beyond the top of the plot"]


def test_marks_off_the_page_are_found(figure):
    figure.axes[0].add_patch(
        Rectangle((395, 100), 10, 50, color="black", linewidth=0, clip_on=False)
    )
    assert layout_problems(figure) == ["1 marks are cut off by the edge"]


def test_all_problems_are_reported_at_once(figure):
    with style.settings():
        figure.axes[0].text(380, 200, "off the page", size=12)
        figure.axes[0].text(300, 100, "small", size=8)
    with pytest.raises(LayoutError, match=r'not written: "off the page" is cut .*; "small" has'):
        check_layout(figure)


def test_invisible_and_empty_texts_do_not_count(figure):
    with style.settings():
        figure.axes[0].text(380, 200, "off the page", visible=False)
        figure.axes[0].text(390, 200, " ")
    assert layout_problems(figure) == []


@pytest.mark.parametrize(
    ("x", "colour", "problem"),
    [
        (310, "#D5DEE8", None),
        (310, "#12436D", '"ab" has a contrast of'),
        (335, "#D5DEE8", '"ab" lies on a line or bar'),
    ],
)
def test_text_on_a_tile_is_read_against_its_colour(figure, x, colour, problem):
    figure.axes[0].add_patch(
        Rectangle((300, 180), 40, 30, facecolor=colour, linewidth=0, gid="tile-1")
    )
    with style.settings():
        figure.axes[0].text(x, 190, "ab", size=12)
    found = layout_problems(figure)
    assert (found == []) if problem is None else (len(found) == 1 and found[0].startswith(problem))
