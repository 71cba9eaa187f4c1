"""What stands in a bill under which name, whether it is read off a stack file or off resources."""

from __future__ import annotations

from collections.abc import Mapping

from components.alicloud.log_streams import BOOTSTRAP, DUMP, REQUESTS, SERVERS
from pricing.inventory import Holds

HOLDS: Mapping[str, Holds] = {
    SERVERS: "servers",
    BOOTSTRAP: "bootstrap",
    DUMP: "bootstrap",
    REQUESTS: "requests",
}
"""Store of Log Service -> what is written to it; another's is little."""


def disk(level: str) -> str:
    """The price book's name of an ESSD of a performance level, such as `PL1`."""
    return f"essd-{level.lower()}"
