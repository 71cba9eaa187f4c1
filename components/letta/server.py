"""How the server is started."""

from __future__ import annotations

from pathlib import Path

_SCRIPT = Path(__file__).with_name("server_script.py")

START = ("python", "-c", _SCRIPT.read_text(encoding="utf-8"), "server")
"""Letta's own command, past the image's startup.sh: no migration, no collector, and no password in
the log (`server_script.py`)."""

REDIS_WARNING = "Failed to initialize Redis"
"""What a server logs, once, when it does without Redis for the rest of its life (Letta 0.16.4,
`letta/data_sources/redis_client.py`); its health check stays green."""
