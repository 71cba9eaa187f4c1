"""A cluster with nodes for each test, and engines that are configured for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.server import Server
from tests.sandbox.conftest import Clock
from tests.sandbox.engine import Engine
from tests.sandbox.kubernetes import (  # noqa: F401 - they enter their objects into GOOD
    good_custom,
    good_objects,
    good_releases,
    good_workloads,
)
from tests.sandbox.kubernetes.estate import (
    ENDPOINT,
    Estate,
    kubeconfig,
    put_addon,
    put_cluster,
    put_nodes,
    put_outside,
)


@pytest.fixture
def server(state: Path, clock: Clock) -> Iterator[Server]:
    """A sandbox in which nothing waits for what is not there."""
    running = Server(state, now=clock, patience_seconds=0)
    yield running
    running.stop()


@pytest.fixture
def cluster(server: Server, state: Path) -> str:
    """The address of a cluster with three nodes and the usual add-ons."""
    put_cluster(state)
    put_nodes(state, "api", "m5.xlarge")
    put_addon(state, "aws-ebs-csi-driver")
    put_addon(state, "metrics-server")
    put_outside(state)
    return ENDPOINT


@pytest.fixture
def kubernetes(cluster: str, connect: Callable[..., Engine]) -> Engine:
    """An engine configured for that cluster."""
    return connect("kubernetes", kubeconfig=kubeconfig())


@pytest.fixture
def estate(kubernetes: Engine, state: Path) -> Estate:
    """The objects of the cluster."""
    return Estate(kubernetes, state)
