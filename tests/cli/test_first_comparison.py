"""What the how-to guide tells a reader to do works."""

from __future__ import annotations

import re
from pathlib import Path

import typer

from sim.cli.app import app
from tests.cli.conftest import Fitflow

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "first-comparison.md"


def test_the_reform_of_the_guide_is_valid(fitflow: Fitflow, tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    (reform,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "earlier_return.yaml").write_text(reform)
    done = fitflow("check", "earlier_return.yaml")
    assert done.returncode == 0, done.stderr


def test_the_commands_of_the_guide_exist_with_their_options() -> None:
    text = PAGE.read_text(encoding="utf-8")
    lines = re.findall(r"^    fitflow (.*)$", text, re.MULTILINE)
    assert lines
    commands = typer.main.get_group(app).commands
    for line in lines:
        name, *words = line.split()
        options = {option for parameter in commands[name].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options
