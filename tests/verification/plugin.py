"""What tests need to report a verification check: the mark ``verification`` and the fixture ``verified``."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.verification.checks import CHECK, LINE, NAMES

Verified = Callable[..., None]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "verification(name): a check of the verification report")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Name the check of each marked test in its reports, so that a skipped one is known too."""
    for item in items:
        marker = item.get_closest_marker(CHECK)
        if marker is None:
            continue
        (name,) = marker.args
        if name not in NAMES:
            raise pytest.UsageError(
                f"{item.nodeid} reports the check {name!r}, which tests/verification/checks.py "
                "does not declare"
            )
        item.user_properties.append((CHECK, name))


@pytest.fixture
def verified(request: pytest.FixtureRequest) -> Verified:
    """Report what a check found; it stands in the report only if the test passes.

    ``verified(statistic, value=None, p=None, seconds=None)``: what was worked out, its value (a number, or
    words such as ``"812 of 812"``), a p-value where chance plays a part, and the time it took where that is
    not the time of the test itself.
    """
    if request.node.get_closest_marker(CHECK) is None:
        raise pytest.UsageError(f"{request.node.nodeid} has no mark 'verification'")

    def report(
        statistic: str,
        value: float | int | str | None = None,
        p: float | None = None,
        seconds: float | None = None,
    ) -> None:
        found = {
            "statistic": statistic,
            "value": value if value is None or isinstance(value, str) else f"{float(value):.6g}",
            "p": None if p is None else float(p),
            "seconds": None if seconds is None else float(seconds),
        }
        request.node.user_properties.append((LINE, found))

    return report
