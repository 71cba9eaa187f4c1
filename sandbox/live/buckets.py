"""Buckets of a stack as folders.

An object is a file under its key, with the rights of its owner. Versions, lifecycle rules and
encryption are not simulated. This module needs nothing but the standard library: programs that
stand for a cloud's client in a container load it alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path


def make(folder: Path, names: Iterable[str]) -> None:
    """Make the folders of buckets that are not there yet."""
    for name in names:
        (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)


def put(file: Path, bucket: Path, key: str) -> None:
    """Store a file under a key, whole or not at all, as an object is.

    Raises FileNotFoundError where there is no such bucket.
    """
    if not bucket.is_dir():
        raise FileNotFoundError(f"the stack has no bucket {bucket.name}")
    place = bucket / key
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = place.with_name(f".{place.name}")
    shutil.copyfile(file, unfinished)
    unfinished.chmod(0o600)
    unfinished.replace(place)
