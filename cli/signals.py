"""Words from outside to end, heard so that what is half-made is put away."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
"""The second comes when a terminal or a connection to this machine closes."""


@contextmanager
def ended_as_interrupted() -> Iterator[None]:
    """An end from outside is an exception within the block: SystemExit, as the shell tells it."""
    # Who has it ignored, as `nohup` does, means it.
    heard = [each for each in _SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, _end) for each in heard}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    # Told once: what is put away now must not be cut short by another word.
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)
