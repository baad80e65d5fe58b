"""The page on how the model works shows the code of the plain engine as it is."""

from __future__ import annotations

import importlib
import inspect
import re
import textwrap

from tests.pages import text_of

PAGE = text_of("concepts/how-it-works.md")
EXCERPT = re.compile(
    r"^From \[`sim/reference/(\w+)\.py`\]\(\.\./\.\./sim/reference/\1\.py\), `([\w.]+)`:\n\n"
    r"```python\n(.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


def test_every_excerpt_is_the_code() -> None:
    excerpts = EXCERPT.findall(PAGE)
    assert len(excerpts) == PAGE.count("```python") > 10
    for module, name, shown in excerpts:
        found = importlib.import_module(f"sim.reference.{module}")
        for part in name.split("."):
            found = getattr(found, part)
        assert shown == textwrap.dedent(inspect.getsource(found)), name
