"""What runs of a shell's commands, seen while it runs: every process with its words and its
environment, the engine's own as well as what they leave in the background."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

PROC = Path("/proc")
SAMPLE_SECONDS = 0.01
"""Between two looks. The shortest process of a run, the shell that leaves the sandbox behind, takes
as long; interpreters take ten times that to start."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A process at one look. It is another after each `exec`."""

    words: str
    """Its arguments as they were given, a space between two."""
    environment: str
    """`NAME=value`, a line each."""


@dataclass(kw_only=True)
class Watch:
    """Looks at all processes that have a variable in their environment, while the context lasts.

    The variable is handed down to whatever they start, so it finds those too that were left behind
    and are nobody's children.
    """

    mark: tuple[str, str]
    """Name and value of the variable."""
    seen: set[Seen] = field(default_factory=set)
    _strangers: dict[str, bytes] = field(default_factory=dict)
    """Process -> words with which it was looked at, and was none of ours."""
    _known: dict[str, bytes] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._over.clear()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        assert self._thread is not None
        self._thread.join()

    def holding(self, texts: set[str]) -> list[Seen]:
        """Processes in whose words or environment one of the texts stands."""
        return [
            one
            for one in self.seen
            if any(text in one.words or text in one.environment for text in texts)
        ]

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self.look()

    def look(self) -> None:
        """One look at what runs now."""
        running = {name for name in os.listdir(PROC) if name.isdecimal()}  # noqa: PTH208
        for table in (self._strangers, self._known):
            for gone in table.keys() - running:
                del table[gone]
        for process in running - self._strangers.keys():
            words = _read(process, "cmdline")
            if not words or words == self._known.get(process):
                continue
            environment = _read(process, "environ")
            if not environment:
                # Between two programs, or another user's: looked at again.
                continue
            if self._marked(environment):
                self._known[process] = words
                self.seen.add(Seen(words=_text(words, " "), environment=_text(environment, "\n")))
            elif words != _OWN_WORDS:
                # A copy of this very process may still become one of ours.
                self._strangers[process] = words

    def _marked(self, environment: bytes) -> bool:
        return "=".join(self.mark).encode() in environment.split(b"\0")


def _read(process: str, file: str) -> bytes:
    """A file of a process; empty if that is gone, or another user's."""
    try:
        return (PROC / process / file).read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return b""


def _text(fields: bytes, between: str) -> str:
    return fields.decode(errors="replace").rstrip("\0").replace("\0", between)


_OWN_WORDS = _read("self", "cmdline")
