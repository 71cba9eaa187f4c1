"""Does what rclone does for stacks with Object Storage Service, where a bucket is a folder:
`FOLDERS copyto OPTIONS FILE REMOTE:BUCKET/KEY`.

A remote is what the variables `RCLONE_CONFIG_<REMOTE>_…` say (rclone documentation, "Environment
Variables").
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from sandbox.live import buckets

FAILED = 1
"""rclone's status for what is wrong with a command (rclone documentation, "Exit code")."""
NOT_FOUND = 4
"""For a file that is not there."""
_PLACE = re.compile(r"([A-Za-z0-9_]+):([^/]+)/(.+)")
_ENDPOINT = re.compile(r"oss-[a-z0-9-]+\.aliyuncs\.com")
_KNOWN = {"TYPE": "s3", "PROVIDER": "Alibaba"}


def main(words: list[str], variables: Mapping[str, str]) -> int:
    """Upload the file; the status is rclone's."""
    parser = argparse.ArgumentParser(prog="rclone")
    parser.add_argument("folders", type=Path)
    parser.add_argument("command", choices=["copyto"])
    # Without these it would ask for the bucket and for the object: a right to put is not enough.
    for switch in ("--s3-no-check-bucket", "--s3-no-head"):
        parser.add_argument(switch, action="store_true", required=True)
    parser.add_argument("file", type=Path)
    parser.add_argument("place")
    options = parser.parse_args(words)
    found = _PLACE.fullmatch(options.place)
    if found is None:
        parser.error(f"{options.place} is no REMOTE:BUCKET/KEY")
    remote, bucket, key = found.groups()
    if wrong := _wrong(remote, variables):
        sys.stderr.write(f"Failed to create file system for {options.place!r}: {wrong}\n")
        return FAILED
    if not options.file.is_file():
        sys.stderr.write(f"{options.file}: not found\n")
        return NOT_FOUND
    try:
        buckets.put(options.file, options.folders / bucket, key)
    except FileNotFoundError as error:
        sys.stderr.write(f"Failed to copyto: NoSuchBucket: {error}\n")
        return FAILED
    return 0


def _wrong(remote: str, variables: Mapping[str, str]) -> str:
    """Why a remote is none of Object Storage Service; empty where it is one."""
    prefix = f"RCLONE_CONFIG_{remote.upper()}_"
    for name, known in _KNOWN.items():
        if variables.get(prefix + name) != known:
            return f"{prefix}{name} is {variables.get(prefix + name)}, not {known}"
    endpoint = variables.get(f"{prefix}ENDPOINT", "")
    if not _ENDPOINT.fullmatch(endpoint):
        return f"{endpoint!r} is no endpoint of Object Storage Service"
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        # A pair that was not taken apart is no key.
        if not variables.get(prefix + name) or ":" in variables[prefix + name]:
            return f"{prefix}{name} holds no key"
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
