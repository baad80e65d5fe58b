"""Starts of the tests of support are kept apart from those of the user."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "FITFLOW_CACHE", str(tmp_path_factory.mktemp("starts")))
        yield
