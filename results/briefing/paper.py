"""The briefing as a tagged PDF: the page, printed by a browser without a window.

Chromium, Chrome and Edge write the structure of a page into the PDF: headings, tables with their header
cells, the alternative text of charts, and the language. So nothing has to be installed but a browser.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from sim.explained import ExplainedError

NAMES: Final = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("msedge", "microsoft-edge"),
)
"""What the browsers that can print a tagged PDF are called on the path."""
PLACES: Final = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
"""Where they are on computers that do not put them on the path."""
SECONDS: Final = 120
"""A browser that takes longer will not come back."""


class PrintError(ExplainedError):
    """The page could not be printed; the message says what to do."""


def browser_path() -> str:
    """The browser of the computer, or the one that the environment names in ``FITFLOW_BROWSER``.

    Raises
    ------
    PrintError
        When there is none.
    """
    named = os.environ.get("FITFLOW_BROWSER")
    found = (shutil.which(name) for name in (*NAMES, *PLACES))
    path = named or next((path for path in found if path), None)
    if path is None:
        raise PrintError(
            "A PDF is printed by Chromium, Chrome or Edge, and none was found. Install one, or name it "
            "in the environment variable FITFLOW_BROWSER; or open the HTML briefing and print it."
        )
    return path


def printed(page: str, browser: str) -> bytes:
    """Print a page with a browser, as a tagged PDF.

    Raises
    ------
    PrintError
        When it does not print.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "briefing.html", Path(folder) / "briefing.pdf"
        # Nobody can unfold the reasons of an assumption on paper.
        unfolded = page.replace('<details class="effect">', '<details class="effect" open>')
        source.write_text(unfolded, encoding="utf-8")
        command = [browser, "--headless", "--disable-gpu", "--no-pdf-header-footer"]
        command += [f"--user-data-dir={folder}/profile", f"--print-to-pdf={target}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--no-sandbox")  # it does not start as root otherwise
        try:
            done = subprocess.run(
                [*command, source.as_uri()], capture_output=True, text=True, timeout=SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PrintError(f"{browser} could not print the briefing: {error}") from None
        if not target.exists():
            raise PrintError(f"{browser} did not print the briefing: {done.stderr.strip()[-500:]}")
        return target.read_bytes()
