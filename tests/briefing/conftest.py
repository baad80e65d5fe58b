"""A briefing of a small run, and a browser to read it with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from results.appraisal import appraise
from results.briefing.page import briefing
from results.briefing.paper import PrintError, browser_path
from results.opened import Opened, open_run
from sim.cli.runs import Plan, find_or_simulate
from sim.scenario import Scenario
from tests.library import library

SMALL = {
    "scale": 0.0005,
    "years": 2,
    "warm_up_years": 0,
    "replications": 2,
    "areas": ("E54000057", "E54000062", "E54000041"),
}


def small(name: str) -> Scenario:
    """A library scenario cut down to a size for tests: three areas, two years."""
    return library(name).model_copy(update=SMALL)


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """A finished comparison of two reforms with the baseline, with areas told apart."""
    scenarios = tuple(small(name) for name in ("baseline", "package", "workwell_pilots"))
    os.environ.setdefault("FITFLOW_CACHE", str(tmp_path_factory.mktemp("cache")))
    run = find_or_simulate(Plan(scenarios, "area", 0), tmp_path_factory.mktemp("runs"), 1)
    return open_run(run.folder)


@pytest.fixture(scope="session")
def page_file(opened: Opened, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The briefing of the run, as a file."""
    file = tmp_path_factory.mktemp("briefing") / "briefing.html"
    file.write_text(briefing(opened, appraisal=appraise(opened)), encoding="utf-8")
    return file


@dataclass
class Reader:
    """A page in a browser, with what went wrong and what was asked of the network."""

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def browser_or_skip() -> str:
    """The browser of the computer; where there is none, tests are left out, but never in CI."""
    try:
        return browser_path()
    except PrintError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless browser."""
    path = browser_or_skip()
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def reader(browser: Browser, page_file: Path) -> Iterator[Reader]:
    """The briefing, opened without a server."""
    page = browser.new_page(viewport={"width": 1100, "height": 900})
    found = Reader(page)
    page.on("console", lambda m: found.errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: found.errors.append(str(error)))
    page.on("request", lambda request: found.requests.append(request.url))
    page.goto(page_file.as_uri())
    yield found
    page.close()
