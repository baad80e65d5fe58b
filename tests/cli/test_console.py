from __future__ import annotations

import pytest

from sim.cli.console import plain_table, progress


def test_columns_are_aligned_and_nothing_trails() -> None:
    text = plain_table(("Name", "Value"), [("a", "10,000"), ("longer", "5")], right=(1,))
    assert text.splitlines() == [
        "Name     Value",
        "------  ------",
        "a       10,000",
        "longer       5",
    ]


def test_a_table_without_rows_is_its_headers() -> None:
    assert plain_table(("A", "B"), []) == "A  B\n-  -"


def test_progress_is_one_line_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with progress("Working") as report:
        report(1, 3)
        report(3, 3)
    assert capsys.readouterr() == ("", "Working ...\n")
