"""What runs of a stack on Azure."""

from __future__ import annotations

from sandbox.azure_native.live import (
    backends,
    caches,
    client,
    container_apps,
    databases,
    front,
    gateway,
    secrets,
)
from sandbox.live.load_balancer_spec import Balancer
from sandbox.live.reader import Reader
from sandbox.live.spec import Objects

ACCOUNT = "azure-native:storage:StorageAccount"


def _buckets(objects: Objects) -> tuple[str, ...]:
    return tuple(str(item.get("accountName")) for item in objects.all(ACCOUNT))


def _balancers(objects: Objects) -> tuple[Balancer, ...]:
    return (*gateway.balancers(objects), *front.balancers(objects))


READER = Reader(
    servers=databases.servers,
    nodes=caches.nodes,
    services=container_apps.services,
    runs=container_apps.runs,
    schedules=container_apps.scheduled,
    balancers=_balancers,
    buckets=_buckets,
    addresses=backends.addresses,
    images=client.images,
    stores={"azurekv": secrets.fetched},
)
