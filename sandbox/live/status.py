"""What a live sandbox says of itself in a file, for the command that started it and later ones."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

State: TypeAlias = Literal["starting", "up", "updating", "degraded"]
"""`degraded`: a change failed and could not be taken back; the next one tries again."""


class StatusFile:
    """The file: JSON, whole at every moment, for its owner's eyes only. Threads may share it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._fields: dict[str, Any] = {
            "pid": os.getpid(),
            "state": "starting",
            "updates": 0,
            "error": None,
            "urls": {},
            "certificate": None,
            "resolve": None,
            "infrastructure": [],
            "copies": [],
        }
        self._written: dict[str, Any] | None = None
        self.write()

    @property
    def fields(self) -> Mapping[str, Any]:
        return self._fields

    def write(self, **fields: Any) -> None:  # noqa: ANN401 - JSON
        """Say this from now on. Writes only what is new.

        Raises OSError; what could not be written is, the next time.
        """
        with self._lock:
            self._fields = {**self._fields, **fields}
            if self._fields == self._written and self._path.exists():
                return
            handle, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=".status-")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as stream:
                    json.dump(self._fields, stream, indent=2)
                Path(temporary).replace(self._path)
            except OSError:
                Path(temporary).unlink(missing_ok=True)
                raise
            self._written = self._fields
