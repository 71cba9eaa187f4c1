"""What stands for the AWS CLI's image."""

from __future__ import annotations

import re
from pathlib import Path

from sandbox.aws.live import run_aws
from sandbox.live.images import Image, stand_in


def images(folders: Path) -> tuple[Image, ...]:
    """The image of the AWS CLI. `folders`: those that stand for buckets."""
    return (
        Image(
            names=re.compile(r"(?:.+/)?amazon/aws-cli:2(?:[.-].*)?"),
            directory="/aws",
            folders=("/aws",),
            installed=frozenset({"sh"}),
            stand_ins={"aws": lambda _address: stand_in(run_aws.__file__, str(folders))},
            note="a bucket is a folder",
        ),
    )
