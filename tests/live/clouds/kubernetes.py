"""A cluster of one's own as the live tests boot it."""

from __future__ import annotations

from tests.live.clouds import Told

TOLD = Told(networks={"medium": "127.78.43"})
