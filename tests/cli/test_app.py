from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sim import __version__
from sim.cli.app import COMMANDS
from sim.cli.reference import PATH, cli_reference
from tests.cli.conftest import Fitflow, run_program, start_program


def test_help_lists_every_command(fitflow: Fitflow) -> None:
    done = fitflow("--help")
    assert done.returncode == 0
    assert done.stderr == ""
    for name, _, in_short, _ in COMMANDS:
        assert f"  {name} " in done.stdout
        assert in_short in done.stdout  # not cut off


@pytest.mark.parametrize("name", [command[0] for command in COMMANDS])
def test_help_of_a_command_shows_its_examples_as_they_are(fitflow: Fitflow, name: str) -> None:
    done = fitflow(name, "--help")
    assert done.returncode == 0
    examples = next(command[3] for command in COMMANDS if command[0] == name)
    assert all(f"    {example}\n" in done.stdout for example in examples)


def test_version(fitflow: Fitflow) -> None:
    assert fitflow("--version").stdout == f"fitflow {__version__}\n"


def test_a_wrong_command_or_option_is_a_user_error(fitflow: Fitflow) -> None:
    for words in (["compere", "baseline"], ["run", "baseline", "--skale", "1"], ["compare"]):
        done = fitflow(*words)
        assert done.returncode == 2
        assert done.stdout == ""
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [("check", "baseline"), ("compare", "baseline", "nope")])
def test_a_fork_says_what_a_start_says(
    environment: dict[str, str], tmp_path: Path, words: tuple[str, ...]
) -> None:
    """What the other tests fork is the program that a user starts."""
    forked, started = (run(words, tmp_path, environment) for run in (run_program, start_program))
    assert forked.stdout == started.stdout
    assert forked.stderr == started.stderr
    assert forked.returncode == started.returncode


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, sim.cli.app\n"
        "heavy = {'numpy', 'pandas', 'scipy', 'matplotlib', 'pydantic', 'simpy'}\n"
        "print(*heavy.intersection(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_slip_is_told_without_what_draws_and_tabulates() -> None:
    code = (
        "import sys, sim.cli.app\n"
        "sys.argv = ['fitflow', 'compare', 'baseline', 'nope']\n"
        "try:\n    sim.cli.app.main()\nexcept SystemExit as end:\n"
        "    print(end.code, *{'pandas', 'matplotlib'}.intersection(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "2"
    assert done.stderr.startswith("command line: unknown scenario or reform 'nope'")


def test_the_reference_is_up_to_date() -> None:
    written = PATH.read_text(encoding="utf-8")
    assert written == cli_reference(), "run: python -m sim.cli.reference"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["calibrate", "--method", "esmd"],
            "'--method': 'esmd' given; allowed: esmda, lsq, hm; did you mean 'esmda'?",
        ),
        (["list", "foo"], "'foo' given; allowed: scenarios, reforms,"),
        (["runs", "prun"], "'prun' given; allowed: list, show, verify, prune; did you mean"),
        (["calibrate", "--draws", "3"], "'3' given; allowed: a whole number of 20 or more"),
        (["calibrate", "--steps", "a"], "'a' given; allowed: a whole number of 2 or more"),
        (["run", "baseline", "--scale", "a"], "'a' given; allowed: a number\n"),
        (["run", "baseline", "--areas", "Dorst"], "--areas: unknown area 'Dorst'; "),
        (["sweep", "coaches_by_area", "--areas", "Dorst"], "--areas: unknown area 'Dorst'; "),
    ],
)
def test_what_is_given_and_what_is_allowed_are_told_in_plain_words(
    fitflow: Fitflow, words: list[str], message: str
) -> None:
    done = fitflow(*words)
    assert done.returncode == 2
    assert message in done.stderr
    assert not any(word in done.stderr for word in ("Value error", "Input should", "areas[1]"))
