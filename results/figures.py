"""Writes a chart as SVG and PNG, with the numbers behind it and its words beside it.

Files hold no date and no random identifiers: the same chart gives the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from html import escape, unescape
from pathlib import Path

from matplotlib.figure import Figure

from results import style
from results.charts.chart import Chart
from results.files import csv_bytes, write_once
from results.lint import check_layout
from sim import __version__

_TEXT = re.compile(
    r'<text style="(?P<bold>font-weight: 700; )?font-size: (?P<size>[\d.]+)px; font-family: '
    rf"'{style.FAMILY}'(?P<rest>[^>]*)>(?P<words>[^<]*)</text>"
)
"""A line of text as matplotlib writes it into an SVG."""


def write_chart(chart: Chart, folder: Path, stem: str, size: style.Size = style.PAGE) -> list[Path]:
    """Draw a chart, check its layout and write ``stem`` as .svg, .png, .csv and .json.

    Parameters
    ----------
    chart : Chart
        The chart.
    folder : Path
        Folder for the files; made when it does not exist.
    stem : str
        Name of the files without the ending.
    size : Size
        The width to draw for, :data:`results.style.PAGE` or :data:`results.style.WEB`.

    Returns
    -------
    list of Path
        The files, in the order above.

    Raises
    ------
    results.lint.LayoutError
        When anything is clipped, overlaps, is too small or too faint; then nothing is written.
    results.files.FileKeptError
        When a file is already there with other content.
    """
    figure = chart.draw(size)
    with style.settings():
        check_layout(figure)
    said = chart.words
    words = {
        "title": said.title,
        "subtitle": said.subtitle,
        "source": said.source,
        "notes": said.notes,
        "alt_text": said.alt_text(f"{stem}.csv"),
        "data": f"{stem}.csv",
        "run": said.run,
    }
    # No-break spaces only serve the breaking of lines in the figure.
    words = {name: text.replace("\N{NO-BREAK SPACE}", " ") for name, text in words.items()}
    contents = {
        "svg": svg_bytes(figure, words["title"], words["alt_text"]),
        "png": png_bytes(figure, words["title"], words["alt_text"], words["source"]),
        "csv": csv_bytes(chart.table),
        "json": (json.dumps(words, indent=2, ensure_ascii=False) + "\n").encode(),
    }
    return [write_once(folder / f"{stem}.{end}", content) for end, content in contents.items()]


def png_bytes(figure: Figure, title: str, description: str, source: str) -> bytes:
    """Render a figure as PNG at its own resolution, with its words as metadata."""
    file = io.BytesIO()
    metadata = {
        "Title": title,
        "Description": description,
        "Source": source,
        "Software": f"fitflow {__version__}",
    }
    with style.settings():
        figure.savefig(file, format="png", dpi="figure", metadata=metadata)
    return file.getvalue()


def svg_bytes(figure: Figure, title: str, description: str) -> bytes:
    """Render a figure as SVG whose text is text, named and described for screen readers."""
    file = io.StringIO()
    metadata = {"Date": None, "Creator": f"fitflow {__version__}"}
    with style.settings():
        figure.savefig(file, format="svg", metadata=metadata)
    text = _TEXT.sub(_with_width, file.getvalue())
    # Identifiers of their own let several figures stand in one page.
    key = hashlib.sha256(f"{title}\n{description}".encode()).hexdigest()[:8]
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{key}-", text)
    names = (
        f' role="img" lang="en-GB" aria-labelledby="{key}-title {key}-description">'
        f'<title id="{key}-title">{escape(title)}</title>'
        f'<desc id="{key}-description">{escape(description)}</desc>'
    )
    return re.sub(r"(<svg\b[^>]*)>", lambda found: found[1] + names, text, count=1).encode()


def _with_width(found: re.Match[str]) -> str:
    """Give a line of text its width, so that it fits in whatever letters the reader has."""
    size, bold = float(found["size"]), bool(found["bold"])
    width = style.text_width(unescape(found["words"]), size, bold)
    family = ", ".join([f"'{style.FAMILY}'", *style.FALLBACKS])
    return (
        f'<text textLength="{width:.2f}" lengthAdjust="spacingAndGlyphs" '
        f'style="{found["bold"] or ""}font-size: {size:g}px; font-family: {family}'
        f"{found['rest']}>{found['words']}</text>"
    )
