"""All that a stack runs, whichever package's objects say so."""

from __future__ import annotations

from sandbox.live.reader import readers
from sandbox.live.spec import Objects, Run, Service


def services(objects: Objects) -> tuple[Service, ...]:
    """What is kept running, in the order of its creation."""
    return tuple(each for reader in readers(objects) for each in reader.services(objects))


def runs(objects: Objects) -> tuple[Run, ...]:
    """What `pulumi up` had run once, in its order."""
    return tuple(each for reader in readers(objects) for each in reader.runs(objects))
