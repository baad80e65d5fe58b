"""The pages of the documentation, and what can be tried out of them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCS = ROOT / "docs"


def text_of(name: str) -> str:
    """The text of a page of ``docs``."""
    return (DOCS / name).read_text(encoding="utf-8")


def table_below(text: str, head: str) -> list[list[str]]:
    """The cells of the table whose first line begins so, the first line included, the rule not."""
    (start,) = [k for k, line in enumerate(text.splitlines()) if line.startswith(head)]
    rows = []
    for line in text.splitlines()[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return [rows[0], *rows[2:]]


def plain(cell: str) -> str:
    """A cell without the marks of code."""
    return cell.strip("`")


def files_in(text: str) -> dict[str, str]:
    """The YAML blocks of a page by file: each is called what the name in it says."""
    blocks = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) == text.count("```yaml")
    return {f"{yaml.safe_load(block)['name']}.yaml": block for block in blocks}


def write_files(text: str, folder: Path) -> list[Path]:
    """Write the YAML blocks of a page into a folder."""
    paths = [folder / name for name in files_in(text)]
    for path in paths:
        path.write_text(files_in(text)[path.name], encoding="utf-8")
    return paths


def commands_in(text: str) -> list[list[str]]:
    """The words after ``fitflow`` of every command line that a page shows."""
    lines = re.findall(r"^    (?:\S*[/\\])?fitflow (.+)$", text, re.MULTILINE)
    return [shlex.split(line) for line in lines]
