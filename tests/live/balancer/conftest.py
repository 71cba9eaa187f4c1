"""Balancers and targets that end with the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sandbox.aws.live.load_balancer import read
from sandbox.cloud import CloudObject
from sandbox.live.load_balancer import LoadBalancer
from tests.live.balancer.clients import (
    Starter,
)
from tests.live.objects import load_balancer
from tests.live.targets import Target


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Starter]:
    """Starts balancers that end with the test; health is only checked when the test says so."""
    with ExitStack() as running:

        def start(
            objects: list[CloudObject] | None = None, *, scale: float = 1.0, watch: bool = False
        ) -> LoadBalancer:
            balancer = LoadBalancer(read(objects or load_balancer()), tmp_path, time_scale=scale)
            running.callback(balancer.stop)
            balancer.start(watch=watch)
            return balancer

        yield start


@pytest.fixture
def target() -> Iterator[Callable[..., Target]]:
    """Starts targets that end with the test."""
    with ExitStack() as running:

        def start(name: str, **options: Any) -> Target:  # noqa: ANN401 - those of Target
            return running.enter_context(Target(name, **options))

        yield start
