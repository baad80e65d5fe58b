"""The briefing as a Word document: the words, tables and charts of the page, without its explorer.

Needs python-docx (``pip install "fitflow[word]"``).
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any, Final

from docx import Document
from docx.document import Document as WordDocument
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from results.appraisal import Appraisal
from results.briefing.content import Figure, content
from results.opened import Opened
from results.style import FAMILY
from sim import __version__

WIDTH: Final = Cm(16)
"""Width of the text on a page of A4, for which charts are drawn."""


def word_briefing(
    run: Opened, scenario: str | None = None, appraisal: Appraisal | None = None
) -> bytes:
    """Write the briefing of a comparison as .docx; see :func:`results.briefing.content.content`.

    Every chart carries its alternative text, and every table a header row that is marked as one.
    """
    said = content(run, scenario, appraisal)
    document = _opened(said)
    _finding(document, said)
    document.add_heading("The difference", 1)
    columns, rows = said["headline_table"]
    _table(document, f"{said['title']}: difference from {said['base']}", columns, rows)
    _notes(document, f"In brackets: 95% intervals of chance from {said['pairs']} pairs of runs.")
    if said["scenarios"]:
        _table(document, f"Every scenario, end of year {said['last_year']}", *said["scenarios"])
    _charts(document, said["main_figures"])
    document.add_heading("Who gains and who loses", 1)
    if said["money"] and said["money"]["groups"][1]:
        _table(document, f"The same people on {said['last_day']}", *said["money"]["groups"])
    _charts(document, said["people_figures"])
    if said["money"]:
        _money(document, said)
    _compared(document, said)
    _sure(document, said)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _opened(said: dict[str, Any]) -> WordDocument:
    document: WordDocument = Document()
    facts = document.core_properties
    facts.title, facts.author, facts.language = said["headline"], "fitflow", "en-GB"
    facts.created = facts.modified = dt.datetime.now(dt.UTC)
    facts.comments = f"fitflow {__version__}, run {said['run']}"
    for style in ("Normal", "Title", "Heading 1", "Heading 2", "Caption"):
        letters = document.styles[style]
        letters.font.name = FAMILY
        letters.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FAMILY)
    document.styles["Normal"].font.size = Pt(11)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-GB")
    document.styles["Normal"].element.get_or_add_rPr().append(language)
    for section in document.sections:
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.5)
    return document


def _finding(document: WordDocument, said: dict[str, Any]) -> None:
    document.add_heading(said["headline"], 0)
    document.add_paragraph(f"{said['place']}. fitflow {said['version']}, run {said['run']}.")
    for sentence in said["summary"]:
        document.add_paragraph(sentence)
    if said["assumed"]:
        document.add_paragraph().add_run(
            f"Nobody has measured {len(said['assumed'])} of the effects behind this."
        ).bold = True
    document.add_paragraph(said["error_note"])


def _money(document: WordDocument, said: dict[str, Any]) -> None:
    money = said["money"]
    if money["losers"]:
        document.add_paragraph("Also counted, with the reform against without it:")
        for line in money["losers"]:
            document.add_paragraph(line, style="List Bullet")
    document.add_heading("Costs and benefits", 1)
    _table(document, "Costs and benefits, present values", money["columns"], money["rows"])
    for title, columns, rows, _ in money["more"]:
        _table(document, title, columns, rows)
    _charts(document, said["money_figures"])


def _compared(document: WordDocument, said: dict[str, Any]) -> None:
    document.add_heading("What was compared", 1)
    document.add_paragraph(
        f"The same people with the same luck, {said['pairs']} times over. Compared with "
        f"{said['base']}: {said['base_description']}"
    )
    _table(
        document,
        "Reforms in the scenarios",
        ["Reform", "What it is", "From", "Where", "Status"],
        [list(reform.values()) for reform in said["compared"]],
    )


def _sure(document: WordDocument, said: dict[str, Any]) -> None:
    document.add_heading("How sure this is", 1)
    if said["assumed"]:
        _table(
            document,
            "Effects that nobody has measured",
            ["Of", "Effect", "Value", "Why"],
            [[e["step"], e["description"], e["value"], e["reasoning"]] for e in said["assumed"]],
        )
    document.add_paragraph(f"{said['grades']} {said['error_note']} This is not a forecast.")
    document.add_heading("How to reproduce it", 1)
    document.add_paragraph(said["command"])
    _table(document, "What made these numbers", ["Fact", "This run"], said["origin"])


def _charts(document: WordDocument, figures: Sequence[Figure]) -> None:
    for figure in figures:
        document.add_heading(figure.title, 2)
        document.add_paragraph(figure.subtitle)
        picture = document.add_picture(io.BytesIO(figure.png), width=WIDTH)
        properties = picture._inline.docPr
        properties.set("descr", figure.alt)
        properties.set("title", figure.title)
        _notes(document, f"{figure.chart.words.source} {figure.notes}")


def _notes(document: WordDocument, text: str) -> None:
    document.add_paragraph().add_run(text).font.size = Pt(9)


def _table(
    document: WordDocument, caption: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    document.add_paragraph(caption, style="Caption")
    table = document.add_table(rows=1 + len(rows), cols=len(columns), style="Light Shading")
    for row, cells in zip(table.rows, [columns, *rows], strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = str(text)
            cell.paragraphs[0].runs[0].font.size = Pt(9)
        _mark(row, "w:cantSplit")
    _mark(table.rows[0], "w:tblHeader")
    document.add_paragraph()


def _mark(row: Any, name: str) -> None:
    """Say of a row that it is a header, or that it stays on one page."""
    row._tr.get_or_add_trPr().append(OxmlElement(name))
