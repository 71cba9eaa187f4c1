"""Durations as the Gateway API writes them."""

from __future__ import annotations

import re

from sandbox.live.spec import LiveError

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_WHOLE = re.compile(r"(?:\d{1,5}(?:h|m|s|ms)){1,4}")
_PART = re.compile(r"(\d+)(ms|h|m|s)")


def seconds(text: str) -> float:
    """The seconds of a duration such as `1h30m` (Gateway API, GEP-2257). Raises LiveError."""
    if not _WHOLE.fullmatch(text):
        raise LiveError(f"{text} is no duration such as 15m or 1h30m")
    return sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(text))
