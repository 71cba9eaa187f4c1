"""Waiting as long as the cloud would, scaled; 0 does not wait at all."""

from __future__ import annotations

import threading


class Latency:
    """Waits scaled seconds, until told to stop."""

    def __init__(self, scale: float = 0.0) -> None:
        self._scale = scale

    def scaled(self, seconds: float) -> float:
        """How long that takes on this machine."""
        return seconds * max(self._scale, 0)

    def wait(self, seconds: float, cancelled: threading.Event) -> bool:
        """Wait; False when it was cut short."""
        if self._scale <= 0 or seconds <= 0:
            return not cancelled.is_set()
        return not cancelled.wait(seconds * self._scale)
