"""The run that prepares the database before any server starts.

What it does and in which order: `bootstrap_script.py`. A cloud runs `command()` once in the
server's image, with the variables named here, and lets no server start before it ended well.
"""

from __future__ import annotations

from pathlib import Path

ADMIN_URI = "BOOTSTRAP_ADMIN_URI"
"""Whole URI of the database's administrator; no server ever gets it."""
VCPUS = 1
"""One core: importing the server and migrating an empty database keep one busy (25 s)."""
MEMORY_MIB = 2048
"""Memory limit, MiB; migration and default rows run one after the other, 450 MB each."""
TIMEOUT_SECONDS = 900
"""Longest run, seconds: pulling the image, waiting for database and lock, migrating."""

_SCRIPT = Path(__file__).with_name("bootstrap_script.py")


def command() -> tuple[str, ...]:
    """What the container executes, in the image's own work directory."""
    return ("python", "-c", _SCRIPT.read_text(encoding="utf-8"))
