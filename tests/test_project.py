"""The files that describe the project agree with each other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

import sim

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")


def pinned(name: str) -> dict[str, Requirement]:
    """The requirements of a lock file by name."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {_plain(requirement.name): requirement for requirement in wanted}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def version_of(requirement: Requirement) -> str:
    (specifier,) = requirement.specifier
    assert specifier.operator == "==", requirement
    return specifier.version


@pytest.fixture(scope="module")
def project() -> dict[str, object]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]


def test_the_citation_names_the_version_of_the_package():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == sim.__version__


@pytest.mark.parametrize(
    ("lock", "extra"), [("requirements.lock", None), ("requirements-dev.lock", "dev")]
)
def test_every_requirement_is_pinned_within_its_range(project, lock, extra):
    pins = pinned(lock)
    wanted = [*project["dependencies"], *project["optional-dependencies"].get(extra, [])]
    for requirement in map(Requirement, wanted):
        assert version_of(pins[_plain(requirement.name)]) in requirement.specifier


def test_the_tools_are_locked_on_top_of_what_a_user_gets():
    for name, requirement in pinned("requirements.lock").items():
        assert str(pinned("requirements-dev.lock")[name]) == str(requirement)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_names_no_place_to_download_from(lock):
    assert "://" not in (ROOT / lock).read_text(encoding="utf-8")


def test_the_readme_and_make_run_the_same_command():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (command,) = re.findall(r"^RUN = (.+)$", makefile, flags=re.MULTILINE)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.count(f"fitflow {command}\n") == 2


def test_every_link_between_the_pages_leads_to_a_file():
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in pages
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if "://" not in link and not (page.parent / link).exists()
    ]
    assert not broken
