"""Buckets of a stack as folders, and what stands for the cloud's client in a container.

An object is a file under its key, with the rights of its owner. Versions, lifecycle rules and
encryption are not simulated.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

BUCKET = "aws:s3/bucket:Bucket"
_TARGET = re.compile(r"s3://([^/]+)/(.+)")


def make(folder: Path, names: Iterable[str]) -> None:
    """Make the folders of buckets that are not there yet."""
    for name in names:
        (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)


def main(words: list[str]) -> int:
    """`FOLDER s3 cp [--only-show-errors] FILE s3://BUCKET/KEY`, as the AWS CLI does it."""
    parser = argparse.ArgumentParser(prog="aws")
    parser.add_argument("folder", type=Path)
    parser.add_argument("service", choices=["s3"])
    parser.add_argument("command", choices=["cp"])
    parser.add_argument("--only-show-errors", action="store_true")
    parser.add_argument("file", type=Path)
    parser.add_argument("target")
    options = parser.parse_args(words)
    found = _TARGET.fullmatch(options.target)
    if found is None:
        parser.error(f"{options.target} is no s3://BUCKET/KEY")
    bucket: Path = options.folder / found[1]
    if not bucket.is_dir():
        sys.stderr.write(f"fatal error: NoSuchBucket: the stack has no bucket {found[1]}\n")
        return 1
    place = bucket / found[2]
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Whole or not there, as an object is.
    unfinished = place.with_name(f".{place.name}")
    shutil.copyfile(options.file, unfinished)
    unfinished.chmod(0o600)
    unfinished.replace(place)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
