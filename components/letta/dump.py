"""The scheduled run that dumps the database to the stack's bucket.

It has two steps in one task or pod, which share a scratch folder: PostgreSQL's own client dumps
(`dump.sh`), then the cloud's own client uploads. The first has the database's URI and no right in
the bucket of use to it, the second no URI. `letta-cloud restore-drill` restores what they made.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from components.args import DumpArgs

FOLDER = "database"
"""Folder of the bucket that holds the dumps: for each a `<time>.dump` and, uploaded after it, a
`<time>.json`. A dump without the second is one whose upload never ended."""
SCHEMA_HEAD = "a1b2c3d4e5f8"
"""Newest migration of Letta 0.16.4 (its folder `alembic/versions`): what a database that its
servers can use says of itself."""
IMAGES = {"16": "postgres:16.11-alpine", "17": "postgres:17.7-alpine"}
"""PostgreSQL major version -> image of its client. The server's image carries that of 15, which
refuses to dump a newer server."""
DUMP = "dump"
"""Name of the container that dumps."""
UPLOAD = "upload"
"""Name of the container that uploads."""
SCRATCH = "/scratch"
"""Folder that both containers see."""
VCPUS = 1
"""One core: compression keeps one busy."""
MEMORY_MIB = 2048
"""Memory limit of both containers together, MiB; neither holds the dump in memory."""
STORED = "dump stored"
"""What the second container prints once both files are in the bucket; an alarm counts it."""
KEPT_DAYS = "DUMP_KEPT_DAYS"
"""Variable by which a second container that deletes old dumps itself knows their age, days."""

_SCRIPT = Path(__file__).with_name("dump.sh")


def dump_command() -> tuple[str, ...]:
    """What the first container executes."""
    return ("sh", "-c", _SCRIPT.read_text(encoding="utf-8"))


def dump_environment(args: DumpArgs) -> dict[str, str]:
    """Plain variables of the first container."""
    return {"DUMP_SCRATCH": SCRATCH, "DUMP_SECONDS": str(args.longest_seconds)}


def upload_command(copy: str, after: Sequence[str] = ()) -> tuple[str, ...]:
    """What the second container executes. `copy`: the shell line by which the cloud's client puts
    `$file` into the bucket, under its own name. `after`: lines for when both files are there."""
    lines = (
        "set -eu",
        "for kind in dump json; do",
        f'  for file in {SCRATCH}/*."$kind"; do',
        f"    {copy}",
        "  done",
        "done",
        f'echo "{STORED}: ${{file##*/}}"',
        *after,
    )
    return ("sh", "-c", "\n".join(lines))
