"""What stands for the image of Azure's command line."""

from __future__ import annotations

import re
from pathlib import Path

from sandbox.azure_native.live import run_az
from sandbox.live.images import Image, stand_in


def images(folders: Path) -> tuple[Image, ...]:
    """The image of the Azure CLI. `folders`: those that stand for storage accounts."""
    return (
        Image(
            names=re.compile(r"mcr\.microsoft\.com/azure-cli:2(?:[.-].*)?"),
            directory="/root",
            folders=("/root",),
            environment={"HOME": "/root"},
            installed=frozenset({"sh"}),
            stand_ins={"az": lambda _address: stand_in(run_az.__file__, str(folders))},
            note="a storage account is a folder, and any token is good",
        ),
    )
