"""What stands for the image of Google's command line."""

from __future__ import annotations

import re
from pathlib import Path

from sandbox.gcp.live import run_curl, run_gcloud
from sandbox.live.images import Image, stand_in

TOKEN = "token-of-the-live-sandbox"  # noqa: S105 - opens nothing else


def images(folders: Path) -> tuple[Image, ...]:
    """The image of the Google Cloud CLI. `folders`: those that stand for buckets."""
    return (
        Image(
            names=re.compile(r"gcr\.io/google\.com/cloudsdktool/google-cloud-cli:\d+(?:[.-].*)?"),
            directory="/work",
            folders=("/work",),
            installed=frozenset({"sh"}),
            stand_ins={
                "gcloud": lambda _address: stand_in(run_gcloud.__file__, TOKEN),
                "curl": lambda _address: stand_in(run_curl.__file__, str(folders), TOKEN),
            },
            note="a bucket is a folder",
        ),
    )
