"""A page of headings, text, tables and pictures, written as Markdown and as HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

_STYLE = """
body { font: 17px/1.5 "Liberation Sans", Arial, sans-serif; color: #0b0c0c; max-width: 960px; margin: 2em auto;
  padding: 0 1em; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 2em; border-top: 1px solid #c8ccce; padding-top: 0.6em; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: 14px; margin: 1em 0; }
caption { text-align: left; font-weight: bold; padding-bottom: 0.4em; }
th, td { padding: 3px 10px 3px 0; border-bottom: 1px solid #c8ccce; text-align: left; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
img { max-width: 100%; } figure { margin: 1.5em 0; } figcaption { color: #505a5f; font-size: 15px; }
"""


@dataclass
class Page:
    """A page that grows from top to bottom."""

    title: str
    _markdown: list[str] = field(default_factory=list)
    _html: list[str] = field(default_factory=list)

    def heading(self, text: str) -> None:
        """Begin a section."""
        self._markdown.append(f"## {text}")
        self._html.append(f"<h2>{html.escape(text)}</h2>")

    def text(self, text: str) -> None:
        """A paragraph."""
        self._markdown.append(text)
        self._html.append(f"<p>{_marked(text)}</p>")

    def items(self, items: Sequence[str]) -> None:
        """A list."""
        self._markdown.append("\n".join(f"- {item}" for item in items))
        inside = "".join(f"<li>{_marked(item)}</li>" for item in items)
        self._html.append(f"<ul>{inside}</ul>")

    def table(
        self, headers: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()
    ) -> None:
        """A table; columns with numbers are aligned to the right."""
        rule = ["---:" if k in right else "---" for k in range(len(headers))]
        lines = [headers, rule, *rows]
        self._markdown.append("\n".join("| " + " | ".join(line) + " |" for line in lines))
        number = ['class="number"' if k in right else "" for k in range(len(headers))]

        def line(tag: str, cells: Sequence[str]) -> str:
            inside = "".join(
                f"<{tag} {kind}>{_marked(cell)}</{tag}>"
                for cell, kind in zip(cells, number, strict=True)
            )
            return f"<tr>{inside}</tr>"

        body = "".join(line("td", row) for row in rows)
        self._html.append(
            f'<div class="wide"><table><thead>{line("th", headers)}</thead>'
            f"<tbody>{body}</tbody></table></div>"
        )

    def picture(self, file: str, words: str) -> None:
        """A picture from the folder of the page, with what it shows in words."""
        self._markdown.append(f"![{words}]({file})\n\n*{words}*")
        said = html.escape(words)
        self._html.append(
            f'<figure><img src="{file}" alt="{said}"><figcaption>{said}</figcaption></figure>'
        )

    def write(self, folder: Path, note: str) -> list[Path]:
        """Write ``index.md`` and ``index.html``."""
        folder.mkdir(parents=True, exist_ok=True)
        markdown, web = folder / "index.md", folder / "index.html"
        head = [f"# {self.title}", f"<!-- {note} -->"]
        markdown.write_text("\n\n".join([*head, *self._markdown]) + "\n", encoding="utf-8")
        web.write_text(
            f'<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
            f'<meta name="viewport" content="width=device-width">\n<title>{html.escape(self.title)}'
            f"</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{html.escape(self.title)}</h1>\n"
            + "\n".join(self._html)
            + "\n</body>\n</html>\n",
            encoding="utf-8",
        )
        return [markdown, web]


def _marked(text: str) -> str:
    """Text as HTML, with its names in `code` and what is **strong** marked."""
    code = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", code)
