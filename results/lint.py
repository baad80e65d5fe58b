"""Checks of a finished figure: nothing clipped or overlapping, letters and contrast large enough.

Marks whose ``gid`` begins with ``decoration`` (the grid, the shading of an interval that bars and
numbers also give) need no contrast and may lie under text. Marks whose ``gid`` begins with ``tile`` carry text: what
is wholly on one is read against its colour.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from matplotlib.typing import ColorType

from results.style import SMALLEST
from sim.explained import ExplainedError

TEXT_CONTRAST = 4.5
MARK_CONTRAST = 3.0
"""Least contrast of text and of marks with the background: WCAG 2.2, 1.4.3 and 1.4.11."""


class LayoutError(ExplainedError):
    """A figure breaks the rules of layout; ``problems`` lists how."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("The figure was not written: " + "; ".join(problems) + ".")


def check_layout(figure: Figure) -> None:
    """Raise :class:`LayoutError` with all problems of a figure."""
    problems = layout_problems(figure)
    if problems:
        raise LayoutError(problems)


def layout_problems(figure: Figure) -> list[str]:
    """All that is clipped, overlaps, is too small or too faint in a figure, in plain words."""
    figure.draw_without_rendering()
    texts = [(text, _box(text)) for text in _texts(figure)]
    return [
        *_outside(figure, texts),
        *_overlapping(texts),
        *_crossed(figure, texts),
        *_too_small(texts),
        *_too_faint(figure, texts),
        *_beyond_axes(figure),
    ]


def contrast(colour: ColorType, background: ColorType = "white") -> float:
    """Contrast ratio of two colours, from 1 to 21.

    Source: WCAG 2.2, definitions of contrast ratio and of relative luminance.
    """
    light, dark = sorted((_luminance(colour), _luminance(background)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: ColorType) -> float:
    channels = np.array(to_rgb(colour), np.float64)
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def _texts(figure: Figure) -> list[Text]:
    found = [a for a in figure.findobj(Text) if isinstance(a, Text)]
    return [text for text in found if text.get_visible() and text.get_text().strip()]


def _marks(figure: Figure) -> Iterator[Line2D | Rectangle]:
    for axes in figure.axes:
        for mark in (*axes.lines, *axes.patches):
            if isinstance(mark, Line2D | Rectangle) and not _is_decoration(mark):
                if (mark.get_gid() or "").startswith("tile"):
                    continue
                yield mark


def _tiles(figure: Figure) -> list[Rectangle]:
    return [
        patch
        for axes in figure.axes
        for patch in axes.patches
        if isinstance(patch, Rectangle) and (patch.get_gid() or "").startswith("tile")
    ]


def _behind(box: Bbox, tiles: list[Rectangle]) -> Rectangle | None:
    """The tile that a text is wholly on."""
    inner = _shrunk(box)
    for tile in tiles:
        outer = _box(tile)
        if outer.contains(inner.x0, inner.y0) and outer.contains(inner.x1, inner.y1):
            return tile
    return None


def _is_decoration(artist: Artist) -> bool:
    return (artist.get_gid() or "").startswith("decoration")


def _box(artist: Artist) -> Bbox:
    return artist.get_window_extent()


def _name(text: Text) -> str:
    return f'"{" ".join(text.get_text().split())}"'


def _outside(figure: Figure, texts: list[tuple[Text, Bbox]]) -> list[str]:
    page = figure.bbox

    def sticks_out(box: Bbox) -> bool:
        return bool(box.x0 < 0 or box.y0 < 0 or box.x1 > page.x1 or box.y1 > page.y1)

    cut = [f"{_name(text)} is cut off by the edge" for text, box in texts if sticks_out(box)]
    marks = sum(sticks_out(_box(mark)) for mark in _marks(figure))
    return cut + ([f"{marks} marks are cut off by the edge"] if marks else [])


def _overlapping(texts: list[tuple[Text, Bbox]]) -> list[str]:
    return [
        f"{_name(a)} overlaps {_name(b)}"
        for (a, box), (b, other) in combinations(texts, 2)
        if _shrunk(box).overlaps(_shrunk(other))
    ]


def _crossed(figure: Figure, texts: list[tuple[Text, Bbox]]) -> list[str]:
    boxes = []
    lines = []
    tiles = _tiles(figure)
    for mark in _marks(figure):
        if isinstance(mark, Rectangle):
            boxes.append(_box(mark))
        elif mark.get_linestyle() == "None":
            boxes += _markers(figure, mark)
        else:
            lines.append(mark.get_transform().transform_path(mark.get_path()))
    return [
        f"{_name(text)} lies on a line or bar"
        for text, box in texts
        if any(path.intersects_bbox(_shrunk(box), filled=False) for path in lines)
        or any(_shrunk(box).overlaps(other) for other in boxes)
        or (_behind(box, tiles) is None and any(_shrunk(box).overlaps(_box(t)) for t in tiles))
    ]


def _markers(figure: Figure, points: Line2D) -> list[Bbox]:
    """The boxes of points that no line joins."""
    half = points.get_markersize() / 2 * figure.dpi / 72
    places = points.get_transform().transform(points.get_xydata())
    return [Bbox([place - half, place + half]) for place in places]


def _shrunk(box: Bbox) -> Bbox:
    """The box without the empty half of a pixel that is drawn around letters."""
    return box.padded(-0.5)


def _too_small(texts: list[tuple[Text, Bbox]]) -> list[str]:
    return [
        f"{_name(text)} has letters of {size:g} points, less than {SMALLEST:g}"
        for text, _ in texts
        if (size := float(text.get_fontsize())) < SMALLEST
    ]


def _too_faint(figure: Figure, texts: list[tuple[Text, Bbox]]) -> list[str]:
    background, tiles = figure.get_facecolor(), _tiles(figure)
    faint = []
    for text, box in texts:
        tile = _behind(box, tiles)
        found = contrast(text.get_color(), tile.get_facecolor() if tile else background)
        if found < TEXT_CONTRAST:
            faint.append(
                f"{_name(text)} has a contrast of {found:.2f}, less than {TEXT_CONTRAST:g}"
            )
    for mark in _marks(figure):
        colour = mark.get_color() if isinstance(mark, Line2D) else mark.get_facecolor()
        if contrast(colour, background) < MARK_CONTRAST:
            faint.append(
                f"a mark has a contrast of {contrast(colour, background):.2f}, "
                f"less than {MARK_CONTRAST:g}"
            )
    return faint


def _beyond_axes(figure: Figure) -> list[str]:
    return [
        f"data go beyond the {side} of the plot"
        for axes in figure.axes
        for side in _sides_crossed(axes)
    ]


def _sides_crossed(axes: Axes) -> list[str]:
    corners = [np.asarray(line.get_xydata()) for line in axes.lines if not _is_decoration(line)]
    for shape in axes.collections:
        if isinstance(shape, PolyCollection):
            corners += [np.asarray(path.vertices) for path in shape.get_paths()]
    points = np.concatenate([np.empty((0, 2)), *corners])
    points = points[np.isfinite(points).all(axis=1)]
    sides = []
    limits = (("x", axes.get_xlim(), ("left", "right")), ("y", axes.get_ylim(), ("bottom", "top")))
    for column, (_, (a, b), names) in enumerate(limits):
        low, high = sorted((a, b))
        slack = 1e-9 * (high - low)
        if (points[:, column] < low - slack).any():
            sides.append(names[0])
        if (points[:, column] > high + slack).any():
            sides.append(names[1])
    return sides
