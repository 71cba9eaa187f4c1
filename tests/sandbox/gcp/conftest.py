"""An engine that asks the sandbox as the provider of Google Cloud."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.sandbox.engine import Engine


@pytest.fixture
def gcp(connect: Callable[..., Engine]) -> Engine:
    """An engine configured for a project in us-central1."""
    return connect("gcp", project="my-project", region="us-central1")
