"""The briefing as a Word document and as a tagged PDF, read back."""

from __future__ import annotations

import builtins
import io
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from pypdf import PdfReader

from results.appraisal import appraise
from results.briefing import paper, story
from results.briefing.content import content
from results.briefing.word import word_briefing
from results.opened import Opened
from sim.cli import briefings
from sim.cli.errors import CommandError
from tests.briefing.conftest import browser_or_skip


def test_the_word_document_says_what_the_page_says(opened: Opened) -> None:
    appraisal = appraise(opened)
    said = content(opened, None, appraisal)
    document = docx.Document(io.BytesIO(word_briefing(opened, None, appraisal)))
    text = [paragraph.text for paragraph in document.paragraphs]
    assert document.core_properties.title == text[0] == story.headline(opened, "package")
    assert all(sentence in text for sentence in said["summary"])
    tables = [[[cell.text for cell in row.cells] for row in t.rows] for t in document.tables]
    columns, rows = said["headline_table"]
    assert tables[0] == [columns, *rows]
    for table in document.tables:
        header, *others = (row._tr.trPr for row in table.rows)
        assert header.find(qn("w:tblHeader")) is not None
        assert all(row.find(qn("w:tblHeader")) is None for row in others)
    figures = [*said["main_figures"], *said["people_figures"], *said["money_figures"]]
    pictures = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert pictures == [figure.alt for figure in figures]
    assert len(pictures) >= 5
    levels = [
        int(p.style.name[-1]) for p in document.paragraphs if p.style.name.startswith("Heading")
    ]
    assert all(after <= before + 1 for before, after in zip([0, *levels], levels, strict=False))


def structure(pdf: PdfReader) -> tuple[Counter[str], list[str]]:
    """The marks of a tagged PDF: how many of each kind, and the texts for what cannot be seen."""
    kinds: Counter[str] = Counter()
    alternatives: list[str] = []

    def walk(node: Any) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            kinds[str(node.get("/S", ""))[1:]] += 1
            if "/Alt" in node:
                alternatives.append(str(node["/Alt"]))
            if "/K" in node and not isinstance(node["/K"], int):
                walk(node["/K"])

    walk(pdf.trailer["/Root"]["/StructTreeRoot"])
    return kinds, alternatives


def test_the_pdf_is_tagged(page_file: Path, opened: Opened) -> None:
    page = page_file.read_text(encoding="utf-8")
    pdf = PdfReader(io.BytesIO(paper.printed(page, browser_or_skip())))
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert pdf.metadata is not None
    assert str(pdf.metadata.title).startswith(story.headline(opened, "package"))
    kinds, alternatives = structure(pdf)
    assert kinds["H1"] == 1
    assert kinds["H2"] >= 6
    assert kinds["Table"] >= 3
    assert kinds["TH"] > kinds["TR"] > 10
    figure = content(opened, None, None)["main_figures"][0]
    assert any(figure.alt in text for text in alternatives)
    width, height = (float(x) / 72 * 2.54 for x in pdf.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (21, 30)
    text = unicodedata.normalize("NFKC", "".join(p.extract_text() for p in pdf.pages))
    text = " ".join(text.split())
    assert "Look for yourself" not in text
    reason = story.assumed(opened)[0]["reasoning"]
    assert " ".join(reason.split()) in text


def test_without_a_browser_the_user_learns_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FITFLOW_BROWSER", raising=False)
    monkeypatch.setattr(paper.shutil, "which", lambda name: None)
    with pytest.raises(paper.PrintError, match="FITFLOW_BROWSER"):
        briefings._writer("pdf")
    with pytest.raises(paper.PrintError, match="could not print"):
        paper.printed("<p>", "/no/such/browser")


def test_without_python_docx_the_user_learns_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    imported = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "results.briefing.word":
            raise ModuleNotFoundError(name)
        return imported(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(CommandError, match="pip install"):
        briefings._writer("docx")
