"""What a live sandbox says of itself in a file, for the command that started it and later ones."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

State: TypeAlias = Literal["starting", "up", "updating"]


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
            "copies": [],
        }
        self.write()

    @property
    def fields(self) -> Mapping[str, Any]:
        return self._fields

    def write(self, **fields: Any) -> None:  # noqa: ANN401 - JSON
        """Say this from now on. Writes only what is new."""
        with self._lock:
            said = {**self._fields, **fields}
            if said == self._fields and self._path.exists():
                return
            self._fields = said
            handle, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=".status-")
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                json.dump(said, stream, indent=2)
            Path(temporary).replace(self._path)
