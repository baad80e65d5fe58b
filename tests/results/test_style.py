"""Letters ship with the package, text is wrapped by width, colours can be told apart."""

from __future__ import annotations

from importlib import resources
from itertools import pairwise

import matplotlib as mpl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.font_manager import FontProperties, findfont

from results import style
from results.lint import contrast
from results.style import text_width, wrap

WORDS = st.lists(st.text("abcdefgWM0,", min_size=1, max_size=9), min_size=1, max_size=25)


def test_the_letters_of_the_package_are_used():
    with style.settings():
        for weight, file in (("normal", "Regular"), ("bold", "Bold")):
            found = findfont(FontProperties(family=style.FAMILY, weight=weight))
            assert found.endswith(f"LiberationSans-{file}.ttf")
            assert str(resources.files("results")) in found


def test_the_licence_of_the_letters_ships_with_them():
    licence = resources.files("results") / "data" / "LiberationSans-LICENSE.txt"
    text = licence.read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in text
    assert "Reserved Font Name Liberation" in text


def test_widths_are_those_of_arial():
    # Arial: 1,139 units of 2,048 for a digit; 1,706 for a capital M; bold capital M also 1,706.
    assert text_width("0000", 10) == pytest.approx(40 * 1139 / 2048, abs=0.05)
    assert text_width("M", 100) == pytest.approx(100 * 1706 / 2048, abs=0.5)
    assert text_width("people", 12, bold=True) > text_width("people", 12)


@settings(max_examples=40)
@given(words=WORDS, width=st.floats(30, 300))
def test_wrapping_keeps_the_words_and_the_width(words, width):
    lines = wrap(" ".join(words), width, 10)
    if all(text_width(word, 10) <= width for word in words):
        assert " ".join(lines) == " ".join(words)
    assert "".join(lines).replace(" ", "") == "".join(words)
    assert all(text_width(line, 10) <= width for line in lines)
    for line, following in pairwise(lines):
        assert text_width(f"{line} {following.split(' ')[0]}", 10) > width


def test_no_break_spaces_hold():
    assert wrap("about\N{NO-BREAK SPACE}7,000 more", 60, 10) == [
        "about\N{NO-BREAK SPACE}7,000",
        "more",
    ]


def test_colours_stand_out_and_neighbours_differ_without_colour():
    assert len(style.COLOURS) == len(set(style.COLOURS)) == 6
    for colour in (*style.COLOURS, style.GREY):
        assert contrast(colour) >= 3
    assert contrast(style.TEXT) >= 4.5
    for first, second in zip(style.COLOURS, style.COLOURS[1:4], strict=False):
        assert contrast(first, second) >= 2.5
    assert len({str(dash) for dash in style.DASHES}) == 6


def test_settings_do_not_stay():
    before = mpl.rcParams["svg.hashsalt"]
    with style.settings():
        assert mpl.rcParams["svg.hashsalt"] == "fitflow"
    assert mpl.rcParams["svg.hashsalt"] == before


@pytest.mark.parametrize(
    ("pair", "ratio"),
    [(("black", "white"), 21), (("white", "white"), 1), (("#767676", "white"), 4.54)],
)
def test_contrast_is_that_of_the_guidelines(pair, ratio):
    assert contrast(*pair) == pytest.approx(ratio, abs=0.005)
    assert contrast(*pair[::-1]) == pytest.approx(ratio, abs=0.005)
