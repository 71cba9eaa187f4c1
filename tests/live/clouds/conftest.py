"""What tests of uploads share."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.live import buckets
from sandbox.live.containers import Containers
from tests.live.clouds.uploads import BUCKET


@pytest.fixture
def uploading(tmp_path: Path) -> Containers:
    """Runs containers in a folder of the test's own, beside one bucket."""
    found = Containers(tmp_path / "bin", tmp_path / "home")
    buckets.make(found.buckets, [BUCKET])
    return found
