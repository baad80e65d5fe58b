"""Words of messages."""

from __future__ import annotations


def some(number: float, thing: str) -> str:
    """So many of a thing: ``1 block``, ``2 blocks``, ``1,000 blocks``."""
    count = f"{number:,.0f}"
    return f"{count} {thing}{'' if count == '1' else 's'}"
