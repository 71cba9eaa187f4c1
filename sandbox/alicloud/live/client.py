"""What stands for the image of the client that uploads to Object Storage Service."""

from __future__ import annotations

import re
from pathlib import Path

from sandbox.alicloud.live import run_rclone
from sandbox.live.images import Image, stand_in


def images(folders: Path) -> tuple[Image, ...]:
    """The image of rclone. `folders`: those that stand for buckets."""
    return (
        Image(
            names=re.compile(r"(?:.+/)?rclone/rclone:1(?:[.-].*)?"),
            directory="/data",
            folders=("/data",),
            installed=frozenset({"sh"}),
            stand_ins={"rclone": lambda _address: stand_in(run_rclone.__file__, str(folders))},
            note="a bucket is a folder",
        ),
    )
